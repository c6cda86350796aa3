"""Stage 2 for texts from outside: what they leave open is filled in, in a stated way, under one reading at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from sympy import Expr, Symbol

from derive.algebra import build, shapes
from derive.algebra.expressions import (
    Chain,
    Derivative,
    Diag,
    Entry,
    Expression,
    State,
    Transpose,
    Variable,
)
from derive.algebra.generic import Kronecker
from derive.algebra.names import Name
from derive.algebra.shapes import ONE, SCALAR, Shape
from derive.errors import Span
from derive.models.model import walk
from derive.reader.context import Context, located
from derive.reader.naming import index_expression
from derive.reader.surface import (
    Brackets,
    Dots,
    Letter,
    Node,
    Relation,
    Scripted,
)
from derive.verify.meanings import NamingContext
from derive.verify.products import SLOPE, TURNED, fits, is_slope
from derive.verify.readings import COLUMN, DENOMINATOR, ROW, STATE, TOTAL


@dataclass(frozen=True)
class TextContext(NamingContext):
    """The names of a text, and one way of reading what it leaves open.

    `wanted` gives the shapes that parts of the formula must have, `ends` the derivatives at the ends of paths, `about`
    the quantity of which the formula speaks, `standing` what a name stands for.
    """

    wanted: Mapping[Span, Shape] = field(default_factory=dict)
    ends: frozenset[Span] = frozenset()
    standing: Mapping[Name, Name] = field(default_factory=dict)

    @cached_property
    def spelled(self) -> dict[Name, Name]:
        """Each name by itself, but for one that stands for another: θ for W."""
        return {name: self.standing.get(name, name) for name in self.shapes}

    # ---- derivatives

    def differentiated(self, derivative: Expression, node: Node) -> Expression:
        """A derivative with what the reading holds fixed, laid out as the reading has it."""
        if isinstance(derivative, Entry):
            return Entry(self._held(derivative.body, node), *derivative.args[1:])
        derivative = self._held(derivative, node)
        if not isinstance(derivative, Derivative) or len(derivative.shape) != 2:
            return derivative
        top, bottom = derivative.top.shape, derivative.bottom.shape
        if not shapes.is_vector(bottom) or shapes.is_scalar(derivative.shape):
            return derivative
        of_scalar = shapes.is_scalar(top)
        turned = self.reading.layout == DENOMINATOR or (self.reading.layout == COLUMN and of_scalar)
        if of_scalar and bottom[0] == ONE:  # a gradient by a row is a row, whichever layout
            turned = False
        return build.transpose(derivative) if turned else derivative

    def _held(self, derivative: Expression, node: Node) -> Expression:
        if not isinstance(derivative, Derivative) or derivative.held:
            return derivative
        top, bottom = derivative.top, derivative.bottom
        if isinstance(top, Entry):
            inner = self._held(Derivative(top.body, bottom), node)
            return Derivative(top, bottom, inner.held) if isinstance(inner, Derivative) else derivative
        if not isinstance(top, Variable | State):
            return Derivative(top, bottom, self._beside(top, bottom))
        if self.reading.partial == STATE and self._is_step(top, bottom):
            return Derivative(top, bottom, self.network.before(top, bottom))
        if self.reading.partial != TOTAL and node.span in self.ends:
            return Derivative(top, bottom, self.network.before(top, bottom))
        return derivative

    def _beside(self, top: Expression, bottom: Expression) -> tuple[Variable, ...]:
        """What else stands in an expression that is differentiated by something in it: ∂f(x_t, h_{t-1})/∂h_{t-1}."""
        named = [node for node in walk(top) if isinstance(node, Variable)]
        if bottom not in named:
            return ()
        return tuple(dict.fromkeys(node for node in named if node != bottom))

    def _is_step(self, top: Variable | State, bottom: Expression) -> bool:
        """Whether one differentiates by a part of the state one step before."""
        if not isinstance(bottom, Variable | State) or top.time is None or bottom.time is None:
            return False
        return bool(top.time - bottom.time == 1)

    def differentiable(self, expression: Expression, node: Node) -> Expression:
        """An expression may be differentiated as it stands; what is named in it is held fixed or not."""
        return expression

    def entry_by(
        self, top: Expression, bottom: Expression, held: tuple[Expression, ...], node: Node
    ) -> Expression:  # fmt: skip
        """∂h_i/∂W_jk is the entry j, k of ∂h_i/∂W, which has the shape of W."""
        if isinstance(top, Entry) and shapes.is_scalar(top.shape):
            by = bottom.body if isinstance(bottom, Entry) else bottom
            whole = Derivative(top, by, held)
            return Entry(whole, *bottom.args[1:]) if isinstance(bottom, Entry) else whole
        return super().entry_by(top, bottom, held, node)

    def chained(self, parts: Sequence[Node], node: Node, resolve: Callable[[Node, Context], Expression]) -> Expression:
        """Everything laid out by the numerator, columns turned to rows where they come first."""
        inside = replace(self, reading=replace(self.reading, layout=ROW))
        found = [resolve(part, inside) for part in parts]
        turned = [build.transpose(p) if shapes.is_column(p.shape) and len(p.shape) == 2 else p for p in found[:1]]
        with located(self, node.span):
            made = build.product(*turned, *found[1:])
        row = len(made.shape) == 2 and made.shape[0] == ONE and not shapes.is_scalar(made.shape)
        return build.transpose(made) if row and self.reading.layout != ROW else made

    def at_step(self, derivative: Expression, sub: Node) -> Expression | None:
        """The derivative by a parameter as it is used at one step, the others being held fixed."""
        inner = derivative.args[0] if isinstance(derivative, Transpose) else derivative
        index = index_expression(sub.body if isinstance(sub, Brackets) else sub, self.letters)
        if not isinstance(inner, Derivative) or index is None or not isinstance(inner.bottom, Variable):
            return None
        if inner.bottom.name.arity or inner.bottom.name in self.network.rules:
            return None
        self.script.note("a bar with a step takes the parameter as it is used at that step")
        placed = Derivative(inner.top, Variable(inner.bottom.name, (index,), inner.bottom.shape), inner.held)
        return build.transpose(placed) if isinstance(derivative, Transpose) else placed

    def sum_of_entries(self, body: Expression, item: Node) -> Expression:
        """Σ exp(y) over all entries of a column or row."""
        if len(body.shape) != 2 or not shapes.is_vector(body.shape) or shapes.is_scalar(body.shape):
            return super().sum_of_entries(body, item)
        self.script.note("Σ without an index adds up all entries")
        ones = build.ones(shapes.length(body.shape))
        if body.shape[1] == ONE:
            return build.product(build.transpose(ones), body)
        return build.product(body, ones)

    def is_bare(self, item: Node, following: Sequence[Node]) -> bool:
        """A slope with no brackets behind it: what follows is a factor."""
        if not isinstance(item, Scripted) or not item.primes:
            return False
        after = (
            following[0].base
            if following and isinstance(following[0], Scripted)
            else following[0]
            if following
            else None
        )
        return not (isinstance(after, Brackets) and after.opening in "([")

    def of_a_row(self, made: Expression) -> Expression:
        """The same, and said, but for a text of rows."""
        if not any(name.arity and shape[:1] == (ONE,) and shape != SCALAR for name, shape in self.shapes.items()):
            self.script.note(TURNED)
        return made

    def equal(self, asked: Relation) -> Expression | None:
        """1_{i=j}"""
        letters = self.letters | {part.text for part in asked.walk() if isinstance(part, Letter)}
        found = [index_expression(side, letters) for side in asked.sides]
        return Kronecker(*found) if len(found) == 2 and None not in found else None

    # ---- products

    def side_by_side(self, factors: list[Any], places: list[Node], operators: list[str], span: Span) -> list[Any]:
        """The factors, with what is left out filled in where they do not fit."""
        wanted = self.wanted.get(span)
        if any(not isinstance(factor, Expression) for factor in factors):
            return self._with_dots(factors)
        found = fits(factors, operators, wanted)
        if not found:
            return factors
        chosen = found[self.script.pick(len(found))] if len(found) > 1 else found[0]
        for words in filter(None, chosen.notes):
            self.script.note(words)
        return list(chosen.factors)

    def _with_dots(self, factors: list[Any]) -> list[Any]:
        made = list(factors)
        if not any(isinstance(factor, Dots) for factor in factors):
            return made
        for position, (factor, after) in enumerate(pairwise(factors)):
            column = isinstance(factor, Expression) and shapes.is_column(factor.shape)
            fits_as_it_is = isinstance(after, Expression) and after.shape[0] == shapes.ONE  # a column times a row
            if column and is_slope(factor) and not shapes.is_scalar(factor.shape) and not fits_as_it_is:
                made[position] = Diag(factor)
                self.script.note(SLOPE)
        return made

    def product_over(self, body: Expression, letter: Symbol, lower: Expr, upper: Expr) -> Expression:
        """∏ rises from left to right, or falls; of numbers, and of what is the same for each index, it is all one."""
        if letter not in body.free_symbols or shapes.is_scalar(body.shape):
            return build.descending(body, letter, lower, upper)
        if self.reading.falling:
            return build.descending(body, letter, lower, upper)
        from sympy import false

        return Chain(body, letter, lower, upper, false)
