"""A form's value by nothing but what is printed: δ by the printed recursion, what f is applied to by its definition.

(The oracles of `derive.check` take δ by its meaning, (∂L/∂a)ᵀ, and test each formula by itself.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from sympy import Symbol

from derive.algebra.expressions import Expression
from derive.algebra.names import Name
from derive.evaluate.derivatives import Derivatives, Perturbation
from derive.evaluate.evaluator import Evaluator, whole
from derive.evaluate.point import Point, Values
from derive.gradients.form import Form, Formula, Range
from derive.models.model import Model, variables


class Printed:
    """Evaluates forms of one network at one point; derivative symbols by perturbing its forward pass."""

    def __init__(self, point: Point, perturbation: Perturbation) -> None:
        self.point, self.perturbation = point, perturbation
        ahead = max(lags(point.model))
        self.base: Values = point.forward(perturbation.plain, until=point.steps + ahead)
        self.differentiate = Derivatives(point, perturbation, self.base)

    def __call__(self, form: Form, indices: Mapping[Symbol, int] | None = None) -> np.ndarray:
        """The right side of the result, in the shape of the gradient."""
        outer = {self.point.model.horizon: self.point.steps, **(indices or {})}
        return Reading(self, form, outer).evaluate(form.result.equation.right, outer)

    def left(self, form: Form, indices: Mapping[Symbol, int] | None = None) -> np.ndarray:
        """The left side by definition: the forward pass perturbed."""
        outer = {self.point.model.horizon: self.point.steps, **(indices or {})}
        return Reading(self, form, outer).evaluate(form.result.equation.left, outer)


def lags(model: Model) -> Iterator[int]:
    """How far back the equations reach: so far beyond T stand names that are multiplied by a δ that is 0."""
    yield 1
    yield from (int(model.lag(v)) for e in model.steps for v in variables(e.right) if v.time is not None)


class Reading:
    """One form at given values of its free indices, each δ computed once."""

    def __init__(self, bench: Printed, form: Form, outer: Mapping[Symbol, int]) -> None:
        self.bench, self.form, self.outer = bench, form, outer
        self.known: dict[tuple[Name, int], np.ndarray] = {}
        self.evaluate = Evaluator(bench.perturbation.plain, bench.point.sizes, self.quantity, bench.differentiate)
        self.introduced = {equation.left.name for equation in bench.point.model.introduced}

    def quantity(self, name: Name, indices: tuple[int, ...]) -> np.ndarray:
        if name in self.form.meanings:
            return self.by_formula(name, indices[0], "adjoint" if self.form.kind == "delta" else "jacobian")
        if name in self.introduced and self.form.kind != "chain":
            return self.by_formula(name, indices[0], "definition")
        return self.bench.base[name, indices]

    def by_formula(self, name: Name, step: int, kind: str) -> np.ndarray:
        """By the printed formula for that step; δ beyond the last step is what the form says it is there."""
        if (name, step) not in self.known:
            self.known[name, step] = self.evaluate(*self.governing(name, step, kind))
        return self.known[name, step]

    def governing(self, name: Name, step: int, kind: str) -> tuple[Expression, dict[Symbol, int]]:
        said = [f for f in self.form.formulas if f.kind == kind and getattr(f.equation.left, "name", None) == name]
        found = [(f.equation.right, at) for f in said if (at := self.at(f, step)) is not None]
        if found:
            assert len(found) == 1, f"{name} is given twice at step {step}"
            return found[0]
        if kind == "definition":  # what stands beyond the last step is multiplied by a δ that is 0
            assert said, f"nothing says what {name} is"
            return said[0].equation.right, {**self.outer, said[0].equation.left.time: step}
        beyond = [e for f in said for e in f.boundary if whole(e.left.time, self.outer) == step]
        assert beyond, f"nothing is said of {name} at step {step}; the last is {self.last}"
        assert step > self.last
        return beyond[0].right, dict(self.outer)

    @property
    def last(self) -> int:
        """The step of the last loss that is asked for."""
        question = self.form.question
        return self.bench.point.steps if question.whole else whole(question.of.time, self.outer)

    def at(self, formula: Formula, step: int) -> dict[Symbol, int] | None:
        """The indices under which a formula speaks of that step; None where it does not."""
        (time,) = formula.equation.left.indices
        if not time.free_symbols or time in self.outer:
            return dict(self.outer) if whole(time, self.outer) == step else None
        own = [r for r in formula.ranges if r.index == time]
        inside = {**self.outer, time: step}
        return inside if all(self.within(r, inside) for r in own) else None

    def within(self, bounds: Range, indices: Mapping[Symbol, int]) -> bool:
        return whole(bounds.lower, indices) <= indices[bounds.index] <= whole(bounds.upper, indices)
