"""The norms of a picture: of the network that it names, at what it says, as finite differences have them."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational

from derive.algebra import functions
from derive.algebra.build import transpose
from derive.api import load, loads
from derive.errors import CheckFailed, DeriveError
from derive.evaluate.arithmetic import Floats
from derive.evaluate.point import Point
from derive.evidence import norms as module
from derive.evidence.families import orthogonal, triangular
from derive.evidence.norms import FACTORS, carriers, norms
from derive.gradients.bounds import state_matrix
from tests.networks import TEXTS, network

SMALL = {"steps": 8, "size": 5}
EACH = pytest.mark.parametrize(
    ("name", "activation"),
    [("elman", "tanh"), ("elman", "relu"), ("scalar", "sigmoid"), ("lstm", "f"), ("lag_of_two", "tanh"),
     ("two_layers", "tanh"), ("gated_recurrent_unit", "f"), ("no_activation", "f")],
)  # fmt: skip


def model(name: str, activation: str = "f"):
    if activation == "f":
        return network(name).model
    return loads(TEXTS[name], name, activation).model if name in TEXTS else load(name, activation).model


@EACH
def test_a_curve_begins_at_the_identity_and_has_a_norm_for_each_distance(name, activation):
    found = norms(model(name, activation), **SMALL)
    for curve in found.curves:
        assert curve.norms[0] == pytest.approx(1)
        assert len(curve.norms) == SMALL["steps"]
        assert curve.bound is None or len(curve.bound) == len(curve.norms)
    assert found.error < 1e-10


def by_differences(at: Point, T: int, k: int) -> float:
    """‖∂S_T/∂S_k‖ by central differences on the forward pass."""
    found, step = at.model, 1e-6
    floats = Floats({name: lambda x, order: x for name in found.functions})
    base = at.forward(floats)
    before = [(part.name, (int(part.time - found.time) + k,)) for part in found.carried]
    after = [(part.name, (int(part.time - found.time) + T,)) for part in found.carried]
    columns = []
    for key in before:
        for row in range(len(base[key])):
            ends = []
            for sign in (1, -1):
                moved = {other: base[other].copy() for other in before}
                moved[key][row, 0] += sign * step
                values = {**base, **at.perturbed(floats, base, moved, steps=range(k + 1, T + 1))}
                ends.append(np.concatenate([moved.get(other, values[other]) for other in after]))
            columns.append((ends[0] - ends[1]) / (2 * step))
    return float(np.linalg.norm(np.hstack(columns), 2))


@pytest.mark.parametrize(
    ("name", "activation"), [("elman", "tanh"), ("lstm", "f"), ("scalar", "sigmoid"), ("lag_of_two", "tanh")]
)
def test_a_norm_is_what_differences_give(name, activation, monkeypatch):
    """The point of each curve is kept, and perturbed there by hand."""
    points = []
    kept = module._curve
    monkeypatch.setattr(module, "_curve", lambda at, *rest: (points.append(at), kept(at, *rest))[1])
    found = norms(model(name, activation), **SMALL)
    T = SMALL["steps"]
    for at, curve in zip(points, found.curves, strict=True):
        for gap in (1, 4, T - 1):
            assert curve.norms[gap] == pytest.approx(by_differences(at, T, T - gap), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize(("name", "activation"), [("elman", "tanh"), ("scalar", "relu"), ("two_layers", "tanh")])
def test_no_norm_is_above_its_bound(name, activation):
    for curve in norms(model(name, activation), **SMALL).curves:
        assert all(norm <= bound * (1 + 1e-9) for norm, bound in zip(curve.norms, curve.bound, strict=True))


def test_the_bound_of_elman_is_the_power_of_the_largest_singular_value():
    for curve in norms(model("elman", "tanh"), **SMALL).curves:
        assert curve.bound == pytest.approx([curve.largest**gap for gap in range(SMALL["steps"])])


def test_a_norm_above_its_bound_is_not_shown(monkeypatch):
    sigmoid = functions.ELEMENTARY["sigmoid"]
    monkeypatch.setitem(functions.ELEMENTARY, "sigmoid", replace(sigmoid, steepest=Rational(1, 5)))
    with pytest.raises(CheckFailed, match="above its bound"):
        norms(model("elman", "sigmoid"), **SMALL)


def test_a_wrong_jacobian_is_not_shown(monkeypatch):
    monkeypatch.setattr(module, "state_matrix", lambda model: transpose(state_matrix(model)))
    with pytest.raises(CheckFailed, match="complex step"):
        norms(model("elman", "tanh"), **SMALL)


def test_there_is_no_bound_of_the_lstm():
    assert all(curve.bound is None for curve in norms(model("lstm"), **SMALL).curves)


@EACH
def test_a_seed_gives_the_same_curves(name, activation):
    first, again = (norms(model(name, activation), **SMALL, seed=3) for _ in range(2))
    assert first.curves == again.curves
    assert first.curves != norms(model(name, activation), **SMALL, seed=4).curves


# The matrices.


@pytest.mark.parametrize("size", [2, 5, 24])
@pytest.mark.parametrize("seed", range(3))
def test_an_orthogonal_matrix(size, seed):
    Q = orthogonal((size, size), random.Random(seed))
    np.testing.assert_allclose(Q.T @ Q, np.eye(size), atol=1e-13)


@pytest.mark.parametrize("size", [2, 5, 24])
@pytest.mark.parametrize("seed", range(3))
def test_a_triangular_matrix_is_far_from_normal(size, seed):
    A = triangular((size, size), random.Random(seed))
    assert np.linalg.norm(A, 2) == pytest.approx(1)
    assert max(abs(np.linalg.eigvals(A))) == pytest.approx(0.5)
    assert np.linalg.norm(A @ A.T - A.T @ A, 2) > 0.1


def test_each_curve_has_the_largest_singular_value_and_radius_that_it_says():
    found = norms(model("elman", "tanh"), **SMALL)
    assert [(c.family, c.largest) for c in found.curves] == [
        (family, factor) for family in ("orthogonal", "triangular") for factor in FACTORS
    ]
    for curve in found.curves:
        assert curve.radius == pytest.approx(curve.largest * (1 if curve.family == "orthogonal" else 0.5))


def test_the_default_is_around_the_value_at_which_the_bound_neither_falls_nor_grows():
    assert [c.largest for c in norms(model("elman", "sigmoid"), **SMALL).curves[:3]] == [4 * f for f in FACTORS]


def test_other_sizes_can_be_asked_for():
    assert [c.largest for c in norms(model("scalar", "tanh"), **SMALL, sigmas=(0.5, 2.0)).curves] == [0.5, 2.0]


def test_what_carries_the_state():
    assert [str(p) for p in carriers(model("lstm"))] == ["U_f", "U_i", "U_o", "U_c"]
    assert [str(p) for p in carriers(model("numbers_beside_vectors"))] == ["W"]
    assert norms(model("scalar", "tanh"), **SMALL).families == ("scalar",)


@pytest.mark.parametrize("name", ["no_recurrence", "the_output_recurs"])
def test_without_a_square_parameter_there_is_no_family(name):
    with pytest.raises(DeriveError, match="no square parameter"):
        norms(model(name), **SMALL)


def test_an_abstract_activation_must_be_chosen():
    with pytest.raises(DeriveError, match="any function"):
        norms(model("elman"), **SMALL)


def test_an_abstract_loss_need_not():
    assert model("scalar", "tanh").functions == ("g",)
    assert norms(model("scalar", "tanh"), **SMALL).curves


def test_a_forget_gate_that_stays_open_keeps_the_norm_up():
    """The bias of the forget gate set to 4: what the cell holds is handed on."""
    usual, held = (norms(model("lstm"), settings=s, **SMALL) for s in (None, {"b_f": 4.0}))
    assert held.settings == {"b_f": 4.0}
    for before, after in zip(usual.curves, held.curves, strict=True):
        assert after.norms[-1] > 10 * before.norms[-1]


@pytest.mark.parametrize("name", ["nothing", "h_t"])
def test_only_a_parameter_can_be_set(name):
    with pytest.raises(DeriveError):
        norms(model("lstm"), settings={name: 1.0}, **SMALL)
