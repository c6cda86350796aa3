"""Slips in what relates two sides: < for ≤, the wrong way round, an interval that leaves out its end."""

from __future__ import annotations

from collections.abc import Iterator

from derive.errors import Span
from derive.reader.surface import Brackets
from derive.repair.page import Edit, Page

SIGNS = {"<": (r"\le", ">"), ">": (r"\ge", "<"), r"\le": (r"\ge",), r"\leq": (r"\geq",), r"\ge": (r"\le",)}
OTHER = {"(": "[", ")": "]"}


def relations(page: Page) -> Iterator[Edit]:
    """Another relation."""
    sign = page.sign
    for new in SIGNS.get(page.of(sign), ()) if page.joined else ():
        space = "" if page.text[sign.end : sign.end + 1].isspace() or not new.startswith("\\") else " "
        words = f"{page.of(sign)} where {new} is needed"
        yield page.edit(sign, new + space, "relation", words, 1.2)


def intervals(page: Page) -> Iterator[Edit]:
    """An end that belongs to an interval."""
    right = page.sides[1]
    if isinstance(right, Brackets) and page.of(page.sign) == r"\in":
        text = page.of(right.span)
        for at, sign in ((right.span.start, text[0]), (right.span.end - 1, text[-1])):
            if sign in OTHER:
                yield page.instead(Span(at, at + 1), OTHER[sign], "relation", 1.2)
