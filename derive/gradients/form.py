"""What a gradient is asked of and by (`Question`), and what is answered: formulas with their ranges and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sympy import Basic, Expr, Integer, Symbol

from derive.algebra import symbols
from derive.algebra.build import substitute, transpose
from derive.algebra.equation import Equation
from derive.algebra.expressions import Derivative, Expression, Variable
from derive.algebra.names import Name
from derive.algebra.shapes import is_column, is_scalar
from derive.errors import DeriveError
from derive.models.model import Model


@dataclass(frozen=True)
class Range:
    """A free index with its bounds, both included."""

    index: Symbol
    lower: Expr
    upper: Expr


@dataclass(frozen=True)
class Question:
    """The derivative of L, or of one L_t, by a parameter, a start, an input or a quantity at one step.

    `steps` is T as a number, or None for the symbol. `of` is the loss or the loss of one step, at an index.
    """

    model: Model
    by: Variable
    of: Variable
    steps: int | None = None

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
class Form:
    """A gradient written one way: the formulas in the order in which they are read.

    `meanings` gives each name that was introduced (δ) the derivative that it stands for, at the generic step.
    """

    kind: str
    question: Question
    formulas: tuple[Formula, ...]
    meanings: Mapping[Name, Equation] = field(default_factory=dict)

    @property
    def asked(self) -> Derivative:
        """The derivative that the form is about."""
        left = self.formulas[0].equation.left
        return left if isinstance(left, Derivative) else self.question.derivative

    @property
    def result(self) -> Formula:
        """The formula for the gradient itself."""
        return next(formula for formula in self.formulas if formula.kind == "gradient")


def letters(model: Model, *preferred: str) -> tuple[Symbol, ...]:
    """Index letters that the network does not use, the preferred ones if free."""
    taken = {model.time, model.horizon}
    free = [symbols.index(x) for x in (*preferred, *"kjrpqiuv") if symbols.index(x) not in taken]
    return tuple(dict.fromkeys(free))
