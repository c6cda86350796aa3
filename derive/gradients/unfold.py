"""The skeleton of a gradient: which losses count, and at which steps what one differentiates by is used.

A summand is (t, k): the loss of step t, reached from a use at step k. What a summand looks like is up to each form.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, Integer

from derive.algebra.build import add, summation, zero
from derive.algebra.expressions import Expression, State, Variable
from derive.errors import DeriveError
from derive.gradients.form import Question, letters
from derive.gradients.paths import reaches
from derive.models.model import Model, variables

Direct = Callable[[Expr], Expression]
"""What L_t hands to what one differentiates by past the state, at step t."""
Past = Callable[[Expr, Expr], Expression]
"""The same through the states from S_t down to S_k."""


def over_paths(question: Question, direct: Direct, past: Past) -> Expression:
    """Σ over the losses that are asked for of all that reaches what one differentiates by."""
    model, by = question.model, question.by
    if by.time is None:
        return over_losses(question, lambda t: _both(direct(t), _uses(question, t, past)), Integer(1))
    if question.by_start:
        return over_losses(question, lambda t: past(t, Integer(0)), Integer(1))
    at = by.time
    here = direct(at) if question.whole or question.of.time == at else zero(direct(at).shape)
    if not through_state(model, by):
        return here
    return _both(here, over_losses(question, lambda t: past(t, at), at))


def _both(direct: Expression, past: Expression | None) -> Expression:
    return direct if past is None else add(direct, past)


def over_losses(question: Question, summand: Callable[[Expr], Expression], first: Expr) -> Expression:
    """Σ of the summand over the steps from `first` whose losses are asked for; of one L_t its own."""
    if not question.whole:
        return summand(question.of.time)
    model = question.model
    t = model.time if question.by.time is None or question.by_start else letters(model, "k", "j", "r")[2]
    return summation(summand(t), t, first, question.horizon)


def _uses(question: Question, t: Expr, past: Past) -> Expression | None:
    k = letters(question.model, "k")[0]
    if not through_state(question.model, question.by):
        return None
    return summation(past(t, k), k, Integer(1), t)


def through_state(model: Model, by: Variable) -> bool:
    """Whether a loss depends on the state, and the state of a step on a quantity or parameter within that step."""
    names = [part.name for part in model.carried]
    if not any(reaches(model, model.summand.name, name) for name in names):
        return False
    return by.name in names or any(reaches(model, name, by.name) for name in names)


def past_the_state(model: Model, by: Variable) -> bool:
    """Whether L_t depends on `by` in a way that does not lead through S_t."""
    stops = [part.name for part in model.carried]
    return by.name not in stops and reaches(model, model.summand.name, by.name, stops)


def chosen(state: Expression, by: Variable) -> bool:
    """Whether `by` is one of several components of a state, or another quantity of its step."""
    return isinstance(state, State) or state != by


def refuse_late_uses(model: Model, by: Variable) -> None:
    """An input that later steps use again is no part of the state; its gradient is not a sum of this kind."""
    names = {part.name for part in model.carried}
    for step in model.steps:
        for used in variables(step.right):
            late = used.time is not None and used.time != model.time
            if late and used.name == by.name and used.name not in names:
                raise DeriveError(f"{by.name} is used again at a later step, and a sum over paths does not cover that",
                                  hint="--form delta")  # fmt: skip
