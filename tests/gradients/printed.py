"""A form's value by nothing but what is printed: δ by the printed recursion, what f is applied to by its definition.

(The oracles of `derive.evidence` take δ by its meaning, (∂L/∂a)ᵀ, and test each formula by itself.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from sympy import Symbol

from derive.algebra.expressions import Entry, Expression
from derive.algebra.names import Name
from derive.algebra.shapes import ONE
from derive.evaluate.derivatives import Derivatives, Perturbation
from derive.evaluate.evaluator import Evaluator, whole
from derive.evaluate.point import Point, Values
from derive.gradients.form import Form, Formula, Range
from derive.models.model import Model, variables

Indices = Mapping[Symbol, int]
NAMED = {"delta": "adjoint", "component": "adjoint", "jacobian": "jacobian", "closed": "jacobian"}
"""The formulas that say what the names are that a form introduces."""


class Printed:
    """Evaluates forms of one network at one point; derivative symbols by perturbing its forward pass."""

    def __init__(self, point: Point, perturbation: Perturbation) -> None:
        self.point, self.perturbation = point, perturbation
        ahead = max(lags(point.model))
        self.base: Values = point.forward(perturbation.plain, until=point.steps + ahead)
        self.differentiate = Derivatives(point, perturbation, self.base)

    def __call__(self, form: Form, indices: Indices | None = None) -> np.ndarray:
        """The right side of the result, of the component form as an array."""
        outer = {self.point.model.horizon: self.point.steps, **(indices or {})}
        return Reading(self, form, outer).right(form.result, outer)

    def left(self, form: Form, indices: Indices | None = None) -> np.ndarray:
        """The left side by definition: the forward pass perturbed."""
        outer = {self.point.model.horizon: self.point.steps, **(indices or {})}
        return Reading(self, form, outer).evaluate(body(form.result.equation.left), outer)


def body(left: Expression) -> Expression:
    """The array of whose entries a formula speaks, or what it speaks of."""
    return left.body if isinstance(left, Entry) else left


def lags(model: Model) -> Iterator[int]:
    """How far back the equations reach: so far beyond T stand names that are multiplied by a δ that is 0."""
    yield 1
    yield from (int(model.lag(v)) for e in model.steps for v in variables(e.right) if v.time is not None)


class Reading:
    """One form at given values of its free indices, each δ computed once."""

    def __init__(self, bench: Printed, form: Form, outer: Indices) -> None:
        self.bench, self.form, self.outer = bench, form, outer
        self.known: dict[tuple[Name, int], np.ndarray] = {}
        self.evaluate = Evaluator(bench.perturbation.plain, bench.point.sizes, self.quantity, bench.differentiate)
        self.introduced = {equation.left.name for equation in bench.point.model.introduced}

    def right(self, formula: Formula, indices: Indices) -> np.ndarray:
        """The right side; of a formula for one entry, the array of all of them."""
        left, right = formula.equation.left, formula.equation.right
        indices = {**self.bench.point.sizes, **indices}
        if not isinstance(left, Entry):
            return self.evaluate(right, indices)
        size = self.evaluate.shape(left.body.shape)
        axes = [axis for axis, length in enumerate(left.body.shape) if length != ONE]
        entries = [
            self.evaluate(right, {**indices, **{i: place[a] + 1 for i, a in zip(left.args[1:], axes, strict=True)}})
            for place in np.ndindex(*size)
        ]
        return np.concatenate(entries).reshape(size)

    def quantity(self, name: Name, indices: tuple[int, ...]) -> np.ndarray:
        if name in self.form.meanings:
            return self.by_formula(name, indices[0], NAMED[self.form.kind])
        if name in self.introduced and self.form.kind != "chain":
            return self.by_formula(name, indices[0], "definition")
        return self.bench.base[name, indices]

    def by_formula(self, name: Name, step: int, kind: str) -> np.ndarray:
        """By the printed formula for that step; δ beyond the last step is what the form says it is there."""
        if (name, step) not in self.known:
            said = [f for f in self.form.formulas if f.kind == kind and self.names(f) == name]
            found = [(f, at) for f in said if (at := self.at(f, step)) is not None]
            assert len(found) <= 1, f"{name} is given twice at step {step}"
            if not found and kind == "definition":  # what stands beyond T is multiplied by a δ that is 0
                assert said, f"nothing says what {name} is"
                found = [(said[0], {**self.outer, body(said[0].equation.left).time: step})]
            self.known[name, step] = self.right(*found[0]) if found else self.beyond(said, name, step)
        return self.known[name, step]

    def names(self, formula: Formula) -> Name | None:
        """The name that a formula gives a value."""
        return getattr(body(formula.equation.left), "name", None)

    def beyond(self, said: list[Formula], name: Name, step: int) -> np.ndarray:
        """The zeros that a recursion says stand beyond its last step."""
        found = [e for f in said for e in f.boundary if whole(body(e.left).time, self.outer) == step]
        assert found, f"nothing is said of {name} at step {step}; the last is {self.last}"
        assert step > self.last
        shape = self.evaluate.shape(body(found[0].left).shape)
        return np.broadcast_to(self.evaluate(found[0].right, self.outer), shape)

    @property
    def last(self) -> int:
        """The step of the last loss that is asked for."""
        question = self.form.question
        return self.bench.point.steps if question.whole else whole(question.of.time, self.outer)

    def at(self, formula: Formula, step: int) -> dict[Symbol, int] | None:
        """The indices under which a formula speaks of that step; None where it does not."""
        (time,) = body(formula.equation.left).indices
        if not time.free_symbols or time in self.outer:
            return dict(self.outer) if whole(time, self.outer) == step else None
        own = [r for r in formula.ranges if r.index == time]
        inside = {**self.outer, time: step}
        return inside if all(self.within(r, inside) for r in own) else None

    def within(self, bounds: Range, indices: Indices) -> bool:
        return whole(bounds.lower, indices) <= indices[bounds.index] <= whole(bounds.upper, indices)
