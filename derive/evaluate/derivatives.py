"""Derivatives by their definition: perturb one quantity, hold what is held, run the forward pass, see what changes.

Two ways to perturb, and none of the laws of `calculus` in either: an imaginary step in floats, dual numbers in a field.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np

from derive.algebra.expressions import Derivative, Expression, State, Variable
from derive.evaluate.arithmetic import Arithmetic, Floats, Value
from derive.evaluate.dual import Dual, Duals
from derive.evaluate.evaluator import Indices, whole
from derive.evaluate.field import PrimeField
from derive.evaluate.point import Key, Point, Values

STEP = 1e-30
"""The imaginary step: its square vanishes beside 1, so there is no cancellation and no truncation error in floats."""


class Perturbation(Protocol):
    """A way to differentiate: seed values with directions, compute in `arithmetic`, read off the tangents."""

    plain: Arithmetic
    arithmetic: Arithmetic

    def seed(self, value: Value, directions: Value) -> Value: ...
    def tangent(self, value: Value) -> Value: ...


class ComplexStep:
    """x + i h e: the imaginary part over h is the derivative (Squire and Trapp 1998)."""

    def __init__(self, floats: Floats) -> None:
        self.plain = self.arithmetic = floats

    def seed(self, value: Value, directions: Value) -> Value:
        return value + 1j * STEP * directions

    def tangent(self, value: Value) -> Value:
        return np.imag(value) / STEP


class DualStep:
    """x + ε e over a prime field: exact."""

    def __init__(self, field: PrimeField) -> None:
        self.plain, self.arithmetic = field, Duals(field)

    def seed(self, value: Value, directions: Value) -> Value:
        return Dual(value, directions)

    def tangent(self, value: Value) -> Value:
        return value.tangent


class Derivatives:
    """The values of derivative symbols at a point, each computed once."""

    def __init__(self, point: Point, perturbation: Perturbation, base: Values) -> None:
        self.point, self.perturbation, self.base = point, perturbation, base
        self._known: dict[tuple[tuple[Key, ...], tuple[Key, ...], tuple[Key, ...]], Value] = {}

    def __call__(self, node: Derivative, indices: Indices) -> Value:
        top, bottom = keys(node.top, indices), keys(node.bottom, indices)
        held = tuple(key for part in node.held for key in keys(part, indices))
        if (top, bottom, held) not in self._known:
            self._known[top, bottom, held] = self._compute(node, top, bottom, held)
        return self._known[top, bottom, held]

    def _compute(self, node: Derivative, top: tuple[Key, ...], bottom: tuple[Key, ...], held: tuple[Key, ...]) -> Value:
        loss = self.point.model.loss.left.name
        beyond = self.point.steps + 1
        sizes = [self.base[key].shape for key in bottom] if all(k in self.base for k in bottom) else []
        until = beyond - 1 if top[0][0] == loss else max(key[1][0] for key in top)
        if not sizes or any(key[1] and key[1][0] >= beyond for key in bottom) and top[0][0] == loss:
            return self._zero(node)  # adjoints beyond the last step are 0
        first = 1 if not all(key[1] for key in bottom) else min(key[1][0] for key in bottom)
        first = max(1, first, self._after(held, until))
        changed = self.point.perturbed(
            self.perturbation.arithmetic, self.base, self._seeds(bottom, sizes), held, range(first, until + 1)
        )
        if top[0][0] == loss:
            top = tuple((self.point.model.summand.name, (t,)) for t in range(1, beyond))
            parts = [self._tangent(key, changed, sizes) for key in top]
            jacobian = self.perturbation.plain.transpose(_total(self.perturbation.plain, parts))
        else:
            rows = [self._tangent(key, changed, sizes) for key in top]
            jacobian = np.swapaxes(np.concatenate(rows, axis=1), 0, 1)
        return self._arranged(jacobian.reshape(-1, sum(int(np.prod(s)) for s in sizes)), node, sizes)

    def _after(self, held: tuple[Key, ...], until: int) -> int:
        """The first step from which a change can reach step `until`, while the whole state of an earlier one is held."""
        carried = self.point.model.carried
        time = self.point.model.time
        for step in {key[1][0] for key in held if key[1] and key[1][0] < until}:
            state = {(part.name, (whole(part.time, {time: step}),)) for part in carried}
            if state <= set(held):
                return step + 1
        return 1

    def _seeds(self, bottom: tuple[Key, ...], sizes: list[tuple[int, ...]]) -> Values:
        """Every entry of every part perturbed once, one direction after the other along the batch."""
        count = sum(int(np.prod(size)) for size in sizes)
        seeds: Values = {}
        start = 0
        for key, size in zip(bottom, sizes, strict=True):
            entries = int(np.prod(size))
            directions = self._zeros((count, entries))
            directions[start : start + entries] += np.eye(entries, dtype=int)
            start += entries
            seeds[key] = self.perturbation.seed(self.base[key], directions.reshape(count, *size))
        return seeds

    def _tangent(self, key: Key, changed: Values, sizes: list[tuple[int, ...]]) -> Value:
        """The tangents of one column as an array directions × rows."""
        count = sum(int(np.prod(size)) for size in sizes)
        rows = self.base[key].shape[-2]
        tangent = self.perturbation.tangent(changed[key]) if key in changed else None
        if tangent is None:
            return self._zeros((count, rows))
        return np.broadcast_to(tangent, (count, rows, 1))[:, :, 0]

    def _arranged(self, jacobian: Value, node: Derivative, sizes: list[tuple[int, ...]]) -> Value:
        """rows × directions in the shape that the derivative has."""
        if len(sizes) == 1 and sizes[0][1] != 1:
            return jacobian.reshape(sizes[0] if len(node.shape) == 2 else (len(jacobian), *sizes[0]))
        return jacobian

    def _zero(self, node: Derivative) -> Value:
        return self._zeros(tuple(whole(size, self.point.sizes) for size in node.shape))

    def _zeros(self, shape: tuple[int, ...]) -> Value:
        return self.perturbation.plain.constant(0, 1, shape)


def _total(arithmetic: Arithmetic, parts: Iterable[Value]) -> Value:
    total = None
    for part in parts:
        total = part if total is None else arithmetic.add(total, part)
    return total


def keys(expression: Expression, indices: Indices) -> tuple[Key, ...]:
    parts = expression.parts if isinstance(expression, State) else (expression,)
    keys = []
    for part in parts:
        if not isinstance(part, Variable):
            raise TypeError(f"a derivative is of names by names, not of {part}")
        keys.append((part.name, tuple(whole(index, indices) for index in part.indices)))
    return tuple(keys)
