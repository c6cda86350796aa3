r"""Mathematics without what the text around it adds: the `>` of a quotation, comments, escapes of Markdown and HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.texts.mapped import Mapped

_WORDS = r"\\(?:text[a-z]*|mbox|hbox|math(?:rm|tt)|operatorname\*?|label|ref|eqref|tag\*?)\s*+\{[^{}]*+\}"
_LINE_BEGINS = r"(?P<quote>(?<=\n)[ \t]*+(?:>[ \t]?)+)"
_COMMENT = r"(?P<line>(?<=\n)[ \t]*+%[^\n]*+\n)|(?P<comment>%[^\n]*+)"
_LATEX = re.compile(rf"(?P<words>\\[\s\S])|{_COMMENT}")
_MARKDOWN = re.compile(
    rf"(?P<words>{_WORDS})|(?P<rows>\\\\\\\\)|(?P<halved>\\\\[{{}},;!|:%#&])|(?P<sign>\\[_*])|(?P<command>\\[\s\S])"
    rf"|(?P<entity>&(?:amp|lt|gt);)|{_LINE_BEGINS}|{_COMMENT}"
)
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_PLAIN_ROW = re.compile(r"(?<!\\)\\\\(?=\s|\Z)")
_PLAIN_SUBSCRIPT = re.compile(rf"{_WORDS}|\\[\s\S]|(?P<plain>_)")
_MARKS = re.compile(r">[ \t]?")


def from_latex(passage: Mapped) -> Mapped:
    """Mathematics of a LaTeX text without its comments."""
    return passage.edited((*found.span(), "") for found in _LATEX.finditer(passage.text) if not found["words"])


def from_markdown(passage: Mapped, quoted: int, *, doubled: bool) -> Mapped:
    r"""Mathematics of a Markdown text as the site hands it to its typesetter.

    `quoted` is how many `>` each line of the quotation begins with. `\\\\` is a row break, `\*` a star, and `\_` an
    underscore if the formula writes all of its subscripts so, or before a brace. Where backslashes are halved
    (`doubled`, or `\\\\` is its only row break), `\\{` is `\{`.
    """
    return passage.edited(_markdown_edits(passage.text, quoted, doubled))


def _markdown_edits(text: str, quoted: int, doubled: bool) -> Iterator[tuple[int, int, str]]:
    halved = doubled or (r"\\\\" in text and _PLAIN_ROW.search(text) is None)
    plain_subscripts = any(found["plain"] for found in _PLAIN_SUBSCRIPT.finditer(text))
    for found in _MARKDOWN.finditer(text):
        start, end = found.span()
        if found["rows"]:
            yield start, start + 2, ""
        elif found["halved"] and halved:
            yield start, start + 1, ""
        elif found["sign"]:
            if found["sign"] == r"\*" or not plain_subscripts or text.startswith("{", end):
                yield start, start + 1, ""
        elif found["entity"]:
            yield start, end, _ENTITIES[found["entity"]]
        elif found["quote"]:
            marks = list(_MARKS.finditer(found["quote"]))[:quoted]
            if marks:
                yield start, start + marks[-1].end(), ""
        elif found["line"] or found["comment"]:
            yield start, end, ""
