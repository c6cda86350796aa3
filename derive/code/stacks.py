"""Gates side by side: equations that multiply one vector by a matrix each are computed by one product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Expr, Integer

from derive.algebra.equation import Equation
from derive.algebra.expressions import Add, Product, Variable
from derive.algebra.names import Name


@dataclass(frozen=True)
class Stack:
    """Quantities a, b, … with a_t = … + A v, b_t = … + B v.

    `matrices` are A, B, …, `vector` is v; `name` is that of the array in which a, b, … stand beside each other.
    """

    name: str
    members: tuple[Variable, ...]
    matrices: tuple[Variable, ...]
    vector: Variable

    @property
    def size(self) -> Expr:
        """How many rows all of them have."""
        return sum((member.shape[0] for member in self.members), Integer(0))

    def slices(self) -> Iterator[tuple[Name, Expr, Expr]]:
        """Where each stands: its first row and the one behind its last."""
        start: Expr = Integer(0)
        for member in self.members:
            yield member.name, start, start + member.shape[0]
            start += member.shape[0]


def stacks(equations: Sequence[Equation]) -> tuple[Stack, ...]:
    """The stacks of at least two equations within a loop."""
    found: dict[Variable, list[tuple[Variable, Variable]]] = {}
    for equation in equations:
        for matrix, vector in _products(equation):
            found.setdefault(vector, []).append((equation.left, matrix))
    several = [(vector, pairs) for vector, pairs in found.items() if len(pairs) > 1]
    return tuple(
        Stack(
            "gates" if len(several) == 1 else f"gates_{number}",
            tuple(member for member, _ in pairs),
            tuple(matrix for _, matrix in pairs),
            vector,
        )
        for number, (vector, pairs) in enumerate(several, 1)
    )


def _products(equation: Equation) -> Iterator[tuple[Variable, Variable]]:
    """A, v of a_t = … + A v, where … is a name or nothing and v is of the step before."""
    match equation.right:
        case (
            Add(args=(Variable(), Product(args=(Variable() as matrix, Variable() as vector))))
            | Product(args=(Variable() as matrix, Variable() as vector))
        ) if not matrix.indices and vector.time not in (None, equation.left.time):
            yield matrix, vector
