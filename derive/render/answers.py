"""Answers: forms with their evidence, as they are printed, and several of them as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from derive.check.evidence import Evidence
from derive.gradients.form import Form, Formula
from derive.render.forms import form_latex, form_unicode, formula_latex, formula_unicode

KINDS = ("gradient", "jacobian", "adjoint", "definition")
"""The order in which formulas of several gradients are listed together."""


@dataclass(frozen=True)
class Checked:
    """A form with the evidence for each of its formulas."""

    form: Form
    evidence: tuple[Evidence, ...]

    def latex(self) -> str:
        """LaTeX with amsmath, without delimiters."""
        return form_latex(self.form)

    def unicode(self) -> str:
        """Lines for a terminal."""
        return form_unicode(self.form)

    def formulas(self) -> tuple[tuple[Formula, Evidence], ...]:
        return tuple(zip(self.form.formulas, self.evidence, strict=True))

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
        }

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"


def together(found: Sequence[Checked]) -> tuple[Checked, ...]:
    """Answers of one kind as one: all gradients, then the recursion and the definitions that they share, once."""
    merged = []
    for kind in dict.fromkeys(checked.form.kind for checked in found):
        same = [checked for checked in found if checked.form.kind == kind]
        evidence = {formula: e for checked in same for formula, e in checked.formulas()}
        formulas = tuple(sorted(evidence, key=lambda formula: KINDS.index(formula.kind)))
        meanings = {name: meaning for checked in same for name, meaning in checked.form.meanings.items()}
        form = Form(kind, same[0].form.question, formulas, meanings)
        merged.append(Checked(form, tuple(evidence[formula] for formula in formulas)))
    return tuple(merged)


def with_evidence(forms: Sequence[Form], evidence: Sequence[tuple[Evidence, ...]]) -> tuple[Checked, ...]:
    """Each form with what speaks for its formulas."""
    return tuple(Checked(form, found) for form, found in zip(forms, evidence, strict=True))
