"""LaTeX from outside as a tree of MathML, from which a page builds its nodes: no markup is ever parsed there.

What the typesetter wrote is read again here, and let through only where every element is known.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from derive.errors import DeriveError
from derive.render.mathml import mathml
from derive.render.report_html import LONGEST

ELEMENTS = frozenset(
    "math mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt mstyle msub msubsup "
    "msup mtable mtd mtext mtr munder munderover".split()
)
ATTRIBUTES = frozenset(
    "accent accentunder display displaystyle form linethickness lspace mathvariant maxsize minsize rspace scriptlevel "
    "stretchy style width".split()
)
DEEPEST = 60
"""Elements within elements."""
_HARMLESS = re.compile(r"[\w\s:;.,%#-]*")
_LABELS = re.compile(r"\\(?:label|tag)\*?\s*\{[^{}]*\}|\\(?:nonumber|notag)\b|\\\\\s*\Z")
_ROWS = re.compile(r"\\\\|(?<!\\)&")

Tree = list[Any]
"""The name of an element, its attributes, then its children: texts and trees."""


def typeset(latex: str, *, block: bool = True) -> Tree | None:
    """The formula; None where the typesetter does not know all of it, and it is to be shown as it is written."""
    latex = _LABELS.sub("", latex).strip()
    if _ROWS.search(latex):
        return _tree(latex, block) or _tree(rf"\begin{{aligned}}{latex}\end{{aligned}}", block)
    return _tree(latex, block)


def _tree(latex: str, block: bool) -> Tree | None:
    if not latex or len(latex) > LONGEST:
        return None
    try:
        reader = _Reader()
        reader.feed(mathml(latex, block=block))
        reader.close()
    except (DeriveError, UnicodeEncodeError):
        return None
    return reader.top[0] if len(reader.top) == 1 and not reader.refused else None


class _Reader(HTMLParser):
    """Markup into trees; `refused` when there was anything in it that a formula does not need."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.top: Tree = []
        self.refused = False
        self._open = [self.top]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = {name: value for name, value in attrs if name in ATTRIBUTES and _HARMLESS.fullmatch(value or "")}
        element: Tree = [tag, kept]
        self.refused |= tag not in ELEMENTS or len(self._open) > DEEPEST
        self._open[-1].append(element)
        self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        self.refused |= len(self._open) < 2
        self._open = self._open[:-1] or [self.top]

    def handle_data(self, data: str) -> None:
        self._open[-1].append(data)
