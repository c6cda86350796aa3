"""Slips of order: two factors in each other's place, one at another place, two steps exchanged throughout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations

from sympy import Expr

from derive.errors import Span
from derive.repair.page import Edit, Page
from derive.repair.parts import Factor, Product
from derive.repair.products import products
from derive.repair.writing import Slot, in_script, index_text

STEPS = "steps"
"""The kind of two steps that are exchanged."""


def exchanges(page: Page) -> Iterator[Edit]:
    """Two factors in each other's place, or the two ends of a product with ⋯."""
    for product in products(page):
        values = product.factors
        for i, j in combinations(range(len(values)), 2):
            one, other = values[i], values[j]
            if not (one.is_value and other.is_value) or page.of(one.span) == page.of(other.span):
                continue
            ends = all(between.is_dots for between in values[i + 1 : j])
            weight = 1.3 if j == i + 1 or ends else 1.9
            yield _exchange(page, one.span, other.span, weight)
        for i, factor in enumerate(values):
            for length in (2, 3):
                before, after = values[max(0, i - length) : i], values[i + 1 : i + 1 + length]
                if factor.is_dots and len(before) == len(after) == length:
                    yield _exchange(page, _over(before), _over(after), 1.4)
        for i, j in permutations(range(len(values)), 2):
            if abs(i - j) > 1 and values[i].is_value and all(factor.operator is None for factor in values):
                yield _moved(page, product, i, j)
    for parts in page.each:
        for fraction in parts.derivatives:
            tops, bottoms = (
                [n for n in parts.names if half.span.start <= n.span.start < half.span.end]
                for half in (fraction.top, fraction.bottom)
            )
            if tops and bottoms:
                yield _exchange(page, tops[0].span, bottoms[0].span, 1.7)
        for table in parts.tables:
            cells = [cell for row in table.rows for cell in row]
            for first, second in combinations([cell.span for cell in cells], 2):
                if first.end > first.start and second.end > second.start:
                    yield _exchange(page, first, second, 2.2)


def _exchange(page: Page, one: Span, other: Span, weight: float) -> Edit:
    whole = one.to(other)
    between = page.text[one.end : other.start]
    new = page.of(other) + between + page.of(one)
    words = f"{page.of(one)} and {page.of(other)} the other way round"
    return page.edit(whole, new, "order", words, weight)


def _moved(page: Page, product: Product, i: int, j: int) -> Edit:
    """A factor at another place."""
    texts = [page.of(factor.span) for factor in product.factors]
    factor = product.factors[i].span
    order = [k for k in range(len(texts)) if k != i]
    order.insert(j, i)
    span = product.factors[min(i, j)].span.to(product.factors[max(i, j)].span)
    new = " ".join(texts[k] for k in order[min(i, j) : max(i, j) + 1])
    return page.edit(span, new, "order", f"{page.of(factor)} stands at another place", 1.9, factor)


def _over(factors: tuple[Factor, ...]) -> Span:
    return factors[0].span.to(factors[-1].span)


def steps_exchanged(page: Page, _: Sequence[Edit]) -> Iterator[tuple[Edit, ...]]:
    """Two neighbouring steps in each other's place wherever they stand: the chain rule the wrong way round."""
    found = [(node.span.start, slot) for parts in page.parts for node in parts.names for slot in page.slots(node)]
    steps = dict.fromkeys(slot.value for _, slot in found if slot.value.free_symbols)
    for late, early in permutations(steps, 2):
        if late - early == 1:
            places = [(start, slot) for start, slot in found if slot.value in (late, early)]
            texts = {slot.value: page.text[start + slot.start : start + slot.end] for start, slot in places}
            words = f"the steps {texts[early]} and {texts[late]} the other way round"
            yield tuple(_other_step(page, start, slot, late + early - slot.value, words) for start, slot in places)


def _other_step(page: Page, start: int, slot: Slot, value: Expr, words: str) -> Edit:
    place = Span(start + slot.start, start + slot.end)
    new = in_script(page.text, place.start, index_text(page.of(place), slot.value, value))
    return Edit(place.start, place.end, new, place, STEPS, words, 1.8)
