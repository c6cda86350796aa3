"""A text from outside taken apart: its formulas with their places, and what it says to this program."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath
from types import MappingProxyType

from derive.errors import DeriveError, Source, Span, shortened
from derive.limits import Limits
from derive.texts import latex, markdown
from derive.texts.document import Document, Passage
from derive.texts.expand import Macros
from derive.texts.mapped import Mapped
from derive.texts.notebook import markdown_cells
from derive.texts.outline import DEAD, Outline, Stretch
from derive.texts.stretches import Definition, stretches
from derive.texts.unescape import from_latex, from_markdown

MARKDOWN, LATEX, NOTEBOOK = KINDS = ("markdown", "latex", "notebook")
_KIND_OF = {
    **{name: name for name in KINDS},
    **dict.fromkeys(("md", "markdown"), MARKDOWN),
    **dict.fromkeys(("tex", "ltx"), LATEX),
    "ipynb": NOTEBOOK,
}
_NOTEBOOK = re.compile(r'\ufeff?\s*\{[\s\S]*"cells"')
_LATEX_DOCUMENT = re.compile(r"^[ \t]*+\\(?:documentclass|begin\s*\{document\})", re.MULTILINE)
_LATEX_SIGN = re.compile(r"^[ \t]*+(?:%|\\(?:(?:sub)*section|chapter|paragraph|usepackage|input)\b)", re.MULTILINE)
_MARKDOWN_SIGN = re.compile(r"^[ \t]*+(?:#{1,6}[ \t]|```|~~~|>|[-*+][ \t])|<!--|\]\(|\*\*|`", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")
_MARKS = re.compile(r"[ \t]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)?((?:>[ \t]?)*)")


def read_document(source: Source, kind: str | None = None) -> Document:
    """The formulas of a text.

    `kind` is "markdown", "latex" or "notebook" (or a suffix: "md", "tex", "ipynb"); None: by the suffix of the
    source's name, or else by what the text looks like. Error: DeriveError for a text that is too long, a damaged
    notebook, macros without end, or a kind that there is not.
    """
    if len(source.text) > Limits.CHARACTERS:
        raise DeriveError(
            f"{source.name} has {len(source.text)} characters", expected=f"at most {Limits.CHARACTERS} in one text"
        )
    if kind is not None and kind not in _KIND_OF:
        raise DeriveError(f"there is no kind of text {shortened(repr(kind))}", expected=", ".join(KINDS))
    kind = _kind(source) if kind is None else _KIND_OF[kind]
    reading = _Reading(source, kind)
    for text in markdown_cells(source) if kind == NOTEBOOK else (Mapped.whole(source),):
        reading.read(text)
    return Document(source, tuple(reading.passages), MappingProxyType(reading.directives))


def _kind(source: Source) -> str:
    """What a text is, by its name or else by its looks."""
    suffix = PurePath(source.name).suffix.lower().removeprefix(".")
    if suffix in _KIND_OF:
        return _KIND_OF[suffix]
    if _NOTEBOOK.match(source.text):
        return NOTEBOOK
    if _LATEX_DOCUMENT.search(source.text):
        return LATEX
    return LATEX if _LATEX_SIGN.search(source.text) and not _MARKDOWN_SIGN.search(source.text) else MARKDOWN


class _Reading:
    """One text, read part by part: macros that one cell of a notebook defines are known in the next."""

    def __init__(self, source: Source, kind: str) -> None:
        self.source = source
        self.markdown = kind != LATEX
        self.outline: Callable[[str], Outline] = markdown.outline if self.markdown else latex.outline
        self.macros = Macros(source)
        self.passages: list[Passage] = []
        self.directives: dict[str, str] = {}
        self.prose: list[str] = []
        self.marks = 0

    def read(self, text: Mapped) -> None:
        self.marks += sum(map(text.text.count, "\\$`<"))
        if self.marks > Limits.MARKS:
            raise self._too_much()
        outline = self.outline(text.text)
        self.directives.update(outline.directives)
        found = stretches(outline, markdown=self.markdown)
        if len(found) + len(self.passages) > Limits.FORMULAS:
            raise self._too_much()
        at = outline.begin
        for one in found:
            if isinstance(one, Definition):
                self.macros.define(replace(one.macro, place=text.offsets[one.start]))
            elif one.start < outline.begin:  # a preamble only defines
                continue
            self.prose.append(outline.text[at : one.start])
            at = max(at, one.end)
            if isinstance(one, Stretch):
                self._passage(text, one)
        self.prose += outline.text[at:], "\n"

    def _passage(self, text: Mapped, stretch: Stretch) -> None:
        piece = text.cut(stretch.first, stretch.last)
        if len(piece.text) > Limits.PASSAGE:
            raise DeriveError(
                f"this formula has {len(piece.text)} characters",
                source=self.source,
                span=Span(piece.offsets[0], piece.offsets[0] + 1),
                expected=f"at most {Limits.PASSAGE}",
            )
        if self.markdown:
            quoted = _quoted(text.text, stretch.start) if "\n" in piece.text else 0
            piece = from_markdown(piece, quoted, doubled=stretch.doubled)
        else:
            piece = from_latex(piece)
        piece = self.macros.expand(piece).stripped()
        if piece.text:
            before = _BLANK_LINES.sub("\n\n", "".join(self.prose).replace(DEAD, "")).strip()
            self.prose = []
            self.passages.append(Passage(self.source, piece.text, tuple(piece.offsets), stretch.display, before))

    def _too_much(self) -> DeriveError:
        return DeriveError(
            f"there is too much mathematics in {self.source.name}",
            expected=f"at most {Limits.FORMULAS} formulas and definitions",
        )


def _quoted(text: str, at: int) -> int:
    """How many `>` stand at the head of a line in which a formula begins; each of its lines begins with as many."""
    line = text.rfind("\n", 0, at) + 1
    marks = _MARKS.match(text, line, at)
    return marks[1].count(">") if marks else 0
