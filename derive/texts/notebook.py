"""Jupyter notebooks: the Markdown cells, each character with its place in the file."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterator
from typing import Any

from derive.errors import DeriveError, Source, Span
from derive.texts.mapped import Mapped

_TOKEN = re.compile(r'"(?P<string>(?:[^"\\]|\\.)*+)"|(?P<mark>[{}\[\],])', re.DOTALL)
_PIECE = re.compile(
    r"(?P<plain>[^\\]++)|\\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u(?P<code>[0-9a-fA-F]{4})|\\(?P<letter>.)",
    re.DOTALL,
)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_HINT = "open the notebook in Jupyter and save it again"


def markdown_cells(source: Source) -> tuple[Mapped, ...]:
    """The texts of a notebook's Markdown cells. Error: DeriveError if the text is no notebook."""
    cells = _cells(source)
    strings: dict[int, list[tuple[int, int]]] = {}
    for path, start, end in _strings(source.text):
        match path:
            case ["cells", int(cell), "source", *_] if cell < len(cells) and cells[cell].get("cell_type") == "markdown":
                strings.setdefault(cell, []).append((start, end))
    return tuple(_decoded(source.text, ranges) for ranges in strings.values())


def _cells(source: Source) -> list[dict[str, Any]]:
    """The cells of a notebook, once it is known that they are well formed."""
    lead = len(source.text) - len(source.text.removeprefix("\ufeff"))
    try:
        notebook = json.loads(source.text[lead:])
    except json.JSONDecodeError as error:
        place = min(error.pos + lead, len(source.text))
        raise DeriveError(
            f"this is no notebook: it is no JSON ({error.msg})", source=source, span=Span(place, place), hint=_HINT
        ) from None
    except (RecursionError, ValueError):  # nested too deep, or a number of too many digits
        raise DeriveError(f"{source.name} is no notebook: nothing in one is so large or so deep") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise DeriveError(f"{source.name} is no notebook: it has no list of cells", hint=_HINT)
    for number, cell in enumerate(cells, start=1):
        text = cell.get("source", "") if isinstance(cell, dict) else None
        lines = text if isinstance(text, list) else [text]
        if not all(isinstance(line, str) for line in lines):
            raise DeriveError(f"cell {number} of {source.name} is damaged: its source is no text", hint=_HINT)
    return cells


def _strings(text: str) -> Iterator[tuple[list[str | int], int, int]]:
    """The strings of a well-formed JSON text, but for its keys: their paths, and where their characters stand."""
    path: list[str | int | None] = []  # in an object the key, None before it; in a list the index
    for token in _TOKEN.finditer(text):
        mark = token["mark"]
        if mark is None:
            if path and path[-1] is None:
                path[-1] = token["string"]
            elif len(path) <= 4:
                yield [step for step in path if step is not None], *token.span("string")
        elif mark in "{[":
            path.append(None if mark == "{" else 0)
        elif mark in "}]":
            path.pop()
        else:
            path[-1] = path[-1] + 1 if isinstance(path[-1], int) else None


def _decoded(text: str, ranges: list[tuple[int, int]]) -> Mapped:
    """The strings of one cell as one text; half a surrogate pair is U+FFFD."""
    pieces: list[str] = []
    offsets = array("q")
    for start, end in ranges:
        for piece in _PIECE.finditer(text, start, end):
            if piece["plain"] is not None:
                pieces.append(piece["plain"])
                offsets.extend(range(*piece.span()))
                continue
            pieces.append(_character(piece))
            offsets.append(piece.start())
    offsets.append(ranges[-1][1])
    return Mapped("".join(pieces), offsets)


def _character(piece: re.Match[str]) -> str:
    if piece["high"] is not None:
        return chr(0x10000 + ((int(piece["high"], 16) - 0xD800) << 10) + int(piece["low"], 16) - 0xDC00)
    if piece["code"] is not None:
        code = int(piece["code"], 16)
        return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)
    return _LETTERS.get(piece["letter"], piece["letter"])
