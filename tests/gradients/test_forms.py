"""The forms against each other and against both oracles: of L and of one L_t, by anything, for any network.

A form for the symbol T and the same form written out must have one value; both must be what the oracles find.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from sympy import Integer

from derive.algebra.build import is_zero
from derive.algebra.expressions import Blocks
from derive.api import loads
from derive.errors import CheckFailed, DeriveError
from derive.evaluate.derivatives import DualStep
from derive.evaluate.field import NotExact
from derive.evaluate.point import Point
from derive.evidence import draws, judge
from derive.evidence.claims import Case
from derive.evidence.claims import tested_steps as steps_of  # pytest would take it for a test
from derive.evidence.judge import exactly, in_floats
from derive.gradients.chain import propagation_form
from derive.gradients.form import Question
from derive.gradients.makers import FORMS, MAKERS, derived, jacobians
from derive.models.model import Model, walk
from tests import expressions
from tests.gradients.asked import ROLES, asked_by, everything
from tests.gradients.printed import Printed
from tests.networks import TEXTS, names, network

EACH_NETWORK = pytest.mark.parametrize("name", names())
EACH_FORM = pytest.mark.parametrize("form", MAKERS)
OF = pytest.mark.parametrize("whole", [True, False], ids=["of L", "of L_t"])


@EACH_NETWORK
@OF
def test_both_oracles_agree(name, whole):
    """Every form by everything, at every step, for the symbol T. (The next test takes from there to each number.)

    All forms at the same points: a factor that several have is evaluated once. Of L_t by every second of each role;
    what is left out is held exactly against the definition at T = 1 and 3 by the next test.
    """
    model = network(name).model
    of = model.loss.left if whole else model.summand
    asked = [by for role in ROLES for by in asked_by(model, role)[:: 1 if whole else 2]]
    for evidence in judge.judge(derived([Question(model, by, of) for by in asked], FORMS)):
        for found in evidence:
            assert found.sampled.points > 0, "a formula without an instance was not tested"
            assert (found.exact is None) == (name == "norm")


@EACH_NETWORK
@OF
def test_the_symbol_at_a_number_is_the_number(name, whole):
    """T := 3 and 1 in the general form, and the form written out for that T: residues, so equal means equal.

    What has a step stands at the first and at the last one in turn. At T = 1 by every second of all there is, and the
    component form by parameters and starts only: there is nothing in it that the delta form has not.
    """
    if name == "norm":
        pytest.skip("no exact arithmetic has a norm; test_both_oracles_agree holds it against the complex step")
    model = network(name).model
    source = random.Random(9)
    numbers = draws.sizes(model, source, smallest=2)
    entrywise = {*asked_by(model, "parameter"), *asked_by(model, "start")}
    for T in (3, 1):
        printed = Printed(point(model, numbers, T, source), DualStep(field := expressions.field(source)))
        of = model.loss.left if whole else model.summand.at(Integer(T))
        for number, by in enumerate(everything(model)[:: 1 if T > 1 else 2]):
            at = by if by.time is None or by.time.is_Integer else by.at(Integer((1, T)[number % 2]))
            for kind, make in MAKERS.items():
                if kind == "component" and by not in entrywise:
                    continue
                general = make(Question(model, at, of), expanded=False)
                written = make(Question(model, at, of, T), expanded=True)
                for form in (general, written):
                    found, expected = printed(form) % field.prime, printed.left(form) % field.prime
                    assert np.array_equal(found, expected), f"{kind} form of ∂{of}/∂{at}, T = {T}"


def point(model: Model, numbers: dict, steps: int, source: random.Random) -> Point:
    field = expressions.field(source)
    return draws.point(model, numbers, steps, field.draw, field.rational)


@EACH_NETWORK
def test_the_jacobians_of_each_step(name):
    model = network(name).model
    within = [form for form in jacobians(model) if form.kind != "propagation"]  # which the next test looks at
    for evidence in judge.judge(within):
        assert all(found.sampled.points > 0 for found in evidence)


@EACH_NETWORK
def test_the_state_by_an_earlier_state(name):
    """∂S_t/∂S_k = J_t ⋯ J_{k+1} for 0 ≤ k ≤ t ≤ T, the identity at t = k."""
    model = network(name).model
    if not model.carried:
        return  # without a state there is nothing to propagate
    form = propagation_form(model)
    case = Case(model, None, (form.formulas[0],), form.meanings)
    steps = steps_of(case)
    (exact,) = exactly(case, steps, random.Random(4))
    (sampled,) = in_floats(case, steps, random.Random(4))
    assert sampled.points == judge.DRAWS * sum(t + 1 for t in range(1, steps[-1] + 1))
    assert (exact is None) == (name == "norm")


@EACH_NETWORK
@EACH_FORM
def test_nothing_that_vanishes_is_written_out(name, form):
    """No `Zᵀ 0` for what would come from beyond the last step: a summand that is 0 is left out."""
    model = network(name).model
    for steps in (1, 3):
        for by in (*asked_by(model, "parameter"), *asked_by(model, "start")):
            for formula in MAKERS[form](Question(model, by, model.loss.left, steps), expanded=True).formulas:
                right = formula.equation.right
                blocks = {part for node in walk(right) if isinstance(node, Blocks) for part in node.args[1:]}
                vanishing = [node for node in walk(right) if is_zero(node) and node not in blocks]
                assert is_zero(right) or not vanishing, str(right)


@pytest.mark.parametrize("name", ["elman", "lstm", *[n for n in TEXTS if n.startswith("lag")]])
@EACH_FORM
def test_any_step_by_any_step(name, form):
    """∂L_r/∂v_k for numbers r and k of a network over four steps."""
    model = network(name).model
    source = random.Random(10)
    numbers = draws.sizes(model, source, smallest=2)
    T = 4
    printed = Printed(point(model, numbers, T, source), DualStep(field := expressions.field(source)))
    for quantity in (*asked_by(model, "quantity"), *model.inputs):
        for r in range(1, T + 1):
            for k in range(1, r + 1):
                question = Question(model, quantity.at(Integer(k)), model.summand.at(Integer(r)), T)
                answer = MAKERS[form](question, expanded=True)
                found, expected = printed(answer) % field.prime, printed.left(answer) % field.prime
                assert np.array_equal(found, expected), f"∂L_{r}/∂{quantity.at(Integer(k))}"


@pytest.mark.parametrize("form", MAKERS)
@pytest.mark.parametrize(
    ("by", "of"), [("s_2", "L_3"), ("s_2", "L_2"), ("s_t", "L_t"), ("x_1", "L_2"), ("W", "L_2"), ("s_0", "L_t")]
)
@pytest.mark.parametrize("steps", [None, 4])
def test_the_loss_of_one_step_by_name(form, by, of, steps):
    """Numbers mean these steps at every T that has them; a letter on both sides means any."""
    assert getattr(network("elman").gradient(by, of=of, steps=steps), form).evidence


@pytest.mark.parametrize(
    ("by", "of", "said"), [("s_3", "L_2", "comes after"), ("s_2", "L_t", "same step"), ("s_t", "L_2", "same step")]
)
def test_a_step_that_comes_after_or_is_not_known_is_refused(by, of, said):
    with pytest.raises(DeriveError, match=said) as caught:
        network("elman").gradient(by, of=of)
    assert not isinstance(caught.value, CheckFailed)


def test_what_the_chain_form_does_not_cover_is_said():
    """An input that a later step uses again is no part of the state: a sentence, not a wrong formula."""
    late = loads(TEXTS["only_lag_two"].replace("W s_{t-2}", "W (s_{t-2} + x_{t-1})"))
    assert late.gradient("x_t").delta.evidence
    with pytest.raises(DeriveError, match="later step") as caught:
        _ = late.gradient("x_t").chain
    assert not isinstance(caught.value, CheckFailed)
    assert late.gradient("W").chain.evidence


def test_a_norm_is_outside_the_exact_arithmetic():
    source = random.Random(11)
    model = network("norm").model
    at = point(model, draws.sizes(model, source, smallest=2), 1, source)
    with pytest.raises(NotExact):
        at.forward(expressions.field(source))
