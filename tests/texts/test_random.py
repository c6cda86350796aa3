"""Any text is read; what is found stands in it where its offsets say."""

import json

from hypothesis import given
from hypothesis import strategies as st

from derive.errors import DeriveError
from derive.texts.document import Document
from tests.texts.reading import read

MARKS = (
    r"$ $$ \( \) \[ \] \\( \\) \\[ \\] \begin{align} \end{align} \begin{aligned} \end{aligned} ` ``` ```math ~~~ "
    r"<!-- --> <pre> </pre> <code> </code> \$ \\ \ \_ \* _ ^ { } [ ] # % & &lt; > \text{ x_t 5 = , 其中 ， "
    r"\newcommand{\R} {\mathbb{R}} \R \newcommand{\f} [1] [2][x] {#1+#1} {#2#1} \f \def\a#1 \let\b \a \b "
    r"\DeclareMathOperator{\c} \DeclarePairedDelimiter\d \newcommand\be {\begin{align}} \be {\end{align}} "
    r"\verb| | \begin{verbatim} \end{verbatim} \begin{document} \end{document} derive: model=x --- -"
).split()
PIECES = st.sampled_from([*MARKS, " ", "\n", "\n\n", "\r\n", "> ", "\n> ", "    ", "\t", "\ufeff", "\0"])
TEXTS = st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=60))
KINDS = st.sampled_from(["markdown", "latex", None])
DEFINERS = ("newcommand", "def", "let", "Declare", "ensuremath", "xspace")


def document(text: str, kind: str | None) -> Document | None:
    try:
        return read(text, kind)
    except DeriveError:
        return None


@given(TEXTS, KINDS)
def test_any_text_is_read_and_places_never_fall(text, kind):
    found = document(text, kind)
    last = 0
    for one in found.passages if found else ():
        offsets = list(one.offsets)
        assert one.latex.strip()
        assert last <= offsets[0]
        assert offsets == sorted(offsets)
        assert offsets[-1] <= len(text)
        last = offsets[0]


@given(TEXTS, KINDS)
def test_without_macros_each_character_is_the_one_of_the_text(text, kind):
    if any(definer in text for definer in DEFINERS):
        return
    found = document(text, kind)
    for one in found.passages if found else ():
        for character, offset in zip(one.latex, one.offsets, strict=False):
            assert character == text[offset] or (character == "<" and text.startswith("&lt;", offset))


@given(TEXTS, st.booleans(), st.booleans())
def test_a_notebook_finds_what_its_cell_holds(text, as_list, ascii_only):
    source = text.splitlines(keepends=True) if as_list else text
    written = json.dumps({"cells": [{"cell_type": "markdown", "source": source}]}, ensure_ascii=ascii_only)
    cell, whole = document(text, "markdown"), document(written, "notebook")
    assert (cell is None) == (whole is None)
    if cell and whole:
        assert [one.latex for one in cell.passages] == [one.latex for one in whole.passages]
        assert cell.directives == whole.directives


@given(st.text(max_size=40), TEXTS)
def test_what_stands_behind_a_blank_line_does_not_depend_on_inline_mathematics_before_it(head, tail):
    """A dollar that is never closed swallows nothing."""
    quiet = "".join(character for character in head if character not in "\\$`~<>\r\n\ufeff-\0")
    before = [one.latex for one in read(f"{quiet}\n\n{tail}", "markdown").passages] if _reads(tail) else []
    after = [one.latex for one in read(f"{quiet} $ 5{quiet}\n\n{tail}", "markdown").passages] if _reads(tail) else []
    assert before == after


def _reads(text: str) -> bool:
    return document(f"\n\n{text}", "markdown") is not None


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=5), max_size=8).map('","'.join))
def test_any_json_is_read_or_refused(text):
    document('{"cells":["' + text + '"]}', "notebook")
    document(text, "notebook")
