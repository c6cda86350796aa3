"""Stage 2: what the surface tree means, given what the document's names are.

Products, calls, transposes, indices and derivatives are decided here, with shapes; every error says where.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Rational

from derive.algebra import build, shapes
from derive.algebra.expressions import Add, Apply, Blocks, Derivative, Expression, Norm, Variable
from derive.algebra.expressions import Number as NumberValue
from derive.algebra.names import Function
from derive.algebra.shapes import Shape
from derive.reader import dots, rows
from derive.reader.blocks import MATRICES, blocks
from derive.reader.calls import condition, slope_of_relu
from derive.reader.cases import CASES, cases
from derive.reader.context import Context, function_of, located
from derive.reader.entries import with_scripts
from derive.reader.naming import TRANSPOSES
from derive.reader.quantities import quantity
from derive.reader.scripts import raised
from derive.reader.sizes import Unsized, constant, sized, transposed
from derive.reader.surface import (
    Accent,
    Brackets,
    Dots,
    Fraction,
    Items,
    Letter,
    Node,
    Number,
    Root,
    Row,
    Scripted,
    Table,
    Terms,
    Word,
)

NORMS, GROUPS = frozenset({"|", "‖"}), frozenset({"(", "[", "{"})


def resolve(node: Node, context: Context, shape: Shape | None = None) -> Expression:
    """The expression that a surface tree stands for; in `shape`, if that is given, where the text alone says none.

    Error: DeriveError with the place; UnknownShape where the text lacks a size.
    """
    try:
        found = sized(read(node, context), context, shape)
    except RecursionError:  # a tree is not deep, but each \log applies to the rest of its row
        raise context.error(node, "this is nested too deep", hint="names for the parts") from None
    if shape is not None and build.is_zero(found) and shapes.is_scalar(found.shape):
        return build.zero(shape)
    return found


def read(node: Node, context: Context) -> Expression | Unsized:
    """The same as far as the text says it; Unsized for an I or **1** whose surroundings have to say its size."""
    context.clock.check()
    found = constant(node, context) if condition(node) is None else None
    if found is not None:
        return found
    match node:
        case Number(text=text):
            return NumberValue(Rational(text))
        case Terms():
            return _terms(node, context)
        case Row():
            return rows.read_row(node.items, node.span, context, read)
        case Fraction():
            return rows.fraction(node, context, read)
        case Brackets():
            return _brackets(node, context)
        case Root(body=body):
            return Apply(Function("sqrt"), resolve(body, context))
        case Table(name=name) if name == CONCATENATION:
            return _concatenated(node, context)
        case Table(name="prod"):
            return context.chained([cell for row in node.rows for cell in row], node, resolve)
        case Table(name=name) if name in CASES:
            return cases(node, context, resolve)
        case Table(name=name) if name in MATRICES:
            return blocks(node, context, read)
        case Letter() | Accent() | Word():
            return _named(node, context)
        case Scripted():
            return _scripted(node, context)
    raise context.error(node, "this is not understood here", "a name, a number, a product or a sum")


CONCATENATION = "concatenation"
"""A table of vectors one after the other: columns below each other, rows beside."""


def _concatenated(node: Table, context: Context) -> Expression:
    parts = [resolve(cell, context) for row in node.rows for cell in row]
    rows = all(part.shape[0] == shapes.ONE and part.shape[1] != shapes.ONE for part in parts)
    with located(context, node.span):
        return Blocks(len(parts) if rows else 1, *parts)


def _brackets(node: Brackets, context: Context) -> Expression | Unsized:
    if node.opening in GROUPS:
        return read(node.body, context)
    if node.opening in NORMS:
        return _norm(node, context)
    raise context.error(node, f"brackets {node.opening} are not understood here", "round or square brackets, a norm")


def _terms(node: Terms, context: Context) -> Expression | Unsized:
    """A sum in the author's order; a bare number beside vectors stands for an array of it (1 - z_t), I fits itself."""
    parts = [part if isinstance(part, Dots) else read(part, context) for part in node.summands]
    shape = next((p.shape for p in parts if isinstance(p, Expression) and not shapes.is_scalar(p.shape)), None)
    unsized = [part for part in parts if isinstance(part, Unsized)]
    if shape is None and unsized:
        return Unsized(unsized[0].node, unsized[0].kind, lambda shape: _sum(node, parts, shape, context))
    return _sum(node, parts, shape or shapes.SCALAR, context)


def _sum(node: Terms, parts: Sequence[Expression | Unsized | Dots], shape: Shape, context: Context) -> Expression:
    """The signed parts, those that say no size in that shape."""
    with located(context, node.span):
        terms: list[Expression | Dots] = []
        for sign, part in zip(node.signs, parts, strict=True):
            term = _in_shape(part, shape, context)
            terms.append(negated(term) if sign < 0 and isinstance(term, Expression) else term)
        signed = dots.fill(terms, dots.sum_over, context)
        return signed[0] if len(signed) == 1 else Add(*signed)


def _in_shape(part: Expression | Unsized | Dots, shape: Shape, context: Context) -> Expression | Dots:
    if isinstance(part, Unsized):
        return sized(part, context, shape)
    if isinstance(part, NumberValue) and shapes.is_scalar(part.shape):
        return NumberValue(part.value, shape)
    return part


def negated(expression: Expression) -> Expression:
    if isinstance(expression, NumberValue):
        return NumberValue(-expression.value, expression.shape)
    return build.product(build.MINUS, expression)


def _named(node: Node, context: Context) -> Expression:
    found = quantity(node, context)
    if found is None:
        raise context.error(node, "this is not a name", "a name, a number, a product or a sum")
    return found


def _holding(body: Node, sub: Node, context: Context) -> Expression:
    r"""`\left. ∂y/∂x \right|_{u, v}`: the derivative with u and v held fixed."""
    derivative = resolve(body, context)
    if not isinstance(derivative, Derivative) or derivative.held:
        raise context.error(body, "only a derivative can have something held fixed", "\\frac{\\partial …}{\\partial …}")
    placed = context.at_step(derivative, sub)
    if placed is not None:
        return placed
    held = [resolve(part, context) for part in (sub.items if isinstance(sub, Items) else (sub,))]
    if not all(isinstance(part, Variable) for part in held):
        raise context.error(sub, "what is held fixed is not a name", "names, as in |_{s_{k-1}}")
    return Derivative(derivative.top, derivative.bottom, held)


def _scripted(node: Scripted, context: Context) -> Expression | Unsized:
    base = node.base
    if isinstance(base, Word) and function_of(node, context) is not None:
        slope = context.unknown(node)
        if slope is not None:
            return slope
        raise context.error(node, f"{base.text} is a function and stands here without an argument")
    named = quantity(node, context)
    if named is not None:
        return named
    if isinstance(base, Brackets) and base.opening == "." and node.sub is not None and node.sup is None:
        return _holding(base.body, node.sub, context)
    if isinstance(base, Brackets) and base.opening in NORMS:
        return _norm_with_scripts(base, node, context)
    compared = condition(node)
    if compared is not None:
        return raised(slope_of_relu(compared, context, resolve), _above(node), node, context)
    if isinstance(base, Brackets | Table) or (node.sub is None and not node.primes):
        body = read(base, context)
        if isinstance(body, Unsized) and _is_transpose(node):
            return transposed(body)
        return with_scripts(sized(body, context), node, context)
    raise context.error(node, "an index or a prime is not understood here", hint="brackets: [W s_t]_i")


def _norm(node: Brackets, context: Context) -> Norm:
    r"""`\lVert x \rVert`, of a column or scalar also `|x|`. Error: DeriveError for |W|, which is a determinant."""
    body = resolve(node.body, context)
    if node.opening == "|" and not shapes.is_column(body.shape):
        raise context.error(node, "bars around a matrix could mean its determinant", hint="\\lVert W \\rVert")
    return Norm(body)


def _norm_with_scripts(base: Brackets, node: Scripted, context: Context) -> Expression:
    r"""`\lVert x \rVert`, perhaps with a 2 below, and what is above."""
    if node.primes or not (node.sub is None or (isinstance(node.sub, Number) and node.sub.text == "2")):
        raise context.error(node, "only the norm that belongs to 2 is understood",
                            "\\lVert x \\rVert_2, of a matrix the largest singular value")  # fmt: skip
    return raised(_norm(base, context), _above(node), node, context)


def _is_transpose(node: Scripted) -> bool:
    above = node.sup.text if isinstance(node.sup, Letter) else ""
    return node.sub is None and not node.primes and (above in TRANSPOSES or above == "T")


def _above(node: Scripted) -> tuple[Node, ...]:
    return () if node.sup is None else (node.sup,)
