"""The bound of ∂S_t/∂S_k: which networks have one, what it is, what follows from it; and why the others have none."""

from __future__ import annotations

import pytest
from sympy import Rational

from derive.algebra.build import UNIT, product
from derive.algebra.expressions import Derivative, MatrixPower, Norm, Number
from derive.api import load, loads
from derive.gradients.bounds import Bound, Reason, Said, recurrent_parameters, state_bound, state_matrix
from derive.gradients.form import letters
from derive.render.printer import unicode
from tests.networks import LOSS, PLAIN, SQUARES, STEP, names, network

LINEAR = r"L_t = x_t^{\top} s_t" + "\n" + LOSS
LEAKY = rf"""
x_t, s_0 \in \mathbb{{R}}^{{n}}, \alpha \in \mathbb{{R}}, W \in \mathbb{{R}}^{{n \times n}}
s_t = (1 - \alpha) s_{{t-1}} + \alpha \tanh(W s_{{t-1}} + x_t)
{LINEAR}"""
GATE_OF_THE_INPUT = rf"""
x_t, s_0 \in \mathbb{{R}}^{{n}}, W, Z \in \mathbb{{R}}^{{n \times n}}
z_t = \sigma(Z x_t)
s_t = (1 - z_t) \odot s_{{t-1}} + z_t \odot \tanh(W x_t)
{LINEAR}"""
HALVES = rf"""
x_t, s_0 \in \mathbb{{R}}^{{n}}
s_t = \frac{{1}}{{2}} s_{{t-1}} + x_t
{LINEAR}"""
GAMMA_IS_TAKEN = (
    PLAIN.replace(", s_0", r", s_0, \gamma") + STEP.replace(")", r" + \gamma)") + "\no_t = V s_t\n" + SQUARES
)
TEXTS = {"leaky": LEAKY, "gate_of_the_input": GATE_OF_THE_INPUT, "halves": HALVES, "gamma_is_taken": GAMMA_IS_TAKEN}

RATES = {
    "elman": "γ σ_max(W)",
    "no_activation": "σ_max(W)",
    "starts_at_zero": "γ σ_max(W)",
    "the_output_recurs": "γ_g σ_max(V) γ_f σ_max(W)",
    "two_layers": "γ σ_max(W) + γ σ_max(A) γ σ_max(W) + γ σ_max(B)",
    "lag_of_two": "γ σ_max(W) + γ σ_max(Z) + 1",
    "masked_weights": "γ ‖W ⊙ M‖",
    "functions_of_parameters": "γ ‖diag(exp(v))‖ ‖f(W)‖",
    "gate_of_the_input": "1",
    "halves": "1/2",
    "gamma_is_taken": "κ σ_max(W)",
}
NOT_BOUNDED = {
    "lstm": "cₜ₋₁",
    "gated_recurrent_unit": "hₜ₋₁",
    "peepholes": "cₜ₋₁",
    "scalar_denominator": "1/(3 + vᵀ sₜ₋₁)",
    "a_gate_comes_late": "W sₜ₋₁",
}


def model(name: str):
    return loads(TEXTS[name], name).model if name in TEXTS else network(name).model


def bound_of(name: str, activation: str = "f") -> Bound:
    found = state_bound(load(name, activation).model if activation != "f" else model(name))
    assert isinstance(found, Bound)
    return found


@pytest.mark.parametrize(("name", "rate"), RATES.items(), ids=list(RATES))
def test_the_rate(name, rate):
    assert unicode(bound_of(name).rate) == rate


@pytest.mark.parametrize(
    ("activation", "scale"), [("tanh", 1), ("sigmoid", Rational(1, 4)), ("relu", 1), ("identity", 1)]
)
@pytest.mark.parametrize("name", ["elman", "scalar"])
def test_a_named_activation_puts_its_steepest_slope(name, activation, scale):
    found = bound_of(name, activation)
    (w,) = recurrent_parameters(found.model)
    assert found.rate == product(Number(scale), Norm(w))
    assert found.suprema == ()


def test_a_network_of_scalars():
    found = bound_of("scalar")
    (w,) = recurrent_parameters(found.model)
    (_, gamma) = found.suprema[0]
    assert found.rate.args == (gamma, Norm(w))


@pytest.mark.parametrize("name", [name for name in names() if name not in ("no_recurrence",)])
def test_every_network_has_a_bound_or_a_reason(name):
    found = state_bound(model(name))
    if isinstance(found, Reason):
        assert found.said.about
        return
    t, (k, *_) = found.model.time, letters(found.model, "k")
    assert found.claim.left == Norm(Derivative(found.model.state(t), found.model.state(k)))
    assert found.claim.right == MatrixPower(found.rate, t - k)
    assert found.claim.relation == found.factor.relation == "<="
    assert [(r.index, r.lower, r.upper) for r in found.ranges] == [(t, 1, found.model.horizon), (k, 0, t)]
    assert not {t, k} & found.rate.free_symbols, "the rate is the same at every step"
    assert found.laws
    assert all(law.statement.endswith(".") for law in found.laws)


@pytest.mark.parametrize(("name", "part"), NOT_BOUNDED.items(), ids=list(NOT_BOUNDED))
def test_why_there_is_no_bound(name, part):
    found = state_bound(model(name))
    assert isinstance(found, Reason)
    assert found.said.text(unicode) == f"no law bounds {part} independently of the step"


def test_without_recurrence_there_is_nothing_to_bound():
    found = state_bound(model("no_recurrence"))
    assert isinstance(found, Reason)
    assert found.said.text() == "no step uses a quantity of an earlier one"


def test_conditions_are_said_once_for_each_function():
    assert [c.text(unicode) for c in bound_of("two_layers").conditions] == ["γ = sup |f′(v)| over all real v is finite"]
    assert len(bound_of("the_output_recurs").conditions) == 2
    assert bound_of("elman", "tanh").conditions == ()
    assert [c.text(unicode) for c in bound_of("elman", "relu").conditions] == ["no entry of aₜ is 0"]


def test_the_laws_in_the_order_of_their_use():
    assert [law.name for law in bound_of("elman").laws] == [
        "submultiplicativity", "supremum of the slope", "equal factors",
    ]  # fmt: skip


# What follows.


def said(found: Bound) -> list[tuple[str, str | None]]:
    def shown(condition):
        return condition and f"{unicode(condition.left)} {condition.relation} {unicode(condition.right)}"

    return [(consequence.kind, shown(consequence.condition)) for consequence in found.consequences]


@pytest.mark.parametrize(
    ("name", "activation", "consequences"),
    [
        ("elman", "f", [("vanishing", "σ_max(W) < 1/γ"), ("explosion", "σ_max(W) > 1/γ")]),
        ("elman", "tanh", [("vanishing", "σ_max(W) < 1"), ("explosion", "σ_max(W) > 1")]),
        ("elman", "sigmoid", [("vanishing", "σ_max(W) < 4"), ("explosion", "σ_max(W) > 4")]),
        ("the_output_recurs", "f", [
            ("vanishing", "γ_g σ_max(V) γ_f σ_max(W) < 1"), ("explosion", "γ_g σ_max(V) γ_f σ_max(W) > 1"),
        ]),
        ("gate_of_the_input", "f", [("bounded", None)]),
        ("halves", "f", [("vanishing", None), ("bounded", None)]),
        ("lag_of_two", "f", []),
    ],
)  # fmt: skip
def test_consequences(name, activation, consequences):
    assert said(bound_of(name, activation)) == consequences


def test_growth_is_said_to_be_possible_and_no_more():
    (vanishing, explosion) = bound_of("elman").consequences
    assert vanishing.said.text(unicode) == "‖∂sₜ/∂sₖ‖ tends to 0 geometrically as t - k grows"
    assert "only if" in explosion.said.text(unicode)


def test_a_rate_that_is_never_below_1_promises_nothing():
    """A copy of an older state is a block I of the Jacobian: the blocks' norms sum to more than 1 with any weights."""
    assert bound_of("lag_of_two").consequences == ()


def test_the_threshold():
    found = bound_of("elman", "sigmoid")
    (W,) = recurrent_parameters(found.model)
    assert found.threshold == (Norm(W), Number(4))
    assert bound_of("the_output_recurs").threshold is None
    assert bound_of("gate_of_the_input").threshold is None
    assert bound_of("gate_of_the_input").rate == UNIT


def test_the_state_matrix_of_several_components_is_whole():
    found = model("lstm")
    size = found.state(found.time).shape[0]
    assert state_matrix(found).shape == (size, size)


def test_words_have_a_place_for_each_expression():
    with pytest.raises(ValueError, match="places"):
        Said("{} is {}", (UNIT,))
