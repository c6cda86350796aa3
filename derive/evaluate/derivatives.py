"""Derivatives by their definition: perturb one quantity, hold what is held, run the forward pass, see what changes.

Two ways to perturb, and none of the laws of `calculus` in either: an imaginary step in floats, dual numbers in a field.
"""

from __future__ import annotations

from functools import reduce
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

    @property
    def plain(self) -> Arithmetic: ...
    @property
    def arithmetic(self) -> Arithmetic: ...
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
    """The values of derivative symbols at a point, each computed once.

    The point may have more steps than a formula is evaluated for: the loss is summed up to the T of the indices, and
    its derivative by what stands beyond T is 0.
    """

    def __init__(self, point: Point, perturbation: Perturbation, base: Values) -> None:
        self.point, self.perturbation, self.base = point, perturbation, base
        self._known: dict[tuple[tuple[Key, ...], ...], Value] = {}

    def __call__(self, node: Derivative, indices: Indices) -> Value:
        model = self.point.model
        top, bottom = keys(node.top, indices), keys(node.bottom, indices)
        held = tuple(key for part in node.held for key in keys(part, indices))
        if top[0][0] != model.loss.left.name:
            return self._arranged(self._tangents(top, bottom, held), node, indices)
        T = indices[model.horizon]
        if any(key[1] and key[1][0] > T for key in bottom):
            return self._zeros(tuple(whole(size, self.point.sizes) for size in node.shape))
        losses = tuple((model.summand.name, (t,)) for t in range(1, self.point.steps + 1))
        rows = self._tangents(losses, bottom, held)[:T]
        total = reduce(self.perturbation.plain.add, (rows[t : t + 1] for t in range(T)))
        return self._arranged(total, node, indices)

    def _tangents(self, top: tuple[Key, ...], bottom: tuple[Key, ...], held: tuple[Key, ...]) -> Value:
        """rows × directions: the derivative of the stacked columns `top` by every entry of `bottom`."""
        if (top, bottom, held) not in self._known:
            until = max(key[1][0] for key in top)
            first = 1 if not all(key[1] for key in bottom) else min(key[1][0] for key in bottom)
            first = max(1, first, self._after(held, until))
            sizes = [self.base[key].shape for key in bottom]
            changed = self.point.perturbed(
                self.perturbation.arithmetic, self.base, self._seeds(bottom, sizes), held, range(first, until + 1)
            )
            rows = [self._tangent(key, changed, sizes) for key in top]
            self._known[top, bottom, held] = np.swapaxes(np.concatenate(rows, axis=1), 0, 1)
        return self._known[top, bottom, held]

    def _after(self, held: tuple[Key, ...], until: int) -> int:
        """The first step from which a change can reach step `until` while the whole state of an earlier one is held."""
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

    def _arranged(self, tangents: Value, node: Derivative, indices: Indices) -> Value:
        """rows × directions in the shape that the derivative has: for a matrix, one axis for each of its own."""
        return tangents.reshape(tuple(whole(size, self.point.sizes) for size in node.shape))

    def _zeros(self, shape: tuple[int, ...]) -> Value:
        return self.perturbation.plain.constant(0, 1, shape)


def keys(expression: Expression, indices: Indices) -> tuple[Key, ...]:
    parts = expression.parts if isinstance(expression, State) else (expression,)
    keys = []
    for part in parts:
        if not isinstance(part, Variable):
            raise TypeError(f"a derivative is of names by names, not of {part}")
        keys.append((part.name, tuple(whole(index, indices) for index in part.indices)))
    return tuple(keys)
