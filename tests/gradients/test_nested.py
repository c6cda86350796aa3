"""The nested forward pass: the forward pass in one expression, reached by putting in one equation after the other."""

from __future__ import annotations

import random

import numpy as np
import pytest
from sympy import Integer

from derive.algebra.expressions import Variable
from derive.errors import CheckFailed, DeriveError
from derive.evaluate.arithmetic import Floats
from derive.evaluate.evaluator import Evaluator
from derive.evidence import draws
from derive.evidence.judge import judge
from derive.gradients.nested import MOST_NAMES, nested_form
from derive.models.model import Model, variables
from derive.render.forms import formula_unicode
from tests.networks import names, network

EACH_NETWORK = pytest.mark.parametrize("name", names())


def nested(name: str, typed: str):
    return nested_form(network(name).model, network(name).quantity(typed))


def quantities(model: Model, steps: int) -> list[Variable]:
    """What can be nested at each of a few steps: an expression of `MOST_NAMES` names at most."""
    found = []
    for equation in model.equations:
        for step in range(1, steps + 1):
            try:
                nested_form(model, equation.left.at(Integer(step)))
            except DeriveError:
                break
            found.append(equation.left.at(Integer(step)))
    return found


@EACH_NETWORK
def test_it_is_the_forward_pass(name):
    """Evaluated by itself, with nothing but parameters, inputs and starts, in floats."""
    model, source = network(name).model, random.Random(13)
    floats = Floats({function: draws.Wave.drawn(source) for function in model.functions})
    sizes = draws.sizes(model, source, smallest=2)
    point = draws.point(model, sizes, 3, draws.normal(source, 0.5, positive=True), floats.rational)
    base = point.forward(floats)
    evaluate = Evaluator(floats, sizes, lambda quantity, indices: point.given[quantity, indices])
    asked = quantities(model, 3)
    assert {variable.name for variable in asked} == {equation.left.name for equation in model.equations}
    for variable in asked:
        right = nested_form(model, variable).formulas[0].equation.right
        expected = base[variable.name, (int(variable.time),)]
        assert np.allclose(evaluate(right, {}), expected, rtol=1e-12, atol=0), f"{variable}"


@EACH_NETWORK
def test_nothing_is_left_that_an_equation_gives(name):
    """What remains is a parameter, an input or a start."""
    model = network(name).model
    given = {v.name for v in (*model.parameters, *model.inputs)}
    starts = {start.variable for start in model.starts}
    for variable in quantities(model, 2):
        for left in variables(nested_form(model, variable).formulas[0].equation.right):
            assert left.name in given or left in starts, f"{left} in {variable}"


@EACH_NETWORK
def test_the_steps_are_a_path(name):
    """From the equation of the quantity itself, one equation at a time, to the end; each is judged and holds."""
    model = network(name).model
    for variable in quantities(model, 2):
        form = nested_form(model, variable)
        reached = model.authored[variable.name].at({model.time: variable.time}).right
        for step in form.steps:
            assert step.before == reached != step.after
            assert [law.name for law in step.laws] == ["put in equation"]
            reached = step.after
        assert reached == form.formulas[0].equation.right
        (evidence,) = judge([form])
        assert len(evidence) == 1 + len(form.steps)
        assert all(one.sampled.points > 0 for one in evidence)


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("elman", "s_1", "s₁ = f(U x₁ + W s₀)"),
        ("elman", "s_3", "s₃ = f(U x₃ + W f(U x₂ + W f(U x₁ + W s₀)))"),
        ("elman", "o_2", "o₂ = softmax(V f(U x₂ + W f(U x₁ + W s₀)))"),
        ("scalar", "y_2", "y₂ = f(wₒ f(wᵢ x₂ + wₕ f(wᵢ x₁ + wₕ h₀)))"),
        ("lag_of_two", "s_2", "s₂ = f(U x₂ + W f(U x₁ + W s₀ + Z s₋₁) + Z s₀)"),
        ("no_activation", "s_2", "s₂ = W (W s₀ + x₁ + b) + x₂ + b"),
    ],
)
def test_what_is_printed(name, typed, said):
    assert "\n".join(formula_unicode(nested(name, typed).formulas[0])) == said


def test_what_is_too_large_is_refused_with_a_sentence():
    found = nested("lstm", "h_1")
    assert sum(1 for _ in variables(found.formulas[0].equation.right)) <= MOST_NAMES
    for typed in ("h_3", "h_24"):
        with pytest.raises(DeriveError, match=f"more than {MOST_NAMES} names") as caught:
            nested("lstm", typed)
        assert not isinstance(caught.value, CheckFailed)
        assert caught.value.hint


@pytest.mark.parametrize("typed", ["W", "s_t", "s_0", "x_1", "L"])
def test_what_is_not_computed_at_a_step_that_is_a_number(typed):
    """A parameter, an input, a start, a letter: there is no equation to put in."""
    with pytest.raises(DeriveError, match="not computed at a step") as caught:
        nested("elman", typed)
    assert caught.value.hint == "s_3"


def test_the_hint_is_a_quantity_of_the_network():
    for name in names():
        with pytest.raises(DeriveError) as caught:
            nested(name, network(name).parameters[0])
        assert network(name).nested(caught.value.hint.replace("_3", "_1")).evidence
