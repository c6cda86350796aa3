"""What the ways of writing a text have in common: stretches of mathematics, dead text, blank lines, the way ahead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

DEAD = "\0"
"""Stands, in the text that is searched for mathematics, for each character of a comment or of code in a line."""

BLANK_LINE = r"\n[ \t>]*+\r?\n"
"""The end of a paragraph; in a quotation a blank line still has its `>`."""


@dataclass(frozen=True)
class Stretch:
    r"""Mathematics from `start` to `end` with its delimiters, from `first` to `last` without them.

    `doubled`: the delimiters were `\\(` or `\\[`, so that the site halves the backslashes before it typesets.
    """

    start: int
    end: int
    first: int
    last: int
    display: bool
    doubled: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.first <= self.last <= self.end:
            raise ValueError("a stretch runs forward, and holds what stands in it")


@dataclass(frozen=True)
class Outline:
    """A text with what is dead in it put out.

    `text` is as long as the text itself: blocks of code are blank lines in it, other dead characters are `DEAD`.
    `blocks` is mathematics that was found on the way and put out too; `directives` what the comments say; before
    `begin` nothing is typeset.
    """

    text: str
    blocks: tuple[Stretch, ...] = ()
    directives: tuple[tuple[str, str], ...] = ()
    begin: int = 0


def put_out(text: str, ranges: Iterable[tuple[int, int, str]]) -> str:
    """`text` with each character of each range (start, end), in order, replaced by the one given with it."""
    pieces: list[str] = []
    at = 0
    for start, end, character in ranges:
        pieces += text[at:start], character * (end - start)
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


class Ahead:
    """The next place of each mark in a text, asked for at ever later places.

    It remembers the last answer for each mark, so that the text is searched once, however often it is asked.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[str, re.Match[str] | None] = {}
        self._line = self._seen = 0

    def find(self, mark: str, at: int) -> re.Match[str] | None:
        """The first match of the expression `mark` that begins at `at` or later."""
        found = self._found[mark] if mark in self._found else re.compile(mark).search(self._text, at)
        if found and found.start() < at:
            found = re.compile(mark).search(self._text, at)
        self._found[mark] = found
        return found

    def paragraph(self, at: int) -> int:
        """Where the paragraph of `at` ends."""
        blank = self.find(BLANK_LINE, at)
        return blank.start() if blank else len(self._text)

    def line(self, at: int) -> int:
        """Where the line of `at` begins."""
        newline = self._text.rfind("\n", self._seen, at)
        self._line = newline + 1 if newline >= 0 else self._line
        self._seen = at
        return self._line
