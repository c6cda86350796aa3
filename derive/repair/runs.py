"""Products with ⋯: the factors that repeat."""

from __future__ import annotations

import re
from collections.abc import Sequence

from derive.repair.page import Page
from derive.repair.parts import Factor, Product

LONGEST = 3
"""So many factors repeat at most."""
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
