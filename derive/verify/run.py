"""A network at a point in one arithmetic: every quantity computed when first asked for, derivatives by definition.

Nothing here knows a law of differentiation: a quantity is perturbed, and what depends on it is computed again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from sympy import Symbol

from derive.algebra.expressions import Chain, Derivative, Expression, State, Sum, Variable
from derive.algebra.names import Name
from derive.algebra.shapes import Shape, letters_of
from derive.errors import DeriveError
from derive.evaluate.arithmetic import Value
from derive.evaluate.derivatives import Perturbation
from derive.evaluate.evaluator import RULES, Evaluator, Indices, whole
from derive.limits import Clock, Limits, untimed
from derive.verify.network import Network

TURN = 64
"""After so many parts of a formula the clock is asked."""

Key = tuple[Name, tuple[int, ...], int]


class Undefined(ArithmeticError):
    """A formula that says nothing at these indices: a product with crossed bounds, a step before the first."""


class TooLong(DeriveError):
    """A formula with more terms than are computed."""


class Circular(DeriveError):
    """A quantity that needs itself."""


class Run:
    """Values and derivatives of a network. `steps` is T; it may be changed, what depends on it is kept apart.

    `terms` counts the terms of all Σ and ∏ that one claim needs at one place, `parts` all parts of formulas.
    """

    def __init__(
        self,
        network: Network,
        perturbation: Perturbation,
        sizes: Mapping[Symbol, int],
        draw: Any,
        classes: Mapping[Symbol, int] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.clock = untimed() if clock is None else clock
        self.network, self.perturbation, self.sizes = network, perturbation, dict(sizes)
        self.draw, self.classes = draw, dict(classes or {})
        self.steps, self.terms, self.parts = 1, 0, 0
        self.evaluate = Bounded(perturbation.plain, self.sizes, self.quantity, self.derivative, self)
        self._values: dict[Key, Value] = {}
        self._needs: dict[Key, list[Key]] = {}
        self._ancestors: dict[Key, frozenset[Key]] = {}
        self._derivatives: dict[Any, Value] = {}
        self._asking: list[list[Key]] = []

    # ---- values

    def key(self, name: Name, indices: tuple[int, ...]) -> Key:
        return (name, indices, self.steps if name in self.network.ends else 0)

    def quantity(self, name: Name, indices: tuple[int, ...]) -> Value:
        """The value of a name at its indices: by its rule, or drawn. A parameter at a step is the parameter."""
        if not name.arity:
            indices = ()
        key = self.key(name, indices)
        if self._asking:
            self._asking[-1].append(key)
        elif indices and indices[0] < 1 and self._is_too_early(name, indices):
            raise Undefined(f"there is no {name} at step {indices[0]}")
        if key not in self._values:
            if key in self._needs:
                raise Circular(f"{name} is defined by itself")
            needs: list[Key] = []
            self._needs[key] = needs
            self._asking.append(needs)
            try:
                self._values[key] = self._computed(key, self.evaluate)
            except BaseException:
                del self._needs[key]
                raise
            finally:
                self._asking.pop()
        return self._values[key]

    def _is_too_early(self, name: Name, indices: tuple[int, ...]) -> bool:
        """Whether a formula asks for what the network never uses: an input before the first step."""
        first = self.network.earliest.get(name, indices[0])
        return indices[0] < first and self.network.rule(name, indices) is None

    def _computed(self, key: Key, evaluate: Evaluator) -> Value:
        name, indices, _ = key
        if any(abs(index) > Limits.STEP for index in indices):
            raise TooLong(f"a step beyond {Limits.STEP} is not computed")
        rule = self.network.rule(name, indices)
        shape = self.evaluate.shape(self.network.shapes[name])
        if rule is None:
            return self._given(key, shape)
        if rule.last is not None and indices and indices[0] > self.steps:
            return self.perturbation.plain.constant(0, 1, shape)
        return evaluate(rule.right, {**self.letters, **rule.letters(indices)})

    @property
    def letters(self) -> dict[Symbol, int]:
        """The letters that stand for one number throughout: sizes, T, and the class of a target."""
        return {**self.sizes, self.network.horizon: self.steps, **self.classes}

    def _given(self, key: Key, shape: Sequence[int]) -> Value:
        """What no rule gives is drawn, by its name and indices alone."""
        name, indices, _ = key
        value = self.draw(shape, random.Random(f"{name.letter}|{name.label}|{name.arity}|{indices}|{self.draw.seed}"))
        if name in self.network.sums_to_one:
            one = self.perturbation.plain.constant(1, 1, (1, 1))
            flat = value.reshape(-1)
            flat[-1] = (one[0, 0] - sum(flat[:-1])) % self.draw.modulus if self.draw.modulus else 1.0 - sum(flat[:-1])
            value = flat.reshape(value.shape)
        return value

    # ---- derivatives

    def derivative(self, node: Derivative, indices: Indices) -> Value:
        """∂top/∂bottom with what is held fixed: by perturbing every entry of `bottom`."""
        bottom, at = self._bottom(node.bottom, indices)
        held = frozenset(key for part in node.held for key in self._keys(part, indices))
        if not isinstance(node.top, Variable | State):
            return self._of_expression(node.top, bottom, held, indices, at).reshape(self.evaluate.shape(node.shape))
        top = self._keys(node.top, indices)
        asked = (top, bottom, held, at)
        if asked not in self._derivatives:
            self._derivatives[asked] = self._perturbed(top, bottom, held, at)
        return self._derivatives[asked].reshape(self.evaluate.shape(node.shape))

    def _keys(self, expression: Expression, indices: Indices) -> tuple[Key, ...]:
        parts = expression.parts if isinstance(expression, State) else (expression,)
        found = []
        for part in parts:
            assert isinstance(part, Variable)
            places = part.indices if part.name.arity else ()
            found.append(self.key(part.name, tuple(whole(index, indices) for index in places)))
        return tuple(found)

    def _bottom(self, bottom: Expression, indices: Indices) -> tuple[tuple[Key, ...], int | None]:
        """What is perturbed, and the one step at which, where a parameter bears a step: W^{(t)} is the W of step t."""
        if isinstance(bottom, Variable) and not bottom.name.arity and bottom.indices:
            return (self.key(bottom.name, ()),), whole(bottom.indices[0], indices)
        return self._keys(bottom, indices), None

    def _perturbed(self, top: tuple[Key, ...], bottom: tuple[Key, ...], held: frozenset[Key], at: int | None) -> Value:
        """rows × directions."""
        for name, indices, _ in top:
            self.quantity(name, indices)
        changed, count = self._changed(bottom, held, at)
        rows = [self._tangent(changed(key), self._values[key].size, count) for key in top]
        return np.swapaxes(np.concatenate(rows, axis=1), 0, 1)

    def _of_expression(
        self, top: Expression, bottom: tuple[Key, ...], held: frozenset[Key], indices: Indices, at: int | None
    ) -> Value:
        """The same for what has no name: rows × directions."""
        rows = self.evaluate(top, indices).size
        changed, count = self._changed(bottom, held, at)
        return np.swapaxes(self._tangent(changed.evaluate(top, indices), rows, count), 0, 1)

    def _changed(self, bottom: tuple[Key, ...], held: frozenset[Key], at: int | None) -> tuple[Changed, int]:
        """The network with every entry of every part of `bottom` perturbed once, and how many entries there are."""
        for name, indices, _ in bottom:
            self.quantity(name, indices)
        for key in bottom:
            if key[1] and key[1][0] < 1 and any(self._is_too_early(n, at) for n, at, _ in self.ancestors(key) if at):
                raise Undefined(f"there is no {key[0]} at step {key[1][0]}")
        sizes = [self._values[key].size for key in bottom]
        seeds, start = {}, 0
        for key, size in zip(bottom, sizes, strict=True):
            value = self._values[key]
            directions = self.perturbation.plain.constant(0, 1, (sum(sizes), size))
            directions[start : start + size] += np.eye(size, dtype=int)
            start += size
            seeds[key] = self.perturbation.seed(value, directions.reshape(sum(sizes), *value.shape))
        return Changed(self, seeds, held, at), sum(sizes)

    def _tangent(self, value: Value | None, rows: int, count: int) -> Value:
        tangent = None if value is None else self._moved(value)
        if tangent is None:
            return self.perturbation.plain.constant(0, 1, (count, rows))
        return np.broadcast_to(tangent, (count, *tangent.shape[-2:])).reshape(count, rows)

    def _moved(self, value: Value) -> Value | None:
        """The tangents of a value that may be a plain one."""
        if isinstance(value, np.ndarray) and not np.iscomplexobj(value):
            return None
        return self.perturbation.tangent(value)

    def ancestors(self, key: Key) -> frozenset[Key]:
        """All that a quantity depends on, itself included."""
        if key not in self._ancestors:
            parts = (self.ancestors(need) for need in dict.fromkeys(self._needs.get(key, ())))
            self._ancestors[key] = reduce(frozenset.union, parts, frozenset({key}))
        return self._ancestors[key]


class Changed:
    """What becomes of quantities when some are perturbed and others held; None for what does not change."""

    def __init__(self, run: Run, seeds: Mapping[Key, Value], held: frozenset[Key], at: int | None = None) -> None:
        self.run, self.held, self.at = run, held, at
        self.steps: list[int | None] = []
        self.values: dict[Key, Value | None] = dict(seeds)
        self.bottoms = frozenset(seeds)
        self.evaluate = Bounded(run.perturbation.arithmetic, run.sizes, self.quantity, run.derivative, run)

    def __call__(self, key: Key) -> Value | None:
        if key not in self.values:
            touched = key not in self.held and self.bottoms & self.run.ancestors(key)
            self.steps.append(key[1][0] if key[1] else None)
            self.values[key] = self.run._computed(key, self.evaluate) if touched else None
            self.steps.pop()
        return self.values[key]

    def quantity(self, name: Name, indices: tuple[int, ...]) -> Value:
        key = self.run.key(name, indices if name.arity else ())
        elsewhere = self.at is not None and key in self.bottoms and (not self.steps or self.steps[-1] != self.at)
        changed = None if elsewhere else self(key)
        return self.run.quantity(name, indices) if changed is None else changed


class Bounded(Evaluator):
    """An evaluator that refuses what is too long, and what has crossed bounds."""

    def __init__(
        self, arithmetic: Any, sizes: Mapping[Symbol, int], quantity: Any, differentiate: Any, run: Run
    ) -> None:
        super().__init__(arithmetic, sizes, quantity, differentiate)
        self.run = run

    def __call__(self, expression: Expression, indices: Indices) -> Value:
        self.run.parts += 1
        if self.run.parts % TURN == 0:
            self.run.clock.check()
        if isinstance(expression, Sum | Chain):
            count = whole(expression.args[3], indices) - whole(expression.args[2], indices) + 1
            self.run.terms += max(count, 0)
            if count > Limits.TERMS or self.run.terms > Limits.TERMS_IN_ALL:
                most = f"more than {Limits.TERMS}, or {Limits.TERMS_IN_ALL} in all"
                raise TooLong(f"a sum or product has too many terms: {most}")
            if count < 0:
                raise Undefined("crossed bounds")
        return RULES[type(expression)](self, expression, indices)


def numbers(shapes_of: Sequence[Shape], smallest: int) -> dict[Symbol, int]:
    """A number for each size letter, all different, from `smallest` up."""
    letters = sorted(letters_of(shapes_of), key=str)
    return {letter: smallest + position for position, letter in enumerate(letters)}
