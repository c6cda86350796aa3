"""Terms that may be missing in a formula, written as its author writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from derive.algebra.shapes import is_column, is_scalar, is_vector
from derive.errors import Span
from derive.reader.surface import Node
from derive.repair.page import Page
from derive.repair.parts import Parts, Product
from derive.repair.relabel import Stock, adapted, relabelled, shaped
from derive.repair.stock import half, quantities, steps, turned


def terms_of(page: Page, parts: Parts) -> Iterator[Stock]:
    """Terms that a formula may lack: its own with other labels, each quantity at each step."""
    for terms in parts.sums:
        for term in terms.summands:
            yield from relabelled(page, term.span, parts.names)
            yield from _shifted(page, term.span, parts.names, 1)
    for product in parts.products:
        yield from _shortened(page, product)
    for text, shape, weight in quantities(page):
        yield text, shape, weight
        yield f"{text}^2", shape, weight + 0.4
    yield from _handed_on(page)
    yield from _seen_at_once(page)
    bottom = half(page, page.sides[0], bottom=True)
    losses = [s for s in page.writing.spellings if bottom and len(s.slots) == 1 and is_scalar(s.shape)]
    texts = (rf"\frac{{\partial {loss.at([step])}}}{{\partial {bottom}}}" for loss in losses for step in steps(page))
    yield from shaped(page, texts, 2.4)


def _seen_at_once(page: Page) -> Iterator[Stock]:
    """∂⁺L/∂s_t beside ∂L/∂s_{t+1} ∂s_{t+1}/∂s_t: what the loss sees of a step, if not by way of a later one."""
    top, bottom = (half(page, page.sides[0], bottom=below) for below in (False, True))
    of, by = (page.writing.spelling(text) if text else None for text in (top, bottom))
    if of is not None and by is not None and is_scalar(of.shape) and len(by.slots) == 1:
        texts = (rf"\frac{{\partial^{{+}} {top}}}{{\partial {by.at([step])}}}" for step in steps(page))
        yield from shaped(page, texts, 2.0)


def _handed_on(page: Page) -> Iterator[Stock]:
    """A matrix times a column of the step before or after: W s_{t-1}, W^⊤ δ_{t+1}."""
    own = steps(page)
    around = dict.fromkeys([*own, *(other for step in own for other in (step - 1, step + 1))])
    spellings = page.writing.spellings
    matrices = [(s.text, s.shape) for s in spellings if not s.slots and not is_vector(s.shape)]
    matrices += [(turned(page, text), shape[::-1]) for text, shape in matrices]
    columns = [s for s in spellings if len(s.slots) == 1 and is_column(s.shape) and not is_scalar(s.shape)]
    for text, shape in matrices:
        for column in columns:
            if shape[-1] == column.shape[0]:
                yield from ((f"{text} {column.at([step])}", (shape[0], column.shape[1]), 2.5) for step in around)


def earlier(page: Page, parts: Parts) -> Iterator[Stock]:
    """Terms that may be missing at the front: the first one a step earlier."""
    for terms in parts.sums:
        yield from _shifted(page, terms.summands[0].span, parts.names, -1)
    for product in parts.products:
        yield from _shifted(page, product.span, parts.names, -1)


def _shifted(page: Page, span: Span, names: Sequence[Node], step: int) -> Iterator[Stock]:
    """δ_2 x_1^⊤ beside δ_1 x_0^⊤: a term some steps later."""
    text = adapted(page, span, names, {}, step)
    yield from shaped(page, [] if text in (None, page.of(span)) else [str(text)], 1.6)


def _shortened(page: Page, product: Product) -> Iterator[Stock]:
    """∂L_3/∂s_3 ∂⁺s_3/∂W beside ∂L_3/∂s_3 ∂s_3/∂s_2 ∂⁺s_2/∂W: a path with one link less."""
    texts = [page.of(factor.span) for factor in product.factors]
    for i, (link, after) in enumerate(pairwise(product.factors)):
        top, bottom = (half(page, link.node, bottom=below) for below in (False, True))
        if top and bottom and half(page, after.node, bottom=False) == bottom:
            joined = texts[i + 1].replace(bottom, top, 1)
            text = " ".join([*texts[:i], joined, *texts[i + 2 :]])
            yield from shaped(page, [text], 1.6)
