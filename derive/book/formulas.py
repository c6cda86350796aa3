"""Checked forms as the formulas of a page: numbered, with their steps folded, what they share said once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from derive.book.pages import FormulaView, StepView
from derive.evidence.evidence import Evidence, summary
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
    "carry": "Along the state itself",
}
INLINE = 3
"""So many formulas beside the gradient stand with it; more are shown once for all parameters."""
SIGNS = (
    (r"\partial^{+}", r"\(\partial^{+}\)",
     "the immediate derivative: the state of the step before is held fixed, but for what one differentiates by"),
    (r"\right|_", r"\(\left.\frac{\partial y}{\partial x}\right|_{u}\)",
     r"the derivative that holds \(u\) fixed"),
    (r"\cdots", r"\(\cdots\)", "what stands between, step by step; a product without a factor is the identity"),
    (r"\prod", r"\(\prod\)", "a product; without a factor it is 1"),
    (r"\delta_", r"\(\delta\)", "an adjoint: the loss differentiated by the quantity that it is named for, transposed"),
    (r"\odot", r"\(\odot\)", "the product, entry by entry"),
    (r"\oslash", r"\(\oslash\)", "the quotient, entry by entry"),
    (r"\operatorname{diag}", r"\(\operatorname{diag}(v)\)", r"the diagonal matrix with the entries of \(v\)"),
    (r"\mathbf{1}", r"\(\mathbf{1}\)", "a column of ones"),
)  # fmt: skip
"""What may stand in a formula, how it is shown, and what it means: both prose, said once on a page."""


SUBSCRIPTED = re.compile(r"\b[A-Za-z]_(?:\w\b|\{[^{}]*\})")


class Numbered:
    """Makes the formulas of one page, each with the next number; one that writes out formula 5 for T = 2 is 5.2."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def _number(self, form: Form, general: FormulaView | None) -> str:
        return str(next(self._numbers)) if general is None else f"{general.number}.{form.question.steps}"

    def view(
        self,
        checked: Checked,
        identifier: str,
        title: str = "",
        *,
        shared: Sequence[FormulaView] = (),
        steps: Iterable[Step] = (),
        general: FormulaView | None = None,
    ) -> FormulaView:
        """A form as one display; definitions stand in the list below it, and what is `shared` is only referred to.

        `general` is the same form for any T, of which this one is written out.
        """
        form = checked.form
        named_here = not shared and general is None
        formulas = [formula for formula in form.formulas if formula.kind != "definition"]
        shown = [formula for formula in formulas if not shared or formula.kind == "gradient"]
        evidence = [e for formula, e in checked.formulas() if formula in shown]
        return FormulaView(
            id=identifier,
            number=self._number(form, general),
            title=title or TITLES[form.kind],
            latex=aligned([row for formula in shown for row in formula_rows(formula)]),
            evidence=summary(evidence),
            where=tuple(_where(form)) if named_here else (),
            conditions=tuple(f"\\({equation_latex(c)}\\)" for c in conditions(shown)),
            steps=tuple(map(step_view, steps)),
            see=tuple((view.id, view.number) for view in shared),
            general=_reference(general),
        )

    def rows(self, formulas: Sequence[tuple[Formula, Evidence]], identifier: str, title: str, form: Form,
             steps: Iterable[Step] = (), general: FormulaView | None = None) -> FormulaView:  # fmt: skip
        """Formulas of several answers as one display, a row for each; ranges are said where they differ."""
        shown = [formula for formula, _ in formulas]
        plain = len({formula.ranges for formula in shown}) == 1 and not any(formula.boundary for formula in shown)
        rows = [row for f in shown for row in (sides(f.equation) if plain else formula_rows(f))]
        return FormulaView(
            id=identifier,
            number=self._number(form, general),
            title=title,
            latex=aligned(rows),
            evidence=summary([evidence for _, evidence in formulas]),
            where=tuple(_where(form)) if general is None else (),
            conditions=tuple(f"\\({equation_latex(c)}\\)" for c in conditions(shown)),
            steps=tuple(map(step_view, steps)),
            general=_reference(general),
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
        return FormulaView(identifier, str(next(self._numbers)), title, text, evidence, (), conditions, steps)


def _reference(view: FormulaView | None) -> tuple[tuple[str, str], ...]:
    return () if view is None else ((view.id, view.number),)


def step_view(step: Step) -> StepView:
    """A step with its laws in words."""
    held = [f"\\({equation_latex(c)}\\)" for c in step.formula.conditions]
    laws = tuple((law.name, _said(law)) for law in step.laws)
    return StepView(laws, formula_latex(step.formula), tuple(held))


def _said(law: Cited) -> str:
    """What a law says, and where it holds if that is not everywhere."""
    said = law.statement if law.conditions == "none" else f"{law.statement} Condition: {law.conditions}."
    return with_subscripts(said)


def with_subscripts(text: str) -> str:
    r"""Plain text, such as a docstring has, as prose in which `S_{t-1}` is mathematics."""
    return SUBSCRIPTED.sub(r"\\(\g<0>\\)", text)


def _where(form: Form) -> Iterator[tuple[str, str]]:
    """What the names in a form stand for."""
    defined = [formula.equation for formula in form.formulas if formula.kind == "definition"]
    yield from ((latex(e.left), f"\\(= {latex(e.right)}\\)") for e in (*form.said, *defined))


def signs(views: Iterable[FormulaView]) -> tuple[tuple[str, str], ...]:
    """Those of `SIGNS` that stand in the formulas or in their steps."""
    text = " ".join(part for view in views for part in (view.latex, *(step.latex for step in view.steps)))
    return tuple((shown, meaning) for sign, shown, meaning in SIGNS if sign in text)


def beside(form: Form) -> list[Formula]:
    """What a form says beside the gradient: its recursion, its state's Jacobian."""
    return [formula for formula in form.formulas if formula.kind not in ("gradient", "definition")]
