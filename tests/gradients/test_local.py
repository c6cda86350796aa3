"""Derivatives within one step by law, against their definition: the forward pass perturbed, modulo a prime.

An end that is not passed through is one that is held fixed, and so is the state of the step before.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from derive.algebra.build import transpose
from derive.algebra.expressions import Derivative, Expression, Identity, Variable
from derive.algebra.shapes import is_column
from derive.calculus.laws import LAWS
from derive.evaluate.derivatives import Derivatives, DualStep
from derive.evaluate.evaluator import Evaluator
from derive.evidence import draws
from derive.gradients import local
from derive.gradients.paths import reaches
from derive.models.model import Model, variables
from tests import expressions
from tests.networks import names, network

EACH_NETWORK = pytest.mark.parametrize("name", [name for name in names() if name != "norm"])
STEPS = 3


class Bench:
    """A network modulo a prime, at its second step."""

    def __init__(self, model: Model) -> None:
        self.model, source = model, random.Random(14)
        field = expressions.field(source)
        point = draws.point(model, draws.sizes(model, source, smallest=2), STEPS, field.draw, field.rational)
        self.base = point.forward(field, until=STEPS + model.longest)
        self.field, self.indices = field, {model.time: 2, model.horizon: STEPS, **point.sizes}
        differentiate = Derivatives(point, DualStep(field), self.base)
        self.evaluate = Evaluator(field, point.sizes, lambda name, at: self.base[name, at], differentiate)

    def __call__(self, expression: Expression) -> np.ndarray:
        return self.evaluate(expression, self.indices) % self.field.prime

    def equal(self, found: Expression, expected: Expression) -> bool:
        return np.array_equal(self(found), self(expected))


@cache
def bench(name: str) -> Bench:
    return Bench(network(name).model)


def quantities(model: Model) -> list[Variable]:
    return [step.left for step in model.steps]


def within_step(model: Model) -> Iterator[tuple[Variable, Variable]]:
    """Each quantity with each other of the same step that it depends on."""
    for top in quantities(model):
        for bottom in quantities(model):
            if top != bottom and reaches(model, top.name, bottom.name):
                yield top, bottom


@EACH_NETWORK
def test_a_quantity_by_another_of_its_step(name):
    model, at = network(name).model, bench(name)
    pairs = list(within_step(model))
    for top, bottom in pairs:
        assert at.equal(local.jacobian(model, top, bottom, LAWS), Derivative(top, bottom)), f"∂{top}/∂{bottom}"
    assert pairs


@EACH_NETWORK
def test_the_state_and_the_loss_by_states(name):
    model, at = network(name).model, bench(name)
    if not model.carried:
        return  # without a state there is nothing to differentiate by
    here, before = model.state(model.time), model.state(model.time - 1)
    assert at.equal(local.jacobian(model, here, before, LAWS), Derivative(here, before))
    assert at.equal(local.jacobian(model, model.summand, here, LAWS), Derivative(model.summand, here))


@EACH_NETWORK
def test_an_end_is_not_passed_through(name):
    """With two ends at once each gets what does not lead through the other."""
    model, at = network(name).model, bench(name)
    for top, first in within_step(model):
        for second in quantities(model):
            if second not in (top, first):
                found = local.through(model, top, (first, second), LAWS).get(first)
                expected = transpose(Derivative(top, first, (second,)))
                value = at(expected)
                assert np.array_equal(at(found), value) if found is not None else not value.any()


@EACH_NETWORK
def test_what_is_told_of_multiplies_to_what_is_found(name):
    """Each equation that the cotangent passes hands on what the transposed edge makes of it."""
    model, at = network(name).model, bench(name)
    told: list[tuple[Expression, Expression]] = []

    def tell(step, variable, cotangent, amount):
        others = tuple(v for v in dict.fromkeys(variables(step.right)) if v != variable and v.name in model.definitions)
        edge = transpose(Derivative(step.left, variable, others))
        told.append((at(edge) @ at(cotangent) % at.field.prime, at(amount)))

    for top in quantities(model):
        local.through(model, top, quantities(model)[:1], LAWS, tell)
    assert all(np.array_equal(*pair) for pair in told)


@EACH_NETWORK
def test_what_is_handed_back_to_a_parameter(name):
    """The gradient of ⟨g, S_t⟩ by it within the step, for a drawn g; and of L_t past S_t."""
    model, at = network(name).model, bench(name)
    here, before = model.state(model.time), model.state(model.time - 1)
    summand = model.summand
    for by in model.parameters:
        found = local.handed_back(model, summand, by, Identity(summand.shape[0]), LAWS, here)
        expected = Derivative(summand, by, (here, before))
        assert np.array_equal(at(found), oriented(at(expected), by)), f"∂{summand}/∂{by} past the state"
        if model.carried:
            cotangent = Derivative(summand, here)  # any row will do
            found = local.handed_back(model, here, by, transpose(cotangent), LAWS)
            total = np.tensordot(at(cotangent), at(Derivative(here, by, (before,))), axes=(1, 0)) % at.field.prime
            assert np.array_equal(at(found), oriented(total.squeeze(0), by)), f"∂{here}/∂{by}"


def oriented(value: np.ndarray, by: Variable) -> np.ndarray:
    """A gradient in the shape of what one differentiates by: a row as a column."""
    return value.reshape(-1, 1) if is_column(by.shape) else value


@EACH_NETWORK
def test_a_derivative_that_is_0_is_none(name):
    """And one past the state is what it is with the state held fixed."""
    model, at = network(name).model, bench(name)
    here, before = model.state(model.time), model.state(model.time - 1)
    for bottom in set(quantities(model)) - {model.summand}:
        for past in (None, here) if model.carried else (None,):
            found = local.transposed_jacobian(model, model.summand, bottom, LAWS, past)
            held = (before,) if past is None else (past, before)
            if bottom in local.parts(here) and past is not None:
                assert found is None, "an end that is held fixed hands nothing on"
            elif found is not None:
                assert at.equal(transpose(found), Derivative(model.summand, bottom, held))
            else:
                assert not at(Derivative(model.summand, bottom, held)).any()


def test_the_selection_of_a_component():
    """c_t reaches h_t too: with h_t held fixed the state is of c_t what selects it."""
    model = network("lstm").model
    state = model.state(model.time)
    cell, hidden = local.parts(state)
    assert bench("lstm").equal(local.selection(state, cell), Derivative(state, cell, (hidden,)))
    assert bench("lstm").equal(local.selection(state, hidden), Derivative(state, hidden))
    only = network("elman").model.carried[0]
    assert local.selection(only, only) == Identity(only.shape[0])


@EACH_NETWORK
def test_the_users_of_a_parameter(name):
    """Those of the equations whose right side names it; every parameter has one."""
    model = network(name).model
    for parameter in model.parameters:
        users = local.users(model, parameter)
        assert users
        assert {step.left for step in users} == {
            step.left for step in model.steps if parameter in variables(step.right)
        }
