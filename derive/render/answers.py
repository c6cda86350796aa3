"""Answers: forms with their evidence, as they are printed, and several of them as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from derive.evidence.evidence import Evidence, lines_html, summary
from derive.gradients.form import Form, Formula, Step
from derive.render.forms import form_latex, form_unicode, formula_latex, formula_unicode
from derive.render.mathml import mathml

KINDS = ("gradient", "forward", "jacobian", "adjoint", "definition")
"""The order in which formulas of several gradients are listed together."""


@dataclass(frozen=True)
class Checked:
    """A form with the evidence for each of its formulas, and for each of its steps where there are any."""

    form: Form
    evidence: tuple[Evidence, ...]
    step_evidence: tuple[Evidence, ...] = ()

    def latex(self) -> str:
        """LaTeX with amsmath, without delimiters."""
        return form_latex(self.form)

    def unicode(self) -> str:
        """Lines for a terminal."""
        return form_unicode(self.form)

    def formulas(self) -> tuple[tuple[Formula, Evidence], ...]:
        return tuple(zip(self.form.formulas, self.evidence, strict=True))

    def steps(self) -> tuple[tuple[Step, Evidence], ...]:
        return tuple(zip(self.form.steps, self.step_evidence, strict=True))

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "form": self.form.kind,
            "formulas": [
                {
                    "kind": formula.kind,
                    "latex": formula_latex(formula),
                    "unicode": "\n".join(formula_unicode(formula)),
                    "evidence": evidence.as_dict(),
                }
                for formula, evidence in self.formulas()
            ],
            "derivation": [
                {
                    "laws": [asdict(law) for law in step.laws],
                    "latex": formula_latex(step.formula),
                    "unicode": "\n".join(formula_unicode(step.formula)),
                    "evidence": evidence.as_dict(),
                }
                for step, evidence in self.steps()
            ],
        }

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_html_(self) -> str:
        """The form as MathML, what speaks for it, and its steps, folded."""
        parts = [f"<p><i>{escape(title(self.form))}</i></p>", mathml(self.latex()), lines_html(summary(self.evidence))]
        if self.form.steps:
            items = (f"<li>{escape(cited(s))}{mathml(formula_latex(s.formula))}</li>" for s, _ in self.steps())
            parts.append(f"<details><summary>how it is reached</summary><ol>{''.join(items)}</ol></details>")
        return f"<div>{''.join(parts)}</div>"


def together(found: Sequence[Checked]) -> tuple[Checked, ...]:
    """Answers of one kind as one: all gradients, then the recursion and the definitions that they share, once."""
    merged = []
    for kind in dict.fromkeys(checked.form.kind for checked in found):
        same = [checked for checked in found if checked.form.kind == kind]
        evidence = {formula: e for checked in same for formula, e in checked.formulas()}
        formulas = tuple(sorted(evidence, key=lambda formula: KINDS.index(formula.kind)))
        meanings = {name: meaning for checked in same for name, meaning in checked.form.meanings.items()}
        steps = {step: e for checked in same for step, e in checked.steps()}
        form = Form(kind, same[0].form.question, formulas, meanings, tuple(steps))
        merged.append(Checked(form, tuple(evidence[formula] for formula in formulas), tuple(steps.values())))
    return tuple(merged)


def with_evidence(forms: Sequence[Form], evidence: Sequence[tuple[Evidence, ...]]) -> tuple[Checked, ...]:
    """Each form with what speaks for its claims."""
    return tuple(
        Checked(form, found[: len(form.formulas)], found[len(form.formulas) :])
        for form, found in zip(forms, evidence, strict=True)
    )


def title(form: Form) -> str:
    return "nested forward pass" if form.kind == "nested" else f"{form.kind} form"


def names(step: Step) -> str:
    """The laws of a step by their names."""
    return ", ".join(law.name for law in step.laws)


def cited(step: Step) -> str:
    """The laws of a step in words."""
    return " ".join(f"{law.name}: {law.statement}" for law in step.laws)
