"""Steps: how one form is reached from another. Each says by which laws, and that its two sides are equal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from derive.algebra.equation import Equation
from derive.algebra.expressions import Expression
from derive.calculus.pullback import sections
from derive.gradients.form import Cited, Formula, Question, Step, conditioned


def cited(law: Callable[..., object]) -> Cited:
    """A law by its docstring."""
    parts = sections(law)
    name = getattr(law, "__name__", "").replace("_", " ")
    return Cited(name, parts["Statement"], parts.get("Law", ""), parts.get("Conditions", "none"))


def in_order(
    question: Question, start: Expression, reached: Sequence[tuple[Callable[..., object], Expression]]
) -> tuple[Step, ...]:
    """A step for each law that changes the expression, from the start through what each reaches."""
    steps = []
    for law, after in reached:
        if after != start:
            steps.append(whole(question, cited(law), start, after))
            start = after
    return tuple(steps)


def whole(question: Question, law: Cited, before: Expression, after: Expression) -> Step:
    """A step that rewrites the whole of what is asked for."""
    formula = Formula(Equation(before, after), "step", question.ranges)
    return Step((law,), conditioned(formula, question.model))
