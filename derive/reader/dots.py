"""⋯ in a product or a sum: filled in only where its neighbours agree up to one shift of one index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sympy import Basic, Expr, Integer, Symbol, Tuple, false, true

from derive.algebra import symbols
from derive.algebra.expressions import Chain, Expression, Sum
from derive.reader.context import Context
from derive.reader.surface import Dots

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
    """
    filled: list[Expression] = []
    waiting: Dots | None = None
    for item in items:
        if isinstance(item, Dots):
            if not filled or waiting is not None:
                raise context.error(item, "⋯ needs something on either side")
            waiting = item
        elif waiting is not None:
            filled[-1] = _joined(filled[-1], item, waiting, join, context)
            waiting = None
        else:
            filled.append(item)
    if waiting is not None:
        raise context.error(waiting, "⋯ needs something on either side")
    return filled


def _joined(first: Expression, last: Expression, place: Dots, join: Join, context: Context) -> Expression:
    pairs = list(_differing(first, last))
    shifts = {None if pair is None else pair[1] - pair[0] for pair in pairs}
    shift = shifts.pop() if len(shifts) == 1 else None
    if shift is None or pairs[0] is None:
        raise context.error(place, "what stands beside ⋯ does not differ by one shift of one index")
    start = pairs[0][0]
    rises, falls = _reaches(shift, context), _reaches(-shift, context)
    if shift.is_Integer:
        rises, falls = shift >= 0, shift < 0
    if rises == falls:
        raise context.error(
            place, "whether the index rises or falls between these is not clear", "bounds by Σ or ∏ around"
        )
    falling = falls
    letter = next(s for s in map(symbols.index, "jirqp") if s not in first.free_symbols | last.free_symbols)
    body = _moved(first, last, letter - start)
    assert isinstance(body, Expression)
    lower, upper = (start + shift, start) if falling else (start, start + shift)
    return join(body, letter, lower, upper, falling)


def _reaches(difference: Expr, context: Context, depth: int = 4) -> bool:
    """Whether an index difference has a lower bound near 0, at which no factor is left.

    A letter lies in the range of its Σ or ∏; the horizon is not below the step t, nor t below any other free letter.
    """
    if difference.is_Integer:
        return bool(difference >= -MOST_EXPLICIT)
    if not depth:
        return False
    for letter, factor in difference.as_coefficients_dict().items():
        low, high = _range(letter, context)
        bound = low if factor > 0 else high
        if letter.is_Symbol and bound is not None and _reaches(difference.subs(letter, bound), context, depth - 1):
            return True
    return False


def _range(letter: Symbol, context: Context) -> tuple[Expr | None, Expr | None]:
    """Between what a letter lies."""
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
    elif isinstance(left, Tuple) and isinstance(right, Tuple) and len(left) == len(right):
        for a, b in zip(left, right, strict=True):
            yield from _differing(a, b)
    elif type(left) is not type(right) or len(left.args) != len(right.args) or not left.args:
        yield None
    else:
        for a, b in zip(left.args, right.args, strict=True):
            yield from _differing(a, b)


def _moved(left: Basic, right: Basic, by: Expr) -> Basic:
    """`left` with each index that differs from `right` moved by `by`."""
    if left == right:
        return left
    if isinstance(left, Expr):
        return left + by
    return left.func(*(_moved(a, b, by) for a, b in zip(left.args, right.args, strict=True)))
