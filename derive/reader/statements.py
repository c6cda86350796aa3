r"""A cell file to its statements: `% key: value` lines, then mathematics, one statement after the other.

A statement ends with its line unless a bracket is open, or a relation, sign or operator stands on either side of the
line break; `\\` ends one in the same way, and so do a blank line and the ends of `$…$`, `\[…\]` and environments
always. (`tokens.py` decides that, for environments too.) Then a list of relations is taken apart: `A \in X, B \in Y`
gives two statements, `U, V \in X` one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from derive.errors import Source, Span
from derive.limits import Limits
from derive.reader.layout import Token
from derive.reader.lists import relates
from derive.reader.parse import MAX_LENGTH, build, check_length
from derive.reader.surface import Items, Node, Table
from derive.reader.symbols import STATEMENT_ENVIRONMENTS
from derive.reader.tokens import tokenize

MAX_DOCUMENT = Limits.CELL

_COMMENT = re.compile(r"[ \t]*%([ \t]*)([^\n]*)(?:\n|\Z)|[ \t\r]*\n")
_ENTRY = re.compile(r"(\w[\w -]*?)\s*:\s*(.*)")


@dataclass(frozen=True)
class Document:
    """What a cell file holds: its source, what its leading comments say, and its statements, normally relations."""

    source: Source
    metadata: Mapping[str, str]
    statements: tuple[Node, ...]


def read_statements(source: Source) -> Document:
    """The whole file. Error: DeriveError for the first place that cannot be read."""
    whole = Span(0, len(source.text))
    check_length(source, whole, MAX_DOCUMENT)
    found: list[Node] = []
    for tokens in split(tokenize(source, whole, lines=True)):
        place = Span(tokens[0].start_pos, tokens[-1].end_pos)
        check_length(source, place, MAX_LENGTH)
        found += statements(build(source, place, tokens))
    return Document(source, MappingProxyType(_metadata(source.text)), tuple(found))


def split(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens of each statement; a break ends one."""
    start = 0
    for index, token in enumerate(tokens):
        if token.type == "BREAK":
            yield tokens[start:index]
            start = index + 1
    if tokens[start:]:
        yield tokens[start:]


def statements(node: Node) -> Iterator[Node]:
    """The statements of a list of relations or an environment of rows; the depth of the tree bounds the recursion."""
    if isinstance(node, Table) and node.name in STATEMENT_ENVIRONMENTS:
        for (row,) in node.rows:
            yield from statements(row)
    elif isinstance(node, Items) and any(relates(item) or isinstance(item, Table) for item in node.items):
        for item in node.items:
            yield from statements(item)
    else:
        yield node


def _metadata(text: str) -> dict[str, str]:
    """`% key: value` from the comment lines at the top; a line indented deeper than its key goes on with the value."""
    found: dict[str, str] = {}
    key, margin, at = "", 0, 0
    while line := _COMMENT.match(text, at):
        at = line.end()
        indent, words = len(line.group(1) or ""), (line.group(2) or "").strip()
        entry = _ENTRY.match(words)
        if key and indent > margin:
            found[key] = f"{found[key]} {words}".strip()
        elif entry:
            key, margin = entry.group(1), indent
            found[key] = entry.group(2)
        else:
            key = ""
        if at == len(text):
            break
    return found
