"""Steps: how one form is reached from another. Each says by which laws, and that its two sides are equal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from derive.algebra.equation import Equation
from derive.algebra.expressions import Expression
from derive.calculus.pullback import sections
from derive.gradients.expand import write_out
from derive.gradients.form import Cited, Form, Formula, Question, Step, conditioned
from derive.gradients.manner import by_choice, slopes_by_value


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


def manners(form: Form, raw: Expression, *, usual: str) -> tuple[Step, ...]:
    """From what the laws give to how it is written; `usual` is the form's own choice between ⊙ and diag."""
    question = form.question
    choice = by_choice(question.manner, usual)
    chosen = choice(raw)
    by_value = slopes_by_value(chosen, question.model) if question.manner.slopes == "value" else chosen
    in_terms = write_out(by_value) if question.written_out else by_value
    laws: tuple[Callable[..., object], ...] = (choice, slopes_by_value, write_out)
    return in_order(question, raw, list(zip(laws, (chosen, by_value, in_terms), strict=True)))
