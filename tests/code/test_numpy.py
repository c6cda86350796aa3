r"""Programs in NumPy: each network's, run by the check that stands before it; and programs that are wrong."""

import re
import subprocess
import sys
from types import ModuleType

import numpy as np
import pytest

from derive import api, cli
from derive.code.arrays import NoCode
from derive.errors import CheckFailed, DeriveError
from tests.networks import TEXTS, network

WITHOUT = {
    "functions_of_parameters": "no code is written for this matrix",
    "masked_weights": "no code is written for this matrix",
    "the_loss_is_of_the_last_step": "no code is written for a loss of the last step alone",
    "the_last_step_written_out": "no code is written for a loss of the last step alone",
    "classifier": "no code is written for a loss of the last step alone",
    "norm": "no code is written for norm",
    "diagonal": "no code is written for this matrix",
    "diagonal_of_the_state": "no code is written for this matrix",
}
"""Networks for which no program is written, with what is said of them."""
PROGRAMS = [name for name in (*api.cells(), *TEXTS) if name not in WITHOUT]
CHANGES = {
    # what is written: what a wrong program would have
    "@ W.T": "@ W",
    "x @ U.T": "-x @ U.T",
    "delta[t + 1]": "delta[t]",
    "s[:T]": "s[1:]",
    "(o - o_bar)": "(o_bar - o)",
    "np.tanh(a_t)": "np.sin(a_t)",
    "1 - s[1:]**2": "1 - s[1:]",
    "reversed(range(T))": "range(T)",
    "-inner(": "inner(",
    's[0] = state0["s_0"]': "s[0] = 0",
}


def module(text):
    made = ModuleType("program")
    exec(text, made.__dict__)  # noqa: S102 -- the program under test
    return made


def given(rng, steps=6, sequences=4, n=3, d=2, m=5):
    """Arguments for the network of Elman."""
    shapes = {"U": (n, d), "W": (n, n), "V": (m, n)}
    params = {name: rng.normal(size=shape) * 0.5 for name, shape in shapes.items()}
    targets = rng.dirichlet(np.ones(m), (steps, sequences))
    return params, rng.normal(size=(steps, sequences, d)), targets, {"s_0": rng.normal(size=(sequences, n))}


@pytest.fixture(scope="module")
def elman():
    return module(api.load("elman", "tanh").code())


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_network_has_a_program_that_was_checked(name):
    text = network(name).code()
    assert text.startswith('"""')
    assert not re.search(r"[ \t]+$|\t", text, re.MULTILINE)


@pytest.mark.parametrize("name", WITHOUT)
def test_where_there_is_no_program_it_is_said_what_has_none(name):
    with pytest.raises(NoCode, match=WITHOUT[name]):
        network(name).code()


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "identity"])
def test_an_activation_takes_the_place_of_an_abstract_one(activation):
    assert "NotImplementedError" in network("elman").code()
    assert "NotImplementedError" not in api.load("elman", activation).code()


@pytest.mark.parametrize("name", ["lstm", "elman", "scalar", "lag_of_two", "layers_that_are_numbered"])
def test_a_program_has_nothing_that_it_does_not_use(name, tmp_path):
    path = tmp_path / "program.py"
    path.write_text(network(name).code(), encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F,E7,E9,W", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("written", CHANGES)
def test_a_program_that_computes_something_else_is_not_shown(written, monkeypatch):
    """Each change of the text is one that the check before it must find."""
    from derive.code import module as writer

    def environment():
        class Changed:
            def get_template(self, _):
                return self

            def render(self, **known):
                text = made.get_template("code/numpy.py.j2").render(**known)
                assert written in text
                return text.replace(written, CHANGES[written])

        made = usual()
        return Changed()

    usual = writer.environment
    monkeypatch.setattr(writer, "environment", environment)
    with pytest.raises(CheckFailed, match="otherwise than the network"):
        api.load("elman", "tanh").code()


def test_sequences_are_computed_side_by_side(elman):
    """A batch has the sum of what its sequences have, and each step of memory makes no difference to the next call."""
    params, xs, ys, state0 = given(np.random.default_rng(0))
    loss, grads = elman.gradients(params, xs, ys, state0)
    alone = [
        elman.gradients(params, xs[:, i : i + 1], ys[:, i : i + 1], {"s_0": state0["s_0"][i : i + 1]})
        for i in range(xs.shape[1])
    ]
    assert np.isclose(loss, sum(one for one, _ in alone), rtol=1e-12)
    for name, found in grads.items():
        assert np.allclose(found, sum(each[name] for _, each in alone), rtol=1e-10, atol=1e-13)
        assert found.shape == params[name].shape


def test_arrays_of_half_the_digits_stay_so(elman):
    params, xs, ys, state0 = given(np.random.default_rng(1))
    half = {name: value.astype(np.float32) for name, value in params.items()}
    loss, grads = elman.gradients(
        half, xs.astype(np.float32), ys.astype(np.float32), {"s_0": state0["s_0"].astype("f4")}
    )
    full, _ = elman.gradients(params, xs, ys, state0)
    assert {value.dtype for value in grads.values()} == {np.dtype("float32")}
    assert abs(loss - full) < 1e-3


def test_a_certain_probability_makes_no_loss_infinite(elman):
    params, xs, ys, state0 = given(np.random.default_rng(2))
    params["V"] *= 1e4
    ys[:] = 0
    ys[..., 0] = 1
    loss, grads = elman.gradients(params, xs, ys, state0)
    assert np.isfinite(loss)
    assert all(np.isfinite(value).all() for value in grads.values())


@pytest.mark.parametrize("most", [0.25, 1e6])
def test_gradients_are_clipped(most):
    program = module(api.load("elman", "tanh").code(clip=most))
    _, grads = program.gradients(*given(np.random.default_rng(3)))

    def length(found):
        return np.sqrt(sum((each**2).sum() for each in found.values()))

    found, by_value = program.clipped(grads), program.clipped_by_value(grads)
    assert np.isclose(length(found), min(most, length(grads)))
    for name, each in grads.items():
        assert np.allclose(found[name] * length(grads), each * length(found))
        assert np.array_equal(by_value[name], np.clip(each, -most, most))


@pytest.mark.parametrize("clip", ["0", "-1", "nan", "inf"])
def test_what_is_no_place_to_clip_at_is_refused(clip, capsys):
    assert cli.main(["code", "elman", "--activation", "tanh", "--clip", clip]) == 2
    assert "clipped at a number above 0" in capsys.readouterr().err


HOSTILE = (
    '% title: A """\n% source: \\x41"""; import os #\n'
    r"""
x_t, \lambda_t, s_0 \in \mathbb{R}^{n}, \quad W, T_{class} \in \mathbb{R}^{n \times n}
s_t = \tanh(x_t + W s_{t-1} + T_{class} s_{t-1})
L_t = \lambda_t^{\top} s_t
L = \sum_{t=1}^{T} L_t
"""
)


def test_words_of_a_user_are_words():
    text = api.loads(HOSTILE).code()
    assert text.count('"""') == 2 * text.count("def ") + 2
    made = module(text)
    assert not hasattr(made, "os")


def test_the_command(tmp_path, capsys):
    out = tmp_path / "lstm.py"
    assert cli.main(["code", "lstm", "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == network("lstm").code()
    assert cli.main(["code", "elman", "--activation", "tanh"]) == 0
    assert capsys.readouterr().out == api.load("elman", "tanh").code()
    assert cli.main(["code", "nothing"]) == 2
    with pytest.raises(DeriveError, match="no code is written for cobol"):
        network("elman").code("cobol")
