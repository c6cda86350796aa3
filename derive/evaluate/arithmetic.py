"""What the evaluator needs of an arithmetic, and the floating-point one.

A value is an array whose last two axes are rows and columns; axes before them are a batch of perturbations. Derivative
arrays ∂y/∂W with three axes occur only in formulas, never in a batch.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, Protocol

import numpy as np

from derive.algebra.functions import ARGUMENT, VALUE, is_abstract, slope

Value = Any
Which = tuple[Any, ...]
"""Which generic function is meant: its name, and its indices if each step has its own."""


class NotExact(ArithmeticError):
    """An operation that has no meaning modulo a prime: a norm, a square root."""


class Arithmetic(Protocol):
    """Operations on values. `multiply` and `divide` act entry by entry and let a 1×1 value scale."""

    def constant(self, numerator: int, denominator: int, shape: Sequence[int]) -> Value: ...
    def identity(self, size: int) -> Value: ...
    def add(self, left: Value, right: Value) -> Value: ...
    def multiply(self, left: Value, right: Value) -> Value: ...
    def divide(self, left: Value, right: Value) -> Value: ...
    def matmul(self, left: Value, right: Value) -> Value: ...
    def contract(self, row: Value, array: Value) -> Value: ...
    def transpose(self, value: Value) -> Value: ...
    def diag(self, column: Value) -> Value: ...
    def stack(self, parts: Sequence[Value]) -> Value: ...
    def entry(self, value: Value, row: int, column: int) -> Value: ...
    def function(self, name: str, order: int, argument: Value) -> Value: ...
    def norm(self, value: Value) -> Value: ...
    def generic(self, key: Which, shape: Sequence[int], arguments: Sequence[Value]) -> Value: ...


class ArrayArithmetic:
    """What floats and residues share: the operations that NumPy does alike on any kind of number."""

    dtype: Any = float

    def reduce(self, value: Value) -> Value:
        """Bring results into range; nothing to do for floats."""
        return value

    def identity(self, size: int) -> Value:
        return np.eye(size, dtype=self.dtype)

    def add(self, left: Value, right: Value) -> Value:
        return self.reduce(left + right)

    def multiply(self, left: Value, right: Value) -> Value:
        return self.reduce(left * right)

    def matmul(self, left: Value, right: Value) -> Value:
        return self.reduce(left @ right)

    def contract(self, row: Value, array: Value) -> Value:
        """Contract the columns of a matrix with the first axis of a derivative array; one row leaves no axis."""
        result = self.reduce(np.tensordot(row, array, axes=(1, 0)))
        return result[0] if len(row) == 1 else result

    def transpose(self, value: Value) -> Value:
        return np.swapaxes(value, -1, -2)

    def diag(self, column: Value) -> Value:
        size = column.shape[-2]
        return column * np.eye(size, dtype=self.dtype)

    def entry(self, value: Value, row: int, column: int) -> Value:
        """The 1×1 value at a place; places count from 1. Error: IndexError where there is none."""
        if not (1 <= row <= value.shape[-2] and 1 <= column <= value.shape[-1]):
            raise IndexError(f"a {value.shape[-2]}×{value.shape[-1]} matrix has no entry {row},{column}")
        return value[..., row - 1 : row, column - 1 : column]

    def stack(self, parts: Sequence[Value]) -> Value:
        batch = np.broadcast_shapes(*(part.shape[:-2] for part in parts))
        return np.concatenate([np.broadcast_to(p, batch + p.shape[-2:]) for p in parts], axis=-2)


class Floats(ArrayArithmetic):
    """Floating point, real or complex (for the complex step). `functions` gives abstract f its values and slopes.

    Every operation is analytic, but for a branch on the real part in ReLU; so an imaginary perturbation carries
    the derivative (Squire and Trapp, SIAM Review 40(1), 1998).
    """

    def __init__(self, functions: Mapping[str, AnalyticFunction], seed: int = 0) -> None:
        self.functions = functions
        self.seed = seed  # of generic functions

    def constant(self, numerator: int, denominator: int, shape: Sequence[int]) -> Value:
        return np.full(shape, numerator / denominator)

    def rational(self, number: Any) -> Value:
        """A rational number of SymPy as a 1×1 value."""
        return np.full((1, 1), float(number))

    def divide(self, left: Value, right: Value) -> Value:
        return left / right

    def function(self, name: str, order: int, argument: Value) -> Value:
        if is_abstract(name):
            return self.functions[name](argument, order)
        if name == "relu":
            active = np.real(argument) > 0
            return argument * active if order == 0 else (active * 1.0 if order == 1 else active * 0.0)
        value = ELEMENTARY[name](argument)
        if order == 0:
            return value
        found = rational(slope(name, order), {VALUE: value, ARGUMENT: argument}, self)
        return np.broadcast_to(found, np.shape(argument))  # the slope of the identity is one number for all entries

    def generic(self, key: Which, shape: Sequence[int], arguments: Sequence[Value]) -> Value:
        """A random analytic function of all entries: each entry of the value is a sin(b·x + c) + d·x."""
        entries = together(arguments)
        source = np.random.default_rng([zlib.crc32(repr(key).encode()), self.seed])
        count, width = math.prod(shape), entries.shape[-2]
        inner, outer = source.normal(size=(2, count, width)) / max(1.0, width**0.5)
        shift, scale = source.uniform(0.2, 1.2, size=(2, count, 1))
        value = scale * np.sin(inner @ entries + shift) + 0.5 * (outer @ entries)
        return value.reshape(*value.shape[:-2], *shape)

    def norm(self, value: Value) -> Value:
        if value.shape[-1] == 1:
            return np.sqrt(np.sum(value * value, axis=(-2, -1), keepdims=True))
        return np.linalg.norm(value, 2, axis=(-2, -1), keepdims=True)


def together(arguments: Sequence[Value]) -> Value:
    """All entries of several arrays as one column, in order; a batch in front of any is a batch of the whole."""
    batch = np.broadcast_shapes(*(argument.shape[:-2] for argument in arguments))
    flat = [argument.reshape(*argument.shape[:-2], -1, 1) for argument in arguments]
    return np.concatenate([np.broadcast_to(part, batch + part.shape[-2:]) for part in flat], axis=-2)


class AnalyticFunction(Protocol):
    """A function and its derivatives: `f(x, order)`."""

    def __call__(self, argument: Value, order: int) -> Value: ...


ELEMENTARY: Mapping[str, Any] = {
    "tanh": np.tanh,
    "sigmoid": lambda x: 0.5 * (1 + np.tanh(0.5 * x)),
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "identity": lambda x: x,
}


def rational(expression: Any, values: Mapping[Any, Value], arithmetic: Arithmetic) -> Value:
    """A rational expression of SymPy, such as the slope of a function, at values of any arithmetic."""
    if expression in values:
        return values[expression]
    if expression.is_Pow:
        base = rational(expression.base, values, arithmetic)
        power = reduce(arithmetic.multiply, [base] * abs(int(expression.exp)))
        return power if expression.exp > 0 else arithmetic.divide(arithmetic.constant(1, 1, (1, 1)), power)
    if expression.args:
        join = arithmetic.add if expression.is_Add else arithmetic.multiply
        return reduce(join, (rational(argument, values, arithmetic) for argument in expression.args))
    return arithmetic.constant(int(expression.p), int(expression.q), (1, 1))
