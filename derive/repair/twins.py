"""One slip made twice: in a product with ⋯ what is wrong in the first factors is wrong in the last ones too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.repair.page import Edit, Page
from derive.repair.parts import Factor
from derive.repair.runs import bare, repeated


def twins(page: Page, found: Sequence[Edit]) -> Iterator[tuple[Edit, Edit]]:
    """Two edits that are one slip, before ⋯ and behind."""
    for parts in page.each:
        for product in parts.products:
            blocks = repeated(page, product)
            if blocks is not None:
                first, second = ({_signature(page, block, e): e for e in _within(block, found)} for block in blocks)
                yield from ((edit, second[key]) for key, edit in first.items() if key in second)


def everywhere(page: Page, found: Sequence[Edit]) -> Iterator[tuple[Edit, ...]]:
    """One symbol for another, or one index of a quantity, wherever it stands on the right side, at whatever step."""
    groups: dict[tuple[str, ...], list[Edit]] = {}
    names = page.parts[1].names
    for edit in found:
        if edit.kind == "symbol" and edit.start >= page.split:
            groups.setdefault((bare(page.text[edit.start : edit.end]), bare(edit.new)), []).append(edit)
        if edit.kind == "index" and edit.turn:
            for node in names:
                for i, slot in enumerate(page.slots(node)):
                    start = node.span.start
                    if (edit.start, edit.end) == (start + slot.start, start + slot.end):
                        groups.setdefault((bare(page.of(node.span)), str(i), edit.turn), []).append(edit)
    for group in groups.values():
        if len({edit.start for edit in group}) == len(group) > 1:
            yield tuple(group)


def _within(block: Sequence[Factor], found: Sequence[Edit]) -> Iterator[Edit]:
    start, end = block[0].span.start, block[-1].span.end
    return (edit for edit in found if start <= edit.place.start and edit.place.end <= end)


def _signature(page: Page, block: Sequence[Factor], edit: Edit) -> tuple[str, ...]:
    """What an edit does and where in its block, whatever the step."""
    before = bare(page.text[block[0].span.start : edit.start]).rstrip("_{")
    if edit.turn:
        return edit.kind, before, edit.turn
    return edit.kind, before, bare(page.text[edit.start : edit.end]), bare(edit.new), edit.turn
