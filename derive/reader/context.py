"""What the names of a document mean, and the places of what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sympy import Expr, Symbol

from derive.algebra import symbols
from derive.algebra.expressions import Apply, Diag, Expression, Softmax, Variable
from derive.algebra.functions import SPELLINGS
from derive.algebra.names import Function, Name
from derive.algebra.shapes import Shape
from derive.errors import DeriveError, ShapeError, Source, Span
from derive.reader.naming import Reading, index_expression
from derive.reader.surface import Accent, Letter, Node, Scripted, Word

WORDS: Mapping[str, type[Expression]] = {"softmax": Softmax, "diag": Diag, "Diag": Diag}


class UnknownShape(DeriveError):
    """A name whose shape is not known (yet): the reading of a file tries again when it knows more."""


@dataclass(frozen=True)
class Context:
    """What the names of a document mean.

    `shapes` has every known name; `letters` the index letters and horizons; `functions` the abstract functions;
    `expected` names that are defined somewhere but whose shape is not known yet; `held` gives what ∂⁺y/∂x
    holds fixed; `ranges` between what the index letters of enclosing Σ and ∏ run.
    """

    source: Source
    shapes: Mapping[Name, Shape]
    letters: frozenset[str]
    functions: frozenset[str] = frozenset()
    expected: frozenset[Name] = frozenset()
    bounds: Mapping[str, tuple[Expr, Expr]] = field(default_factory=dict)
    ranges: Mapping[Symbol, tuple[Expr, Expr]] = field(default_factory=dict)
    held: Callable[[Expression, Expression], tuple[Expression, ...]] | None = None
    stacks: Mapping[Name, Callable[[Expr], Expression]] = field(default_factory=dict)

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


def lookup(reading: Reading, node: Node, context: Context) -> Expression:
    """The quantity of a name. Error: UnknownShape if it is defined somewhere, DeriveError if nowhere."""
    name = reading.name
    if name in context.stacks and len(reading.indices) == 1:
        return context.stacks[name](reading.indices[0])
    if name in context.shapes:
        known = next(known for known in context.shapes if known == name)  # the author's first spelling of it
        return Variable(known, reading.indices, context.shapes[name])
    if name in context.expected:
        raise UnknownShape(f"the shape of {name} is not known", source=context.source, span=node.span,
                           hint=f"declare it, for instance {name} \\in \\mathbb{{R}}^{{n}}")  # fmt: skip
    text = context.source.text[node.span.start : node.span.end]
    if function_of(node, context) is not None:
        raise context.error(
            node, f"{text} is a function and stands here without an argument", "its argument in brackets"
        )
    if isinstance(node, Word) or (isinstance(node, Scripted) and isinstance(node.base, Word)):
        raise context.error(node, f"{text} is not a name or function that is known", ", ".join([*SPELLINGS, *WORDS]))
    bare = node.base if isinstance(node, Scripted) else node
    if isinstance(bare, Letter) and bare.text in ("partial", "nabla"):
        raise context.error(node, f"{text} stands here without what it is applied to")
    raise context.error(
        node, f"{text} is neither declared nor defined", hint=f"a declaration such as {text} \\in \\mathbb{{R}}^{{n}}"
    )


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


def call(name: str, primes: int, argument: Expression, node: Node, context: Context) -> Expression:
    """A function applied to its argument."""
    with located(context, node.span):
        if name in WORDS:
            if primes:
                raise context.error(node, f"{name} with a prime is not understood")
            return WORDS[name](argument)
        return Apply(Function(name, primes), argument)


def size_expression(node: Node, context: Context) -> Expr:
    """A dimension: `n`, `3`, `n+d`, `2n`."""
    letters = frozenset(part.text for part in node.walk() if isinstance(part, Letter))
    expression = index_expression(node, letters)
    if expression is None:
        raise context.error(node, "this is not a size", "a letter, a whole number, or a sum of them")
    return expression.xreplace({symbols.index(letter): symbols.size(letter) for letter in letters})
