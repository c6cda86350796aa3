r"""The delta form: one backward recursion, an adjoint for each quantity that needs a name, and a sum over the steps.

δ_t = (∂L/∂a_t)ᵀ receives, by the laws of `calculus`, from every equation that uses a_t. Beyond the last step it is 0.
Source: Rumelhart, Hinton and Williams, Nature 323 (1986); Werbos, Proc. IEEE 78(10), 1990.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sympy import Expr, Integer, Symbol

from derive.algebra.build import add, substitute, summation, transpose, zero
from derive.algebra.equation import Equation
from derive.algebra.expressions import Derivative, Expression, Variable
from derive.algebra.names import Name
from derive.algebra.shapes import is_column, is_scalar
from derive.calculus.laws import LAWS
from derive.calculus.pullback import Laws
from derive.calculus.rewrite import tidy
from derive.gradients.backward import Backward, backward, plan
from derive.gradients.expand import write_out
from derive.gradients.form import Form, Formula, Question, Range, conditioned, letters
from derive.gradients.jacobians import definitions
from derive.models.model import Model, variables


def delta_form(question: Question, laws: Laws = LAWS, *, expanded: bool) -> Form:
    """The gradient with its backward recursion; with `expanded` each step of a numeric T is written out."""
    recursion = Recursion(question, laws)
    gradient = recursion.gradient(expanded)
    needed = recursion.needed(gradient.equation.right)
    adjoints = _used(gradient, recursion.unrolled(needed)) if expanded else recursion.rolled(needed)
    derived = (conditioned(formula, question.model) for formula in (gradient, *adjoints))
    formulas = tuple(formula.written(question, usual="hadamard") for formula in derived)
    meanings = {recursion.named[name]: recursion.meaning(name) for name in needed}
    said = (*(formula.equation for formula in formulas), *meanings.values())
    formulas += tuple(definitions(question.model, said, question.horizon))
    return Form("delta", question, formulas, meanings)


@dataclass(frozen=True)
class Recursion:
    """The adjoints of one question: at the last step (whose loss counts, after which nothing comes) and before it.

    For the whole loss every step before the last has a loss of its own; for one L_t none has.
    """

    question: Question
    laws: Laws

    @property
    def named(self) -> Mapping[Name, Name]:
        return self.last.named

    @cached_property
    def last(self) -> Backward:
        return passed(self.question.model, self.laws, source=True, later=False)

    @cached_property
    def before(self) -> Backward:
        return passed(self.question.model, self.laws, source=self.question.whole, later=True)

    @property
    def end(self) -> Expr:
        """The last step: T, or the step whose loss is asked for."""
        return self.question.horizon if self.question.whole else self.question.of.time

    @property
    def index(self) -> Symbol:
        """The running step: the author's letter, or another where that one says whose loss is asked for."""
        model = self.question.model
        return model.time if self.question.whole else letters(model, "k")[0]

    def gradient(self, expanded: bool) -> Formula:
        by = self.question.by
        right = self._over_steps() if by.time is None else self._at_step(by)
        right = self._ended(write_out(right)) if expanded else right
        return Formula(Equation(self.question.gradient, right), "gradient", self.question.ranges)

    def _over_steps(self) -> Expression:
        """Σ over the steps of what a parameter receives at each."""
        model, k = self.question.model, self.index
        inner = substitute(self._received(self.before, self.question.by), {model.time: k})
        final = substitute(self._received(self.last, self.question.by), {model.time: self.end})
        if self.question.whole or final == substitute(inner, {k: self.end}):
            return summation(inner, k, Integer(1), self.end)
        return add(summation(inner, k, Integer(1), self.end - 1), final)

    def _at_step(self, by: Variable) -> Expression:
        """What a start, an input or a quantity receives at its own step."""
        model, at = self.question.model, by.time
        here = self.last if at == self.end else self.before
        if self.question.by_start:
            reached = [r.amount for r in self.before.received.get(by.name, ()) if r.lag + int(at) >= 1]
            amount = tidy(add(*reached)) if reached else zero(by.shape)
        elif by.name in here.adjoints:
            amount = here.adjoints[by.name]
        else:
            amount = self._received(here, by)
        return substitute(amount, {model.time: at})

    def _received(self, at: Backward, by: Variable) -> Expression:
        amounts = [r.amount for r in at.received.get(by.name, ())]
        return tidy(add(*amounts)) if amounts else zero(by.shape)

    def needed(self, expression: Expression) -> list[Name]:
        """The quantities whose named adjoints an expression needs, directly or through each other; latest first."""
        owners = {name: owner for owner, name in self.named.items()}
        found: set[Name] = set()
        pending = [expression]
        while pending:
            for variable in variables(pending.pop()):
                owner = owners.get(variable.name)
                if owner is not None and owner not in found:
                    found.add(owner)
                    pending += [self.before.adjoints[owner], self.last.adjoints[owner]]
        return [name for name in self.before.adjoints if name in found]

    def rolled(self, needed: Sequence[Name]) -> Iterator[Formula]:
        """Each adjoint at a generic step; for one L_t also at the step of that loss."""
        model, k, end = self.question.model, self.index, self.end
        asked = list(variables(self.gradient(expanded=False).equation.right))
        used = [*asked, *(variable for name in needed for variable in variables(self.before.adjoints[name]))]
        for name in needed:
            left = self._adjoint(name)
            general = Equation(left, self.before.adjoints[name])
            if self.question.whole:
                boundary = self._beyond(left, used, model.longest)
                yield Formula(general, "adjoint", (Range(k, Integer(1), end),), boundary=boundary)
                continue
            outer = tuple(free for free in self.question.ranges if free.index in end.free_symbols)
            ending = Equation(left, self.last.adjoints[name]).at({model.time: end})
            if (end - 1).is_nonpositive:  # there is no step before the first
                yield Formula(ending, "adjoint", outer, boundary=self._beyond(left, asked, model.longest - 1))
                continue
            yield Formula(ending, "adjoint", outer)
            ranges = (*outer, Range(k, Integer(1), end - 1))
            boundary = self._beyond(left, used, model.longest - 1)
            yield Formula(general.at({model.time: k}), "adjoint", ranges, boundary=boundary)

    def _beyond(self, adjoint: Variable, used: Sequence[Variable], count: int) -> tuple[Equation, ...]:
        """That an adjoint is 0 beyond the last step, as far as what is `used` looks there."""
        origins = {self.question.model.time, self.index, self.question.by.time} - {None}
        ahead = {v.time - t for v in used if v.name == adjoint.name for t in origins}
        furthest = max((int(step) for step in ahead if step.is_Integer), default=0)
        steps = range(1, min(furthest, count) + 1)
        return tuple(Equation(adjoint.at(self.end + i), zero(adjoint.shape)) for i in steps)

    def _ended(self, expression: Expression) -> Expression:
        """An expression without the adjoints of steps beyond the last, which are 0."""
        mine = set(self.named.values())
        beyond = {v: zero(v.shape) for v in variables(expression) if v.name in mine and (v.time - self.end).is_positive}
        return tidy(substitute(expression, beyond)) if beyond else expression

    def unrolled(self, needed: Sequence[Name]) -> Iterator[Formula]:
        """Each adjoint at each step, from the last to the first."""
        for step in range(int(self.end), 0, -1):
            at = self.last if step == self.end else self.before
            for name in needed:
                equation = Equation(self._adjoint(name), at.adjoints[name])
                here = equation.at({self.question.model.time: Integer(step)})
                yield Formula(Equation(here.left, self._ended(here.right)), "adjoint")

    def meaning(self, name: Name) -> Equation:
        """δ_t = (∂L/∂a_t)ᵀ, at the running step."""
        variable = self._quantity(name)
        left, by = self._adjoint(name).at(self.index), variable.at(self.index)
        derivative = Derivative(self.question.of, by)
        column = is_column(by.shape) and not is_scalar(by.shape)
        return Equation(left, transpose(derivative) if column else derivative)

    def _adjoint(self, name: Name) -> Variable:
        variable = self._quantity(name)
        return Variable(self.named[name], (self.question.model.time,), variable.shape)

    def _quantity(self, name: Name) -> Variable:
        return self.question.model.definitions[name].left


@lru_cache(maxsize=64)
def passed(model: Model, laws: Laws, *, source: bool, later: bool) -> Backward:
    """A backward pass with the names that `plan` gives, made once for a network."""
    return backward(model, named(model, laws), laws, source=source, later=later)


@lru_cache(maxsize=16)
def named(model: Model, laws: Laws) -> Mapping[Name, Name]:
    return plan(model, laws)


def _used(gradient: Formula, adjoints: Iterable[Formula]) -> list[Formula]:
    """The adjoints that the gradient needs, directly or through each other; given and kept latest first."""
    wanted = set(variables(gradient.equation.right))
    kept: list[Formula] = []
    for formula in reversed(list(adjoints)):
        if formula.equation.left in wanted:
            wanted |= set(variables(formula.equation.right))
            kept.append(formula)
    return kept[::-1]
