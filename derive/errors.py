"""What the program says when it cannot go on: what was asked, what was found, where, and what to do."""

from __future__ import annotations

import unicodedata
from copy import copy
from dataclasses import dataclass
from typing import Any

WIDEST = 160
"""Characters of a line that an error quotes."""


def shortened(text: str) -> str:
    """What a user typed, short enough to be repeated."""
    return text if len(text) <= 120 else f"{text[:117]}…"


@dataclass(frozen=True)
class Span:
    """A half-open range of character offsets [start, end) in a source text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span runs forward from 0: {self.start}..{self.end}")

    def to(self, other: Span) -> Span:
        """The smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True)
class Source:
    """A text from outside and the name under which errors quote it."""

    name: str
    text: str

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character offset, both counted from 1."""
        before = self.text[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

    def excerpt(self, span: Span) -> str:
        """The line on which `span` begins, with carets under it."""
        line, column = self.position(span.start)
        text = self.text.split("\n")[line - 1].rstrip("\r")
        if len(text) > WIDEST:  # only what stands around the place
            cut = max(0, column - 1 - WIDEST // 2)
            text, column = text[cut : cut + WIDEST], column - cut
        length = max(1, min(span.end - span.start, len(text) - column + 1))
        lead = "".join("\t" if c == "\t" else " " * _width(c) for c in text[: column - 1])
        carets = "^" * max(1, sum(_width(c) for c in text[column - 1 : column - 1 + length]))
        number = f"{line:5d}"
        return f"{number} | {text}\n{' ' * len(number)} | {lead}{carets}"


class DeriveError(Exception):
    """Something in the user's input that stops the work; printed without a traceback, exit code 2.

    `message` says what was asked and what was found; `expected` what would have been understood there;
    `hint` what to do. `source` and `span` give the place.
    """

    def __init__(
        self,
        message: str,
        *,
        source: Source | None = None,
        span: Span | None = None,
        expected: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.span = span
        self.expected = expected
        self.hint = hint

    def at(self, source: Source, span: Span) -> DeriveError:
        """The same error with a place, unless it has one already."""
        if self.span is not None and self.source is not None:
            return self
        placed = copy(self)
        placed.source, placed.span = source, self.span or span
        return placed

    def __str__(self) -> str:
        lines = [self.message]
        if self.source is not None and self.span is not None:
            line, column = self.source.position(self.span.start)
            lines = [f"{self.source.name}:{line}:{column}: {self.message}", self.source.excerpt(self.span)]
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.hint:
            lines.append(f"  try: {self.hint}")
        return "\n".join(lines)


class ShapeError(DeriveError):
    """Two shapes that do not fit in one operation. `between`: those two, where they are known."""

    def __init__(self, message: str, *, between: tuple[Any, ...] = (), **place: Any) -> None:
        super().__init__(message, **place)
        self.between = between


class CheckFailed(DeriveError):
    """A formula did not agree with its oracles; it must not be shown."""


def _width(character: str) -> int:
    """Terminal columns that a character takes: 2 for wide East Asian ones, 0 for combining marks."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Absent(DeriveError):
    """What is asked for and is not there: an entry, a step, a block of that shape, a law for ⋯. It may be a slip."""


class NoEntry(Absent):
    """An index that asks for an entry where there is none."""
