"""Where the inequalities of a text are tried: points at which bounds are attained or break, then random ones.

What a letter that bounds something stands for is the smallest number that it may be: a claim that is false for that is
false.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from sympy import Expr

from derive.algebra import shapes
from derive.algebra.expressions import Expression
from derive.algebra.functions import is_abstract
from derive.algebra.names import Name
from derive.errors import DeriveError
from derive.evaluate.arithmetic import Floats, Value
from derive.evaluate.derivatives import ComplexStep
from derive.evidence.families import orthogonal
from derive.evidence.special import FLATTENING, SPECIAL, Activation, Special, line, wave
from derive.limits import Clock
from derive.verify.bench import Floating
from derive.verify.claims import Claim
from derive.verify.measured import sides
from derive.verify.network import Network
from derive.verify.places import LONGEST, Instance, instances
from derive.verify.run import Key, Run, numbers
from derive.verify.trees import free

DRAWS, CALM = 10, 2
"""How many points are random, and how many of these are calm."""
SLACK = 1e-9
"""How far beyond its right side, relatively, rounding may carry a left side."""
TINY = 1e-9
"""Sides that are both below this say nothing: where a function is saturated, 1 - h² is rounded to 0."""
SIZES = (0.25, 0.5, 0.9, 1.0, 2.0, 5.0, 10.0)
"""How large the parameters of a network of numbers are at a random point."""
MOST_INSTANCES = 48
EXTREME: tuple[Special, ...] = (
    *(replace(kind, activation=FLATTENING) for kind in SPECIAL if kind.name != "saturated"),
    next(kind for kind in SPECIAL if kind.name == "saturated"),
    *(
        Special(f"{size} times orthogonal, at rest", orthogonal, size, activation=FLATTENING)
        for size in (0.99, 0.49, 0.24)
    ),
)
"""The last three are below what texts assume of a matrix."""
LetterKey = tuple[Name, tuple[Expr, ...]]
Value1 = Callable[["Point"], float]


def activation(name: str) -> Activation:
    """A function that the program knows in the place of an abstract one."""
    steepest = {"tanh": 1.0, "sigmoid": 0.25, "relu": 1.0, "identity": 1.0}[name]
    return Activation(lambda argument, order: Floats({}).function(name, order, argument), steepest)


class Point(Run):
    """A network in floats at a special point, or a random one (`kind` is None).

    `calm`: nothing is saturated there, so that what is equal is seen to be equal.
    """

    def __init__(
        self,
        network: Network,
        kind: Special | None,
        seed: int,
        functions: Mapping[str, Activation],
        name: str,
        calm: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self.kind, self.name, self.functions = kind, name, dict(functions)
        self.letters_here: dict[LetterKey, Value1] = {}
        self._bounding: dict[Value1, float] = {}
        self.calm = calm
        self.scale = 0.5 if calm else random.Random(seed).choice((0.3, 1.0, 3.0))
        draw = Floating(seed, 1.0 if kind is not None else self.scale)
        floats = Floats({name: found.function for name, found in functions.items()}, seed=seed)
        super().__init__(network, ComplexStep(floats), numbers(list(network.shapes.values()), 3), draw,
                         dict.fromkeys(network.classes, 1), clock)  # fmt: skip

    def words(self, names: frozenset[Name]) -> str:
        """What the point is like; where all is numbers, those parameters among these names."""
        numbers = [
            f"{name} = {self.quantity(name, ()).item():.4g}"
            for name, shape in self.network.shapes.items()
            if name in names
            and not name.arity
            and name not in self.network.rules
            and self._weighs(name)
            and shape == shapes.SCALAR
        ]
        if not numbers or any(not shapes.is_scalar(shape) for shape in self.network.shapes.values()):
            return self.name
        return ", ".join(numbers) + (", all else 0" if self.exact else "")

    @property
    def exact(self) -> bool:
        """Whether the network is at rest: what is equal there is equal without rounding."""
        return self.kind is not None and self.kind.rest == 0

    def quantity(self, name: Name, indices: tuple[int, ...]) -> Value:
        known = self.letters_here.get((name, indices)) or self.letters_here.get((name, ()))
        if known is None:
            return super().quantity(name, indices)
        if known not in self._bounding:
            steps = self.steps
            self._bounding[known] = known(self)
            self.steps = steps
        return np.full((1, 1), self._bounding[known])

    def _given(self, key: Key, shape: Any) -> Value:
        value = super()._given(key, shape)
        name, indices, _ = key
        source = random.Random(f"{name.letter}|{name.label}|{self.draw.seed}")
        if name in self.network.sums_to_one:
            return value
        parameter = not indices
        if parameter and self.network.shapes[name] == shapes.SCALAR and self._weighs(name):
            exactly = source.choice((1, -1)) * (0.5 if self.calm else source.choice(SIZES))
            return np.full((1, 1), exactly * (1.0 if self.kind is not None else source.uniform(0.9, 1.1)))
        if self.kind is not None and parameter and shape[0] == shape[1]:
            return self.kind.size * self.kind.family(tuple(shape), source)
        return self._rest(value)

    def _rest(self, value: Value) -> Value:
        return value if self.kind is None else self.kind.rest * (abs(value) if self.kind.positive else value)

    def _weighs(self, name: Name) -> bool:
        """Whether a number multiplies others: a weight, and no bias."""
        return name.base not in ("b", "c", "beta")

    def every(self, expression: Expression) -> list[float]:
        """The values of a scalar for all its free letters at T = LONGEST, wherever it has one."""
        letters = sorted(free(expression) - set(self.letters), key=str)
        self.steps = LONGEST
        found = []
        for values in product(range(1, LONGEST + 1), repeat=min(len(letters), 2)):
            indices = {**self.letters, **dict(zip(letters, values, strict=False))}
            try:
                found += [float(v) for v in np.ravel(np.real(self.evaluate(expression, indices)))]
            except (ArithmeticError, ValueError, KeyError, IndexError, DeriveError):
                continue
        return found

    def any_number(self, name: Name) -> float:
        """The value of a letter that may be any number."""
        drawn = random.Random(f"{name.letter}|{self.draw.seed}|any").gauss(0.0, 3.0)
        return drawn if self.kind is None else self.kind.rest * drawn

    def steepest(self, function: str) -> float:
        """sup |f'|."""
        return self.functions[function].steepest


def points(
    network: Network, functions: Mapping[str, str], abstract: tuple[str, ...], seed: int, clock: Clock
) -> Iterator[Point]:
    """The special points, then random ones. `functions`: what abstract functions are said to be; others are waves."""

    def chosen(kind: Special | None, source: random.Random) -> dict[str, Activation]:
        free = [wave(source) if kind is None else kind.activation for _ in abstract]
        return {
            name: activation(functions[name]) if name in functions else f
            for name, f in zip(abstract, free, strict=True)
        }

    numbers_only = all(shapes.is_scalar(shape) for shape in network.shapes.values())
    for position, kind in enumerate(EXTREME):
        for more in range(3 if numbers_only and kind.rest in (0, 1e3) else 1):
            functions_here = chosen(kind, random.Random(seed))
            yield Point(network, kind, seed + 100 * position + more, functions_here, kind.name, clock=clock)
    for number in range(1, DRAWS + 1):
        source = random.Random(f"{seed}|{number}")
        calm = number <= CALM
        yield Point(network, None, seed + 1000 + number, chosen(None, source), f"draw {number}", calm, clock)


@dataclass(frozen=True)
class Comparison:
    """Both sides at one instance of a claim at a point: the smaller and the larger, as they should be."""

    point: Point
    instance: Instance
    small: Value
    large: Value

    def apart(self, strict: bool) -> bool:
        """Whether the claim is false here."""
        small, large = np.broadcast_arrays(self.small, self.large)
        if not (np.all(np.isfinite(small)) and np.all(np.isfinite(large))):
            return False
        size = np.maximum(np.abs(small), np.abs(large))
        if np.any((small - large > SLACK * size) & (size > TINY)):
            return True
        return strict and self.point.exact and bool(np.any((small == large) & (size > TINY)))

    @property
    def worst(self) -> tuple[float, float]:
        """The two numbers where they are most wrong."""
        small, large = (np.atleast_1d(np.real(v)) for v in np.broadcast_arrays(self.small, self.large))
        place = np.unravel_index(int(np.argmax(small - large)), small.shape)
        return float(small[place]), float(large[place])

    @property
    def ratio(self) -> float:
        """How near the left side comes to the right one."""
        small, large = self.worst
        return small / large if large else 0.0


def compared(claim: Claim, point: Point) -> Iterator[Comparison]:
    """The sides of left ≤ right at all instances of a claim, t = k among them, at most MOST_INSTANCES."""
    for number, instance in enumerate(instances(claim, point.network, point.sizes)):
        if number >= MOST_INSTANCES:
            return
        try:
            found = sides(claim, point, instance)
        except (DeriveError, np.linalg.LinAlgError):
            return
        if found is not None:
            yield Comparison(point, instance, *(np.real(side) for side in found))


def abstract(names: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(name for name in names if is_abstract(name)))


__all__ = ["Comparison", "Point", "compared", "line", "points"]
