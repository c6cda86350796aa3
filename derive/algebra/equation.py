"""An equation between two expressions of one shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Basic

from derive.algebra import shapes
from derive.algebra.build import substitute
from derive.algebra.expressions import Expression


@dataclass(frozen=True)
class Equation:
    """left = right. Error: ShapeError where the two sides differ in shape."""

    left: Expression
    right: Expression

    def __post_init__(self) -> None:
        shapes.same([self.left.shape, self.right.shape], "an equation")

    @property
    def sides(self) -> tuple[Expression, Expression]:
        return self.left, self.right

    def at(self, values: Mapping[Basic, Basic]) -> Equation:
        """The same equation with index symbols (or whole expressions) replaced."""
        return Equation(substitute(self.left, values), substitute(self.right, values))
