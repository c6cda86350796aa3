"""What we print, evaluated, against what knows nothing of us: HIPS autograd on forward passes written by hand in NumPy,
central differences of the same, and the complex step on the network as it was read.
"""

from __future__ import annotations

import random
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.algebra.expressions import Variable
from derive.api import Network, load
from derive.evaluate.arithmetic import Floats
from derive.evaluate.derivatives import ComplexStep
from derive.evaluate.evaluator import whole
from derive.evaluate.point import Point
from derive.evidence import draws
from derive.gradients.form import Question
from derive.gradients.makers import MAKERS
from tests.gradients.printed import Printed
from tests.oracles.forward import ACTIVATIONS, FORWARD, Arrays, central_differences, gradients

TARGET = 0.3
"""The loss of `scalar` is g(y_t) with any g; the pass by hand has g(y) = ½ (y - target)² with one target."""


def half_square(argument: np.ndarray, order: int) -> np.ndarray:
    return [(argument - TARGET) ** 2 / 2, argument - TARGET, 1.0 + 0 * argument, 0 * argument][order]


@cache
def network(name: str, activation: str) -> Network:
    return load(name, activation)


def activations(name: str) -> tuple[str, ...]:
    """Those that can take the place of an abstract one; for a cell without, the tanh that stands there."""
    abstract = load(name).model.functions
    return tuple(ACTIVATIONS) if abstract else ("tanh",)


def read(name: str, activation: str) -> Network:
    return network(name, activation if load(name).model.functions else "f")


CASES = [(name, activation) for name in FORWARD for activation in activations(name)]
EACH_CELL = pytest.mark.parametrize(("name", "activation"), CASES)
EACH_FORM = pytest.mark.parametrize("form", MAKERS)
SEEDS = st.integers(0, 2**32 - 1).map(random.Random)


class Draw:
    """Numbers for a network, for us and for the pass by hand; all sizes different."""

    def __init__(self, name: str, activation: str, steps: int, source: random.Random) -> None:
        self.name, self.activation, self.steps = name, activation, steps
        self.model = model = read(name, activation).model
        letters = draws.sizes(model, source, smallest=2)
        sizes = dict(zip(letters, source.sample(range(1, 7), len(letters)), strict=True))
        floats = Floats({"g": half_square})
        self.point = draws.point(model, sizes, steps, draws.normal(source, 1.0), floats.rational)
        self.printed = Printed(self.point, ComplexStep(floats))

    def by_hand(self, variable: Variable, step: int | None = None) -> np.ndarray | float:
        """A value as the pass by hand has it: a column is one-dimensional, a scalar a number."""
        indices = () if variable.time is None else (int(variable.time) if step is None else step,)
        return shaped(self.point.given[variable.name, indices], variable)

    @property
    def arrays(self) -> tuple[Arrays, Arrays, Arrays]:
        model = self.model
        params = {p.name.plain: self.by_hand(p) for p in model.parameters}
        inputs = {
            "x" if v.name.plain == "x" else "target": np.array([self.by_hand(v, t) for t in range(1, self.steps + 1)])
            for v in model.inputs
        }
        inputs.setdefault("target", np.full(self.steps, TARGET))
        return params, inputs, {s.variable.name.plain: self.by_hand(s.variable) for s in model.starts}

    @property
    def wanted(self) -> dict[str, Variable]:
        """Every parameter and every start, by the name that the pass by hand gives it."""
        found = [*self.model.parameters, *(start.variable for start in self.model.starts)]
        return {variable.name.plain: variable for variable in found}

    def value(self, variable: Variable, form: str, *, symbolic: bool) -> np.ndarray:
        """The gradient by our formula, in the shape of the variable."""
        question = Question(self.model, variable, self.model.loss.left, None if symbolic else self.steps)
        found = self.printed(MAKERS[form](question, expanded=not symbolic))
        return shaped(found, variable)


def shaped(value: np.ndarray, variable: Variable) -> np.ndarray:
    """As the pass by hand has it; the derivative by a column is a row in some forms and a column in others."""
    if variable.shape == (1, 1):
        return value[0, 0]
    return value.ravel() if variable.shape[1] == 1 else value


def far(found: np.ndarray, expected: np.ndarray) -> float:
    """The relative difference, in norm."""
    assert np.shape(found) == np.shape(expected)
    scale = max(np.linalg.norm(found), np.linalg.norm(expected))
    return 0.0 if scale == 0 else float(np.linalg.norm(found - expected) / scale)


@EACH_CELL
@EACH_FORM
@given(source=SEEDS, steps=st.integers(1, 4))
@settings(max_examples=4, deadline=None)
def test_against_autograd(name, activation, form, source, steps):
    """Each parameter and start, written for the symbol T and written out."""
    draw = Draw(name, activation, steps, source)
    expected = gradients(name, *draw.arrays, activation)
    assert expected.keys() == draw.wanted.keys()
    for key, variable in draw.wanted.items():
        for symbolic in (True, False):
            found = draw.value(variable, form, symbolic=symbolic)
            assert far(found, expected[key]) <= 1e-9, f"∂L/∂{key}, T = {steps}, sizes {draw.point.sizes}"


@EACH_CELL
@EACH_FORM
def test_against_central_differences(name, activation, form):
    draw = Draw(name, activation, 3, random.Random(5))
    params, inputs, start = draw.arrays

    def loss(at: Arrays) -> float:
        return FORWARD[name]({k: at[k] for k in params}, inputs, {k: at[k] for k in start}, activation)

    expected = central_differences(loss, params | start)
    for key, variable in draw.wanted.items():
        found = draw.value(variable, form, symbolic=True)
        assert np.linalg.norm(found - expected[key]) <= 1e-6 * max(1e-3, np.linalg.norm(expected[key])), f"∂L/∂{key}"
    assert max(np.linalg.norm(value) for value in expected.values()) > 1e-2, "nothing matters here"


@EACH_CELL
@EACH_FORM
def test_against_the_complex_step(name, activation, form):
    """Here also the quantities of each step, which the pass by hand has no names for."""
    steps = 3
    draw = Draw(name, activation, steps, random.Random(6))
    model = draw.model
    nodes = [equation.left.at(t) for equation in model.steps for t in (1, 2, steps)]
    for by in (*draw.wanted.values(), *nodes):
        if by.name == model.summand.name:
            continue
        for symbolic in (True, False):
            question = Question(model, by, model.loss.left, None if symbolic else steps)
            answer = MAKERS[form](question, expanded=not symbolic)
            found, expected = draw.printed(answer), draw.printed.left(answer)
            assert far(found, expected) <= 1e-9, f"∂L/∂{by}"


@EACH_CELL
def test_the_pass_as_it_was_read_is_the_pass_by_hand(name, activation):
    """Else what follows would compare the gradients of two different networks."""
    draw = Draw(name, activation, 4, random.Random(7))
    loss = draw.printed.base[draw.model.loss.left.name, ()]
    assert float(loss[0, 0]) == pytest.approx(FORWARD[name](*draw.arrays, activation), rel=1e-13)


def test_sizes_differ():
    draw = Draw("lstm", "tanh", 2, random.Random(8))
    assert isinstance(draw.point, Point)
    found = [whole(size, draw.point.sizes) for size in draw.point.sizes]
    assert len(set(found)) == len(found) == 3
