r"""A report for programs that mark formulas in the file itself: where each stands, and what is said there.

The formulas of a notebook stand in its file as JSON: `\\frac` for `\frac`.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from derive.render.report_words import remedy, verdict
from derive.verify.report import At, Change, Judged


@dataclass(frozen=True)
class Region:
    """A part of a file: lines and columns from 1, the end exclusive; a column is a UTF-16 unit, as editors count."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True)
class Places:
    """A text of which a report speaks, to find its formulas in."""

    text: str

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each line begins."""
        return tuple(accumulate((len(line) + 1 for line in self.text.split("\n")), initial=0))[:-1]

    def region(self, formula: Judged, part: At | Change | None = None) -> Region:
        """The place of a formula, or of a part of it."""
        start = self.starts[formula.line - 1] + formula.column - 1
        first, last = (0, len(formula.latex)) if part is None else (part.start, part.end)
        return self._between(start + first, start + last)

    def _between(self, start: int, end: int) -> Region:
        return Region(*self._position(start), *self._position(end), self.text[start:end])

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        before = self.text[self.starts[line - 1] : offset]
        return line, len(before.encode("utf-16-le", "surrogatepass")) // 2 + 1


def explanation(path: str, formula: Judged) -> str:
    """Why a formula has its verdict, and what would be right, in lines."""
    reading = [] if formula.reading is None else [f"under a reading: {formula.reading}"]
    return "\n".join([formula.reason or verdict(formula), *reading, *remedies(path, formula)])


def remedies(path: str, formula: Judged) -> Iterator[str]:
    """What would be right, with the formulas as their author sees them."""
    repair = formula.repair and replace(formula.repair, latex=as_read(path, formula.repair.latex))
    others = tuple(replace(other, latex=as_read(path, other.latex)) for other in formula.others)
    return remedy(replace(formula, repair=repair, others=others))


def as_read(path: str, latex: str) -> str:
    """A formula of a file, or a piece of one, as its author sees it: in a notebook the same is written as JSON."""
    if not path.lower().endswith(".ipynb"):
        return latex
    try:
        return "".join(json.loads(f'["{latex}"]'))
    except ValueError:
        return latex
