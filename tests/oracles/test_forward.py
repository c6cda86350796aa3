"""The oracles agree with each other before anything of ours is held against them."""

import numpy as np
import pytest

from tests.oracles.forward import ACTIVATIONS, FORWARD, central_differences, draw, gradients


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("name", FORWARD)
def test_autograd_agrees_with_central_differences(name, activation):
    params, inputs, start = draw(name, np.random.default_rng(20), steps=4)

    def loss(at):
        split = {key: at[key] for key in params}, inputs, {key: at[key] for key in start}
        return FORWARD[name](*split, activation)

    found = gradients(name, params, inputs, start, activation)
    expected = central_differences(loss, params | start)
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, rtol=1e-6, atol=1e-8, err_msg=key)
        assert np.abs(value).max() > 1e-4, f"{key} hardly matters here: agreement would say nothing"


def test_one_step_of_elman_against_the_formula():
    """The one case short enough to do by hand: ∂L/∂V = (o - ō) sᵀ, in plain NumPy."""
    params, inputs, start = draw("elman", np.random.default_rng(21), steps=1)
    s = np.tanh(params["U"] @ inputs["x"][0] + params["W"] @ start["s"])
    o = np.exp(params["V"] @ s) / np.exp(params["V"] @ s).sum()
    expected = np.outer(o - inputs["target"][0], s)
    np.testing.assert_allclose(gradients("elman", params, inputs, start)["V"], expected, rtol=1e-12)
