r"""Sizes that are written, `I_n`, `0_{n \times d}`, and those of I and **1** that their surroundings have to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sympy import Expr

from derive.algebra import shapes
from derive.algebra.build import ones, transpose
from derive.algebra.expressions import Expression, Identity
from derive.algebra.expressions import Number as NumberValue
from derive.algebra.shapes import ONE, Shape
from derive.errors import ShapeError
from derive.reader.context import Context, UnknownShape, located, size_expression
from derive.reader.naming import TRANSPOSES, text_of
from derive.reader.surface import Accent, Dots, Letter, Node, Number, Operator, Row, Scripted

BOLD = frozenset({"mathbf", "boldsymbol", "bm", "pmb", "mathbb"})
VECTORS = BOLD | {"vec"}
SHAPES: dict[str, Callable[[Expr], Shape]] = {
    "square": lambda size: (size, size),
    "column": lambda size: (size, ONE),
    "row": lambda size: (ONE, size),
}


@dataclass(frozen=True)
class Unsized:
    """What is written without its size: I, the column or row of ones, their multiples and sums.

    `kind` is a key of SHAPES, `at` makes the expression of a shape of that kind.
    """

    node: Node
    kind: str
    at: Callable[[Shape], Expression]

    def of_size(self, size: Expr) -> Expression:
        return self.at(SHAPES[self.kind](size))

    def fitted(self, shape: Shape) -> Expression:
        """In a shape that the surroundings ask for. Error: ShapeError where it is of another kind."""
        if not any(shape == SHAPES[self.kind](size) for size in shape):
            what = {"square": "square matrix"}.get(self.kind, self.kind)
            raise ShapeError(f"a {what} stands where {shapes.show(shape)} must")
        return self.at(shape)


Read = Callable[[Node, Context], Expression | Unsized]
Resolve = Callable[[Node, Context], Expression]


def sized(found: Expression | Unsized, context: Context, shape: Shape | None = None) -> Expression:
    """The expression, in that shape where it says none itself. Error: UnknownShape where nothing says one."""
    if not isinstance(found, Unsized):
        return found
    if shape is None:
        raise unclear(found, context)
    with located(context, found.node.span):
        return found.fitted(shape)


def unclear(found: Unsized, context: Context) -> UnknownShape:
    text = text_of(found.node, context.source)
    return UnknownShape(f"the size of {text} is not clear here", source=context.source, span=found.node.span,
                        expected="something beside it that says it", hint=f"{text}_n, with its size below")  # fmt: skip


def closed(read: Read) -> Resolve:
    """The same reading for a place that says nothing of sizes."""
    return lambda node, context: sized(read(node, context), context)


def constant(node: Node, context: Context) -> Expression | Unsized | None:
    r"""I, **1**, 0 and their transposes, with sizes or without: `I_n`, `\mathbf{1}^{\top}`, `0_{n \times d}`.

    None for all else.
    """
    match node:
        case Scripted(base=Number(text="1"), sub=None, sup=Letter(text=above), primes=0) if above in TRANSPOSES:
            return transposed(_ones(node, None, context))
        case Scripted(sup=Letter(text=above), primes=0) if above in TRANSPOSES or above == "T":
            found = constant(Scripted(node.span, node.base, node.sub, None), context)
            return None if found is None else transposed(found)
        case Scripted(base=base, sub=sub, sup=None, primes=0):
            return _constant(base, sub, node, context)
    return _constant(node, None, node, context)


def _constant(base: Node, sub: Node | None, node: Node, context: Context) -> Expression | Unsized | None:
    match base:
        case Letter(text="I") if not _is_named((), context):
            return _identity(node, sub, context)
        case Accent(name=name, body=Letter(text="I")) if name in BOLD and not _is_named((name,), context):
            return _identity(node, sub, context)
        case Accent(name=name, body=Number(text="1")) if name in VECTORS:
            return _ones(node, sub, context)
        case Accent(name=name, body=Number(text="0")) if name in VECTORS:
            return NumberValue(0) if sub is None else NumberValue(0, _shape(sub, context, vector=True))
        case Number(text="0") if sub is not None:
            return NumberValue(0, _shape(sub, context, vector=False))
    return None


def transposed(found: Expression | Unsized) -> Expression | Unsized:
    if not isinstance(found, Unsized):
        return transpose(found)
    turned = {"column": "row", "row": "column", "square": "square"}
    return Unsized(found.node, turned[found.kind], lambda shape: transpose(found.at(shape[::-1])))


def _identity(node: Node, sub: Node | None, context: Context) -> Expression | Unsized:
    if sub is None:
        return Unsized(node, "square", lambda shape: Identity(shape[0]))
    return Identity(square_size(sub, context))


def _ones(node: Node, sub: Node | None, context: Context) -> Expression | Unsized:
    if sub is None:
        return Unsized(node, "column", lambda shape: ones(shape[0]))
    return NumberValue(1, _shape(sub, context, vector=True))


def _is_named(accents: tuple[str, ...], context: Context) -> bool:
    """Whether the document has something of its own called I, with any index or label."""
    return any(name.base == "I" and name.accents == accents for name in (*context.shapes, *context.expected))


def known_sizes(node: Node, context: Context) -> tuple[Expr, ...]:
    r"""`n`, `2n`, `n \times d`: sizes that the document's shapes speak of. Error: DeriveError naming those."""
    parts: list[list[Node]] = [[]]
    for item in node.items if isinstance(node, Row) else (node,):
        if isinstance(item, Operator) and item.name == "times":
            parts.append([])
        else:
            parts[-1].append(item)
    if not all(parts):
        raise context.error(node, "this is not a size", "n, or n \\times d")
    return tuple(_known_size(_row(part), context) for part in parts)


def _known_size(node: Node, context: Context) -> Expr:
    size = size_expression(node, context)
    unknown = sorted(map(str, size.free_symbols - context.sizes))
    if unknown:
        known = ", ".join(sorted(map(str, context.sizes)))
        raise context.error(node, f"{unknown[0]} is not a size here", known or "a whole number")
    if not size.is_positive:
        raise context.error(node, f"{size} is not a size", "a positive whole number")
    return size


def square_size(node: Node, context: Context) -> Expr:
    r"""`n` or `n \times n`."""
    sizes = known_sizes(node, context)
    if len(set(sizes)) != 1 or len(sizes) > 2:
        raise context.error(node, "the identity is square", "one size: I_n")
    return sizes[0]


def _shape(node: Node, context: Context, *, vector: bool) -> Shape:
    r"""`n \times d`; one size alone is that of a column, where a vector stands."""
    sizes = known_sizes(node, context)
    if len(sizes) == 1 and vector:
        return (sizes[0], ONE)
    if len(sizes) != 2:
        raise context.error(node, "this is not the size of an array", "rows \\times columns")
    return sizes


def _row(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Row(parts[0].span.to(parts[-1].span), tuple(parts))


def beside(factors: Sequence[Expression | Dots | Unsized], context: Context) -> list[Expression | Dots]:
    """The factors of a product, each that says no size as large as its neighbours ask.

    A row is as long as what follows has rows, a column as what precedes has columns, I as either.
    """
    found: list[Expression | Dots] = []
    for position, factor in enumerate(factors):
        if not isinstance(factor, Unsized):
            found.append(factor)
            continue
        size = None
        if factor.kind in ("row", "square"):
            size = _end(factors[position + 1 :], 0)
        if factor.kind in ("column", "square") and size is None:
            size = _end(found[::-1], -1)
        if size is None:
            raise unclear(factor, context)
        with located(context, factor.node.span):
            found.append(factor.of_size(size))
    return found


def _end(factors: Sequence[Expression | Dots | Unsized], end: int) -> Expr | None:
    """The first (0) or last (-1) size of the nearest of these that is not a scalar; None where it has none itself."""
    for factor in factors:
        if not isinstance(factor, Expression):
            return None
        if not shapes.is_scalar(factor.shape):
            return factor.shape[end]
    return None
