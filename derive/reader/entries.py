"""Stage 2 for single entries: `W_{ij}`, `δ_{t,i}`, `[W s_t]_i`, with what an index may be and how far it may run."""

from __future__ import annotations

from sympy import Expr

from derive.algebra import shapes
from derive.algebra.expressions import Entry, Expression
from derive.algebra.shapes import ONE, Shape
from derive.errors import DeriveError, NoEntry
from derive.reader.context import Context, located
from derive.reader.naming import TRANSPOSES, index_expression, parts_of, places
from derive.reader.scripts import raised
from derive.reader.surface import Letter, Node, Scripted


def ends(shape: Shape) -> tuple[Expr, ...]:
    """The sizes over which the indices of an entry run: none of a scalar, one of a column or row."""
    return tuple(size for size in shape if size != ONE)


def entry(body: Expression, place: tuple[Expr, ...], node: Node, context: Context) -> Entry:
    """The entry of `body` at a place. Error: DeriveError where the indices do not name one."""
    sizes = ends(body.shape)
    if len(place) != len(sizes):
        raise miscounted(body.shape, place, node, context)
    for index, size in zip(place, sizes, strict=True):
        _check_index(index, size, node, context)
    with located(context, node.span):
        return Entry(body, *place)


def miscounted(shape: Shape, place: tuple[Expr, ...], node: Node, context: Context) -> DeriveError:
    count = len(ends(shape))
    if count == 0:
        return context.error(node, "a scalar has no entries")
    need = "one index names" if count == 1 else f"{count} indices name"
    given = ", ".join(map(str, place))
    words = f"{need} an entry of {shapes.show(shape)}, not {given}"
    return NoEntry(words, source=context.source, span=node.span, hint="_{i}, or _{ij}")


def _check_index(index: Expr, size: Expr, node: Node, context: Context) -> None:
    """Error: DeriveError for an index that counts steps, or that runs out of 1, …, `size`."""
    steps = sorted(map(str, index.free_symbols & context.steps))
    if steps:
        raise _no_entry(node, context, f"{steps[0]} counts steps, not entries", "a letter for the entry")
    lower, upper = (_bound(index, end, context) for end in (0, 1))
    if lower is not None and lower.is_Integer and lower < 1:
        raise _no_entry(node, context, f"an entry's index begins at 1, this one at {lower}", "an index from 1 on")
    if upper is None or (upper.is_Integer and not size.is_Integer):
        return  # nothing is known of a free letter, nor of a size beside a number
    if not (size - upper).is_nonnegative:
        words = f"this index runs to {upper}, the entries to {size}"
        raise _no_entry(node, context, words, f"an index up to {size}")


def _no_entry(node: Node, context: Context, message: str, expected: str) -> NoEntry:
    return NoEntry(message, source=context.source, span=node.span, expected=expected)


def _bound(index: Expr, end: int, context: Context) -> Expr | None:
    """The smallest (0) or largest (1) value of an index; None where a letter in it has no range."""
    bound = index
    for letter in index.free_symbols:
        if letter not in context.ranges:
            return None
        rises = index.as_coefficients_dict()[letter] > 0
        bound = bound.subs(letter, context.ranges[letter][end if rises else 1 - end])
    return bound


def with_scripts(base: Expression, node: Scripted, context: Context) -> Expression:
    """What stands in brackets with its scripts: the entry below, then what is done above."""
    if node.primes:
        raise context.error(node, "a prime on brackets is not understood", "a prime on a function: f'(x)")
    above = () if node.sup is None else (node.sup,)
    if node.sub is None:
        return raised(base, above, node, context)
    ways = [place for rest, place in places(parts_of(node.sub), context.letters, context.source) if not rest]
    if not ways:
        raise context.error(node.sub, "this names no entry", "letters of the document or whole numbers: _{i}, _{ij}")
    place = next((way for way in ways if len(way) == len(ends(base.shape))), ways[0])
    return raised_entry(entry(base, place, node.sub, context), above, node, context)


def raised_entry(base: Entry, above: tuple[Node, ...], node: Node, context: Context) -> Expression:
    r"""An entry with its superscripts. Error: DeriveError for W^{\top}_{ij}, W^{-1}_{ij}: the matrix may be meant."""
    for script in above:
        exponent = index_expression(script, frozenset())
        after = isinstance(node, Scripted) and node.sub is not None and node.sub.span.end <= script.span.start
        transposes = isinstance(script, Letter) and (script.text in TRANSPOSES or script.text == "T")
        unclear = transposes or exponent is None or exponent < 0 or not after
        if unclear and len(ends(base.body.shape)) == 2:
            raise context.error(
                script, "this can be of the matrix or of its entry", hint="brackets: [W^{\\top}]_{ij}, (W_{ij})^2"
            )
    return raised(base, above, node, context)
