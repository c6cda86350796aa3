"""A quantity's label as an SVG can show it: runs of text around a baseline, small enough for their node."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from derive.render.arrows import RADIUS
from derive.render.figure_parts import Style

FONT_SIZE = 17.0
SCRIPT = 0.68  # size of a sub- or superscript
DROP = {"sub": 5.0, "sup": -7.0}  # of the baseline, downwards
ROOM = 2 * RADIUS - 10.0  # for a label in its node
NARROW = frozenset("(),.;:'′|ijlft ")  # about a third of an em wide, other characters about half


@dataclass(frozen=True)
class Run:
    """Text of one style: where it starts against the end of the run before, and its size."""

    text: str
    right: float
    down: float
    size: float
    italic: bool
    bold: bool


@dataclass(frozen=True)
class Label:
    """A label: its runs, how far to the right their middle is drawn, and how much it was made smaller to fit."""

    runs: tuple[Run, ...]
    right: float
    scale: float


def label(parts: Iterable[tuple[str, Style]]) -> Label:
    """A label of letters and scripts; a superscript and the subscript that follows it stand above each other."""
    parts = [(unicodedata.normalize("NFC", text), style) for text, style in parts]
    widths = [width(text) * size(style) for text, style in parts]
    stacked = [i for i in range(1, len(parts)) if {parts[i - 1][1], parts[i][1]} == {"sub", "sup"}]
    backs = {i: widths[i - 1] for i in stacked}
    overhang = sum(max(0.0, widths[i - 1] - widths[i]) for i in stacked)
    wide = sum(widths) - sum(backs.values()) + overhang
    scale = min(1.0, ROOM / wide) if wide else 1.0
    return Label(tuple(_runs(parts, backs, scale)), -overhang / 2 * scale, scale)


def size(style: Style) -> float:
    return FONT_SIZE * SCRIPT if style in DROP else FONT_SIZE


def width(text: str) -> float:
    """About how wide a text is, in ems of its size."""
    return sum(0.32 if c in NARROW else 0.52 for c in text if not unicodedata.combining(c))


def _runs(parts: list[tuple[str, Style]], backs: dict[int, float], scale: float) -> Iterator[Run]:
    """Letters are slanted as in formulas, digits are not."""
    height = 0.0
    for i, (text, style) in enumerate(parts):
        right, baseline = -backs.get(i, 0.0), DROP.get(style, 0.0)
        for piece in re.findall(r"[^\W\d_]+[\u0300-\u036f\u20d7′]*|(?:[\W\d_])+", text):
            italic = style not in ("upright", "bold") and piece[0].isalpha()
            shift = baseline - height
            yield Run(piece, right * scale, shift * scale, size(style) * scale, italic, style == "bold")
            right, height = 0.0, baseline
