"""Stage 2: what the surface tree means, given what the document's names are.

Products, calls, transposes, indices and derivatives are decided here, with shapes; every error says where.
"""

from __future__ import annotations

from sympy import Rational

from derive.algebra import build, shapes
from derive.algebra.expressions import Add, Apply, Derivative, Expression, Norm, Stack
from derive.algebra.expressions import Number as NumberValue
from derive.algebra.names import Function
from derive.reader import dots, rows
from derive.reader.context import Context, UnknownShape, function_of, located, lookup
from derive.reader.naming import read_name
from derive.reader.scripts import raised
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


def resolve(node: Node, context: Context) -> Expression:
    """The expression that a surface tree stands for. Error: DeriveError with the place."""
    match node:
        case Number(text=text):
            return NumberValue(Rational(text))
        case Terms():
            return _terms(node, context)
        case Row():
            return rows.resolve_row(node.items, node.span, context, resolve)
        case Fraction():
            return rows.fraction(node, context, resolve)
        case Brackets(opening=opening, body=body):
            if opening not in NORMS | GROUPS:
                raise context.error(
                    node, f"brackets {opening} are not understood here", "round or square brackets, a norm"
                )
            inner = resolve(body, context)
            return Norm(inner) if opening in NORMS else inner
        case Root(body=body):
            return Apply(Function("sqrt"), resolve(body, context))
        case Accent(body=Number(text="0")):
            return NumberValue(0)
        case Accent(body=Number(text="1")):
            raise UnknownShape(
                "the size of this array of ones is not clear here", source=context.source, span=node.span
            )
        case Table(name=name, rows=table) if "matrix" in name:
            if any(len(row) != 1 for row in table):
                raise context.error(node, "a matrix written out entry by entry is not understood", "a column of blocks")
            with located(context, node.span):
                return Stack(*(resolve(row[0], context) for row in table))
        case Letter() | Accent() | Word():
            return _named(node, context)
        case Scripted():
            return _scripted(node, context)
    raise context.error(node, "this is not understood here", "a name, a number, a product or a sum")


def _terms(node: Terms, context: Context) -> Expression:
    """A sum in the author's order; a bare number beside vectors stands for an array of it (1 - z_t)."""
    parts = [part if isinstance(part, Dots) else resolve(part, context) for part in node.summands]
    shape = next((p.shape for p in parts if isinstance(p, Expression) and not shapes.is_scalar(p.shape)), shapes.SCALAR)
    parts = [NumberValue(p.value, shape) if isinstance(p, NumberValue) else p for p in parts]
    with located(context, node.span):
        terms = [
            negated(p) if s < 0 and isinstance(p, Expression) else p for s, p in zip(node.signs, parts, strict=True)
        ]
        signed = dots.fill(terms, dots.sum_over, context)
        return signed[0] if len(signed) == 1 else Add(*signed)


def negated(expression: Expression) -> Expression:
    if isinstance(expression, NumberValue):
        return NumberValue(-expression.value, expression.shape)
    return build.product(build.MINUS, expression)


def _named(node: Node, context: Context) -> Expression:
    reading = read_name(node, context.letters, context.source)
    if reading is None:
        raise context.error(node, "this is not a name", "a name, a number, a product or a sum")
    return raised(lookup(reading, node, context), reading.above, node, context)


def _holding(body: Node, sub: Node, context: Context) -> Expression:
    r"""`\left. ∂y/∂x \right|_{u, v}`: the derivative with u and v held fixed."""
    derivative = resolve(body, context)
    if not isinstance(derivative, Derivative) or derivative.held:
        raise context.error(body, "only a derivative can have something held fixed", "\\frac{\\partial …}{\\partial …}")
    held = [resolve(part, context) for part in (sub.items if isinstance(sub, Items) else (sub,))]
    return Derivative(derivative.top, derivative.bottom, held)


def _scripted(node: Scripted, context: Context) -> Expression:
    if isinstance(node.base, Word) and function_of(node, context) is not None:
        raise context.error(node, f"{node.base.text} is a function and stands here without an argument")
    if read_name(node, context.letters, context.source) is not None:
        return _named(node, context)
    if isinstance(node.base, Brackets) and node.base.opening == "." and node.sub is not None and node.sup is None:
        return _holding(node.base.body, node.sub, context)
    base = resolve(node.base, context)
    if node.primes or node.sub is not None:
        raise context.error(node, "an index or a prime on brackets is not understood")
    return raised(base, (node.sup,) if node.sup is not None else (), node, context)
