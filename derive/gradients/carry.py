r"""What a state hands on by itself: the summand of a product of Jacobians in which neither weight nor slope stands."""

from __future__ import annotations

from sympy import Integer

from derive.algebra.build import descending, is_zero, substitute
from derive.algebra.equation import Equation
from derive.algebra.expressions import Add, Apply, Derivative, Diag, Expression, Identity, Number, Product, Variable
from derive.algebra.shapes import is_scalar
from derive.calculus.laws import LAWS
from derive.calculus.pullback import Laws
from derive.gradients.form import Form, Formula, Question, Range, letters
from derive.gradients.jacobians import along_edge, others
from derive.models.model import Model, variables, walk


def carry_forms(model: Model) -> list[Form]:
    """One for each component of the state that hands itself on, if only among other ways."""
    found = (carry_form(model, part) for part in model.carried)
    return [form for form in found if form is not None]


def carry_form(model: Model, part: Variable, laws: Laws = LAWS) -> Form | None:
    r"""c_t by c_k along c alone, all else that c is made of held fixed: a product of diagonal matrices.

    None where c has no direct way from step to step, none but this one, or where that way is no diagonal matrix.

    Law: c_t = f_t \odot c_{t-1} + \dots \;\Rightarrow\;
        \left. \frac{\partial c_t}{\partial c_{t-1}} \right|_{f_t, \dots} = \operatorname{diag}(f_t)
    Source: the constant error carousel of Hochreiter and Schmidhuber (1997), with a forget gate
    """
    step = model.definitions.get(part.name)
    before = part.at(model.time - 1)
    if step is None or part.time != model.time or before not in set(variables(step.right)):
        return None
    held = others(model, step, before)
    factor = along_edge(step, before, laws)
    if not held or is_zero(factor) or not _is_diagonal(factor):
        return None
    t = model.time
    k, j = letters(model, "k", "j")[:2]
    edge = Derivative(part.at(j), part.at(j - 1), tuple(substitute(each, {t: j}) for each in held))
    left, right = (descending(body, j, k + 1, t) for body in (edge, substitute(factor, {t: j})))
    ranges = (Range(t, Integer(1), model.horizon), Range(k, Integer(0), t))
    return Form("carry", Question(model, part, model.loss.left), (Formula(Equation(left, right), "jacobian", ranges),))


def by_a_gate(model: Model, part: Variable) -> bool:
    """Whether a component is handed on by numbers between 0 and 1 that the network computes: f_t, or 1 - f_t."""
    match along_edge(model.definitions[part.name], part.at(model.time - 1)):
        case Diag(args=(Variable() as gate,)):
            return _is_sigmoid(model, gate)
        case Diag(args=(Add(args=(Number(value=1), Product(args=(Number(value=-1), Variable() as gate)))),)):
            return _is_sigmoid(model, gate)
    return False


def _is_sigmoid(model: Model, quantity: Variable) -> bool:
    step = model.definitions.get(quantity.name)
    return step is not None and isinstance(step.right, Apply) and step.right.function.name == "sigmoid"


def _is_diagonal(factor: Expression) -> bool:
    """Whether a matrix is diagonal as it is written: diag(u), or numbers times such a one or I."""
    match factor:
        case Diag() | Identity():
            return True
        case Product(args=factors):
            return all(_is_diagonal(each) or _is_number(each) for each in factors)
    return False


def _is_number(factor: Expression) -> bool:
    return is_scalar(factor.shape) and not any(isinstance(node, Apply) for node in walk(factor))
