"""Checked forms as the formulas of a page: numbered, with their steps folded, what they share said once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from derive.book.pages import FormulaView, StepView
from derive.check.evidence import Evidence, summary
from derive.gradients.form import Cited, Form, Formula, Step
from derive.render.answers import Checked
from derive.render.forms import aligned, conditions, equation_latex, formula_latex, formula_rows, sides
from derive.render.printer import latex

TITLES = {
    "chain": "Chain form",
    "jacobian": "Jacobian form",
    "closed": "Closed form",
    "delta": "Delta form",
    "component": "Component form",
    "nested": "Nested",
    "local": "Each equation by each of its arguments",
    "state": "The state by the state before it",
    "propagation": "The state by any earlier state",
}
INLINE = 3
"""So many formulas beside the gradient stand with it; more are shown once for all parameters."""
IMMEDIATE = (
    r"\partial^{+}",
    "the immediate derivative: the state of the step before is held fixed, but for what one differentiates by",
)
EMPTY = (r"\cdots", "a product with these dots that has no factor, as for \\(k = t\\), is the identity")


class Numbered:
    """Makes the formulas of one page, each with the next number."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def view(
        self,
        checked: Checked,
        identifier: str,
        title: str = "",
        *,
        shared: Sequence[FormulaView] = (),
        steps: Iterable[Step] = (),
    ) -> FormulaView:
        """A form as one display; definitions stand in the list below it, and what is `shared` is only referred to."""
        form = checked.form
        formulas = [formula for formula in form.formulas if formula.kind != "definition"]
        shown = [formula for formula in formulas if not shared or formula.kind == "gradient"]
        evidence = [e for formula, e in checked.formulas() if formula in shown]
        return FormulaView(
            id=identifier,
            number=next(self._numbers),
            title=title or TITLES[form.kind],
            latex=aligned([row for formula in shown for row in formula_rows(formula)]),
            evidence=summary(evidence),
            where=tuple(_where(form, shown, alone=not shared)),
            conditions=tuple(f"\\({equation_latex(c)}\\)" for c in conditions(shown)),
            steps=tuple(map(step_view, steps)),
            see=tuple((view.id, view.number) for view in shared),
        )

    def rows(self, formulas: Sequence[tuple[Formula, Evidence]], identifier: str, title: str, form: Form,
             steps: Iterable[Step] = ()) -> FormulaView:  # fmt: skip
        """Formulas of several answers as one display, a row for each; ranges are said where they differ."""
        shown = [formula for formula, _ in formulas]
        plain = len({formula.ranges for formula in shown}) == 1 and not any(formula.boundary for formula in shown)
        rows = [row for f in shown for row in (sides(f.equation) if plain else formula_rows(f))]
        return FormulaView(
            id=identifier,
            number=next(self._numbers),
            title=title,
            latex=aligned(rows),
            evidence=summary([evidence for _, evidence in formulas]),
            where=tuple(_where(form, shown, alone=True)),
            conditions=tuple(f"\\({equation_latex(c)}\\)" for c in conditions(shown)),
            steps=tuple(map(step_view, steps)),
        )

    def given(
        self,
        identifier: str,
        title: str,
        text: str,
        evidence: tuple[str, ...],
        conditions: tuple[str, ...] = (),
        steps: tuple[StepView, ...] = (),
    ) -> FormulaView:
        """A formula that is no equation between expressions, such as a bound."""
        return FormulaView(identifier, next(self._numbers), title, text, evidence, (), conditions, steps)


def step_view(step: Step) -> StepView:
    """A step with its laws in words."""
    held = [f"\\({equation_latex(c)}\\)" for c in step.formula.conditions]
    laws = tuple((law.name, _said(law)) for law in step.laws)
    return StepView(laws, formula_latex(step.formula), tuple(held))


def _said(law: Cited) -> str:
    """What a law says, and where it holds if that is not everywhere."""
    return law.statement if law.conditions == "none" else f"{law.statement} Condition: {law.conditions}."


def _where(form: Form, shown: Sequence[Formula], *, alone: bool) -> Iterator[tuple[str, str]]:
    """What the names in a display stand for, and what its signs mean."""
    if alone:
        yield from ((latex(m.left), f"\\(= {latex(m.right)}\\)") for m in form.said)
        defined = [formula for formula in form.formulas if formula.kind == "definition"]
        yield from ((latex(f.equation.left), f"\\(= {latex(f.equation.right)}\\)") for f in defined)
    text = " ".join(formula_latex(formula) for formula in shown)
    if r"\partial^{+}" in text:
        yield IMMEDIATE
    if r"\cdots" in text and "k" in text:
        yield EMPTY


def beside(form: Form) -> list[Formula]:
    """What a form says beside the gradient: its recursion, its state's Jacobian."""
    return [formula for formula in form.formulas if formula.kind not in ("gradient", "definition")]
