"""Products with ⋯: the factors that repeat."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import product

from sympy import Expr

from derive.algebra.symbols import index
from derive.reader.surface import Node
from derive.repair.page import Edit, Page
from derive.repair.parts import Factor, Product
from derive.repair.writing import Slot

LONGEST = 6
"""So many factors repeat at most."""
FURTHEST = 2
"""By so many steps what stands beside ⋯ is off at most."""
_INDEX = re.compile(r"_(?:\{[^{}]*\}|\\[A-Za-z]+|\w)|\s")


def repeated(page: Page, product: Product) -> tuple[Sequence[Factor], Sequence[Factor]] | None:
    """The factors that repeat, before ⋯ and behind: as many as are alike but for their indices."""
    factors = product.factors
    for i, factor in enumerate(factors):
        if factor.is_dots:
            for length in range(LONGEST, 0, -1):
                before, after = factors[max(0, i - length) : i], factors[i + 1 : i + 1 + length]
                if len(before) == len(after) == length and all(
                    bare(page.of(one.span)) == bare(page.of(other.span))
                    for one, other in zip(before, after, strict=True)
                ):
                    return before, after
    return None


def bare(text: str) -> str:
    """A text without its indices and spaces."""
    return _INDEX.sub("", text)


def beside_dots(page: Page) -> Iterator[Edit]:
    """Another step in what stands beside ⋯: ∂h_T/∂h_{T-1} ⋯ for ∂h_t/∂h_{t-1} ⋯."""
    for parts in page.each:
        for factors in parts.products:
            for block in _beside(page, factors):
                span = block[0].span.to(block[-1].span)
                names = [node for node in parts.names if span.start <= node.span.start < span.end]
                free = {letter for node in names for slot in page.slots(node) for letter in slot.value.free_symbols}
                for old, new in product(sorted(free, key=str), map(index, page.letters)):
                    for to in (new + step for step in range(-FURTHEST, FURTHEST + 1)):
                        yield page.instead(span, page.with_indices(span, names, _putting(old, to)), "index", 1.9)


def _putting(old: Expr, new: Expr) -> Callable[[Node, Slot], Expr]:
    return lambda _, slot: slot.value.subs(old, new)


def _beside(page: Page, product: Product) -> Iterator[Sequence[Factor]]:
    """The factors before ⋯ and behind, and as many as repeat."""
    for before, dots, after in zip(product.factors, product.factors[1:], product.factors[2:], strict=False):
        if dots.is_dots:
            yield (before,)
            yield (after,)
    yield from repeated(page, product) or ()
