"""What a text holds: its formulas as LaTeX, each with the place where it stands, and what it says to this program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from derive.errors import Source, Span


@dataclass(frozen=True)
class Passage:
    r"""One stretch of mathematics: what stands between `$` and `$`, or in an environment.

    `latex` is the mathematics itself, its delimiters left out but for an environment's own `\begin` and `\end`, with
    the text's own macros (`\newcommand`) put in. `offsets` gives for each character of `latex`, and for its end, where
    it stands in `source`; for what a macro put in, where the macro stands. They never fall.
    """

    source: Source
    latex: str
    offsets: tuple[int, ...]
    display: bool
    before: str = ""

    def __post_init__(self) -> None:
        if len(self.offsets) != len(self.latex) + 1:
            raise ValueError("a place for each character of a formula, and one for its end")

    def place(self, span: Span) -> Span:
        """Where a range of `latex` stands in `source`."""
        return Span(self.offsets[span.start], max(self.offsets[span.start], self.offsets[span.end]))


@dataclass(frozen=True)
class Document:
    """A text taken apart. `source` is the file as it is, and lines are counted in it.

    `passages` are its formulas in order, `before` of each the prose since the one before it; `directives` what the text
    says to this program: `model=lstm` in `<!-- derive: model=lstm -->` or `% derive: model=lstm`.
    """

    source: Source
    passages: tuple[Passage, ...]
    directives: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
