"""The forms that there are: of gradients by their names, and of Jacobians."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.gradients.chain import chain_form, propagation_form
from derive.gradients.closed import closed_form
from derive.gradients.component import component_form
from derive.gradients.delta import delta_form
from derive.gradients.form import Form, Question
from derive.gradients.jacobian import jacobian_form
from derive.gradients.jacobians import local_jacobians, state_jacobian
from derive.models.model import Model

FORMS = ("chain", "jacobian", "closed", "delta", "component")
MAKERS = dict(zip(FORMS, (chain_form, jacobian_form, closed_form, delta_form, component_form), strict=True))


def derived(questions: Sequence[Question], kinds: Sequence[str]) -> list[Form]:
    """Each question in each form; for a number of steps written out, unless it is asked at a step that is a letter."""
    return [MAKERS[kind](question, expanded=question.written_out) for question in questions for kind in kinds]


def jacobians(model: Model) -> list[Form]:
    """The state's Jacobian block by block, the state by any earlier one, each equation by each of its arguments."""
    recurrent = [state_jacobian(model), propagation_form(model)] if model.carried else []
    found = [form for form in (*recurrent, local_jacobians(model)) if form.formulas]
    return [
        replace(form, formulas=tuple(f.written(form.question, usual="diag") for f in form.formulas)) for form in found
    ]
