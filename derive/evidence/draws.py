"""Random points of a network: sizes that all differ, values that tell W from Wᵀ, inputs that keep what is stated."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Symbol

from derive.algebra.expressions import Number, Product, Variable
from derive.algebra.shapes import letters_of
from derive.evaluate.arithmetic import Value
from derive.evaluate.evaluator import whole
from derive.evaluate.point import Point, Values
from derive.models.model import Model

Draw = Callable[[tuple[int, ...]], Value]


def sizes(model: Model, source: random.Random, smallest: int) -> dict[Symbol, int]:
    """A number for each size symbol, all different, from `smallest` up."""
    letters = sorted(letters_of(v.shape for v in _known(model)), key=str)
    numbers = list(range(smallest, smallest + len(letters)))
    source.shuffle(numbers)
    return dict(zip(letters, numbers, strict=True))


def point(model: Model, numbers: Mapping[Symbol, int], steps: int, draw: Draw, fill: Callable[[Any], Value]) -> Point:
    """Values for all that is given. `draw` makes an array of a shape, `fill` the 1×1 value of a rational number."""
    drawn = given(model, numbers, steps, draw)
    values = dict(drawn.given)
    for start in model.starts:
        if isinstance(start.value, Number):
            key = (start.variable.name, (int(start.variable.time),))
            values[key] = values[key] * 0 + fill(start.value.value)
    for assumption in model.assumptions:
        variable, total = stated_sum(assumption.left, assumption.right)
        for (name, _), value in values.items():
            if name == variable.name:
                value[-1] = value[-1] - value.sum() + fill(total)[0, 0]
    return Point(model, numbers, steps, values)


def given(model: Model, numbers: Mapping[Symbol, int], steps: int, draw: Draw) -> Point:
    """All that is given, drawn without regard to what is stated of it.

    Inputs are drawn beyond T as well: what stands there is multiplied by adjoints that are 0, and must not matter.
    """
    values: Values = {}
    longest = model.longest
    for parameter in model.parameters:
        values[parameter.name, ()] = draw(_numbers(parameter, numbers))
    for variable in model.inputs:
        for t in range(1 - longest, steps + longest + 1):
            values[variable.name, (t,)] = draw(_numbers(variable, numbers))
    for start in model.starts:
        values[start.variable.name, (int(start.variable.time),)] = draw(_numbers(start.variable, numbers))
    for part in model.carried:  # a component without a start is used by no first step: its value is of no account
        for t in range(1 - longest, 1):
            if (part.name, (t,)) not in values:
                values[part.name, (t,)] = draw(_numbers(part, numbers))
    return Point(model, numbers, steps, values)


def stated_sum(left: object, right: object) -> tuple[Variable, Any]:
    """The input and the number in a statement 1ᵀ v_t = c, the one kind of assumption that draws can keep."""
    match left, right:
        case Product(args=(Number(), Variable() as variable)), Number(value=total):
            return variable, total
    raise TypeError("only 1ᵀ v = c can be kept")


@dataclass(frozen=True)
class Wave:
    """A random analytic function x ↦ a sin(b x + c) + d x: smooth, neither odd nor bounded, and not tanh."""

    a: float
    b: float
    c: float
    d: float

    @classmethod
    def drawn(cls, source: random.Random) -> Wave:
        return cls(
            source.uniform(0.6, 1.2), source.uniform(0.7, 1.3), source.uniform(0.2, 1.2), source.uniform(0.2, 0.6)
        )

    def __call__(self, argument: Value, order: int) -> Value:
        inner = self.b * argument + self.c + order * np.pi / 2
        value = self.a * self.b**order * np.sin(inner)
        return value + (self.d * argument if order == 0 else self.d if order == 1 else 0.0)


def normal(source: random.Random, scale: float, *, positive: bool = False) -> Draw:
    """Entries from a normal distribution; matrices scaled so that products neither vanish nor explode."""

    def draw(shape: tuple[int, ...]) -> Value:
        width = shape[1] if shape[1] > 1 else 1
        entries = [source.gauss(0.0, scale / width**0.5) for _ in range(math.prod(shape))]
        return np.array([abs(entry) for entry in entries] if positive else entries).reshape(shape)

    return draw


def _known(model: Model) -> Iterator[Variable]:
    yield from model.parameters
    yield from model.inputs
    yield from (step.left for step in model.steps)


def _numbers(variable: Variable, numbers: Mapping[Symbol, int]) -> tuple[int, ...]:
    return tuple(whole(size, numbers) for size in variable.shape)
