r"""The closed form: the gradient in the shape of what one differentiates by, each summand a product of matrices.

A row r times ∂⁺S_k/∂W is, by the laws of `calculus`, the outer product diag(f'(a_k)) rᵀ s_{k-1}ᵀ, so the rows of the
jacobian form are turned into columns: Σ_t Σ_{k≤t} diag(f'(a_k)) (Wᵀ diag(f'(a_{k+1})) ⋯ ) Vᵀ (o_t - ō_t) s_{k-1}ᵀ.
"""

from __future__ import annotations

from sympy import Dummy, Expr

from derive.algebra.build import UNIT, product, substitute, transpose, zero
from derive.algebra.equation import Equation
from derive.algebra.expressions import Expression
from derive.calculus.laws import LAWS
from derive.calculus.pullback import Laws
from derive.gradients import local
from derive.gradients.expand import write_out
from derive.gradients.form import Form, Formula, Question, conditioned
from derive.gradients.jacobian import Local, local_to, with_state_jacobian
from derive.gradients.unfold import over_paths, past_the_state, refuse_late_uses


def closed_form(question: Question, laws: Laws = LAWS, *, expanded: bool) -> Form:
    """The gradient as a sum of products of matrices, each of the gradient's own shape."""
    refuse_late_uses(question.model, question.by)
    here = local_to(question.model, laws)
    right = closed_sum(question, here)
    right = write_out(right) if expanded else right
    gradient = Formula(Equation(question.gradient, right), "gradient", question.ranges)
    formula = conditioned(gradient, question.model).written(question, usual="diag")
    return with_state_jacobian(Form("closed", question, (formula,)), here)


def closed_sum(question: Question, here: Local) -> Expression:
    """Σ over the paths of what is handed back, as the laws give it."""

    def past(t: Expr, k: Expr) -> Expression:
        return handed_to(question, here, transpose(product(here.readout_at(t), here.between(t, k))), k)

    return over_paths(question, lambda t: direct(question, here, t), past)


def handed_to(question: Question, here: Local, received: Expression, k: Expr) -> Expression:
    """What S_k, with the cotangent that it has received, hands to its use of what one differentiates by."""
    model, by = question.model, question.by
    if by.time is not None:
        return product(transpose(here.used(question, k)), received)
    apart = {model.time: Dummy(integer=True)}  # the t of the loss is not the generic step at which a law is applied
    generic = local.handed_back(model, model.state(model.time), by, substitute(received, apart), here.laws)
    return substitute(substitute(generic, {model.time: k}), {new: old for old, new in apart.items()})


def direct(question: Question, here: Local, t: Expr) -> Expression:
    """What the loss of step t hands back past the state."""
    model, by = question.model, question.by
    if not past_the_state(model, by):
        return zero(question.gradient.shape)
    if by.time is not None:
        return transpose(here.direct(question, t))
    state = model.state(model.time) if model.carried else None
    return substitute(local.handed_back(model, model.summand, by, UNIT, here.laws, state), {model.time: t})
