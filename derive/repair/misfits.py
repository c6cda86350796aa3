"""Where two factors beside each other do not fit, whatever is filled in: an edit elsewhere mends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from derive.algebra.shapes import ONE, Shape, is_scalar, is_vector
from derive.errors import Span
from derive.repair.page import Edit, Page


def misfits(page: Page) -> Iterator[Span]:
    """Two neighbours in a product whose shapes are known and can never be multiplied."""
    for parts in page.each:
        for product in parts.products:
            for one, other in pairwise(product.factors):
                if one.is_value and other.is_value and other.operator is None:
                    before, after = page.shape(page.of(one.span)), page.shape(page.of(other.span))
                    if before is not None and after is not None and _never_fit(before, after):
                        yield one.span.to(other.span)


def _never_fit(one: Shape, other: Shape) -> bool:
    """Whether two shapes do not fit as they are, nor with diag, ⊙ or a transpose that a reader might fill in."""
    if len(one) != 2 or len(other) != 2 or one[1] == other[0] or is_scalar(one) or is_scalar(other):
        return False
    if not is_vector(one) and not is_vector(other):
        return True
    return not ({*one} - {ONE}) & ({*other} - {ONE})


def leaves(made: Sequence[Edit], spans: Sequence[Span]) -> bool:
    """Whether edits leave one of some parts as it is."""
    return any(all(edit.end <= span.start or span.end <= edit.start for edit in made) for span in spans)
