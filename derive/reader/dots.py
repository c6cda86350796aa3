"""⋯ in a product or a sum: filled in only where its neighbours agree up to one shift of one index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import Any

from sympy import Basic, Expr, Integer, Symbol, false, true

from derive.algebra import symbols
from derive.algebra.build import substitute
from derive.algebra.expressions import Chain, Expression, Identity, Number, Power, Product, Sum, Variable
from derive.errors import Absent, ShapeError
from derive.reader.context import Context
from derive.reader.surface import Dots

MOST_FACTORS = 6
"""How many factors may be one term beside ⋯."""
MOST_EXPLICIT = 4
"""How many factors may be written out beside ⋯, as in A_t A_{t-1} ⋯ A_{k+1}."""
Join = Callable[[Expression, Symbol, Expr, Expr, bool], Expression]


def product_over(body: Expression, letter: Symbol, lower: Expr, upper: Expr, falling: bool) -> Expression:
    return Chain(body, letter, lower, upper, true if falling else false)


def sum_over(body: Expression, letter: Symbol, lower: Expr, upper: Expr, falling: bool) -> Expression:
    return Sum(body, letter, lower, upper)


def fill(items: Sequence[Expression | Dots], join: Join, context: Context) -> list[Expression]:
    """The items with each `A_t ⋯ A_{k+1}` made one by `join`, first and last included.

    The direction is the one that is written, from the index on the left to the index on the right: A_t ⋯ A_{k+1} falls.
    Between factors one term may be several of them: D_t W ⋯ D_{k+1} W.
    """
    filled: list[Expression] = []
    position = 0
    while position < len(items):
        item = items[position]
        position += 1
        if not isinstance(item, Dots):
            filled.append(item)
            continue
        following = list(takewhile(lambda other: isinstance(other, Expression), items[position:]))
        count, first, last = _terms(filled, following, item, join, context)
        joined = _joined(first, last, item, join, context)
        del filled[-count:]
        position += count
        joined, before = _with_explicit(joined, filled, count, -1)
        del filled[len(filled) - before :]
        joined, after = _with_explicit(joined, following[count:], count, 1)
        position += after
        filled.append(joined)
    return filled


def _with_explicit(
    joined: Expression, beside: Sequence[Expression | Dots], count: int, side: int
) -> tuple[Expression, int]:
    """A product with the terms that stand written out beside it, A_t A_{t-1} ⋯ A_{k+1}; and how many factors these are.

    `side` is -1 for what precedes. So the whole is empty where nothing is left, and not one term less than empty.
    """
    taken = 0
    while isinstance(joined, Chain):
        body, letter, lower, upper, falling = joined.args
        above = bool(falling) == (side < 0)
        end = upper + 1 if above else lower - 1
        near = beside[len(beside) - taken - count : len(beside) - taken] if side < 0 else beside[taken : taken + count]
        factors = [factor for factor in near if isinstance(factor, Expression)]
        if len(factors) < count or (count > 1 and not _multiply(factors)):
            break
        term = factors[0] if count == 1 else Product(*factors)
        if term != substitute(body, {letter: end}):
            break
        joined = Chain(body, letter, lower if above else end, end if above else upper, falling)
        taken += count
    return joined, taken


def _terms(
    before: Sequence[Expression], after: Sequence[Any], place: Dots, join: Join, context: Context
) -> tuple[int, Expression, Expression]:
    """How many factors on either side of ⋯ make a term, the fewest that do; and the two terms."""
    if not before or not after:
        raise context.error(place, "⋯ needs something on either side")
    longest = min(len(before), len(after), MOST_FACTORS) if join is product_over else 1
    for count in range(1, longest + 1):
        first, last = before[-count:], after[:count]
        if count == 1 and _shift(first[0], last[0]) is not None:
            return 1, first[0], last[0]
        if count > 1 and _multiply(first) and _multiply(last) and _shift(Product(*first), Product(*last)) is not None:
            return count, Product(*first), Product(*last)
    words = "what stands beside ⋯ does not differ by one shift of one index"
    raise Absent(words, source=context.source, span=place.span)


def _multiply(factors: Sequence[Expression]) -> bool:
    try:
        Product(*factors)
    except ShapeError:
        return False
    return True


def _shift(first: Expression, last: Expression) -> tuple[Expr, Expr] | None:
    """Where an index begins and by how much it is shifted, the same in all places; None where it is not so."""
    pairs = list(_differing(first, last))
    shifts = {None if pair is None else pair[1] - pair[0] for pair in pairs}
    if len(shifts) != 1 or pairs[0] is None:
        return None
    return pairs[0][0], pairs[0][1] - pairs[0][0]


def _joined(first: Expression, last: Expression, place: Dots, join: Join, context: Context) -> Expression:
    found = _shift(first, last)
    assert found is not None
    start, shift = found
    falling = bool(shift < 0) if shift.is_Integer else _falls(start, start + shift, place, context)
    letter = next(s for s in map(symbols.index, "jirqp") if s not in first.free_symbols | last.free_symbols)
    body = _moved(first, last, letter - start)
    assert isinstance(body, Expression)
    lower, upper = (start + shift, start) if falling else (start, start + shift)
    return join(body, letter, lower, upper, falling)


def _falls(first: Expr, last: Expr, place: Dots, context: Context) -> bool:
    """Whether an index falls: the direction that the ranges of its letters allow, and if both, that is seen sooner.

    Ranges that are numbers may allow both alike: then that in which no product lacks more than its factors, which does
    not lead beyond the last number, which has more factors.
    """
    rises, falls = _least(last - first, context), _least(first - last, context)
    if rises is not None and falls is not None and rises[0] == falls[0]:
        ways = [(least >= -1, not _leaves(highest, context), least) for (_, least), highest in
                ((rises, last), (falls, first))]  # fmt: skip
        if ways[0] != ways[1] or rises[1] == 0:  # of one factor alone
            return ways[1] > ways[0]
        rises = falls = None
    if rises is None and falls is None:
        raise context.error(
            place, "whether the index rises or falls between these is not clear", "bounds by Σ or ∏ around"
        )
    return rises is None or (falls is not None and falls[0] < rises[0])


def _least(difference: Expr, context: Context, depth: int = 4) -> tuple[int, int] | None:
    """The least value of an index difference, if it is near 0, at which no factor is left; and in how many steps it is
    found. In each a letter is replaced by an end of its range.
    """
    if difference.is_Integer:
        return (0, int(difference)) if difference >= -MOST_EXPLICIT else None
    if not depth:
        return None
    ways = []
    for letter, factor in difference.as_coefficients_dict().items():
        low, high = _range(letter, context)
        bound = low if factor > 0 else high
        if letter.is_Symbol and bound is not None:
            ways.append(_least(difference.subs(letter, bound), context, depth - 1))
    return min(((steps + 1, least) for steps, least in filter(None, ways)), default=None)


def _leaves(highest: Expr, context: Context) -> bool:
    """Whether an index goes beyond the last number that any letter reaches."""
    uppers = {letter: upper for letter, (_, upper) in context.ranges.items() if upper.is_Integer}
    reached = highest.subs(uppers)
    return bool(reached.is_Integer and uppers and reached > max(uppers.values()))


def _range(letter: Symbol, context: Context) -> tuple[Expr | None, Expr | None]:
    """Between what a letter lies: in the range of its Σ or ∏; t from 1 to T, and any other from 0 to t."""
    if letter in context.ranges:
        return context.ranges[letter]
    time, (_, horizon) = next(iter(context.bounds.items()), ("t", (None, symbols.HORIZON)))
    step = symbols.index(time)
    if letter == horizon:
        return step, None
    return (Integer(1), horizon) if letter == step else (Integer(0), step)


def _differing(left: Basic, right: Basic) -> Iterator[tuple[Expr, Expr] | None]:
    """The pairs of indices that differ, in order; None where something else than an index does."""
    if left == right:
        return
    if isinstance(left, Expr) and isinstance(right, Expr):
        yield left, right
        return
    alike = type(left) is type(right) and len(left.args) == len(right.args) > 0 and _fixed(left) == _fixed(right)
    if not alike:
        yield None
        return
    for a, b in zip(left.args, right.args, strict=True):
        yield from _differing(a, b)


def _fixed(node: Basic) -> tuple[Basic, ...]:
    """What of a node is a number or a size and no index."""
    match node:
        case Number() | Identity():
            return node.args
        case Power(args=(_, exponent)):
            return (exponent,)
        case Variable(args=(name, _, shape)):
            return (name, shape)
    return ()


def _moved(left: Basic, right: Basic, by: Expr) -> Basic:
    """`left` with each index that differs from `right` moved by `by`."""
    if left == right:
        return left
    if isinstance(left, Expr):
        return left + by
    return left.func(*(_moved(a, b, by) for a, b in zip(left.args, right.args, strict=True)))
