"""Notebooks: the Markdown cells, with places in the file itself."""

import json

import pytest

from derive.errors import DeriveError
from tests.texts.reading import found, read


def notebook(*cells: tuple[str, object], indent: int | None = 1, **options: bool) -> str:
    data = {"cells": [{"cell_type": kind, "metadata": {}, "source": source} for kind, source in cells], "nbformat": 4}
    return json.dumps(data, indent=indent, **options)


def test_only_markdown_cells_are_read():
    text = notebook(
        ("markdown", "$a$"), ("code", "$b$"), ("raw", "$c$"), ("markdown", ["$d$\n", "$e$"]), ("markdown", [])
    )
    assert [latex for latex, _, _ in found(text, "notebook")] == ["a", "d", "e"]


def test_lines_are_lines_of_the_file():
    text = notebook(("markdown", ["# Title\n", "where $x_t$ and\n", "$$\\frac{a}{b}$$"]))
    lines = text.split("\n")
    for latex, line, column in found(text, "notebook"):
        assert lines[line - 1][column - 1 :].startswith(latex.replace("\\", "\\\\"))
    assert [line for _, line, _ in found(text, "notebook")] == [8, 9]


def test_a_display_over_several_strings_is_one_formula():
    text = notebook(("markdown", ["$$\n", "a =\n", "b\n", "$$"]))
    assert found(text, "notebook") == [("a =\nb", 8, 6)]


@pytest.mark.parametrize("ascii_only", [True, False])
def test_escapes_are_decoded_and_each_character_knows_its_place(ascii_only):
    text = notebook(("markdown", 'é "𝒳" \t$∂L \\\\ /𝒳$'), indent=None, ensure_ascii=ascii_only)
    (one,) = read(text, "notebook").passages
    assert one.latex == "∂L \\\\ /𝒳"
    assert one.before == 'é "𝒳"'
    written = [text[start:end] for start, end in zip(one.offsets, one.offsets[1:], strict=False)]
    assert [json.loads(f'"{piece}"') for piece in written] == list(one.latex)


def test_macros_and_directives_of_one_cell_hold_in_the_next():
    text = notebook(("markdown", r"$\def\x{a}$ <!-- derive: model=lstm -->"), ("markdown", r"$\x$"))
    document = read(text, "notebook")
    assert [one.latex for one in document.passages] == ["a"]
    assert document.directives == {"model": "lstm"}


def test_prices_and_code_are_none_in_a_notebook_either():
    text = notebook(("markdown", "`$x$` costs $5 and $10\n\n```\n$y$\n```\n$z$"))
    assert [latex for latex, _, _ in found(text, "notebook")] == ["z"]


DAMAGED = {
    "cut off": '{"cells": [',
    "no JSON": "cells",
    "a list": "[]",
    "no cells": "{}",
    "cells that are none": '{"cells": 1}',
    "a cell that is none": '{"cells": [1]}',
    "a source that is none": '{"cells": [{"cell_type": "markdown", "source": {"a": "$x$"}}]}',
    "a source of numbers": '{"cells": [{"cell_type": "markdown", "source": [1]}]}',
    "nested too deep": '{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "a number without end": '{"cells": ' + "9" * 10_000 + "}",
    "empty": "",
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_notebook_is_refused_with_a_sentence(text):
    with pytest.raises(DeriveError, match=r"notebook|damaged"):
        read(text, "notebook")


ODD = {
    "a byte order mark": "\ufeff" + notebook(("markdown", "$x$")),
    "no source": '{"cells": [{"cell_type": "markdown"}, {"cell_type": "markdown", "source": "$x$"}]}',
    "cells twice": '{"cells": [{}, {}, {"source": "$y$"}], "cells": [{"cell_type": "markdown", "source": "$x$"}]}',
    "outputs of its own": '{"metadata": {"cells": ["$y$"]}, "cells": [{"source": "$x$", "cell_type": "markdown"}]}',
    "half a pair": '{"cells": [{"cell_type": "markdown", "source": "\\ud835 $x$"}]}',
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_an_odd_notebook_is_read(text):
    assert [latex for latex, _, _ in found(text, "notebook")] == ["x"]
