"""The forward pass nested into one expression: s_3 = f(U x_3 + W f(U x_2 + W f(U x_1 + W s_0)))."""

from __future__ import annotations

from sympy import Integer

from derive.algebra.build import substitute
from derive.algebra.equation import Equation
from derive.algebra.expressions import Expression, Variable
from derive.errors import DeriveError
from derive.gradients.form import Form, Formula, Question, Step
from derive.gradients.steps import cited
from derive.models.model import Model, variables

MOST_NAMES = 160
"""So many names stand in a nested expression at most; a gated network has a hundred times as many with each step."""


def nested_form(model: Model, quantity: Variable) -> Form:
    """A quantity at a step that is a number, by the author's equations, down to parameters, inputs and starts.

    Error: DeriveError for a quantity without such a step, and for an expression that nobody could read.
    """
    at_number = quantity.time is not None and quantity.time.is_Integer and quantity.time >= 1
    if quantity.name not in model.authored or not at_number:
        raise DeriveError(f"{quantity} is not computed at a step that is a number", hint=_example(model))
    right: Expression = quantity
    steps: list[Step] = []
    while (inner := _latest(model, right)) is not None:
        opened = put_in_equation(model, inner, right)
        if sum(1 for _ in variables(opened)) > MOST_NAMES:
            raise DeriveError(f"{quantity} nested has more than {MOST_NAMES} names", hint="an earlier step")
        if right != quantity:
            steps.append(Step((cited(put_in_equation),), Formula(Equation(right, opened), "step")))
        right = opened
    question = Question(model, model.summand, model.loss.left, int(quantity.time))
    return Form("nested", question, (Formula(Equation(quantity, right), "forward"),), steps=tuple(steps))


def put_in_equation(model: Model, quantity: Variable, expression: Expression) -> Expression:
    r"""A quantity of one step is what its equation says.

    Law: s_t = F(x_t, s_{t-1})
    Conditions: none
    Source: the forward pass
    """
    equation = model.authored[quantity.name].at({model.time: quantity.time})
    return substitute(expression, {quantity: equation.right})


def _latest(model: Model, expression: Expression) -> Variable | None:
    """The quantity of the latest step that an equation of the network computes."""
    starts = {start.variable for start in model.starts}
    found = [v for v in variables(expression) if v.name in model.authored and v not in starts and v.time >= 1]
    return max(found, key=lambda v: int(v.time), default=None)


def _example(model: Model) -> str:
    return str(model.carried[0].at(Integer(3))) if model.carried else str(model.equations[0].left.at(Integer(1)))
