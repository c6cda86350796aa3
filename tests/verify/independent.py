r"""A second opinion, from scratch: whether an equation is true of a network, by numbers alone.

It shares the trees and the network's equations with the program and nothing else: a forward pass of its own,
derivatives by the complex step, functions f and g of its own. What stands at a step that does not exist (x_0, s_{T+1})
has some value here, and `World.beyond` says that it was used.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from sympy import Symbol

from derive.algebra.equation import Equation
from derive.algebra.expressions import Chain, Entry, Expression, Number, Sum, Variable
from derive.algebra.names import Name
from derive.gradients.form import Range
from derive.models.model import Model, walk
from tests.verify.evaluation import Curve, Evaluation, Indices, Key, Meaningless, Nowhere, number

STEP = 1e-40
MARGIN = 3
"""So many steps before the first and after the last have values."""
SAME, APART = 1e-8, 1e-4
"""Relative differences that are rounding, and that are none; between them nothing is said."""
FLOOR = 1e-4
"""Differences are measured against values of at least this size."""
WORLDS = ((3, 2), (1, 2), (4, 2), (2, 3), (3, 4), (5, 2))
"""T and the smallest size of the worlds in which an equation is tried: sizes below T and above it."""


@dataclass
class World:
    """A network with numbers for everything: `T` steps, sizes that all differ, values for what is given.

    `assuming`: the inputs are what the network states of them.
    """

    model: Model
    T: int
    smallest: int
    assuming: bool = True
    beyond: bool = False
    passes: dict[Any, Mapping[Key, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        source = random.Random(f"{self.model.name} {self.T} {self.smallest}")
        known = (*self.model.parameters, *self.model.inputs, *(step.left for step in self.model.steps))
        letters = sorted({s for v in known for size in v.shape for s in size.free_symbols}, key=str)
        numbers = source.sample(range(self.smallest, self.smallest + len(letters)), len(letters))
        self.sizes: dict[Symbol, int] = dict(zip(letters, numbers, strict=True))
        self.curves = {name: Curve(*(source.uniform(0.5, 1.1) for _ in range(4))) for name in self.model.functions}
        self.given = self._given(source)
        self.values = self.forward({})

    def _given(self, source: random.Random) -> dict[Key, Any]:
        model, last = self.model, self.T + MARGIN
        places = [(v, None) for v in model.parameters]
        places += [(v, t) for v in model.inputs for t in range(-MARGIN, last + 1)]
        places += [(v, t) for v in model.carried for t in range(-MARGIN, 1)]
        values = {(v.name, t): self._drawn(v, source) for v, t in places}
        for start in model.starts:
            if isinstance(start.value, Number):
                values[start.variable.name, int(start.variable.time)][:] = float(start.value.value)
        for stated in model.assumptions if self.assuming else ():  # 1ᵀ v_t = c, the one kind that networks state
            _, variable = stated.left.args
            for (name, _), value in values.items():
                if name == variable.name:
                    value += (float(stated.right.value) - value.sum()) / value.size
        return values

    def _drawn(self, variable: Variable, source: random.Random) -> Any:
        rows, columns = (number(size, self.sizes) for size in variable.shape)
        entries = [source.choice((-1, 1)) * source.uniform(0.4, 1.5) for _ in range(rows * columns)]
        return np.array(entries).reshape(rows, columns) / columns**0.5

    @cached_property
    def real(self) -> frozenset[Key]:
        """What exists: parameters, starts, the loss, and all else at the steps 1 … T."""
        starts = {(start.variable.name, int(start.variable.time)) for start in self.model.starts}
        return frozenset({key for key in self.values if key[1] is None or 1 <= key[1] <= self.T} | starts)

    def forward(self, fixed: Mapping[Key, Any]) -> dict[Key, Any]:
        """Every quantity up to some steps beyond T, and the loss of T steps; what is in `fixed` keeps that value."""
        values = {**self.given, **fixed}
        run = Evaluation(self.sizes, self.curves, values.__getitem__)
        for t in range(1, self.T + MARGIN + 1):
            for step in self.model.steps:
                if (step.left.name, t) not in fixed:
                    values[step.left.name, t] = run(step.right, {self.model.time: t})
        values[self.model.loss.left.name, None] = run(self.model.loss.right, {self.model.horizon: self.T})
        return values

    def sides(
        self, equation: Equation, indices: Indices, meanings: Mapping[Name, Equation], *, rising: bool = False
    ) -> tuple[Any, Any]:
        """Left and right at values of the free letters. Error: Meaningless, Nowhere."""
        self.beyond = False
        run = Evaluation(self.sizes, self.curves, self.look, self.differentiate, meanings, rising)
        at = {**self.sizes, self.model.horizon: self.T, **indices}
        left, right = run.alike(equation.sides, at)
        return left, right

    def look(self, key: Key) -> Any:
        if key not in self.values:
            raise Nowhere(str(key))
        self.beyond |= key not in self.real
        return self.values[key]

    def differentiate(self, tops: Sequence[Key], bottoms: Sequence[Key], held: Sequence[Key]) -> Any:
        """Rows are entries of `tops`, columns entries of `bottoms`; beyond T the derivative of the loss is 0."""
        if any(key not in self.values for key in (*tops, *bottoms, *held)):
            raise Nowhere(str((tops, bottoms, held)))
        if any(self.values[key].shape[1] != 1 for key in tops):
            raise Meaningless("the derivative of a matrix")
        self.beyond |= any(key not in self.real for key in tops)
        self.beyond |= any(key not in self.real and key[1] is not None and key[1] < 1 for key in bottoms)
        known = (tuple(bottoms), tuple(held))
        if known not in self.passes:
            self.passes[known] = self._passed(bottoms, held)
        return np.concatenate([self.passes[known][key] for key in tops])

    def _passed(self, bottoms: Sequence[Key], held: Sequence[Key]) -> Mapping[Key, Any]:
        """The derivative of every column by all entries of `bottoms`, one forward pass for all of them at once."""
        fixed = {key: self.values[key] for key in held}
        count, start = sum(self.values[key].size for key in bottoms), 0
        for key in bottoms:
            value = self.values[key]
            direction = np.zeros((count, value.size))
            direction[range(start, start + value.size), range(value.size)] = STEP
            fixed[key] = value + 1j * direction.reshape(count, *value.shape)
            start += value.size
        return {
            key: np.broadcast_to(np.imag(value) / STEP, (count, value.shape[-2], 1))[:, :, 0].T
            for key, value in self.forward(fixed).items()
            if value.shape[-1] == 1
        }


def worlds(model: Model) -> tuple[World, ...]:
    """The worlds in which the equations of a network are tried; one keeps them, for derivatives in them are kept."""
    return tuple(World(model, T, smallest) for T, smallest in WORLDS)


TRUE, FALSE, SHAPELESS, NOWHERE, UNCLEAR = "true", "false", "shapes do not fit", "never defined", "unclear"


def truth(
    equation: Equation, ranges: Sequence[Range], meanings: Mapping[Name, Equation], tried: Sequence[World]
) -> str:
    """Whether an equation holds for all values of its free letters at which both sides are defined.

    A letter runs over its range, if one is given, else over all steps or entries. NOWHERE: both sides are defined for
    no values. UNCLEAR: the answer depends on what does not exist, on how ⋯ is meant beyond its ends, or on rounding.
    """
    places = _places(equation)
    said = {free.index for free in ranges}
    dotted = any(isinstance(n, Chain) and n.shape[0] != 1 for side in equation.sides for n in walk(side))
    instances, elsewhere, doubts = 0, 0, 0
    try:
        for world in tried:
            for indices in _instances(equation, ranges, places, world):
                steps = [value for letter, value in indices.items() if letter not in said | places]
                inside = all(1 <= value <= world.T for value in steps)
                same = agree(world, equation, indices, meanings)
                if same is None:
                    continue
                if same is False and inside and not world.beyond:
                    return FALSE
                doubts += same is not True and (inside or not world.beyond)
                if world.beyond:
                    elsewhere += same is True
                    continue
                instances += same is True
                doubts += dotted and agree(world, equation, indices, meanings, rising=True) is not same
    except Meaningless:
        return SHAPELESS
    if instances:
        return UNCLEAR if doubts else TRUE
    return UNCLEAR if elsewhere and not doubts else NOWHERE


def agree(
    world: World, equation: Equation, indices: Indices, meanings: Mapping[Name, Equation], *, rising: bool = False
) -> bool | str | None:
    """Whether both sides are the same number; UNCLEAR if they are nearly, None if one of them is nowhere defined."""
    try:
        left, right = world.sides(equation, indices, meanings, rising=rising)
    except Nowhere:
        return None
    scale = max(FLOOR, float(np.abs(left).max()), float(np.abs(right).max()))
    error = float(np.abs(left - right).max()) / scale
    return True if error < SAME else False if error > APART else UNCLEAR


def free_letters(node: Expression) -> frozenset[Symbol]:
    """The index letters that no Σ or ∏ binds, sizes and T among them."""
    if isinstance(node, Sum | Chain):
        body, letter, lower, upper, *_ = node.args
        return (free_letters(body) - {letter}) | lower.free_symbols | upper.free_symbols
    below = (free_letters(arg) if isinstance(arg, Expression) else arg.free_symbols for arg in node.args)
    return frozenset().union(*below)


def _places(equation: Equation) -> frozenset[Symbol]:
    """The letters that count entries."""
    entries = (node for side in equation.sides for node in walk(side) if isinstance(node, Entry))
    return frozenset(letter for entry in entries for index in entry.args[1:] for letter in index.free_symbols)


def _instances(
    equation: Equation, ranges: Sequence[Range], places: frozenset[Symbol], world: World
) -> Iterator[dict[Symbol, int]]:
    """Values for the free letters; those without a range also take values beyond both ends."""
    free = free_letters(equation.left) | free_letters(equation.right)
    free -= {world.model.horizon, *world.sizes, *(r.index for r in ranges)}
    entries, steps = range(1, max([1, *world.sizes.values()]) + 1), range(-1, world.T + 2)
    letters = sorted(free, key=str)

    def fill(rest: Sequence[Range], at: dict[Symbol, int]) -> Iterator[dict[Symbol, int]]:
        if not rest:
            yield at
            return
        known = {**world.sizes, world.model.horizon: world.T, **at}
        for value in range(number(rest[0].lower, known), number(rest[0].upper, known) + 1):
            yield from fill(rest[1:], {**at, rest[0].index: value})

    for values in product(*(entries if letter in places else steps for letter in letters)):
        yield from fill(ranges, dict(zip(letters, values, strict=True)))
