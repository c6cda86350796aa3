"""What an exercise can be about: formulas that the program derives and that belong together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sympy import Integer

from derive.algebra.equation import Equation
from derive.algebra.expressions import Variable
from derive.algebra.names import Name
from derive.gradients.form import Form, Formula, Question, Range
from derive.gradients.makers import derived, jacobians
from derive.models.model import Model, variables, walk
from derive.render.forms import equation_latex, formula_latex

LONGEST = 420
"""A formula whose LaTeX is longer is for a program; nobody finds a slip in it by hand."""
WRITTEN_OUT = Integer(3)
"""The step whose loss is written out term by term."""


@dataclass(frozen=True)
class Line:
    """A formula as it is set, and the names in it."""

    latex: str
    names: frozenset[Name]


@dataclass(frozen=True)
class Definition(Line):
    """What a name stands for that the network does not have."""

    name: Name


@dataclass(frozen=True)
class Derived:
    """The formulas of a topic: `own` are what it is about, `before` may lead there; and what they need said."""

    before: tuple[Line, ...]
    own: tuple[Line, ...]
    definitions: tuple[Definition, ...]

    def needed(self, lines: Iterable[Line]) -> tuple[Definition, ...]:
        """The definitions of names in some of the formulas, and of names in these definitions."""
        wanted = {name for line in lines for name in line.names}
        for _ in self.definitions:
            wanted |= {name for each in self.definitions if each.name in wanted for name in each.names}
        return tuple(each for each in self.definitions if each.name in wanted)


@dataclass(frozen=True, eq=False)
class Topic:
    """A title, and how to get its formulas: derived only where the topic is chosen."""

    title: str
    model: Model
    kinds: tuple[str, ...] = ()
    by: Variable | None = None
    of: Variable | None = None

    def derived(self) -> Derived:
        """Its formulas."""
        local = jacobians(self.model)
        if self.by is None or self.of is None:
            return Derived((), _lines(local), _definitions(self.model, local))
        forms = derived([Question(self.model, self.by, self.of)], self.kinds)
        return Derived(_lines(local), _lines(forms), _definitions(self.model, [*forms, *local]))


def topics(model: Model) -> tuple[Topic, ...]:
    """All topics of a network."""
    loss, step = model.asked(), model.summand.at(WRITTEN_OUT)
    found = [Topic("The Jacobians", model)]
    for by in model.parameters:
        found += [
            Topic("The gradient", model, ("chain", "jacobian", "closed", "delta"), by, loss),
            Topic("The loss of the third step", model, ("chain", "jacobian", "closed"), by, step),
        ]
    return tuple(found)


def _lines(forms: Sequence[Form]) -> tuple[Line, ...]:
    """The formulas of forms in the order of reading, each once, but for definitions and what is too long."""
    found = [
        Line(formula_latex(f), _spoken(f.equation)) for form in forms for f in form.formulas if f.kind != "definition"
    ]
    return tuple({line.latex: line for line in found if len(line.latex) <= LONGEST}.values())


def _definitions(model: Model, forms: Sequence[Form]) -> tuple[Definition, ...]:
    """What the forms say of names, and the model of those that it introduces; each name once."""
    found: dict[Name, Definition] = {}
    for formula in (*_said(forms), *_introduced(model)):
        name = next(variables(formula.equation.left)).name
        found.setdefault(name, Definition(formula_latex(formula), _spoken(formula.equation), name))
    for form in forms:
        for meaning in form.said:
            name = meaning.left.name
            found.setdefault(name, Definition(equation_latex(meaning, ":="), _spoken(meaning), name))
    return tuple(found.values())


def _said(forms: Sequence[Form]) -> Iterator[Formula]:
    return (f for form in forms for f in form.formulas if f.kind == "definition")


def _introduced(model: Model) -> Iterator[Formula]:
    steps = Range(model.time, Integer(1), model.horizon)
    return (Formula(equation, "definition", (steps,)) for equation in model.introduced)


def _spoken(equation: Equation) -> frozenset[Name]:
    """Every name of an equation, also in what is differentiated and by what."""
    return frozenset(v.name for side in equation.sides for node in walk(side) for v in variables(node))
