"""A network at a point, where expressions get their values; each subexpression is evaluated once for its indices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sympy import Symbol

from derive.algebra.equation import Equation
from derive.algebra.expressions import Chain, Derivative, Expression, Sum, Variable
from derive.algebra.names import Name
from derive.evaluate.arithmetic import Value
from derive.evaluate.evaluator import RULES, Evaluator, Indices
from derive.evaluate.point import Point, Values
from derive.gradients.form import Formula

Letters = frozenset[Symbol]


@dataclass
class Bench:
    """A network at a point in one arithmetic: evaluates formulas, derivative symbols and adjoints by their meaning."""

    point: Point
    arithmetic: Any
    differentiate: Any
    base: Values
    meanings: Mapping[Name, Equation]
    outer: Indices = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.evaluate = Remembering(self)

    def sides(self, formula: Formula, indices: Indices) -> tuple[Value, Value]:
        """Left and right side at given values of the free indices."""
        self.outer = indices
        return self.evaluate(formula.equation.left, indices), self.evaluate(formula.equation.right, indices)

    def quantity(self, name: Name, indices: tuple[int, ...]) -> Value:
        """What the forward pass gave, or for an introduced name what it stands for."""
        meaning = self.meanings.get(name)
        if meaning is None:
            return self.base[name, indices]
        return self.evaluate(meaning.right, {**self.outer, meaning.left.indices[0]: indices[0]})


class Seen(NamedTuple):
    """An expression that was met: its number, the letters that its value depends on, and itself, so that it stays."""

    number: int
    letters: tuple[Symbol, ...]
    alive: Expression


class Remembering(Evaluator):
    """An evaluator that keeps the value of each subexpression for each value of the letters that it depends on.

    A sum over t = 1, …, T is evaluated for many T, and a factor occurs in the gradient by each parameter.
    """

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.arithmetic, bench.point.sizes, bench.quantity, bench.differentiate)
        self.bench = bench
        self.horizon = bench.point.model.horizon
        self.loss = bench.point.model.loss.left.name
        self._seen: dict[int, Seen] = {}
        self._equal: dict[Expression, Seen] = {}
        self._values: dict[Any, Value] = {}

    def __call__(self, expression: Expression, indices: Indices) -> Value:
        seen = self._seen.get(id(expression)) or self._met(expression)
        outer = self.bench.outer
        key = (seen.number, *[indices[i] if i in indices else outer.get(i) for i in seen.letters])
        value = self._values.get(key)
        if value is None:
            value = self._values[key] = RULES[type(expression)](self, expression, indices)
        return value

    def _met(self, expression: Expression) -> Seen:
        """The number of an expression, the same for equal ones; they are compared once, and then known by identity."""
        number = len(self._equal)
        known = self._equal.get(expression) or Seen(number, tuple(self.letters(expression)), expression)
        self._equal.setdefault(expression, known)
        self._seen[id(expression)] = known._replace(alive=expression)
        return known

    def letters(self, node: Any) -> Letters:
        """The letters that a value depends on: the free indices; T, where the whole loss is in the expression."""
        match node:
            case Sum(args=(body, index, *bounds)) | Chain(args=(body, index, *bounds)):
                return (self.letters(body) - {index}).union(*(self._symbols(bound) for bound in bounds))
            case Variable(name=name, indices=own):
                return self._symbols(own) | self._behind(name)
            case Derivative(top=top, bottom=bottom, held=held):
                return frozenset().union(*(self.letters(part) for part in (top, bottom, *held)))
        if isinstance(node, Expression):
            return frozenset().union(*(self.letters(argument) for argument in node.args))
        return self._symbols(node)

    def _behind(self, name: Name) -> Letters:
        """What an introduced name depends on beside its own index, and the loss on T."""
        meaning = self.bench.meanings.get(name)
        if meaning is not None:
            return self.letters(meaning.right) - self.letters(meaning.left.indices[0])
        return frozenset({self.horizon}) if name == self.loss else frozenset()

    def _symbols(self, node: Any) -> Letters:
        return frozenset(node.free_symbols) - frozenset(self.sizes)
