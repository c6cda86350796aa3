r"""The jacobian form: the chain form with the Jacobians put in that the laws of `calculus` give.

∂L_t/∂S_t becomes a row such as (o_t - ō_t)ᵀ V, ∂S_j/∂S_{j-1} a matrix such as diag(f'(a_j)) W. What S_k is of a matrix
stays ∂⁺S_k/∂W: an array with three indices has no closed form as a matrix. Where the Jacobian of the state is a sum, or
a matrix of blocks, it bears a name, J_j, and stands below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from sympy import Expr, Integer

from derive.algebra.build import UNIT, add, descending, product, substitute, transpose, zero
from derive.algebra.equation import Equation
from derive.algebra.expressions import Add, Blocks, Derivative, Expression, Hadamard, Identity, Number, Variable
from derive.algebra.names import Name
from derive.algebra.shapes import is_column
from derive.calculus.laws import LAWS
from derive.calculus.pullback import Laws
from derive.gradients import local
from derive.gradients.expand import write_out
from derive.gradients.form import Form, Formula, Question, Range, conditioned, letters
from derive.gradients.jacobians import definitions, state_definition
from derive.gradients.paths import reaches
from derive.gradients.unfold import over_paths, past_the_state, refuse_late_uses, through_state
from derive.models.model import Model, variables

NAMES = (Name("J", (), "", 1), Name("K", (), "", 1), Name("Q", (), "", 1), Name("J", ("mathcal",), "", 1))
"""For the state's Jacobian, the first that the network does not use."""


@dataclass(frozen=True, eq=False)
class Local:
    """The Jacobians of a network at the generic step, by law; made once for a network."""

    model: Model
    laws: Laws

    @cached_property
    def readout(self) -> Expression:
        """∂L_t/∂S_t, a row."""
        return local.jacobian(self.model, self.model.summand, self.model.state(self.model.time), self.laws)

    @cached_property
    def state(self) -> Expression:
        """∂S_t/∂S_{t-1}."""
        before = self.model.state(self.model.time - 1)
        return local.jacobian(self.model, self.model.state(self.model.time), before, self.laws)

    @cached_property
    def name(self) -> Name | None:
        """The name of the state's Jacobian, where it is not a product that one can repeat."""
        if not self.model.carried or not isinstance(self.state, Add | Blocks | Hadamard):
            return None
        known = (*self.model.parameters, *self.model.inputs, *(step.left for step in self.model.steps))
        taken = {(v.name.base, v.name.accents) for v in known}
        return next(name for name in NAMES if (name.base, name.accents) not in taken)

    @property
    def factor(self) -> Expression:
        """What stands for ∂S_t/∂S_{t-1} in a product."""
        return self.state if self.name is None else Variable(self.name, (self.model.time,), self.state.shape)

    @property
    def meaning(self) -> Equation:
        """J_t := ∂S_t/∂S_{t-1}."""
        model = self.model
        return Equation(self.factor, Derivative(model.state(model.time), model.state(model.time - 1)))

    def readout_at(self, t: Expr) -> Expression:
        return substitute(self.readout, {self.model.time: t})

    def between(self, t: Expr, k: Expr) -> Expression:
        """∂S_t/∂S_k as a product of the state's Jacobians."""
        if t == k:
            return Identity(self.state.shape[0])
        j = letters(self.model, "k", "j")[1]
        return descending(substitute(self.factor, {self.model.time: j}), j, k + 1, t)

    def used(self, question: Question, k: Expr) -> Expression:
        """∂⁺S_k/∂θ or ∂S_k/∂v: by law for a column, left as it is for a matrix."""
        model, by = self.model, question.by
        state = model.state(model.time)
        if question.by_start:
            return local.selection(model.state(k), by)
        if not is_column(by.shape):
            return substitute(Derivative(state, by, (model.state(model.time - 1),)), {model.time: k})
        at_step = by if by.time is None else by.at(model.time)
        return substitute(local.jacobian(model, state, at_step, self.laws), {model.time: k})

    def direct(self, question: Question, t: Expr) -> Expression:
        """∂L_t/∂θ past S_t: by law for a column, for a matrix a row times ∂y/∂θ for each equation that uses it."""
        model, by = self.model, question.by
        if not past_the_state(model, by):
            return zero(question.derivative.shape)
        at_step = by if by.time is None else by.at(model.time)
        if is_column(by.shape):
            ends = (at_step, *(local.parts(model.state(model.time)) if model.carried else ()))
            found = local.through(model, model.summand, ends, self.laws).get(at_step, UNIT)  # but for L_t itself
            return substitute(transpose(found), {model.time: t})
        state = model.state(model.time) if model.carried else None
        terms = []
        for step in local.users(model, by):
            received = local.transposed_jacobian(model, model.summand, step.left, self.laws, state)
            if received is not None:
                terms.append(product(transpose(received), Derivative(step.left, by, self._beside(step, by))))
        return substitute(add(*terms), {model.time: t})

    def _beside(self, step: Equation, by: Variable) -> tuple[Expression, ...]:
        """What must be held fixed so that only the use of a parameter in one equation counts, and not through S_t."""
        model = self.model
        stops = [part.name for part in model.carried]
        ways = [v for v in dict.fromkeys(variables(step.right)) if v != by and reaches(model, v.name, by.name, stops)]
        return (*((model.state(model.time),) if through_state(model, by) else ()), *ways)


@lru_cache(maxsize=16)
def local_to(model: Model, laws: Laws = LAWS) -> Local:
    """The Jacobians of a network, made once."""
    return Local(model, laws)


def jacobian_form(question: Question, laws: Laws = LAWS, *, expanded: bool) -> Form:
    """The derivative with Jacobians by law in the place of derivative symbols; below it the state's, if it is named."""
    refuse_late_uses(question.model, question.by)
    here = local_to(question.model, laws)
    right = jacobian_sum(question, here)
    right = write_out(right) if expanded else right
    gradient = Formula(Equation(question.derivative, right), "gradient", question.ranges)
    formula = conditioned(gradient, question.model).written(question, usual="diag")
    return with_state_jacobian(Form("jacobian", question, (formula,)), here)


def jacobian_sum(question: Question, here: Local) -> Expression:
    """Σ over the paths of row times Jacobians, as the laws give them."""
    return over_paths(
        question,
        lambda t: here.direct(question, t),
        lambda t, k: product(here.readout_at(t), here.between(t, k), here.used(question, k)),
    )


def with_state_jacobian(form: Form, here: Local) -> Form:
    """The form with what J_t is, and what the letters in that stand for, where it speaks of J."""
    model, horizon = here.model, form.question.horizon
    spoken = {v.name for formula in form.formulas for v in variables(formula.equation.right)}
    said, meanings = form.formulas, {}
    if here.name in spoken:
        own = (formula.written(form.question, usual="diag") for formula in opened(here, horizon))
        stacked = state_definition(model, horizon)
        said, meanings = (*said, *own, *((stacked,) if stacked else ())), {here.name: here.meaning}
    equations = [formula.equation for formula in said]
    return replace(form, formulas=(*said, *definitions(model, equations, horizon)), meanings=meanings)


def opened(here: Local, horizon: Expr) -> Iterator[Formula]:
    """J_t by law: its blocks as derivatives of one component by one before, then each of them."""
    model = here.model
    running = (Range(model.time, Integer(1), horizon),)
    if not isinstance(here.state, Blocks):
        yield Formula(Equation(here.factor, here.state), "jacobian", running)
        return
    before = model.state(model.time - 1)
    tops, bottoms = local.parts(model.state(model.time)), local.parts(before)
    named: list[Expression] = []
    blocks = []
    for top, row in zip(tops, here.state.rows, strict=True):
        for bottom, block in zip(bottoms, row, strict=True):
            plain = isinstance(block, Number | Identity)
            named.append(block if plain else Derivative(top, bottom, model.held(top, bottom)))
            if not plain:
                blocks.append(Formula(Equation(named[-1], block), "jacobian", running))
    yield Formula(Equation(here.factor, Blocks(len(bottoms), *named)), "jacobian", running)
    yield from blocks
