"""The nodes. Each computes its shape when it is made and refuses operands that do not fit (ShapeError)."""

from __future__ import annotations

from typing import Any

from sympy import Basic, Expr, Integer, Rational, Symbol, Tuple

from derive.algebra import shapes
from derive.algebra.names import Function, Name
from derive.algebra.shapes import ONE, SCALAR, Shape
from derive.errors import ShapeError


class Expression(Basic):
    """A scalar (1×1), column (m×1), matrix (m×n) or derivative array (m×a×b)."""

    __slots__ = ("shape",)
    shape: Shape

    @classmethod
    def _make(cls, shape: Shape, *args: Basic) -> Any:
        self = Basic.__new__(cls, *args)
        self.shape = shape
        return self

    def __str__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(str, self.args))})"

    __repr__ = __str__


class Variable(Expression):
    """A named quantity, perhaps at an index: `W`, `x_t`, `s_{t-1}`."""

    def __new__(cls, name: Name, indices: Tuple | tuple[Expr, ...] = (), shape: Tuple | Shape = SCALAR) -> Variable:
        return cls._make(tuple(shape), name, Tuple(*indices), Tuple(*shape))

    @property
    def name(self) -> Name:
        return self.args[0]

    @property
    def indices(self) -> Tuple:
        return self.args[1]

    @property
    def time(self) -> Any:
        """The time index, the first one; None for what has none (a parameter)."""
        return self.args[1][0] if self.args[1] else None

    def at(self, *indices: Expr) -> Variable:
        """The same quantity at other indices."""
        return Variable(self.name, indices, self.shape)

    def __str__(self) -> str:
        indices = ",".join(str(index).replace(" ", "") for index in self.indices)
        return f"{self.name}_{indices}" if indices else str(self.name)

    __repr__ = __str__


class Blocks(Expression):
    """A matrix of blocks, row by row, `width` in each: a Jacobian of S_t = (c_t; h_t), or with width 1 S_t itself."""

    def __new__(cls, width: int | Integer, *parts: Expression) -> Blocks:
        rows = [parts[i : i + int(width)] for i in range(0, len(parts), int(width))]
        heights = [shapes.shared([part.shape[0] for part in row], "rows", "beside") for row in rows]
        widths = [shapes.shared([row[j].shape[1] for row in rows], "columns", "below") for j in range(int(width))]
        return cls._make((sum(heights, Integer(0)), sum(widths, Integer(0))), Integer(width), *parts)

    @property
    def rows(self) -> tuple[tuple[Expression, ...], ...]:
        width, *parts = self.args
        return tuple(tuple(parts[i : i + int(width)]) for i in range(0, len(parts), int(width)))


class Entry(Expression):
    """One entry of a matrix, or of a column or row: W_{ij}, δ_{t,i}. Indices count from 1."""

    def __new__(cls, body: Expression, *indices: Expr) -> Entry:
        ends = len(body.shape) if 1 not in body.shape else 1
        if len(indices) != ends or len(body.shape) > 2:
            raise ShapeError(f"{len(indices)} indices do not name an entry of {shapes.show(body.shape)}")
        return cls._make(SCALAR, body, *indices)

    @property
    def body(self) -> Expression:
        return self.args[0]

    @property
    def place(self) -> tuple[Expr, Expr]:
        """Row and column."""
        if len(self.args) == 3:
            return self.args[1:]
        return (self.args[1], ONE) if shapes.is_column(self.body.shape) else (ONE, self.args[1])


class State(Expression):
    """Everything that later steps need of step `time`, stacked, under one name: S_t = (c_t; h_t)."""

    def __new__(cls, name: Name, time: Expr, *parts: Variable) -> State:
        return cls._make((sum((p.shape[0] for p in parts), Integer(0)), ONE), name, time, *parts)

    @property
    def time(self) -> Expr:
        return self.args[1]

    @property
    def parts(self) -> tuple[Variable, ...]:
        return self.args[2:]

    def __str__(self) -> str:
        return f"{self.args[0]}_{self.args[1]}"


class Number(Expression):
    """A rational number, or a whole array filled with it (`1` in `1 - z_t`, the vector **1**)."""

    def __new__(cls, value: int | Rational, shape: Tuple | Shape = SCALAR) -> Number:
        return cls._make(tuple(shape), Rational(value), Tuple(*shape))

    @property
    def value(self) -> Rational:
        return self.args[0]


class Identity(Expression):
    """The n×n identity."""

    def __new__(cls, size: Expr) -> Identity:
        return cls._make((size, size), size)


class Add(Expression):
    """A sum in the author's order; a subtracted term is a Product that begins with -1."""

    def __new__(cls, *terms: Expression) -> Add:
        return cls._make(shapes.same([term.shape for term in terms], "a sum"), *terms)


class Product(Expression):
    """A matrix product, read from left to right; scalars scale. It never commutes and is never sorted."""

    def __new__(cls, *factors: Expression) -> Product:
        shape = SCALAR
        for factor in factors:
            shape = shapes.product(shape, factor.shape)
        return cls._make(shape, *factors)


class Hadamard(Expression):
    """The entrywise product ⊙."""

    def __new__(cls, *factors: Expression) -> Hadamard:
        return cls._make(shapes.same([factor.shape for factor in factors], "⊙"), *factors)


class Quotient(Expression):
    """`top / bottom`, entry by entry (⊘); a scalar divides everything."""

    def __new__(cls, top: Expression, bottom: Expression) -> Quotient:
        if not shapes.is_scalar(bottom.shape):
            shapes.same([top.shape, bottom.shape], "⊘")
        return cls._make(top.shape, top, bottom)


class Power(Expression):
    """An entrywise power with a whole exponent; of a scalar, the power."""

    def __new__(cls, base: Expression, exponent: int | Integer) -> Power:
        return cls._make(base.shape, base, Integer(exponent))


class MatrixPower(Expression):
    """`W^{t-k}`: a square matrix times itself, the exponent a non-negative index expression."""

    def __new__(cls, base: Expression, exponent: Expr) -> MatrixPower:
        if len(base.shape) != 2 or base.shape[0] != base.shape[1]:
            raise ShapeError(f"only a square matrix has powers, this is {shapes.show(base.shape)}")
        return cls._make(base.shape, base, exponent)


class Transpose(Expression):
    """Rows for columns."""

    def __new__(cls, body: Expression) -> Transpose:
        if len(body.shape) != 2:
            raise ShapeError(f"an array of shape {shapes.show(body.shape)} has no transpose")
        return cls._make((body.shape[1], body.shape[0]), body)


class Diag(Expression):
    """The square matrix with a column on its diagonal."""

    def __new__(cls, body: Expression) -> Diag:
        if not shapes.is_column(body.shape):
            raise ShapeError(f"diag takes a column, this is {shapes.show(body.shape)}")
        return cls._make((body.shape[0], body.shape[0]), body)


class Apply(Expression):
    """A scalar function applied to every entry: f(a), f'(a), log o."""

    def __new__(cls, function: Function, body: Expression) -> Apply:
        return cls._make(body.shape, function, body)

    @property
    def function(self) -> Function:
        return self.args[0]

    @property
    def body(self) -> Expression:
        return self.args[1]


class Softmax(Expression):
    """softmax(z) = exp(z) / (1ᵀ exp(z)) of a column."""

    def __new__(cls, body: Expression) -> Softmax:
        if not shapes.is_column(body.shape):
            raise ShapeError(f"softmax takes a column, this is {shapes.show(body.shape)}")
        return cls._make(body.shape, body)


class Norm(Expression):
    """‖x‖: Euclidean for a column, spectral for a matrix; |x| for a scalar."""

    def __new__(cls, body: Expression) -> Norm:
        return cls._make(SCALAR, body)


class SquaredNorm(Expression):
    """‖x‖² of a column, which is xᵀx: a polynomial, where the norm itself is not."""

    def __new__(cls, body: Expression) -> SquaredNorm:
        if not shapes.is_column(body.shape):
            raise ShapeError(f"the square of a norm takes a column, this is {shapes.show(body.shape)}")
        return cls._make(SCALAR, body)


class Sum(Expression):
    """Σ body over an index from lower to upper, both included; empty when upper < lower."""

    def __new__(cls, body: Expression, index: Symbol, lower: Expr, upper: Expr) -> Sum:
        return cls._make(body.shape, body, index, lower, upper)


class Chain(Expression):
    """∏ body over an index; `descending` (index = upper, …, lower from left to right) or ascending. Empty: identity."""

    def __new__(cls, body: Expression, index: Symbol, lower: Expr, upper: Expr, descending: Basic) -> Chain:
        if len(body.shape) != 2 or body.shape[0] != body.shape[1]:
            raise ShapeError(f"the factors of ∏ must be square, these are {shapes.show(body.shape)}")
        return cls._make(body.shape, body, index, lower, upper, descending)


class Derivative(Expression):
    """∂top/∂bottom with the quantities in `held` fixed.

    Nothing held is the total derivative. ∂⁺, the immediate one, holds the previous state. An edge-local one holds all
    other arguments of one equation. `bottom` is a Variable or the Stack that is the state.
    """

    def __new__(cls, top: Expression, bottom: Expression, held: Tuple | tuple[Expression, ...] = ()) -> Derivative:
        return cls._make(shapes.derivative(top.shape, bottom.shape), top, bottom, Tuple(*held))

    @property
    def top(self) -> Expression:
        return self.args[0]

    @property
    def bottom(self) -> Expression:
        return self.args[1]

    @property
    def held(self) -> Tuple:
        return self.args[2]

    @property
    def is_immediate(self) -> bool:
        """Whether it is ∂⁺: what is held is the state of the step before that above; of a whole loss, after that below.

        ∂⁺L/∂s_t holds s_{t+1}, so that ∂L/∂s_t = ∂L/∂s_{t+1} ∂s_{t+1}/∂s_t + ∂⁺L/∂s_t.
        """
        pairs = [(part, self.bottom) if self.top.time is None else (self.top, part) for part in self.held]
        times = [(late.time, early.time) for late, early in pairs]
        return bool(times) and all(None not in both and both[0] - both[1] == Integer(1) for both in times)
