r"""Gradients that go no more than so many steps back."""

import re

import numpy as np
import pytest

from derive import api, cli
from derive.code import module as writer
from derive.code.arrays import NoCode
from derive.errors import CheckFailed, DeriveError
from tests.code.test_numpy import PROGRAMS, given, module
from tests.networks import network

FAR = ("lag_of_two", "only_lag_two", "lags_of_three_and_two", "the_loss_looks_back", "a_gate_comes_late")
"""Networks that look back by more than one step, or whose losses or gates do: how far `reach` steps are is unclear."""
CHANGES = {
    "range(reach + 1)": "range(reach)",
    "delta_later = later(delta)": "delta_later = delta",
    "+ delta_later @ W": "+ delta @ W",
    "1 - s[1:]**2": "1 - s[:T]**2",
}


@pytest.fixture(scope="module")
def elman():
    return module(api.load("elman", "tanh").code(truncate=2))


@pytest.mark.parametrize("name", sorted({*PROGRAMS} - {*FAR}))
def test_each_network_has_one_that_was_checked(name):
    assert ", reach=2):" in network(name).code(truncate=2) or not network(name).model.carried


@pytest.mark.parametrize("name", FAR)
def test_a_network_that_looks_further_back_has_none(name):
    with pytest.raises(NoCode, match="truncates this network"):
        network(name).code(truncate=2)


def test_as_many_steps_as_there_are_leave_nothing_out(elman):
    params, xs, ys, state0 = given(np.random.default_rng(0), steps=7)
    whole = module(api.load("elman", "tanh").code())
    _, wanted = whole.gradients(params, xs, ys, state0)
    for reach in (6, 7, 30):
        _, found = elman.gradients(params, xs, ys, state0, reach)
        assert all(np.allclose(found[name], wanted[name], rtol=1e-12, atol=1e-13) for name in wanted)
    _, short = elman.gradients(params, xs, ys, state0)
    assert not np.allclose(short["W"], wanted["W"], rtol=1e-3)


def test_no_step_back_leaves_the_gradient_of_each_step_alone(elman):
    """Only what W does at the step of the loss itself: the sum of (o_t - ō_t) through f' and s_{t-1}."""
    params, xs, ys, state0 = given(np.random.default_rng(1))
    _, kept = elman.forward(params, xs, ys, state0)
    s, o = kept["s"], kept["o"]
    delta = ((o - ys) @ params["V"]) * (1 - s[1:] ** 2)
    _, found = elman.gradients(params, xs, ys, state0, 0)
    assert np.allclose(found["W"], np.einsum("tbi,tbj->ij", delta, s[:-1]), rtol=1e-12)


@pytest.mark.parametrize("written", CHANGES)
def test_one_that_reaches_otherwise_is_not_shown(written, monkeypatch):
    usual = writer.environment

    class Changed:
        def get_template(self, name):
            self.template = usual().get_template(name)
            return self

        def render(self, **known):
            text = self.template.render(**known)
            assert written in text
            return text.replace(written, CHANGES[written])

    monkeypatch.setattr(writer, "environment", Changed)
    with pytest.raises(CheckFailed, match="otherwise than the network"):
        api.load("elman", "tanh").code(truncate=2)


@pytest.mark.parametrize("target", ["numpy"])
def test_the_command(capsys, target):
    assert cli.main(["code", "elman", "--activation", "tanh", "--truncate", "5", "--target", target]) == 0
    out = capsys.readouterr().out
    assert re.search(r"def gradients\(params, xs, ys, state0, reach=5\):\n", out)
    assert "more than `reach` steps before it" in out


def test_a_number_of_steps_is_not_negative():
    with pytest.raises(DeriveError, match="0 steps back or more, not -1"):
        api.load("elman").code(truncate=-1)
