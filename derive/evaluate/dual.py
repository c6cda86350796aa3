"""Dual numbers over any arithmetic: a value and its tangents. Derivatives by definition, no laws of `calculus`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from derive.evaluate.arithmetic import NotExact, Value, Which, together


class Dual(NamedTuple):
    """value + ε tangent; a batch of tangents has one more axis in front. No tangent means 0."""

    value: Value
    tangent: Value | None = None


class Duals:
    """The arithmetic of dual numbers; plain values stand for themselves with tangent 0."""

    def __init__(self, base: Any) -> None:
        self.base = base

    def constant(self, numerator: int, denominator: int, shape: Sequence[int]) -> Dual:
        return Dual(self.base.constant(numerator, denominator, shape))

    def identity(self, size: int) -> Dual:
        return Dual(self.base.identity(size))

    def add(self, left: Value, right: Value) -> Dual:
        a, b = _dual(left), _dual(right)
        return Dual(self.base.add(a.value, b.value), self._sum(a.tangent, b.tangent))

    def multiply(self, left: Value, right: Value) -> Dual:
        return self._bilinear(self.base.multiply, left, right)

    def matmul(self, left: Value, right: Value) -> Dual:
        return self._bilinear(self.base.matmul, left, right)

    def divide(self, left: Value, right: Value) -> Dual:
        a, b = _dual(left), _dual(right)
        ratio = self.base.divide(a.value, b.value)
        if b.tangent is None:
            return Dual(ratio, None if a.tangent is None else self.base.divide(a.tangent, b.value))
        minus = self.base.constant(-1, 1, (1, 1))
        carried = self.base.multiply(minus, self.base.multiply(ratio, b.tangent))
        top = self._sum(a.tangent, carried)
        return Dual(ratio, self.base.divide(top, b.value))

    def contract(self, row: Value, array: Value) -> Dual:
        raise TypeError("a derivative array does not occur in a forward pass")

    def transpose(self, value: Value) -> Dual:
        return self._linear(self.base.transpose, value)

    def diag(self, column: Value) -> Dual:
        return self._linear(self.base.diag, column)

    def entry(self, value: Value, row: int, column: int) -> Dual:
        return self._linear(lambda part: self.base.entry(part, row, column), value)

    def stack(self, parts: Sequence[Value]) -> Dual:
        duals = [_dual(part) for part in parts]
        value = self.base.stack([d.value for d in duals])
        if all(d.tangent is None for d in duals):
            return Dual(value)
        zero = self.base.constant(0, 1, (1, 1))
        tangents = [self.base.multiply(zero, d.value) if d.tangent is None else d.tangent for d in duals]
        return Dual(value, self.base.stack(tangents))

    def function(self, name: str, order: int, argument: Value) -> Dual:
        a = _dual(argument)
        value = self.base.function(name, order, a.value)
        if a.tangent is None:
            return Dual(value)
        return Dual(value, self.base.multiply(self.base.function(name, order + 1, a.value), a.tangent))

    def generic(self, key: Which, shape: Sequence[int], arguments: Sequence[Value]) -> Dual:
        duals = [_dual(argument) for argument in arguments]
        values = [dual.value for dual in duals]
        value = self.base.generic(key, shape, values)
        moved = [dual.tangent for dual in duals]
        if all(tangent is None for tangent in moved):
            return Dual(value)
        tangents = [v * 0 if tangent is None else tangent for v, tangent in zip(values, moved, strict=True)]
        change = self.base.matmul(self.base.generic_slope(key, shape, values), together(tangents))
        return Dual(value, change.reshape(*change.shape[:-2], *shape))

    def norm(self, value: Value) -> Dual:
        raise NotExact("a norm")

    def _linear(self, operation: object, value: Value) -> Dual:
        a = _dual(value)
        return Dual(operation(a.value), None if a.tangent is None else operation(a.tangent))  # type: ignore[operator]

    def _bilinear(self, operation: object, left: Value, right: Value) -> Dual:
        a, b = _dual(left), _dual(right)
        first = None if a.tangent is None else operation(a.tangent, b.value)  # type: ignore[operator]
        second = None if b.tangent is None else operation(a.value, b.tangent)  # type: ignore[operator]
        return Dual(operation(a.value, b.value), self._sum(first, second))  # type: ignore[operator]

    def _sum(self, left: Value | None, right: Value | None) -> Value | None:
        if left is None or right is None:
            return right if left is None else left
        return self.base.add(left, right)


def _dual(value: Value) -> Dual:
    return value if isinstance(value, Dual) else Dual(value)
