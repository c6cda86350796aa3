"""A bound is shown if the laws give it and no point refutes it; what is planted here is refuted, or no law gives it."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest
from sympy import Expr, Integer, Rational

from derive.algebra import functions
from derive.algebra.build import product
from derive.algebra.expressions import Expression, MatrixPower, Norm, Number, Quotient, Variable
from derive.algebra.names import Name
from derive.api import load
from derive.calculus import bounds as laws
from derive.calculus.estimate import Inequality
from derive.errors import CheckFailed
from derive.evidence import inequality
from derive.evidence.evidence import ByLaw, Evidence, Sampled, summary
from derive.evidence.inequality import JudgedBound, judge_bound, refute
from derive.evidence.trials import DRAWS, SPECIAL, STEPS, trials
from derive.gradients.bounds import Bound, state_bound
from derive.gradients.form import Range
from tests.networks import network

BOUNDED = ("elman", "scalar", "the_output_recurs", "no_activation", "denominator")
ACTIVATIONS = ("tanh", "sigmoid", "relu", "identity")


def bound_of(name: str = "elman", activation: str = "f") -> Bound:
    model = network(name).model if activation == "f" else load(name, activation).model
    found = state_bound(model)
    assert isinstance(found, Bound)
    return found


def with_right(bound: Bound, right: Expression) -> Bound:
    return replace(bound, claim=replace(bound.claim, right=right))


def judged(name: str, activation: str = "f") -> JudgedBound:
    return judge_bound(bound_of(name, activation))


# What holds.


@pytest.mark.parametrize("name", BOUNDED)
def test_a_bound_by_law(name):
    found = judged(name)
    by_law = found.evidence.by_law
    assert found.evidence.word == "by law"
    assert by_law.laws == tuple(law.name for law in found.bound.laws)
    assert by_law.special >= len(SPECIAL) - 1, "only the one with a denominator 0 may be left out"
    assert by_law.draws == DRAWS
    assert by_law.points == (by_law.special + by_law.draws) * sum(t + 1 for t in range(1, STEPS + 1))
    assert 0 < by_law.ratio <= 1 + inequality.SLACK


@pytest.mark.parametrize("name", ["elman", "scalar"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_bound_with_a_named_activation_is_attained(name, activation):
    """So no smaller rate would do."""
    assert judged(name, activation).evidence.by_law.ratio == pytest.approx(1.0, abs=0.01)


def test_a_point_at_which_a_condition_fails_does_not_count():
    """A network of ReLU at rest has all its pre-activations at the kink."""
    tried = judged("elman", "relu").evidence.by_law
    assert 3 <= tried.special < len(SPECIAL)


def test_a_seed_gives_the_same_evidence():
    assert judge_bound(bound_of(), 1).evidence == judge_bound(bound_of(), 1).evidence


@pytest.mark.parametrize(
    ("name", "activation"), [("elman", "f"), ("elman", "tanh"), ("scalar", "f"), ("scalar", "relu")]
)
def test_a_rate_above_1_does_not_suffice_for_growth(name, activation):
    witness = judged(name, activation).witness
    assert witness.rate > 1
    assert witness.norm < 1e-12
    assert witness.gap == STEPS


def test_for_a_linear_network_of_scalars_it_does_suffice():
    assert judged("scalar", "identity").witness is None


# What does not.


def planted(name: str) -> tuple[Expression, Expr, str]:
    """For a false bound of Elman's network the rate, the exponent and where it breaks first."""
    bound = bound_of()
    rate, (t, k) = bound.rate, (free.index for free in bound.ranges)
    return {
        "a rate that is too small": (product(Number(Rational(95, 100)), rate), t - k, "orthogonal, at rest"),
        "an exponent that is too large": (rate, t - k + 1, "recurrent parameters 0, T = 6, t = 1, k = 1"),
        "an exponent that is too small": (rate, t - k - 1, "recurrent parameters 0, T = 6, t = 1, k = 1"),
    }[name]


@pytest.mark.parametrize(
    "name", ["a rate that is too small", "an exponent that is too large", "an exponent that is too small"]
)
def test_a_false_bound_is_refuted(name):
    rate, exponent, where = planted(name)
    with pytest.raises(CheckFailed, match="is refuted") as found:
        judge_bound(with_right(bound_of(), MatrixPower(rate, exponent)))
    assert where in found.value.message


def test_a_slightly_smaller_rate_over_five_steps_passes_every_draw():
    """So draws are no evidence for an inequality; the special points refute it."""
    bound, (rate, exponent, _) = bound_of(), planted("a rate that is too small")
    claim = with_right(bound, MatrixPower(rate, exponent)).claim
    far = [Range(free.index, Integer(step), Integer(step)) for free, step in zip(bound.ranges, (6, 1), strict=True)]
    refuted = []
    for trial in trials(bound.model, dict(bound.suprema), random.Random(0)):
        try:
            refute(claim, far, trial)
        except CheckFailed:
            refuted.append(trial)
    assert refuted
    assert all(trial.special for trial in refuted)


@pytest.mark.parametrize("activation", ["tanh", "identity"])
def test_the_spectral_radius_does_not_bound(activation):
    """ρ(W) in the place of σ_max(W): a nilpotent matrix has ρ = 0."""
    bound = bound_of("elman", activation)
    (W,) = bound.rate.atoms(Variable)
    t, k = (free.index for free in bound.ranges)
    rho = Variable(Name("rho"))
    claim = Inequality(bound.claim.left, "<=", MatrixPower(rho, t - k))
    refuted = []
    for trial in trials(bound.model, {}, random.Random(0)):
        radius = max(abs(np.linalg.eigvals(trial.bench.base[W.name, ()])))
        trial.bench.base[rho.name, ()] = np.full((1, 1), radius)
        try:
            refute(claim, bound.ranges, trial)
        except CheckFailed:
            refuted.append(trial.name)
    assert "nilpotent, at rest" in refuted
    assert not any(name.startswith("orthogonal") for name in refuted), "there the two are the same"


def test_a_steepest_slope_that_is_too_small(monkeypatch):
    sigmoid = functions.ELEMENTARY["sigmoid"]
    monkeypatch.setitem(functions.ELEMENTARY, "sigmoid", replace(sigmoid, steepest=Rational(1, 5)))
    with pytest.raises(CheckFailed, match="is refuted"):
        judge_bound(bound_of("elman", "sigmoid"))


def test_a_bound_turned_round_is_refuted():
    bound = bound_of()
    turned = replace(bound, claim=Inequality(bound.claim.right, "<=", bound.claim.left))
    with pytest.raises(CheckFailed, match="is refuted"):
        judge_bound(turned)


@pytest.mark.parametrize("law", ["submultiplicativity", "triangle_inequality", "matrix_of_blocks"])
def test_an_application_of_a_law_turned_round_is_refuted(law):
    """Every estimate on the way is tried, not only the bound."""
    bound = bound_of("states_of_two_sizes_and_biases")
    turned = [
        replace(e, claim=Inequality(e.claim.right, "<=", e.claim.left)) if e.law.__name__ == law else e
        for e in bound.estimates
    ]
    assert turned != list(bound.estimates)
    with pytest.raises(CheckFailed, match="is refuted"):
        judge_bound(replace(bound, estimates=tuple(turned)))


def test_a_planted_law_is_refuted(monkeypatch):
    """‖A B‖ ≤ ½ ‖A‖ ‖B‖ as a law: the bound follows from it, and fails."""

    def halved(node, facts):
        r"""No law.

        Law: \lVert A B \rVert \le \frac{1}{2} \lVert A \rVert \lVert B \rVert
        """
        return product(Number(Rational(1, 2)), *map(Norm, node.args))

    table = tuple((kind, halved if law is laws.submultiplicativity and kind is laws.Product else law)
                  for kind, law in laws.BOUNDS)  # fmt: skip
    with pytest.raises(CheckFailed, match="is refuted"):
        judge_bound(state_bound(network("elman").model, table))


def test_what_no_law_gives_is_not_shown_though_it_holds():
    """Twice the bound is true, and trying it refutes nothing: that is no derivation."""
    bound = bound_of()
    with pytest.raises(CheckFailed, match="no law gives"):
        judge_bound(with_right(bound, product(Number(2), bound.claim.right)))


def test_a_dropped_condition_is_not_shown():
    with pytest.raises(CheckFailed, match="no law gives"):
        judge_bound(replace(bound_of(), conditions=()))


def test_a_bound_that_has_a_value_nowhere_is_not_shown():
    with pytest.raises(CheckFailed, match="at no point"):
        judge_bound(with_right(bound_of(), Quotient(Number(0), Number(0))))


# The words.

BY_LAW = ByLaw(("submultiplicativity", "supremum of the slope"), (6,), {"n": 4}, 9, 20, 783, 0.8312, "rank one")


def test_the_wording():
    assert str(BY_LAW) == (
        "by law: submultiplicativity, supremum of the slope; not refuted at 9 special points and 20 draws, "
        "largest ratio 0.83 (rank one)"
    )
    one = Evidence(by_law=BY_LAW)
    assert one.word == "by law"
    assert one.lines() == (str(BY_LAW),)
    assert json.loads(json.dumps(one.as_dict()))["by_law"]["ratio"] == BY_LAW.ratio


def test_a_formula_has_one_kind_of_evidence():
    sampled = Sampled((1,), {}, 2, 2, 1e-16, 1.0)
    with pytest.raises(ValueError, match="by law"):
        Evidence()
    with pytest.raises(ValueError, match="by law"):
        Evidence(None, sampled, BY_LAW)


def test_a_summary_has_a_line_for_each_set_of_laws():
    sampled = Evidence(None, Sampled((1,), {}, 2, 2, 1e-16, 1.0))
    nearer = Evidence(by_law=replace(BY_LAW, ratio=0.9))
    other = Evidence(by_law=replace(BY_LAW, laws=("homogeneity",)))
    assert summary([Evidence(by_law=BY_LAW), nearer, other, sampled]) == (
        str(nearer.by_law), str(other.by_law), str(sampled.sampled),
    )  # fmt: skip
