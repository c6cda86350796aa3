"""A part with other labels: U_f^⊤ δ^{(f)} beside U_i^⊤ δ^{(i)}."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.algebra.shapes import Shape
from derive.errors import Span
from derive.reader.surface import Node
from derive.repair.page import Page
from derive.repair.writing import Spelling

Stock = tuple[str, Shape, float]
"""A text, the shape of what it says, and how much it weighs as an edit."""


def relabelled(page: Page, span: Span, names: Sequence[Node]) -> Iterator[Stock]:
    """U_f^⊤ δ^{(f)} beside U_i^⊤ δ^{(i)}."""
    inside = [node for node in names if span.start <= node.span.start < span.end]
    found = [(node, page.writing.spelling(page.of(node.span))) for node in inside]
    labels = {spelling.name.label for _, spelling in found if spelling and spelling.name.label}
    others = {spelling.name.label for spelling in page.writing.spellings if spelling.name.label} - labels
    for label in sorted(others):
        text = page.of(span)
        for node, spelling in reversed(found):
            if spelling is None or not spelling.name.label:
                continue
            other = _sibling(page, spelling, label)
            if other is None:
                break
            at, end = node.span.start - span.start, node.span.end - span.start
            text = text[:at] + other.at([slot.value for slot in spelling.slots]) + text[end:]
        else:
            shape = page.shape(text)
            if labels and shape is not None:
                yield text, shape, 2.2


def _sibling(page: Page, spelling: Spelling, label: str) -> Spelling | None:
    name = spelling.name
    return next(
        (
            other
            for other in page.writing.spellings
            if (other.name.base, other.name.accents, other.name.label) == (name.base, name.accents, label)
            and len(other.slots) == len(spelling.slots)
        ),
        None,
    )
