"""A text as a whole: which kind it is, what it says to the program, and how much of it is too much."""

import sys
from collections import Counter
from contextlib import suppress

import pytest

from derive.errors import DeriveError
from tests.texts.reading import formulas, read

ALL = "`$code$` % $comment$\n$x$"
IN_MARKDOWN, IN_LATEX = ["comment", "x"], ["code", "x"]


@pytest.mark.parametrize(
    ("name", "expected"),
    {
        "a.md": IN_MARKDOWN,
        "a.markdown": IN_MARKDOWN,
        "A.MD": IN_MARKDOWN,
        "dir.tex/a.md": IN_MARKDOWN,
        "a.tex": IN_LATEX,
        "a.ltx": IN_LATEX,
        "a": IN_MARKDOWN,
        "-": IN_MARKDOWN,
    }.items(),
)
def test_the_kind_is_the_suffix_of_the_name(name, expected):
    assert [one.latex for one in read(ALL, name=name).passages] == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    {
        "": IN_MARKDOWN,
        "# Title\n": IN_MARKDOWN,
        "\\documentclass{article}\n": IN_LATEX,
        "\\begin{document}\n": IN_LATEX,
    }.items(),
)
def test_without_a_suffix_the_text_tells(head, expected):
    assert [one.latex for one in read(head + ALL).passages] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "\\section{A}\n$x$ % $y$": ["x"],
        "% derive: model=elman\n$x$": ["x"],
        "# A\n\\section{A}\n$x$ % $y$": ["x", "y"],
        ' {"cells": [{"cell_type": "markdown", "source": "$x$"}]}': ["x"],
        '{"cell": "$x$"}': ["x"],
    }.items(),
)
def test_fragments_tell_by_their_signs(text, expected):
    assert [one.latex for one in read(text).passages] == expected


def test_the_callers_word_counts_for_more_than_the_name():
    assert [one.latex for one in read(ALL, "latex", name="a.md").passages] == IN_LATEX
    assert [one.latex for one in read(ALL, "tex", name="a.md").passages] == IN_LATEX

    with pytest.raises(DeriveError, match="there is no kind of text 'word'"):
        read(ALL, "word")


DIRECTIVES = {
    "<!-- derive: model=lstm -->": {"model": "lstm"},
    "<!--derive:model=lstm-->": {"model": "lstm"},
    "<!-- derive: model=lstm, layout=rows steps=3 -->": {"model": "lstm", "layout": "rows", "steps": "3"},
    "<!-- derive:\n  model='lstm'\n  a=\"b\"\n-->": {"model": "lstm", "a": "b"},
    "<!-- derive: model=lstm -->\n<!-- derive: model=gru -->": {"model": "gru"},
    "<!-- derive: for people, = a= =b -->": {"a": ""},
    "<!-- derived: model=lstm -->": {},
    "`<!-- derive: model=lstm -->`": {},
    "derive: model=lstm": {},
    "% derive: model=lstm": {},
}


@pytest.mark.parametrize(("text", "expected"), DIRECTIVES.items(), ids=DIRECTIVES)
def test_directives_in_markdown(text, expected):
    assert read(text, "markdown").directives == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "% derive: model=lstm\n": {"model": "lstm"},
        "text %% derive: model=lstm, a=b\r\n": {"model": "lstm", "a": "b"},
        "\\% derive: model=lstm": {},
        "\\begin{verbatim}\n% derive: model=lstm\n\\end{verbatim}": {},
    }.items(),
)
def test_directives_in_latex(text, expected):
    assert read(text, "latex").directives == expected


@pytest.mark.parametrize("kind", ["markdown", "latex", "notebook"])
def test_a_text_of_more_than_ten_million_characters_is_refused(kind):
    with pytest.raises(DeriveError, match="10000001 characters"):
        read("a" * 10_000_001, kind)


REFUSED = {"formulas": "$a$ " * 50_001, "marks": r"\(" * 1_000_001, "one formula": "$" + "a" * 200_001 + "$"}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_more_mathematics_than_a_person_writes_is_refused(text):
    with pytest.raises(DeriveError, match=r"too much mathematics|this formula has 200001 characters"):
        read(text, "markdown")


HOSTILE = {
    "dollars": "$",
    "dollars apart": "$ a",
    "displays that do not close": "\n\\[ a",
    "doubled brackets": r"\\( ",
    "begins": r"\begin{",
    "begins of one environment": r"\begin{align} ",
    "braces": r"$\text{",
    "backticks": "a`" * 7 + "``b```c",
    "comments": "<!-- ",
    "elements": "<pre",
    "definitions": r"\newcommand{\a}{",
    "signs at the heads of lines": "\n> - $$ ",
}


@pytest.mark.parametrize("kind", ["markdown", "latex"])
@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_what_opens_and_never_closes_is_searched_once(unit, kind):
    """Were anything searched anew for each mark, this would stand still; and for each mark few functions are called."""
    with suppress(DeriveError):
        read(unit * 20_000, kind)
    marks = 2_000 * sum(character in "\\$`<>{\n" for character in unit)
    assert calls(unit * 2_000, kind) < 100 * marks


def calls(text: str, kind: str) -> int:
    """How many functions are called while a text is read."""
    counted = Counter[str]()
    sys.setprofile(lambda _frame, event, _argument: counted.update([event]))
    try:
        with suppress(DeriveError):
            read(text, kind)
    finally:
        sys.setprofile(None)
    return counted["call"] + counted["c_call"]


def test_nested_groups_are_no_recursion():
    text = "$" + "{" * 90_000 + "}" * 90_000 + "$"
    assert formulas(text, "markdown") == [text[1:-1]]
    with pytest.raises(DeriveError, match="puts in too much"):
        read(r"\def\a#1{#1}" + "$" + r"\a{" * 40_000 + "}" * 40_000 + "$", "markdown")
