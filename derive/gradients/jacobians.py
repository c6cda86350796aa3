"""Jacobians by law: of each equation by each of its arguments, and of the state by the state before, block by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sympy import Expr, Integer

from derive.algebra.build import is_zero, substitute, transpose
from derive.algebra.equation import Equation
from derive.algebra.expressions import Blocks, Derivative, Expression, Variable
from derive.algebra.names import Name
from derive.algebra.shapes import is_column
from derive.calculus.laws import LAWS
from derive.calculus.pullback import Laws, jacobian
from derive.calculus.rewrite import tidy
from derive.gradients import local
from derive.gradients.form import Form, Formula, Question, Range
from derive.models.model import Model, variables


def local_jacobians(model: Model, laws: Laws = LAWS) -> Form:
    """∂y_t/∂x for every equation y_t = F(…, x, …) of columns, all other arguments held fixed."""
    formulas = []
    for step in model.steps:
        used = [v for v in dict.fromkeys(variables(step.right)) if v.name not in {i.name for i in model.inputs}]
        for variable in used:
            if is_column(variable.shape) and is_column(step.left.shape):
                edge = Derivative(step.left, variable, others(model, step, variable))
                formulas.append(_formula(model, edge, along_edge(step, variable, laws)))
    return Form("local", Question(model, model.summand, model.loss.left), tuple(formulas))


def along_edge(step: Equation, variable: Variable, laws: Laws = LAWS) -> Expression:
    """∂y_t/∂x by the direct uses of x in the equation of y_t, in terms of y_t where that is shorter."""
    return tidy(substitute(jacobian(step.right, variable, laws), {step.right: step.left}))


def state_jacobian(model: Model, laws: Laws = LAWS) -> Form:
    """∂⁺ of each component of S_t by each component of S_{t-1} that it depends on within the step."""
    components = local.parts(model.state(model.time - 1))
    formulas = []
    for part in model.carried:
        if part.time != model.time:
            continue  # an older component is a copy
        found = local.through(model, part, components, laws)
        for component in components:
            block = tidy(transpose(found[component])) if component in found else None
            if block is not None and not is_zero(block):
                formulas.append(_formula(model, Derivative(part, component, model.held(part, component)), block))
    return Form("state", Question(model, model.summand, model.loss.left), tuple(formulas))


def state_definition(model: Model, horizon: Expr) -> Formula | None:
    """S_t = (c_t; h_t), where the state has several components."""
    state = model.state(model.time)
    if len(model.carried) < 2:
        return None
    return Formula(Equation(state, Blocks(1, *state.parts)), "definition", (Range(model.time, Integer(1), horizon),))


def definitions(model: Model, said: Iterable[Equation], horizon: Expr) -> Iterator[Formula]:
    """The equations of the introduced names of which something is said."""
    spoken = {v.name for equation in said for side in (equation.left, equation.right) for v in variables(side)}
    for equation in model.introduced:
        if equation.left.name in spoken:
            yield Formula(equation, "definition", (Range(model.time, Integer(1), horizon),))


def _formula(model: Model, left: Expression, right: Expression) -> Formula:
    return Formula(Equation(left, right), "jacobian", (Range(model.time, Integer(1), model.horizon),))


def others(model: Model, step: Equation, variable: Variable) -> tuple[Expression, ...]:
    """What must be held fixed so that only the direct use of `variable` counts: nothing where there is no other way.

    Where that is only of the step before, the whole state of it, so that the derivative is the immediate one.
    """
    others = [v for v in dict.fromkeys(variables(step.right)) if v != variable and _is_node(model, v.name)]
    if variable.time is not None and not any(_leads(model, v, variable) for v in others):
        return ()
    if others and all(v.time == model.time - 1 for v in others):
        return model.held(step.left, variable)
    return tuple(others)


def _is_node(model: Model, name: Name) -> bool:
    return name in model.definitions


def _leads(model: Model, top: Variable, bottom: Variable) -> bool:
    """Whether `top` depends on `bottom`, both at steps relative to the generic one."""
    pending, seen = [top], set()
    while pending:
        current = pending.pop()
        if current == bottom:
            return True
        if current in seen or current.time - bottom.time < 0 or current.name not in model.definitions:
            continue
        seen.add(current)
        step = model.definitions[current.name]
        shift = current.time - model.time
        pending += [v.at(v.time + shift) for v in variables(step.right) if v.time is not None]
    return False
