"""What texts from outside add: functions of which nothing is known but what they depend on, and δ_ij."""

from __future__ import annotations

from sympy import Expr, Tuple

from derive.algebra.expressions import Expression
from derive.algebra.names import Function
from derive.algebra.shapes import SCALAR, Shape


class Kronecker(Expression):
    """1 where two indices are equal, else 0: δ_ij."""

    def __new__(cls, left: Expr, right: Expr) -> Kronecker:
        return cls._make(SCALAR, left, right)


class Generic(Expression):
    """Any differentiable function of all its arguments, of which nothing else is known: h_t = F(x_t, h_{t-1}, w).

    `indices` tell functions of one name apart, if each step has its own. The value has the given shape.
    """

    def __new__(cls, function: Function, shape: Tuple | Shape, indices: Tuple | tuple[Expr, ...],
                *arguments: Expression) -> Generic:  # fmt: skip
        return cls._make(tuple(shape), function, Tuple(*shape), Tuple(*indices), *arguments)

    @property
    def function(self) -> Function:
        return self.args[0]

    @property
    def indices(self) -> Tuple:
        return self.args[2]

    @property
    def arguments(self) -> tuple[Expression, ...]:
        return self.args[3:]
