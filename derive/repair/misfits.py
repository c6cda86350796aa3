"""Where something does not fit, whatever is filled in: an edit elsewhere mends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from derive.algebra.shapes import ONE, Shape, is_scalar, is_vector
from derive.errors import Span
from derive.repair.page import Edit, Page


def misfits(page: Page) -> Iterator[Span]:
    """The smallest parts that do not fit: two neighbours in a product, a term unlike the others, a whole sum."""
    found = [*_neighbours(page), *_odd_terms(page)]
    for parts in page.each:
        spans = [*(terms.span for terms in parts.sums), *(product.span for product in parts.products)]
        for span in sorted(spans, key=lambda span: span.end - span.start):
            smallest = not any(span.start <= inner.start and inner.end <= span.end for inner in found)
            if smallest and page.is_misshapen(span):
                found.append(span)
    yield from found


def _neighbours(page: Page) -> Iterator[Span]:
    for parts in page.each:
        for product in parts.products:
            for one, other in pairwise(product.factors):
                if one.is_value and other.is_value and other.operator is None:
                    before, after = page.shape(page.of(one.span)), page.shape(page.of(other.span))
                    if before is not None and after is not None and _never_fit(before, after):
                        yield one.span.to(other.span)


def _odd_terms(page: Page) -> Iterator[Span]:
    """The one term of a sum whose shape is not that of the others, of which there are two at least."""
    for parts in page.each:
        for terms in parts.sums:
            shapes = [page.shape(page.of(term.span)) for term in terms.summands]
            if None not in shapes and len(shapes) > 2 and len(set(shapes)) == 2:
                odd = [i for i, shape in enumerate(shapes) if shapes.count(shape) == 1]
                yield from (terms.summands[i].span for i in odd if not is_scalar(shapes[i] or ()))


def _never_fit(one: Shape, other: Shape) -> bool:
    """Whether two shapes do not fit as they are, nor with diag, ⊙ or a transpose that a reader might fill in."""
    if len(one) != 2 or len(other) != 2 or one[1] == other[0] or is_scalar(one) or is_scalar(other):
        return False
    if not is_vector(one) and not is_vector(other):
        return True
    return not ({*one} - {ONE}) & ({*other} - {ONE})


def leaves(made: Sequence[Edit], spans: Sequence[Span]) -> bool:
    """Whether edits leave one of some parts as it is; what is put beside a part may belong to it."""
    return any(all(edit.end < span.start or span.end < edit.start for edit in made) for span in spans)
