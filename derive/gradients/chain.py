r"""The chain form: ∂L/∂θ = Σ_t ( ∂⁺L_t/∂θ + Σ_{k≤t} ∂L_t/∂S_t · ∂S_t/∂S_{t-1} ⋯ ∂S_{k+1}/∂S_k · ∂⁺S_k/∂θ ).

A summand is (t, k): the loss of step t, reached from the use of θ at step k. No law of `calculus` is needed for it,
only who depends on whom.
Source: Werbos, Backpropagation through time, Proc. IEEE 78(10), 1990; Pascanu et al. (2013), eq. 3–5.
"""

from __future__ import annotations

from itertools import pairwise

from sympy import Expr, Integer

from derive.algebra.build import add, descending, product, summation, zero
from derive.algebra.equation import Equation
from derive.algebra.expressions import Derivative, Expression, State, Variable
from derive.algebra.names import Name
from derive.errors import DeriveError
from derive.gradients.expand import expand
from derive.gradients.form import Form, Formula, Question, Range, letters
from derive.gradients.jacobians import state_definition
from derive.gradients.paths import only_path, reaches
from derive.models.model import Model, variables, walk


def chain_form(question: Question, *, expanded: bool) -> Form:
    """The derivative as a sum over paths; with `expanded` each summand of a numeric T is written out."""
    by = question.by
    if by.time is None:
        right = _parameter(question)
    elif question.by_start:
        right = _start(question)
    else:
        right = _quantity(question)
    right = expand(right) if expanded else right
    gradient = Formula(Equation(question.derivative, right), "gradient", question.ranges)
    stacked = state_definition(question.model, question.horizon)
    uses_state = stacked is not None and any(isinstance(part, State) for part in walk(right))
    return Form("chain", question, (gradient, stacked) if stacked is not None and uses_state else (gradient,))


def _parameter(question: Question) -> Expression:
    """Σ over the losses that are asked for, each a direct use plus the uses at every step k."""
    model, (k, j, *_) = question.model, letters(question.model, "k", "j")
    time = question.of.time if not question.whole else model.time

    def summand(t: Expr) -> Expression:
        used = _immediate(model, question.by, k)
        past = zero(question.derivative.shape)
        if used is not None:
            past = summation(product(*_readout(model, t), propagation(model, t, k, j), used), k, Integer(1), t)
        return add(_direct(model, question.by, t, alone=used is None), past)

    if not question.whole:
        return summand(time)
    return summation(summand(model.time), model.time, Integer(1), question.horizon)


def _start(question: Question) -> Expression:
    """∂L/∂S_0 through all steps, by the component that is asked for."""
    model, (_, j, *_) = question.model, letters(question.model, "k", "j")
    origin = model.state(Integer(0))
    last = () if origin == question.by else (Derivative(origin, question.by),)

    def summand(t: Expr) -> Expression:
        return product(*_readout(model, t), propagation(model, t, Integer(0), j), *last)

    if not question.whole:
        return summand(question.of.time)
    return summation(summand(model.time), model.time, Integer(1), question.horizon)


def _quantity(question: Question) -> Expression:
    """∂L/∂v_t: at its own step past the state, and through the state of its step at this and all later ones."""
    model, (_, j, r, *_) = question.model, letters(question.model, "k", "j", "r")
    by, at = question.by, question.by.time
    _refuse_late_uses(model, by)
    state = model.state(at)
    names = [part.name for part in model.carried]
    through = by.name in names or any(reaches(model, name, by.name) for name in names)
    last: tuple[Expression, ...] = () if state == by else (Derivative(state, by),)
    direct = zero(question.derivative.shape)
    if question.whole or question.of.time == at:
        direct = _direct(model, by, at, alone=not through)

    def past(t: Expr) -> Expression:
        return product(*_readout(model, t), propagation(model, t, at, j), *last)

    if not question.whole:
        return add(direct, past(question.of.time) if through else zero(direct.shape))
    return add(direct, summation(past(r), r, at, question.horizon) if through else zero(direct.shape))


def propagation(model: Model, t: Expr, k: Expr, j: Expr) -> Expression:
    """∂S_t/∂S_k as the product of state Jacobians from step t down to step k+1."""
    return descending(Derivative(model.state(j), model.state(j - 1)), j, k + 1, t)


def propagation_form(model: Model) -> Form:
    """∂S_t/∂S_k for 0 ≤ k ≤ t ≤ T: a product of t - k state Jacobians, the identity for k = t."""
    k, j, *_ = letters(model, "k", "j")
    t = model.time
    left = Derivative(model.state(t), model.state(k))
    ranges = (Range(t, Integer(1), model.horizon), Range(k, Integer(0), t))
    formula = Formula(Equation(left, propagation(model, t, k, j)), "jacobian", ranges)
    stacked = state_definition(model, model.horizon)
    formulas = (formula,) if stacked is None else (formula, stacked)
    return Form("propagation", Question(model, model.summand, model.loss.left), formulas)


def _readout(model: Model, t: Expr) -> tuple[Expression, ...]:
    """∂L_t/∂S_t; where one path leads from the loss to a single state, the product along it."""
    top = model.summand.at(t)
    if len(model.carried) == 1:
        path = only_path(model, model.summand.name, model.carried[0].name)
        if path is not None:
            return _along(model, path, t)
    return (Derivative(top, model.state(t)),)


def _direct(model: Model, by: Variable, t: Expr, *, alone: bool) -> Expression:
    """The derivative of L_t by what it uses without going through S_t; 0 where there is no such use.

    `alone` says that there is no other way, so that nothing needs to be held fixed.
    """
    stops = [part.name for part in model.carried]
    if by.name in stops or not reaches(model, model.summand.name, by.name, stops):
        return zero(Derivative(model.summand.at(t), by).shape)
    path = only_path(model, model.summand.name, by.name, stops)
    if alone and path is not None and len(path) > 1:
        return product(*_along(model, path, t))
    held = () if alone else (model.state(t),)
    return Derivative(model.summand.at(t), by, held)


def _along(model: Model, path: tuple[Name, ...], t: Expr) -> tuple[Expression, ...]:
    """The derivatives along a path within step t; with one path only, each total one is the edge's own."""
    places = [_placed(model, name, t) for name in path]
    return tuple(Derivative(upper, lower) for upper, lower in pairwise(places))


def _placed(model: Model, name: Name, t: Expr) -> Variable:
    variable = model.named(name)
    assert variable is not None
    return variable if variable.time is None else variable.at(t)


def _immediate(model: Model, by: Variable, k: Expr) -> Expression | None:
    """∂⁺S_k/∂θ, with S_{k-1} held fixed; None where no equation of the state uses θ."""
    names = [part.name for part in model.carried]
    if not any(reaches(model, name, by.name) for name in names):
        return None
    if not any(reaches(model, model.summand.name, name) for name in names):
        return None
    return Derivative(model.state(k), by, (model.state(k - 1),))


def _refuse_late_uses(model: Model, by: Variable) -> None:
    """An input that later steps use again is no part of the state; its gradient is not a sum of this kind."""
    names = {part.name for part in model.carried}
    for step in model.steps:
        for used in _late(model, step):
            if used.name == by.name and used.name not in names:
                raise DeriveError(f"{by.name} is used again at a later step, and the chain form does not cover that",
                                  hint="--form delta")  # fmt: skip


def _late(model: Model, step: Equation) -> list[Variable]:
    return [v for v in variables(step.right) if v.time is not None and v.time != model.time]
