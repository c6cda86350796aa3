r"""What the program derives, as claims in a text: the formulas of each form, and what a text must say before them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from sympy import Integer

from derive.algebra.equation import Equation
from derive.algebra.expressions import Expression, Variable
from derive.algebra.names import Name
from derive.api import FORMS, cells, load
from derive.gradients.form import Form, Formula, Question, Range
from derive.gradients.makers import derived, jacobians
from derive.models.model import Model, variables, walk
from derive.render.forms import equation_latex, formula_latex, space_latex
from derive.render.printer import latex
from tests.verify.independent import World, worlds


@dataclass(frozen=True, eq=False)
class Derived:
    """One form of one gradient, or Jacobians: `claims` are its formulas, `preamble` the definitions they need."""

    cell: str
    form: Form

    @property
    def title(self) -> str:
        return f"{self.cell} {self.form.question.by} {self.form.kind}" + ("" if self.whole else " of a step")

    @property
    def whole(self) -> bool:
        return self.form.question.whole

    @property
    def model(self) -> Model:
        return self.form.question.model

    @property
    def meanings(self) -> Mapping[Name, Equation]:
        return self.form.meanings

    @cached_property
    def claims(self) -> tuple[Formula, ...]:
        """The formulas but for the definitions."""
        return tuple(formula for formula in self.form.formulas if formula.kind != "definition")

    @cached_property
    def gradient(self) -> Formula | None:
        """The gradient itself; None among Jacobians."""
        return next((formula for formula in self.claims if formula.kind == "gradient"), None)

    @cached_property
    def beyond(self) -> tuple[Formula, ...]:
        """What the formulas say of the steps beyond the last."""
        return tuple(Formula(e, "adjoint", f.ranges[1:]) for f in self.claims for e in f.boundary)

    @cached_property
    def definitions(self) -> tuple[Formula, ...]:
        """Of names that the network does not have: a_t, S_t."""
        said = [formula for formula in self.form.formulas if formula.kind == "definition"]
        known = {v.name for formula in said for v in variables(formula.equation.left)}
        spoken = {v.name for formula in self.claims for side in formula.equation.sides for v in _quantities(side)}
        steps = Range(self.model.time, Integer(1), self.model.horizon)
        missing = [e for e in self.model.introduced if e.left.name in spoken - known]
        return (*said, *(Formula(equation, "definition", (steps,)) for equation in missing))

    @cached_property
    def preamble(self) -> tuple[str, ...]:
        meanings = (equation_latex(meaning, ":=") for meaning in self.form.said)
        return (*map(formula_latex, self.definitions), *meanings)

    @cached_property
    def quantities(self) -> tuple[Variable, ...]:
        """What a text about this form may speak of: the author's names, and those that the preamble introduces."""
        model = self.model
        own = (*model.parameters, *model.inputs, *(equation.left for equation in model.equations))
        introduced = (v for formula in self.definitions for v in variables(formula.equation.left))
        return tuple(dict.fromkeys((*own, *introduced, *(meaning.left for meaning in self.form.said))))


def network_latex(model: Model, said: Callable[[Expression], Expression] = lambda node: node) -> tuple[str, ...]:
    """The network as a text gives it: the spaces of what is given, then the equations; each expression as `said`."""
    given = (*model.parameters, *model.inputs, *(start.variable for start in model.starts))
    spaces = [rf"{latex(said(v))} \in {space_latex(v)}" for v in given]
    equations = (*model.equations, model.loss, *model.assumptions)
    return (*spaces, *(f"{latex(said(e.left))} = {latex(said(e.right))}" for e in equations))


def _quantities(node: Expression) -> Iterator[Variable]:
    """Every occurrence of a quantity, also in what is differentiated and by what."""
    return (found for below in walk(node) for found in variables(below))


@cache
def forms(cell: str) -> tuple[Derived, ...]:
    """Every parameter in every form, of L and written out of L_3; and the Jacobians."""
    network = load(cell)
    questions: list[Question] = []
    for parameter in network.parameters:
        questions += [network.question(parameter), network.question(parameter, of="L_3")]
    return tuple(Derived(cell, form) for form in (*derived(questions, FORMS), *jacobians(network.model)))


def everything(names: Sequence[str] = ()) -> Iterator[Derived]:
    for cell in names or cells():
        yield from forms(cell)


@cache
def tried(model: Model) -> tuple[World, ...]:
    """The worlds in which the claims of a network are tried."""
    return worlds(model)
