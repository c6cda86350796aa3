"""One slip made twice: in a product with ⋯ what is wrong in the first factors is wrong in the last ones too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from derive.repair.page import Edit, Page
from derive.repair.parts import Factor, Product

LONGEST = 3
"""So many factors repeat at most."""
_INDEX = re.compile(r"_(?:\{[^{}]*\}|\\[A-Za-z]+|\w)|\s")


def twins(page: Page, found: Sequence[Edit]) -> Iterator[tuple[Edit, Edit]]:
    """Two edits that are one slip, before ⋯ and behind."""
    for parts in page.each:
        for product in parts.products:
            blocks = _blocks(page, product)
            if blocks is not None:
                first, second = ({_signature(page, block, e): e for e in _within(block, found)} for block in blocks)
                yield from ((edit, second[key]) for key, edit in first.items() if key in second)


def everywhere(page: Page, found: Sequence[Edit]) -> Iterator[tuple[Edit, ...]]:
    """One symbol for another wherever it stands on the right side, at whatever step."""
    groups: dict[tuple[str, str], list[Edit]] = {}
    for edit in found:
        if edit.kind == "symbol" and edit.start >= page.split:
            groups.setdefault((bare(page.text[edit.start : edit.end]), bare(edit.new)), []).append(edit)
    for group in groups.values():
        if len({edit.start for edit in group}) == len(group) > 1:
            yield tuple(group)


def _blocks(page: Page, product: Product) -> tuple[Sequence[Factor], Sequence[Factor]] | None:
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


def _within(block: Sequence[Factor], found: Sequence[Edit]) -> Iterator[Edit]:
    start, end = block[0].span.start, block[-1].span.end
    return (edit for edit in found if start <= edit.start and edit.end <= end)


def _signature(page: Page, block: Sequence[Factor], edit: Edit) -> tuple[str, ...]:
    """What an edit does and where in its block, whatever the step."""
    before = page.text[block[0].span.start : edit.start]
    if edit.turn:
        return edit.kind, bare(before), edit.turn
    return edit.kind, bare(before), bare(page.text[edit.start : edit.end]), bare(edit.new), edit.turn


def bare(text: str) -> str:
    """A text without its indices and spaces."""
    return _INDEX.sub("", text)
