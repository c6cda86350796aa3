"""A part of a formula with other labels, or some steps later: what may be missing is often there in another term."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from derive.algebra.shapes import Shape
from derive.errors import Span
from derive.reader.surface import Node
from derive.repair.page import Page
from derive.repair.writing import Spelling, filled

Stock = tuple[str, Shape, float]
"""A text, the shape of what it says, and how much it weighs as an edit."""


def shaped(page: Page, texts: Iterable[str], weight: float) -> Iterator[Stock]:
    """Those of some texts that say something, with their shapes."""
    for text in texts:
        shape = page.shape(text)
        if shape is not None:
            yield text, shape, weight


def relabelled(page: Page, span: Span, names: Sequence[Node]) -> Iterator[Stock]:
    """U_f^⊤ δ^{(f)} beside U_i^⊤ δ^{(i)}."""
    labels = labels_in(page, span, names)
    others = {spelling.name.label for spelling in page.writing.spellings if spelling.name.label} - labels
    for label in sorted(others) if labels else ():
        text = adapted(page, span, names, dict.fromkeys(labels, label))
        yield from shaped(page, [] if text is None else [text], 2.2)


def labels_in(page: Page, span: Span, names: Sequence[Node]) -> set[str]:
    """The labels of the names in a part."""
    found = [page.spelling(node) for node in _inside(span, names)]
    return {spelling.name.label for spelling in found if spelling is not None and spelling.name.label}


def adapted(page: Page, span: Span, names: Sequence[Node], labels: Mapping[str, str], step: int = 0) -> str | None:
    """A part with other labels, its numbered steps later by `step`; None where the text has no such name."""
    changes = []
    for node in _inside(span, names):
        spelling = page.writing.spelling(page.of(node.span))
        if spelling is not None and spelling.name.label in labels:
            other = _sibling(page, spelling, labels[spelling.name.label])
            if other is None:
                return None
            new = other.at([slot.value + step if slot.value.is_Integer else slot.value for slot in spelling.slots])
        else:
            slots = page.slots(node)
            values = [slot.value + step if slot.value.is_Integer else slot.value for slot in slots]
            new = filled(page.of(node.span), slots, values)
        changes.append((node.span, new))
    return page.with_new(span, changes)


def _inside(span: Span, names: Sequence[Node]) -> list[Node]:
    return [node for node in names if span.start <= node.span.start < span.end]


def _sibling(page: Page, spelling: Spelling, label: str) -> Spelling | None:
    """The name that differs by its label alone, with as many indices."""
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
