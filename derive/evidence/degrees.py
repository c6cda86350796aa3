"""The degree of a formula as a rational function of what is drawn: an evaluation in which every value is its degree.

For the bound of Schwartz (J. ACM 27, 1980) and Zippel (EUROSAM 1979): a rational function that is not zero, whose
numerator has degree D, vanishes at a uniform point modulo p with probability at most D / p.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from derive.algebra.expressions import Derivative
from derive.algebra.functions import ARGUMENT, VALUE, is_abstract, slope
from derive.evaluate.arithmetic import Which, rational
from derive.evaluate.derivatives import keys
from derive.evaluate.dual import Dual, Duals
from derive.evaluate.evaluator import Indices
from derive.evaluate.point import Key, Point, Values


class Degree(NamedTuple):
    """An array whose entries are polynomials of degree ≤ `top` over one common denominator of degree ≤ `bottom`."""

    top: int
    bottom: int


ZERO, LINEAR = Degree(0, 0), Degree(1, 0)


class Degrees:
    """The arithmetic of degrees. `largest` is the largest size, which bounds the entries that a denominator gathers.

    The value of an opaque function is a new independent number, of degree 1; `argument` keeps the largest degree of an
    argument, since two arguments that are not equal as formulas may be so by chance.
    """

    def __init__(self, largest: int) -> None:
        self.largest = largest
        self.argument = 0

    def constant(self, numerator: int, denominator: int, shape: Sequence[int]) -> Degree:
        return ZERO

    def identity(self, size: int) -> Degree:
        return ZERO

    def add(self, left: Degree, right: Degree) -> Degree:
        return Degree(max(left.top + right.bottom, right.top + left.bottom), left.bottom + right.bottom)

    def multiply(self, left: Degree, right: Degree) -> Degree:
        return Degree(left.top + right.top, left.bottom + right.bottom)

    matmul = contract = multiply

    def divide(self, left: Degree, right: Degree) -> Degree:
        """Each entry by its own: the common denominator is the product of all the entries that divide."""
        others = (self.largest**2 - 1) * right.top
        return Degree(left.top + right.bottom + others, left.bottom + right.top + others)

    def transpose(self, value: Degree) -> Degree:
        return value

    diag = norm = transpose

    def entry(self, value: Degree, row: int, column: int) -> Degree:
        return value

    def stack(self, parts: Sequence[Degree]) -> Degree:
        result = parts[0]
        for part in parts[1:]:
            result = self.add(result, part)
        return result

    def generic(self, key: Which, shape: Sequence[int], arguments: Sequence[Degree]) -> Degree:
        self.argument = max([self.argument, *(argument.top + argument.bottom for argument in arguments)])
        return LINEAR

    def function(self, name: str, order: int, argument: Degree) -> Degree:
        self.argument = max(self.argument, argument.top + argument.bottom)
        if name == "relu":
            return self.multiply(LINEAR, argument) if order == 0 else LINEAR
        if name == "identity" or (order and name == "sqrt"):
            return argument
        if order == 0 or is_abstract(name):
            return LINEAR
        return rational(slope(name, order), {VALUE: LINEAR, ARGUMENT: argument}, self)


class DegreeDerivatives:
    """The degree of a derivative symbol, by dual numbers of degrees; the counterpart of `evaluate.Derivatives`."""

    def __init__(self, point: Point, degrees: Degrees, base: Values) -> None:
        self.point, self.duals, self.base = point, Duals(degrees), base
        self._known: dict[tuple[Any, ...], Degree] = {}

    def __call__(self, node: Derivative, indices: Indices) -> Degree:
        top, bottom = keys(node.top, indices), keys(node.bottom, indices)
        held = tuple(key for part in node.held for key in keys(part, indices))
        if (top, bottom, held) not in self._known:
            seeds = {key: Dual(self.base.get(key, ZERO), ZERO) for key in bottom}
            changed = self.point.perturbed(self.duals, self.base, seeds, held)
            loss = self.point.model.loss.left.name
            ends = self._losses() if top[0][0] == loss else top
            tangents = [changed[key].tangent for key in ends if key in changed]
            self._known[top, bottom, held] = self.duals.base.stack([t for t in tangents if t is not None] or [ZERO])
        return self._known[top, bottom, held]

    def _losses(self) -> tuple[Key, ...]:
        return tuple((self.point.model.summand.name, (t,)) for t in range(1, self.point.steps + 1))
