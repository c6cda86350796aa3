"""A network at numbers: sizes, a number of steps, values for what is given, and the forward pass from there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sympy import Symbol

from derive.algebra.equation import Equation
from derive.algebra.names import Name
from derive.evaluate.arithmetic import Arithmetic, Value
from derive.evaluate.evaluator import Evaluator
from derive.models.model import Model, variables

Key = tuple[Name, tuple[int, ...]]
Values = dict[Key, Value]


@dataclass(frozen=True)
class Point:
    """Numbers for a network: `sizes`, `steps` = T, `given` values of parameters, inputs and starts."""

    model: Model
    sizes: Mapping[Symbol, int]
    steps: int
    given: Values

    def forward(self, arithmetic: Arithmetic, until: int | None = None) -> Values:
        """Every quantity at every step up to `until` (T if None), and the loss."""
        values = dict(self.given)
        evaluate = Evaluator(arithmetic, self.sizes, lambda name, indices: values[name, indices])
        for t in range(1, (until or self.steps) + 1):
            for step in self.model.steps:
                values[step.left.name, (t,)] = evaluate(step.right, {self.model.time: t})
        loss = self.model.loss
        values[loss.left.name, ()] = evaluate(loss.right, {self.model.horizon: self.steps})
        return values

    def perturbed(
        self,
        arithmetic: Arithmetic,
        base: Values,
        changed: Values,
        held: Iterable[Key] = (),
        steps: range | None = None,
    ) -> Values:
        """What changes when the quantities in `changed` do, with those in `held` kept at their base values.

        Only the quantities that depend on a changed one are computed again; the result has these and no others.
        """
        fixed = set(held)
        values: Values = dict(changed)

        def quantity(name: Name, indices: tuple[int, ...]) -> Value:
            key = (name, indices)
            return values[key] if key in values else base[key]

        evaluate = Evaluator(arithmetic, self.sizes, quantity)
        for t in steps if steps is not None else range(1, self.steps + 1):
            for step, used in _needs(self.model):
                key = (step.left.name, (t,))
                if (
                    key not in fixed
                    and key not in changed
                    and any((n, ()) in values or (n, (t - lag,)) in values for n, lag in used)
                ):
                    values[key] = evaluate(step.right, {self.model.time: t})
        return values


@lru_cache(maxsize=32)
def _needs(model: Model) -> Sequence[tuple[Equation, Sequence[tuple[Name, int]]]]:
    """Each equation with the names in it and how many steps back they stand; a parameter stands at 0."""
    return [
        (step, [(v.name, 0 if v.time is None else int(model.lag(v))) for v in variables(step.right)])
        for step in model.steps
    ]
