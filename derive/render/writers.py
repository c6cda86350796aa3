"""Answers as text: for a terminal, as LaTeX, Markdown, MathML, JSON. Each says what speaks for what it shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from derive.evidence.evidence import summary
from derive.gradients.form import Form
from derive.models.model import Model
from derive.render.answers import Checked, cited, names, title, together
from derive.render.forms import formula_latex, formula_unicode
from derive.render.mathml import mathml
from derive.render.printer import latex

Writer = Callable[[Model, Sequence[Checked]], str]


def as_json(model: Model, answers: Sequence[Checked]) -> str:
    """One object: the network, and each answer with its formulas, its steps and their evidence."""
    found = [{**_asked(each.form), "steps": each.form.question.steps, **each.as_dict()} for each in answers]
    parameters = [parameter.name.plain for parameter in model.parameters]
    cell = {"name": model.name, "title": model.title, "parameters": parameters}
    return json.dumps({"cell": cell, "gradients": found}, ensure_ascii=False, indent=2)


def _asked(form: Form) -> dict[str, str | None]:
    """What a form is about: a derivative, or a quantity of the forward pass."""
    first = form.formulas[0]
    if first.kind == "forward":
        return {"of": str(first.equation.left), "by": None, "latex": latex(first.equation.left)}
    return {"of": str(form.asked.top), "by": str(form.asked.bottom), "latex": latex(form.asked)}


def as_latex(model: Model, answers: Sequence[Checked]) -> str:
    """LaTeX to be pasted into display mathematics, what speaks for it in comments."""
    blocks = []
    for answer in together(answers):
        words = [f"% {line}" for line in summary(answer.evidence)]
        blocks.append("\n".join([f"% {title(answer.form)}", *words, answer.latex()]))
        for number, (step, _) in enumerate(answer.steps(), 1):
            blocks.append(f"% step {number}: {names(step)}\n{formula_latex(step.formula)}")
    return "\n\n".join(blocks)


def as_markdown(model: Model, answers: Sequence[Checked]) -> str:
    """Markdown with `$$`, as MkDocs, Jupyter, Pandoc and GitHub read it."""
    blocks = []
    for answer in together(answers):
        blocks += [f"### {title(answer.form).capitalize()}", display(answer.latex())]
        blocks.append("\n".join(f"- {line}" for line in summary(answer.evidence)))
        for number, (step, _) in enumerate(answer.steps(), 1):
            blocks += [f"{number}. {cited(step)}", display(formula_latex(step.formula))]
    return "\n\n".join(blocks)


def display(text: str) -> str:
    return f"$$\n{text}\n$$"


def as_mathml(model: Model, answers: Sequence[Checked]) -> str:
    """A `math` element for each form, and one for each step; what speaks for it in comments."""
    blocks = []
    for answer in together(answers):
        words = [title(answer.form), *summary(answer.evidence)]
        blocks.append("\n".join([*(f"<!-- {line} -->" for line in words), mathml(answer.latex())]))
        for number, (step, _) in enumerate(answer.steps(), 1):
            blocks.append(f"<!-- step {number}: {names(step)} -->\n{mathml(formula_latex(step.formula))}")
    return "\n\n".join(blocks)


def as_unicode(model: Model, answers: Sequence[Checked]) -> str:
    """Lines for a terminal, what speaks for them below."""
    blocks = []
    for answer in together(answers):
        lines = [title(answer.form), *("  " + line for line in answer.unicode().split("\n"))]
        blocks.append("\n".join([*lines, *("  ✓ " + line for line in summary(answer.evidence))]))
        if answer.form.steps:
            blocks.append("\n".join(_explained(answer)))
    return "\n\n".join(blocks)


def _explained(answer: Checked) -> Iterator[str]:
    yield "  how it is reached; each step was judged like a formula"
    for number, (step, _) in enumerate(answer.steps(), 1):
        yield f"  {number:2} {cited(step)}"
        yield from (f"       {line}" for line in formula_unicode(step.formula))


WRITERS: Mapping[str, Writer] = {
    "unicode": as_unicode,
    "latex": as_latex,
    "markdown": as_markdown,
    "mathml": as_mathml,
    "json": as_json,
}
