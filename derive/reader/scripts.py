"""What superscripts do to a quantity: transposes and powers."""

from __future__ import annotations

from sympy import preorder_traversal

from derive.algebra import shapes
from derive.algebra.expressions import Expression, MatrixPower, Norm, Power, Product, SquaredNorm, Transpose
from derive.limits import Limits
from derive.reader.context import Context, located
from derive.reader.naming import TRANSPOSES, bracketed, index_expression
from derive.reader.surface import Letter, Node, Operator, Row

MOST_POWER = 12
"""The largest exponent that is a number; an identity of higher powers would not be checked in bounded time."""


def _is_square(base: Expression) -> bool:
    return len(base.shape) == 2 and base.shape[0] == base.shape[1]


def raised(base: Expression, above: tuple[Node, ...], node: Node, context: Context) -> Expression:
    """`base` with its superscripts: transposes and powers, one after the other."""
    for script in above:
        with located(context, node.span):
            base = _raise(base, script, context)
    return base


def _raise(base: Expression, script: Node, context: Context) -> Expression:
    """One superscript on a quantity. Error: DeriveError at the superscript."""
    last = script.items[-1] if isinstance(script, Row) else script
    number = index_expression(last, frozenset())
    if number is not None and abs(number) > MOST_POWER:
        raise context.error(last, f"the exponent {number} is too large", f"at most {MOST_POWER}")
    if isinstance(script, Row) and len(script.items) == 2 and isinstance(script.items[0], Operator):
        exponent = index_expression(script.items[1], frozenset())
        if exponent is not None:
            return Power(base, exponent)
    if isinstance(script, Letter) and (script.text in TRANSPOSES or script.text == "T"):
        if not shapes.is_scalar(base.shape):
            return Transpose(base)
        if script.text in TRANSPOSES:
            return base
    if bracketed(script):
        raise context.error(script, "an index above stands on a name only", hint="a power without brackets: ^2")
    exponent = index_expression(script, context.letters)
    if isinstance(base, Norm) and exponent == 2 and shapes.is_column(base.args[0].shape):
        return SquaredNorm(base.args[0])
    if exponent is not None and shapes.is_vector(base.shape) and exponent.is_Integer:
        return Power(base, exponent)
    if exponent is not None and exponent.is_Integer and exponent > 0 and _is_square(base):
        if exponent * sum(1 for _ in preorder_traversal(base)) > Limits.PARTS:
            raise context.error(script, "this power has too many factors", f"at most {Limits.PARTS} names and signs")
        return Product(*[base] * int(exponent)) if exponent > 1 else base
    if exponent is not None and _is_square(base) and not exponent.is_negative:
        return MatrixPower(base, exponent)
    if exponent is not None and exponent.is_Integer:
        raise context.error(
            script,
            f"a power of {shapes.show(base.shape)} is not clear",
            hint="\\odot 2 in the exponent, for each entry",
        )
    raise context.error(script, "this superscript is not understood", "\\top, a power, or an index in brackets")
