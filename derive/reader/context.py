"""What the names of a document mean, and the places of what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sympy import Expr, Symbol

from derive.algebra import build, shapes, symbols
from derive.algebra.expressions import Apply, Diag, Expression, Softmax
from derive.algebra.functions import SPELLINGS
from derive.algebra.generic import Generic
from derive.algebra.names import Function, Name
from derive.algebra.shapes import Shape
from derive.errors import DeriveError, ShapeError, Source, Span
from derive.limits import Clock, untimed
from derive.reader.naming import index_expression
from derive.reader.surface import Accent, Letter, Node, Relation, Row, Scripted, Word

WORDS: Mapping[str, type[Expression]] = {"softmax": Softmax, "diag": Diag, "Diag": Diag}


class UnknownShape(DeriveError):
    """A name whose shape is not known (yet): the reading of a file tries again when it knows more."""


@dataclass(frozen=True)
class Context:
    """What the names of a document mean.

    `shapes` has every known name; `letters` the index letters and horizons; `functions` the abstract
    functions, of which those in `generics` are of all entries of all arguments, with a value of that shape;
    `expected` names that are defined somewhere but whose shape is not known yet; `held` gives what ∂⁺y/∂x
    holds fixed; `ranges` between what the index letters of enclosing Σ and ∏ run; `outer` the sign
    of an outer product, if there is one; `clock` how long the reading may take.
    """

    source: Source
    shapes: Mapping[Name, Shape]
    letters: frozenset[str]
    functions: frozenset[str] = frozenset()
    generics: Mapping[str, Shape] = field(default_factory=dict)
    expected: frozenset[Name] = frozenset()
    bounds: Mapping[str, tuple[Expr, Expr]] = field(default_factory=dict)
    ranges: Mapping[Symbol, tuple[Expr, Expr]] = field(default_factory=dict)
    held: Callable[[Expression, Expression], tuple[Expression, ...]] | None = None
    stacks: Mapping[Name, Callable[[Expr], Expression]] = field(default_factory=dict)
    outer: str = ""
    clock: Clock = field(default_factory=untimed, compare=False, repr=False)

    @cached_property
    def spelled(self) -> dict[Name, Name]:
        """Each name in the author's first spelling of it."""
        return {name: name for name in self.shapes}

    @cached_property
    def sizes(self) -> frozenset[Symbol]:
        """The letters that the shapes of the document's names are made of."""
        return shapes.letters_of(self.shapes.values())

    @cached_property
    def labels(self) -> frozenset[str]:
        """The labels of the document's names."""
        return frozenset(part for name in self.shapes for part in name.label.split(",") if part)

    @cached_property
    def steps(self) -> frozenset[Symbol]:
        """The letters that count steps: those whose range ends in other letters than sizes, and these."""
        return frozenset(
            symbol
            for letter, upper in self._uppers.items()
            if not upper.free_symbols <= self.sizes
            for symbol in (letter, *upper.free_symbols)
        )

    @cached_property
    def entries(self) -> frozenset[Symbol]:
        """The letters that count entries: those whose range ends in a size."""
        return frozenset(letter for letter, upper in self._uppers.items() if upper.free_symbols & self.sizes)

    @property
    def _uppers(self) -> dict[Symbol, Expr]:
        ranges = {**{symbols.index(letter): ends for letter, ends in self.bounds.items()}, **self.ranges}
        return {letter: upper for letter, (_, upper) in ranges.items()}

    # ---- what a text from outside leaves open; a cell leaves nothing open, and refuses it

    def unknown(self, node: Node) -> Expression | None:
        """What a name stands for that is neither declared nor defined; None where it stands for nothing."""
        return None

    def counted(self, name: Name) -> Expression | None:
        """The number that an index letter is, the k of Σₖ k²; None for any other name."""
        return None

    def side_by_side(
        self, factors: list[Any], places: list[Node], operators: list[str], span: Span
    ) -> list[Any]:  # fmt: skip
        """The factors of a product as they are meant: Expression, Dots or Unsized, each after an operator or ""."""
        return factors

    def differentiated(self, derivative: Expression, node: Node) -> Expression:
        """A derivative as it is meant, in the layout of the text."""
        return derivative

    def differentiable(self, expression: Expression, node: Node) -> Expression:
        """What is differentiated, with a name. Error: DeriveError for what has none."""
        if isinstance(node, Row):
            raise self.error(node.items[1], "a derivative is of one quantity by one quantity")
        raise self.error(node, "a derivative is of a quantity by a quantity, both named",
                         hint="a name for what is differentiated, defined by itself")  # fmt: skip

    def chained(self, parts: Sequence[Node], node: Node, resolve: Callable[[Node, Context], Expression]) -> Expression:
        """prod(∂L/∂y, ∂y/∂x): the product by the chain rule, whatever is to be transposed for it."""
        raise self.error(node, "a function of several arguments is not understood here")

    def at_step(self, derivative: Expression, sub: Node) -> Expression | None:
        r"""`\\left. ∂L/∂W \\right|_{(t)}`: by the W of one step; None where no step is meant."""
        return None

    def sum_of_entries(self, body: Expression, item: Node) -> Expression:
        """Σ without an index."""
        raise self.error(item, "sum without an index is not understood", "\\sum_{t=1}^{T}")

    def is_bare(self, item: Node, following: Sequence[Node]) -> bool:
        """Whether the slope of a function stands without its argument: tanh' W."""
        return False

    def of_a_row(self, made: Expression) -> Expression:
        """The diagonal matrix of a row, which is that of its column."""
        return made

    def equal(self, asked: Relation) -> Expression | None:
        """1 where two indices are equal, else 0; None where that is not understood."""
        return None

    def entry_by(
        self, top: Expression, bottom: Expression, held: tuple[Expression, ...], node: Node
    ) -> Expression:  # fmt: skip
        """The derivative of an entry by a whole array, or of an array by an entry."""
        raise self.error(node, "an entry by a whole array, or a whole array by an entry, is not understood",
                         "the derivative of a scalar or an entry by an entry")  # fmt: skip

    def product_over(self, body: Expression, letter: Symbol, lower: Expr, upper: Expr) -> Expression:
        """∏ without a sign of its direction: within the program it falls."""
        return build.descending(body, letter, lower, upper)

    def range_of(self, item: Node, following: Sequence[Node]) -> tuple[Symbol, Expr, Expr] | None:
        """The range of Σ or ∏ whose bounds are not written in full, from what follows."""
        return None

    def binding(self, letter: Symbol, lower: Expr, upper: Expr) -> Context:
        """The context inside Σ or ∏ over `letter`."""
        return replace(self, letters=self.letters | {str(letter)}, ranges={**self.ranges, letter: (lower, upper)})

    def error(self, node: Node, message: str, expected: str | None = None, hint: str | None = None) -> DeriveError:
        return DeriveError(message, source=self.source, span=node.span, expected=expected, hint=hint)


@contextmanager
def located(context: Context, span: Span) -> Iterator[None]:
    """Give a place to the shape errors that the expressions raise when they are made."""
    try:
        yield
    except ShapeError as error:
        raise error.at(context.source, span) from None


def function_of(node: Node, context: Context) -> str | None:
    """The function that a node names, if it names one: tanh, \\sigma, an abstract f; primes are left aside."""
    if isinstance(node, Scripted) and node.sub is None and node.sup is None:
        node = node.base
    if isinstance(node, Word):
        return node.text if node.text in WORDS else SPELLINGS.get(node.text)
    if isinstance(node, Accent) and node.name in ("mathrm", "mathit"):
        return function_of(node.body, context)
    if isinstance(node, Letter):
        if node.text in context.functions:
            return node.text
        if Name(node.text) not in context.shapes:
            return SPELLINGS.get(node.text)
    return None


HIGHEST_ORDER = 8
"""How often a function may be differentiated: the slope of tanh has twice as many terms each time."""


def call(name: str, primes: int, argument: Expression, node: Node, context: Context) -> Expression:
    """A function applied to its argument."""
    if primes > HIGHEST_ORDER:
        raise context.error(node, f"a derivative of order {primes}", f"at most {HIGHEST_ORDER} primes")
    with located(context, node.span):
        if name in context.generics and not primes:
            return Generic(Function(name), context.generics[name], (), argument)
        if name in WORDS:
            if primes:
                raise context.error(node, f"{name} with a prime is not understood")
            if not shapes.is_column(argument.shape) and shapes.is_vector(argument.shape):  # a row
                made = WORDS[name](build.transpose(argument))
                return build.transpose(made) if name == "softmax" else context.of_a_row(made)
            return WORDS[name](argument)
        return Apply(Function(name, primes), argument)


def size_expression(node: Node, context: Context) -> Expr:
    """A dimension: `n`, `3`, `n+d`, `2n`."""
    letters = frozenset(part.text for part in node.walk() if isinstance(part, Letter))
    expression = index_expression(node, letters)
    if expression is None:
        raise context.error(node, "this is not a size", "a letter, a whole number, or a sum of them")
    return expression.xreplace({symbols.index(letter): symbols.size(letter) for letter in letters})
