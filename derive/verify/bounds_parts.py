"""Both sides of an inequality as products of what is not negative, and the places where such products are compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from sympy import Expr, Integer, S, Symbol

from derive.algebra import build
from derive.algebra.expressions import (
    Chain,
    Expression,
    Hadamard,
    MatrixPower,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
)
from derive.algebra.shapes import is_scalar
from derive.evaluate.arithmetic import Value
from derive.evaluate.evaluator import whole
from derive.evaluate.field import Vanishes
from derive.verify.bounds_points import Point
from derive.verify.places import Instance

SAME = 1e-9
MOST_PARTS = 24


@dataclass(frozen=True)
class Part:
    """A factor that is not negative; with `index`, one for each index from `lower` to `upper`."""

    body: Expression
    index: Symbol | None = None
    lower: Expr = S.One
    upper: Expr = S.One

    @property
    def count(self) -> Expr:
        return self.upper - self.lower + 1

    def over(self, body: Expression) -> Part:
        return replace(self, body=body)


@dataclass(frozen=True)
class Fact:
    """`small` ≤ `large` for all indices, or <: what the text assumes. `large` is a letter, or a number.

    `slope_of`: it is about the slope of that function, at any argument.
    """

    small: Expression
    large: Expression
    slope_of: str = ""
    strict: bool = False


@dataclass
class Case:
    """Where identities are seen: points, instances, and what may be used."""

    points: Sequence[Point]
    instances: Sequence[Instance]
    facts: Sequence[Fact] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    laws: list[str] = field(default_factory=list)
    strict: bool = False

    def use(self, law: str) -> None:
        if law not in self.laws:
            self.laws.append(law)

    def each(self) -> Iterator[tuple[Point, dict[Symbol, int]]]:
        for point in self.points:
            for instance in self.instances:
                point.steps = instance.steps
                yield point, {**point.letters, **instance.letters}

    def values(self, part: Part) -> list[list[float]] | None:
        """The numbers of a part at every place; None where one has none."""
        found = []
        for point, indices in self.each():
            try:
                found.append(
                    [float(np.real(point.evaluate(part.body, inner)).item()) for inner in _over(part, indices)]
                )
            except (ArithmeticError, ValueError, KeyError, TypeError, Vanishes):
                return None
        return found

    def same(self, one: Expression, other: Expression, part: Part) -> bool:
        """Whether a matrix is another, or its transpose, wherever a part stands; where it is 0, no norm is below."""
        ways = [False, True]
        seen = 0
        for point, indices in self.each():
            for inner in _over(part, indices):
                try:
                    left, right = (_matrix(point.evaluate(side, inner)) for side in (one, other))
                except (ArithmeticError, ValueError, KeyError, TypeError, IndexError):
                    return False
                if not np.any(left):
                    continue
                seen += 1
                ways = [turned for turned in ways if _agree(left, right.T if turned else right)]
                if not ways:
                    return False
        return seen > 1


def _over(part: Part, indices: Mapping[Symbol, int]) -> list[dict[Symbol, int]]:
    lower, upper = whole(part.lower, indices), whole(part.upper, indices)
    if part.index is None:
        return [dict(indices)]
    return [{**indices, part.index: i} for i in range(lower, upper + 1)]


def _matrix(value: Value) -> Value:
    value = np.real(value)
    return value if value.ndim == 2 else value.reshape(len(value), -1)


def _agree(left: Value, right: Value) -> bool:
    if left.shape != right.shape:
        return False
    size = max(float(np.linalg.norm(left)), float(np.linalg.norm(right)))
    return float(np.linalg.norm(left - right)) <= SAME * size


def factors(node: Expression) -> tuple[Part, ...] | None:
    """A scalar as a product; None where its factors cannot be told apart."""
    match node:
        case Product() | Hadamard() if all(is_scalar(part.shape) for part in node.args):
            return _joined([factors(part) for part in node.args])
        case Quotient(args=(top, Number() as number)) if number.value > 0:
            above = factors(top)
            return None if above is None else (*above, Part(Number(1 / number.value)))
        case Power(args=(base, exponent)) if int(exponent) > 0:
            return _joined([factors(base)] * int(exponent))
        case MatrixPower(args=(base, exponent)):
            return _repeated(factors(base), Symbol("_power"), Integer(1), exponent)
        case Chain(args=(body, index, lower, upper, _)):
            return _repeated(factors(body), index, lower, upper)
    return (Part(node),)


def _joined(found: Sequence[tuple[Part, ...] | None]) -> tuple[Part, ...] | None:
    known = [parts for parts in found if parts is not None]
    return tuple(part for parts in known for part in parts) if len(known) == len(found) else None


def _repeated(found: tuple[Part, ...] | None, index: Symbol, lower: Expr, upper: Expr) -> tuple[Part, ...] | None:
    if found is None or any(part.index is not None for part in found):
        return None
    return tuple(Part(part.body, index, lower, upper) for part in found)


def one_by_one(parts: Sequence[Part]) -> list[Part]:
    """The parts, those that are so many by number each for itself."""
    found: list[Part] = []
    for part in parts:
        if part.index is None or not part.count.is_Integer or part.count > MOST_PARTS:
            found.append(part)
            continue
        for i in range(int(part.count)):
            body = build.substitute(part.body, {part.index: part.lower + i})
            assert isinstance(body, Expression)
            found.append(Part(body))
    return found


def positive(part: Part, case: Case) -> bool:
    body = part.body
    if isinstance(body, Number):
        return bool(body.value > 0)
    if isinstance(body, Sum):
        inner = factors(body.args[0])
        return inner is not None and all(positive(inside, case) for inside in inner)
    return isinstance(body, Norm) or any(fact.large == body for fact in case.facts)
