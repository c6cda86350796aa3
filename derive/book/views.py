"""From networks and checked forms to page models: words, LaTeX, evidence. Nothing is derived here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from derive.algebra.expressions import Variable
from derive.book.pages import CellCard, CellPage, Declaration, EvidenceCount, FormGroup, FormulaView, ParameterView
from derive.check.evidence import Evidence, summary
from derive.check.judge import judge
from derive.gradients.form import Form, Formula, Question
from derive.gradients.makers import FORMS, derived, jacobians
from derive.models.model import Model
from derive.render.answers import Checked, with_evidence
from derive.render.figure import draw
from derive.render.forms import (
    aligned,
    conditions,
    equation_latex,
    formula_latex,
    formula_rows,
    model_latex,
    sides,
    space_latex,
)
from derive.render.printer import latex
from derive.render.unrolled import unrolled

TITLES = {"chain": "Chain form", "delta": "Delta form"}
IMMEDIATE = (
    r"\partial^{+}",
    "the immediate derivative: the state of the step before is held fixed, but for what one differentiates by",
)
EMPTY = (r"\cdots", "a product with these dots that has no factor, as for \\(k = t\\), is the identity")


def cell_view(model: Model, steps: int) -> CellPage:
    """Everything on the page of one network, checked."""
    any_steps = [Question(model, parameter, model.loss.left) for parameter in model.parameters]
    written = [Question(model, parameter, model.loss.left, steps) for parameter in model.parameters]
    groups = [
        ("For any number of steps", _checked(derived(any_steps, FORMS))),
        (_title(steps), _checked(derived(written, FORMS))),
    ]
    matrices = _checked(jacobians(model))
    shown = [checked for _, found in groups for checked in found] + list(matrices)
    return CellPage(
        name=model.name,
        title=model.title,
        source=model.reference,
        equations_latex=model_latex(model),
        declarations=tuple(_declarations(model)),
        introduced=tuple(equation_latex(equation) for equation in model.introduced),
        cell_text=model.source.text,
        graph_svg=draw(unrolled(model, steps)),
        parameters=tuple(
            _parameter(parameter, [(title, found[2 * i : 2 * i + 2]) for title, found in groups])
            for i, parameter in enumerate(model.parameters)
        ),
        jacobians=tuple(_jacobians(matrices)),
        evidence=counts({formula: e for checked in shown for formula, e in checked.formulas()}.values()),
    )


def _checked(forms: Sequence[Form]) -> tuple[Checked, ...]:
    return with_evidence(forms, judge(forms))


def card(model: Model, page: CellPage) -> CellCard:
    """A network on the first page."""
    state = " and ".join(f"\\({latex(part)}\\)" for part in model.carried)
    names = ", ".join(f"\\({latex(parameter)}\\)" for parameter in model.parameters)
    summary_text = f"State {state}; parameters {names}. {_total(page)} formulas, each checked."
    return CellCard(model.name, model.title, summary_text, equation_latex(model.equations[_last_state(model)]))


def counts(evidence: Iterable[Evidence]) -> tuple[EvidenceCount, ...]:
    """How many formulas bear which word."""
    return tuple(EvidenceCount(word, count) for word, count in sorted(Counter(e.word for e in evidence).items()))


def _title(steps: int) -> str:
    return f"For {steps} {'step' if steps == 1 else 'steps'}, T = {steps}"


def _total(page: CellPage) -> int:
    return sum(item.count for item in page.evidence)


def _last_state(model: Model) -> int:
    names = {part.name for part in model.carried}
    return max(i for i, equation in enumerate(model.equations) if equation.left.name in names)


def _declarations(model: Model) -> Iterable[Declaration]:
    for variable, role in _roles(model):
        yield Declaration(latex(variable), space_latex(variable), role)


def _roles(model: Model) -> Iterable[tuple[Variable, str]]:
    yield from ((parameter, "parameter") for parameter in model.parameters)
    yield from ((variable, "given at every step") for variable in model.inputs)
    states = {part.name for part in model.carried}
    for equation in model.equations:
        name = equation.left.name
        role = "the loss of a step" if name == model.summand.name else "state" if name in states else "computed"
        yield equation.left, role
    yield from ((start.variable, "the state before the first step") for start in model.starts)


def _parameter(parameter: Variable, groups: Sequence[tuple[str, Sequence[Checked]]]) -> ParameterView:
    plain = parameter.name.plain
    return ParameterView(
        name_latex=latex(parameter),
        name_plain=plain,
        anchor=plain,
        shape_latex=space_latex(parameter),
        role="parameter",
        groups=tuple(
            FormGroup(title, tuple(_view(checked, f"{plain}-{checked.form.kind}-{number}") for checked in found))
            for number, (title, found) in enumerate(groups, 1)
        ),
    )


def _view(checked: Checked, identifier: str) -> FormulaView:
    """A form as one display: the gradient and its recursion; definitions stand in the list below it."""
    form = checked.form
    shown = [formula for formula in form.formulas if formula.kind != "definition"]
    defined = [formula for formula in form.formulas if formula.kind == "definition"]
    where = [(latex(m.left), f"\\(= {latex(m.right)}\\)") for m in form.meanings.values()]
    where += [(latex(f.equation.left), f"\\(= {_definition(f)}\\)") for f in defined]
    where += _legend(shown)
    return FormulaView(
        id=identifier,
        title=TITLES[form.kind],
        latex=aligned([row for formula in shown for row in formula_rows(formula)]),
        evidence=summary(checked.evidence),
        where=tuple(where),
        conditions=tuple(f"\\({equation_latex(c)}\\)" for c in conditions(form.formulas)),
    )


def _definition(formula: Formula) -> str:
    return latex(formula.equation.right)


def _legend(formulas: Sequence[Formula]) -> list[tuple[str, str]]:
    """What the signs in a chain form mean, where they occur."""
    text = " ".join(formula_latex(formula) for formula in formulas)
    legend = [IMMEDIATE] if r"\partial^{+}" in text else []
    return [*legend, EMPTY] if r"\cdots" in text and "k" in text else legend


def _jacobians(found: Sequence[Checked]) -> Iterable[FormulaView]:
    """One display for the state's Jacobian and one for the equations', each formula a row."""
    titles = (
        "The state by the state before it",
        "The state by any earlier state",
        "Each equation by each of its arguments",
    )
    for checked, title in zip(found, titles, strict=True):
        rows = [
            row for f in checked.form.formulas for row in (sides(f.equation) if len(f.ranges) == 1 else formula_rows(f))
        ]
        yield FormulaView(
            id=f"jacobians-{checked.form.kind}",
            title=title,
            latex=aligned(rows),
            evidence=summary(checked.evidence),
            where=tuple(_legend(checked.form.formulas)),
        )
