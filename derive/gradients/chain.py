r"""The chain form: ∂L/∂θ = Σ_t ( ∂⁺L_t/∂θ + Σ_{k≤t} ∂L_t/∂S_t · ∂S_t/∂S_{t-1} ⋯ ∂S_{k+1}/∂S_k · ∂⁺S_k/∂θ ).

It is reached in a few steps (`STAGES`), none of which needs to know more than who depends on whom.
Source: Werbos, Backpropagation through time, Proc. IEEE 78(10), 1990; Pascanu et al. (2013), eq. 3–5.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from sympy import Expr, Integer

from derive.algebra.build import add, descending, product, zero
from derive.algebra.equation import Equation
from derive.algebra.expressions import Derivative, Expression, Identity, State, Variable
from derive.algebra.names import Name
from derive.gradients.expand import write_out
from derive.gradients.form import Form, Formula, Question, Range, Step, letters
from derive.gradients.jacobians import state_definition
from derive.gradients.paths import only_path
from derive.gradients.steps import in_order
from derive.gradients.unfold import over_losses, over_paths, past_the_state, refuse_late_uses, through_state
from derive.models.model import Model, walk

Factors = tuple[Expression, ...]


def chain_form(question: Question, *, expanded: bool) -> Form:
    """The derivative as a sum over paths; with `expanded` each summand of a numeric T is written out."""
    refuse_late_uses(question.model, question.by)
    right = along_the_equations(question)
    right = write_out(right) if expanded else right
    gradient = Formula(Equation(question.derivative, right), "gradient", question.ranges)
    stacked = state_definition(question.model, question.horizon)
    uses_state = stacked is not None and any(isinstance(part, State) for part in walk(right))
    formulas = (gradient, stacked) if stacked is not None and uses_state else (gradient,)
    return Form("chain", question, formulas)


def sum_of_losses(question: Question) -> Expression:
    r"""The derivative of a sum is the sum of the derivatives; a loss does not depend on what comes after it.

    Law: \frac{\partial}{\partial \theta} \sum_{t=1}^{T} L_t = \sum_{t=1}^{T} \frac{\partial L_t}{\partial \theta}
    Conditions: none
    Source: linearity of differentiation
    """
    model, by = question.model, question.by
    first = by.time if by.time is not None and not question.by_start else Integer(1)
    return over_losses(question, lambda t: Derivative(model.summand.at(t), by), first)


def through_the_state(question: Question) -> Expression:
    r"""A loss depends on a parameter past the state, the state held fixed, and through the state.

    Law: \frac{\partial L_t}{\partial \theta} = \left. \frac{\partial L_t}{\partial \theta} \right|_{S_t}
        + \frac{\partial L_t}{\partial S_t} \frac{\partial S_t}{\partial \theta}
    Conditions: all that L_t depends on and an earlier step too is part of S_t
    Source: the chain rule for two arguments
    """
    model, by = question.model, question.by
    if not through_state(model, by):
        return sum_of_losses(question)
    if by.time is not None:
        return every_use(question)  # a quantity of one step is used there alone

    def summand(t: Expr) -> Expression:
        past = product(Derivative(model.summand.at(t), model.state(t)), Derivative(model.state(t), by))
        return add(direct(model, by, t), past)

    return over_losses(question, summand, Integer(1))


def every_use(question: Question) -> Expression:
    r"""Each use of the parameter at a step k ≤ t reaches the state of step t through the state of step k.

    Law: \frac{\partial S_t}{\partial \theta}
        = \sum_{k=1}^{t} \frac{\partial S_t}{\partial S_k} \frac{\partial^{+} S_k}{\partial \theta}
    Conditions: S_0 does not depend on the parameter
    Source: the recurrence ∂S_t/∂θ = ∂S_t/∂S_{t-1} ∂S_{t-1}/∂θ + ∂⁺S_t/∂θ, solved; Pascanu et al. (2013), eq. 4
    """
    return _paths(question, whole_readout, whole_propagation)


def step_by_step(question: Question) -> Expression:
    r"""The state reaches later steps through every state between.

    Law: \frac{\partial S_t}{\partial S_k}
        = \frac{\partial S_t}{\partial S_{t-1}} \cdots \frac{\partial S_{k+1}}{\partial S_k}
    Conditions: S_t depends on earlier steps through S_{t-1} alone; for k = t the product is the identity
    Source: the chain rule; Pascanu et al. (2013), eq. 5
    """
    return _paths(question, whole_readout, propagation)


def along_the_equations(question: Question) -> Expression:
    r"""Where a single path of equations leads from one quantity to another, the derivative is the product along it.

    Law: \frac{\partial L_t}{\partial s_t} = \frac{\partial L_t}{\partial o_t} \frac{\partial o_t}{\partial s_t}
    Conditions: there is no other path within the step
    Source: the chain rule
    """
    return _paths(question, along_readout, propagation, along=True)


STAGES = (sum_of_losses, through_the_state, every_use, step_by_step, along_the_equations)
"""The laws that lead from the derivative to its chain form, in their order."""


def stages(question: Question) -> tuple[Step, ...]:
    """Each law of `STAGES` that changes something."""
    return in_order(question, question.derivative, [(stage, stage(question)) for stage in STAGES])


def _paths(
    question: Question,
    readout: Callable[[Model, Expr], Factors],
    between: Callable[[Model, Expr, Expr], Expression],
    *,
    along: bool = False,
) -> Expression:
    model, by = question.model, question.by
    return over_paths(
        question,
        lambda t: direct(model, by, t, along=along),
        lambda t, k: product(*readout(model, t), between(model, t, k), *use(question, k)),
    )


def whole_readout(model: Model, t: Expr) -> Factors:
    return (Derivative(model.summand.at(t), model.state(t)),)


def along_readout(model: Model, t: Expr) -> Factors:
    """∂L_t/∂S_t; where one path leads from the loss to a single state, the product along it."""
    if len(model.carried) == 1:
        path = only_path(model, model.summand.name, model.carried[0].name)
        if path is not None:
            return _along(model, path, t)
    return whole_readout(model, t)


def whole_propagation(model: Model, t: Expr, k: Expr) -> Expression:
    state = model.state(t)
    return Identity(state.shape[0]) if t == k else Derivative(state, model.state(k))


def propagation(model: Model, t: Expr, k: Expr) -> Expression:
    """∂S_t/∂S_k as the product of state Jacobians from step t down to step k+1."""
    if t == k:
        return Identity(model.state(t).shape[0])
    j = letters(model, "k", "j")[1]
    return descending(Derivative(model.state(j), model.state(j - 1)), j, k + 1, t)


def propagation_form(model: Model) -> Form:
    """∂S_t/∂S_k for 0 ≤ k ≤ t ≤ T: a product of t - k state Jacobians, the identity for k = t."""
    k = letters(model, "k", "j")[0]
    t = model.time
    left = Derivative(model.state(t), model.state(k))
    ranges = (Range(t, Integer(1), model.horizon), Range(k, Integer(0), t))
    formula = Formula(Equation(left, propagation(model, t, k)), "jacobian", ranges)
    stacked = state_definition(model, model.horizon)
    formulas = (formula,) if stacked is None else (formula, stacked)
    return Form("propagation", Question(model, model.summand, model.loss.left), formulas)


def use(question: Question, k: Expr) -> Factors:
    """The last factor of a path: ∂⁺S_k/∂θ with S_{k-1} held fixed, or what the state is of a quantity of its step."""
    model, by = question.model, question.by
    state = model.state(k)
    if by.time is None:
        return (Derivative(state, by, (model.state(k - 1),)),)
    return () if state == by else (Derivative(state, by),)


def direct(model: Model, by: Variable, t: Expr, *, along: bool = False) -> Expression:
    """The derivative of L_t by what it uses without going through S_t; 0 where there is no such use.

    Where there is no other way nothing needs to be held fixed, and a single path may be followed.
    """
    if not past_the_state(model, by):
        return zero(Derivative(model.summand.at(t), by).shape)
    alone = not through_state(model, by)
    path = only_path(model, model.summand.name, by.name, [part.name for part in model.carried])
    if along and alone and path is not None and len(path) > 1:
        return product(*_along(model, path, t))
    return Derivative(model.summand.at(t), by, () if alone else (model.state(t),))


def _along(model: Model, path: tuple[Name, ...], t: Expr) -> Factors:
    """The derivatives along a path within step t; with one path only, each total one is the edge's own."""
    places = [_placed(model, name, t) for name in path]
    return tuple(Derivative(upper, lower) for upper, lower in pairwise(places))


def _placed(model: Model, name: Name, t: Expr) -> Variable:
    variable = model.named(name)
    assert variable is not None
    return variable if variable.time is None else variable.at(t)
