"""What a gradient is asked of and by (`Question`), and what is answered: formulas with their ranges and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from sympy import Basic, Expr, Integer, Symbol

from derive.algebra import symbols
from derive.algebra.build import substitute, transpose
from derive.algebra.equation import Equation
from derive.algebra.expressions import Derivative, Expression, Variable
from derive.algebra.names import Name
from derive.algebra.shapes import is_column, is_scalar
from derive.errors import DeriveError
from derive.gradients.manner import USUAL, Manner, written
from derive.models.model import Model, variables

MOST_TERMS = 6
"""The loss of one step up to this, named by its number, is written out whatever T is."""


@dataclass(frozen=True)
class Range:
    """A free index with its bounds, both included."""

    index: Symbol
    lower: Expr
    upper: Expr


@dataclass(frozen=True)
class Question:
    """The derivative of L, or of one L_t, by a parameter, a start, an input or a quantity at one step.

    `steps` is T as a number, or None for the symbol. `of` is the loss or the loss of one step, at an index. `manner`
    is how the answer is to be written.
    """

    model: Model
    by: Variable
    of: Variable
    steps: int | None = None
    manner: Manner = USUAL

    def __post_init__(self) -> None:
        if self.steps is not None and self.steps < 1:
            raise DeriveError(f"a network is unrolled over at least 1 step, not {self.steps}")
        if self.of.name not in (self.model.loss.left.name, self.model.summand.name):
            raise DeriveError(f"{self.of} is not the loss, nor the loss of one step")
        for asked in (self.by, self.of):
            if asked.time is not None and self.steps is not None and (asked.time - self.steps).is_positive:
                raise DeriveError(f"{asked} is beyond the last of {self.steps} steps")
        if not self.whole and self.by.time is not None and not self.by_start:
            apart = self.of.time - self.by.time
            if not apart.is_Integer:
                raise DeriveError(f"{self.of} by {self.by}: name the same step twice, or two numbers")
            if apart < 0:
                raise DeriveError(f"{self.of} does not depend on {self.by}, which comes after it")

    @property
    def by_start(self) -> bool:
        """Whether the derivative by a state before the first step is asked for."""
        return any(start.variable == self.by for start in self.model.starts)

    @property
    def whole(self) -> bool:
        """Whether the whole loss is asked for."""
        return self.of.name == self.model.loss.left.name

    @property
    def horizon(self) -> Expr:
        return self.model.horizon if self.steps is None else Integer(self.steps)

    @property
    def ranges(self) -> tuple[Range, ...]:
        """The index letters in what is asked for, which run over all steps."""
        found = {i for v in (self.by, self.of) for index in v.indices for i in index.free_symbols}
        return tuple(Range(i, Integer(1), self.horizon) for i in sorted(found - {self.model.horizon}, key=str))

    @property
    def written_out(self) -> bool:
        """Whether Σ and ∏ have numbers as bounds, few enough to be written term by term."""
        last = self.of.time if not self.whole else self.steps
        few = isinstance(last, int) or (last is not None and last.is_Integer and int(last) <= MOST_TERMS)
        return few and not self.ranges

    @property
    def derivative(self) -> Derivative:
        return Derivative(self.of, self.by)

    @property
    def gradient(self) -> Expression:
        """The derivative in the shape of `by`: for a column the transposed row."""
        column = is_column(self.by.shape) and not is_scalar(self.by.shape)
        return transpose(self.derivative) if column else self.derivative


@dataclass(frozen=True)
class Formula:
    """An equation that is claimed for all values of its free indices within `ranges`, under `conditions`.

    `kind` says what it is to a reader: "gradient", "adjoint", "jacobian"; `boundary` what holds beyond the range.
    """

    equation: Equation
    kind: str = "gradient"
    ranges: tuple[Range, ...] = ()
    conditions: tuple[Equation, ...] = ()
    boundary: tuple[Equation, ...] = ()

    def written(self, question: Question, *, usual: str) -> Formula:
        """The formula in the manner that is asked for; `usual` is the form's own choice between ⊙ and diag."""
        left, right = self.equation.left, self.equation.right
        if self.kind == "definition":
            return self
        return replace(self, equation=Equation(left, written(right, question.manner, question.model, usual=usual)))

    def at(self, values: Mapping[Basic, Basic]) -> Formula:
        """The formula with index symbols replaced; ranges of replaced symbols go."""
        ranges = tuple(
            replace(r, lower=substitute(r.lower, values), upper=substitute(r.upper, values))
            for r in self.ranges
            if r.index not in values
        )
        conditions = tuple(condition.at(values) for condition in self.conditions)
        boundary = tuple(beyond.at(values) for beyond in self.boundary)
        return replace(self, equation=self.equation.at(values), ranges=ranges, conditions=conditions, boundary=boundary)


@dataclass(frozen=True)
class Cited:
    """A law as it is cited: its name, what it says, and where it holds; `latex` is empty where words say it all."""

    name: str
    statement: str
    latex: str = ""
    conditions: str = "none"


@dataclass(frozen=True)
class Step:
    """One rewriting: by `laws`, `before` is `after` for all values of its free indices.

    `formula` claims that equality, and is judged like any other. `part` says that a part of the formula is rewritten
    and not the whole.
    """

    laws: tuple[Cited, ...]
    formula: Formula
    part: bool = False

    def __post_init__(self) -> None:
        if not self.laws:
            raise ValueError("a step cites the laws that it follows from")

    @property
    def before(self) -> Expression:
        return self.formula.equation.left

    @property
    def after(self) -> Expression:
        return self.formula.equation.right


@dataclass(frozen=True)
class Form:
    """A gradient written one way: the formulas in the order in which they are read.

    `meanings` gives each name that was introduced (δ) the derivative that it stands for, at the generic step. `steps`
    lead here from the form before, where they are asked for (`explain.explained`).
    """

    kind: str
    question: Question
    formulas: tuple[Formula, ...]
    meanings: Mapping[Name, Equation] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    @property
    def claims(self) -> tuple[Formula, ...]:
        """All that the form says, its steps included."""
        return (*self.formulas, *(step.formula for step in self.steps))

    @property
    def said(self) -> tuple[Equation, ...]:
        """What the names stand for that the formulas introduce."""
        spoken = {v.name for f in self.formulas for side in f.equation.sides for v in variables(side)}
        return tuple(meaning for name, meaning in self.meanings.items() if name in spoken)

    @property
    def asked(self) -> Derivative:
        """The derivative that the form is about."""
        left = self.formulas[0].equation.left
        return left if isinstance(left, Derivative) else self.question.derivative

    @property
    def result(self) -> Formula:
        """The formula for the gradient itself."""
        return next(formula for formula in self.formulas if formula.kind == "gradient")


def conditioned(formula: Formula, model: Model) -> Formula:
    """The formula with the stated equations that it may have made use of: those whose inputs occur in it."""
    names = {v.name for v in variables(formula.equation.right)}
    used = tuple(c for c in model.assumptions if {v.name for v in variables(c.left)} <= names)
    return replace(formula, conditions=used)


INDICES = "kjrpqiuvlwmnhgbceaxyz"
"""For indices, in this order, as far as a network does not use them."""


def letters(model: Model, *preferred: str) -> tuple[Symbol, ...]:
    """Index letters that the network does not use, the preferred ones if free."""
    free = [letter for letter in (*preferred, *INDICES) if letter not in names(model)]
    return tuple(map(symbols.index, dict.fromkeys(free)))


@lru_cache(maxsize=16)
def names(model: Model) -> frozenset[str]:
    """The letters of a network: of its quantities and their labels, its sizes, its functions, its indices."""
    known = (*model.parameters, *model.inputs, *(step.left for step in model.steps), model.loss.left)
    own = {letter for v in known for letter in (v.name.base, v.name.label)}
    sizes = {symbol.name for v in known for size in v.shape for symbol in size.free_symbols}
    return frozenset(own | sizes | {*model.functions, str(model.time), str(model.horizon)})
