"""What each statement of a cell file says: a declaration, a range, a definition, a start, or an assumption."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sympy import Expr

from derive.algebra import shapes
from derive.algebra.names import Name
from derive.algebra.shapes import ONE, SCALAR, Shape
from derive.errors import DeriveError
from derive.models.naming import Naming
from derive.reader.context import Context, size_expression
from derive.reader.naming import Reading
from derive.reader.surface import (
    Accent,
    Big,
    Brackets,
    Dots,
    Items,
    Letter,
    Node,
    Number,
    Operator,
    Relation,
    Row,
    Scripted,
)

MOST_SIZE = 16
"""The largest size that is a number; formulas are checked at the sizes that are declared."""
DEFINES = frozenset({"=", ":="})


@dataclass(frozen=True)
class Declaration:
    """`x_t \\in \\mathbb{R}^{d}`."""

    node: Node
    reading: Reading
    shape: Shape


@dataclass(frozen=True)
class Definition:
    """`s_t = …`, or with a number as index the start of a state."""

    node: Node
    reading: Reading
    right: Node


@dataclass(frozen=True)
class Assumption:
    """An equation whose left side is no name: `\\mathbf{1}^{\\top} \\bar{o}_t = 1`."""

    node: Relation


@dataclass(frozen=True)
class Listing:
    """`\\theta = (U, W, V)`: the parameters and their order."""

    names: tuple[tuple[Node, Name], ...]


Statement = Declaration | Definition | Assumption | Listing


def ranges(statements: Iterable[Node]) -> Iterator[tuple[str, str]]:
    """The index letters with their horizons: from `t = 1, \\dots, T` and from `\\sum_{t=1}^{T}`."""
    for statement in statements:
        match statement:
            case Relation(sides=(Letter(text=letter), Items(items=(Number(), Dots(), Letter(text=last))))):
                yield letter, last
        for node in statement.walk():
            match node:
                case Scripted(base=Big(), sub=Relation(sides=(Letter(text=letter), _)), sup=Letter(text=last)):
                    yield letter, last


def classify(statements: Sequence[Node], context: Context) -> Iterator[Statement]:
    """Each statement as what it says. Error: DeriveError for one that says nothing of the kind."""
    named = Naming.of(statements, context)
    for statement in statements:
        match statement:
            case Relation(sides=(names, space), relations=("in",)):
                yield from _declarations(names, space, context, named)
            case Relation(sides=(Letter(), Items(items=(_, Dots(), _))), relations=("=",)):
                continue
            case Relation(sides=(Letter(), Brackets(body=Items(items=names))), relations=(sign,)) if sign in DEFINES:
                yield Listing(tuple((name, _name(name, context, named).name) for name in names))
            case Relation(sides=(Letter(text="theta" | "Theta"), Brackets(body=name)), relations=(sign,)) if (
                sign in DEFINES
            ):
                yield Listing(((name, _name(name, context, named).name),))
            case Relation(sides=(left, right), relations=(sign,)) if sign in DEFINES:
                reading = named(left)
                if reading is None or reading.above:
                    yield Assumption(statement)
                else:
                    yield Definition(left, reading, right)
            case Relation(relations=(_, _, *_)):
                raise context.error(statement, "this chain of relations is more than one equation",
                                    hint="one equation on a line")  # fmt: skip
            case _:
                raise context.error(statement, "this is neither a declaration nor an equation",
                                    "W \\in \\mathbb{R}^{n \\times n}, or s_t = …")  # fmt: skip


def _name(node: Node, context: Context, named: Naming) -> Reading:
    reading = named(node)
    if reading is None or reading.above:
        raise context.error(node, "this is not a name", "a name such as W, s_t or \\bar{o}_t")
    return reading


def _declarations(names: Node, space: Node, context: Context, named: Naming) -> Iterator[Declaration]:
    shape = _space(space, context)
    for node in names.items if isinstance(names, Items) else (names,):
        yield Declaration(node, _name(node, context, named), shape)


def _space(node: Node, context: Context) -> Shape:
    r"""`\mathbb{R}`, `\mathbb{R}^{n}`, `\mathbb{R}^{n \times d}`."""
    base, sup = (node.base, node.sup) if isinstance(node, Scripted) else (node, None)
    if not (
        isinstance(base, Accent) and base.name == "mathbb" and isinstance(base.body, Letter) and base.body.text == "R"
    ):
        raise context.error(
            node, "this is not a space of real numbers", "\\mathbb{R}, \\mathbb{R}^{n}, \\mathbb{R}^{n \\times d}"
        )
    if sup is None:
        return SCALAR
    parts: list[list[Node]] = [[]]
    for item in sup.items if isinstance(sup, Row) else (sup,):
        if isinstance(item, Operator) and item.name == "times":
            parts.append([])
        else:
            parts[-1].append(item)
    if not 1 <= len(parts) <= 2 or any(not part for part in parts):
        raise context.error(sup, "this is not a shape", "n, or n \\times d")
    sizes: list[Expr] = [size_expression(_joined(part), context) for part in parts]
    for size in sizes:
        if (
            any(factor < 0 or factor > MOST_SIZE for factor in size.as_coefficients_dict().values())
            and not size.is_Integer
        ):
            raise context.error(
                sup, f"{size} is not a size", f"a letter, or a sum of letters and numbers up to {MOST_SIZE}"
            )
        if size.is_Integer and not 1 <= size <= MOST_SIZE:
            raise context.error(sup, f"a size that is a number is from 1 to {MOST_SIZE}, not {size}",
                                hint="a letter: the formulas are the same for every size")  # fmt: skip
    return (sizes[0], sizes[1] if len(sizes) == 2 else ONE)


def _joined(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Row(parts[0].span.to(parts[-1].span), tuple(parts))


def conflict(context: Context, node: Node, name: Name, first: Shape, second: Shape) -> DeriveError:
    return context.error(node, f"{name} is {shapes.show(second)} here and {shapes.show(first)} elsewhere")
