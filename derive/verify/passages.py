"""A document's formulas as trees: every statement of every passage, with its place; what cannot be read, with why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from derive.errors import DeriveError, Source, Span
from derive.reader.layout import Token
from derive.reader.parse import MAX_LENGTH, build, check_length
from derive.reader.statements import split, statements
from derive.reader.surface import Node, Relation
from derive.reader.tokens import tokenize
from derive.texts.document import Document, Passage

_ENVIRONMENT = re.compile(r"\s*\\begin\s*\{(\w+\*?)\}")
_BEGIN_OR_END = re.compile(r"\\(begin|end)\s*\{\w+\*?\}(?:\{[^{}]*\})?|\\\\(?:\[[^\]]*\])?|\\[\s\S]|[{}]")
_NOTHING = re.compile(r"[\s&.,;，。；]*\Z")
_STYLE = re.compile(
    r"\\(?:rm|bf|it|sf|tt|cal|sl|Large|large|small|tiny|scriptsize|footnotesize|normalsize|huge)(?![A-Za-z])"
)


_DOT = re.compile(r"(?<=[})\w])(?<!\\left)(?<!\\right)(\s*)\.(?=\s*(?:\\[dt]?frac|\\left|\\prod|\())")
_NUMBER = re.compile(
    r"(?:\\q?quad|\\hfill|\\hspace\*?\{[^{}]*\})(?:\\q?quad|[\s~]|\\[,;: ])*+"
    r"\(\s*\d+(?:\.\d+)*[a-z]?\s*\)(?=\s*(?:\\\\|\\end|\Z))"
)
r"""An equation number written out, `\qquad (3)`: no factor."""
_ADDED = re.compile(r"\+=|\\mathrel\{\+\}=|\{\+=\}")


def plainer(text: str) -> str:
    """The same text, as long, with what only sets the type or stands for a product or an assignment in plain signs."""
    text = text.replace(r"^{^{\prime}}", r"^{\prime}   ").replace(r"^{^{'}}", r"^{'}   ")
    text = _NUMBER.sub(lambda found: " " * len(found.group()), text)
    text = _STYLE.sub(lambda found: " " * len(found.group()), text)
    text = _DOT.sub(lambda found: f"{found.group(1)}·", text)
    return _ADDED.sub(lambda found: "←".ljust(len(found.group())), text)


@dataclass(frozen=True)
class Statement:
    """One statement of a passage. `source` is the passage's LaTeX, in which the node's spans count.

    `node` is None where it could not be read, and `error` says why and where.
    """

    passage: Passage
    source: Source
    span: Span
    node: Node | None
    error: DeriveError | None = None

    def place(self, span: Span | None = None) -> Span:
        """Where it, or a part of it, stands in the document."""
        return self.passage.place(self.span if span is None else span)

    def text(self, span: Span | None = None) -> str:
        """The author's own text of it."""
        place = self.place(span)
        return self.passage.source.text[place.start : place.end]


def read(document: Document) -> Iterator[Statement]:
    """Every statement of the document, in order. What cannot be read stands alone, and hides none beside it."""
    for passage in document.passages:
        source = Source(document.source.name, plainer(passage.latex))
        whole = Span(0, len(source.text))
        try:
            for node in _nodes(source, whole):
                yield Statement(passage, source, node.span, node)
        except DeriveError:
            yield from _rows(passage, source, whole)


def reread(statement: Statement, text: str) -> Statement:
    """A formula by itself, as a statement like another. Error: DeriveError where it is none, or several."""
    source = Source(statement.source.name, plainer(text))
    passage = Passage(source, text, tuple(range(len(text) + 1)), statement.passage.display, statement.passage.before)
    return _single(passage, source, Span(0, len(text)))


def changed(statement: Statement, changes: Sequence[tuple[Span, str]]) -> Statement:
    """A statement where it stands, with ranges of its passage replaced. Error: DeriveError where it is none then."""
    passage, end = statement.passage, statement.span.end
    latex, text, offsets = passage.latex, passage.source.text, passage.offsets
    for span, new in sorted(changes, key=lambda change: -change[0].start):
        start, stop = offsets[span.start], offsets[span.end]
        latex = latex[: span.start] + new + latex[span.end :]
        text = text[:start] + new + text[stop:]
        rest = (offset + len(new) - (stop - start) for offset in offsets[span.end :])
        offsets = (*offsets[: span.start], *range(start, start + len(new)), *rest)
        end += len(new) - (span.end - span.start)
    passage = replace(passage, source=Source(passage.source.name, text), latex=latex, offsets=offsets)
    return _single(passage, Source(statement.source.name, plainer(latex)), Span(statement.span.start, end))


def _single(passage: Passage, source: Source, span: Span) -> Statement:
    nodes = _nodes(source, span)
    if len(nodes) != 1:
        raise DeriveError("this is no single formula", source=source, span=span)
    return Statement(passage, source, nodes[0].span, nodes[0])


def _nodes(source: Source, span: Span) -> list[Node]:
    check_length(source, span, MAX_LENGTH)
    found: list[Node] = []
    for tokens in split(tokenize(source, span)):
        found += statements(build(source, _over(tokens), tokens))
    return found


def _over(tokens: list[Token]) -> Span:
    return Span(tokens[0].start_pos, tokens[-1].end_pos)


def _rows(passage: Passage, source: Source, whole: Span) -> Iterator[Statement]:
    """The rows of a passage one by one; a row that begins with a relation goes on with the last side before it."""
    for span in _spans(source.text, whole):
        try:
            for node in _nodes(source, span):
                yield Statement(passage, source, node.span, node)
        except DeriveError as error:
            yield Statement(passage, source, span, None, error)


def _spans(text: str, whole: Span) -> list[Span]:
    r"""What stands between the `\\` of the outermost environments, without the `\begin` and `\end` around."""
    depth, start, found = 0, whole.start, []
    outer = 0
    for piece in _BEGIN_OR_END.finditer(text, whole.start, whole.end):
        mark = piece.group()
        if piece.group(1) == "begin":
            name = _ENVIRONMENT.match(mark)
            if (
                depth == outer
                and name
                and name.group(1).rstrip("*") in _ROWS
                and not text[start : piece.start()].strip()
            ):
                outer, start = outer + 1, piece.end()
            depth += 1
        elif piece.group(1) == "end":
            if depth == outer and outer:
                found.append(Span(start, piece.start()))
                outer, start = outer - 1, piece.end()
            depth -= 1
        elif mark in "{}":
            depth += 1 if mark == "{" else -1
        elif mark.startswith("\\\\") and depth == outer:
            found.append(Span(start, piece.start()))
            start = piece.end()
    found.append(Span(start, whole.end))
    return [_trimmed(text, span) for span in found if not _NOTHING.match(text, span.start, span.end)]


_ROWS = frozenset("equation align aligned alignat gather gathered split multline eqnarray displaymath flalign".split())


def _trimmed(text: str, span: Span) -> Span:
    """Without the space and the `&` around it."""
    piece = text[span.start : span.end]
    start = span.start + len(piece) - len(piece.lstrip(" \t\r\n&"))
    return Span(start, max(start, span.start + len(piece.rstrip(" \t\r\n"))))


@dataclass(frozen=True)
class Link:
    """One relation of a chain: `left` `relation` `right`; `first` where it is the first of its chain."""

    statement: Statement
    left: Node
    relation: str
    right: Node
    first: bool

    @property
    def span(self) -> Span:
        """Its own LaTeX: both sides, or where they stand on different lines of the text, what is on the second."""
        text = self.statement.source.text
        between = text[self.left.span.end : self.right.span.start]
        if self.first or ("\n" not in between and "\\\\" not in between):
            return self.left.span.to(self.right.span)
        row = max(between.rfind("\n"), between.rfind("\\\\") + 1) + 1
        start = self.left.span.end + row
        start += len(text[start : self.right.span.start]) - len(text[start : self.right.span.start].lstrip(" \t&"))
        return Span(min(start, self.right.span.start), self.right.span.end)


EQUAL = frozenset({"=", ":=", "equiv"})
"""The relations that make two sides equal."""
CONSEQUENCES = frozenset("Rightarrow Leftrightarrow implies iff therefore impliedby".split())
"""Relations between relations."""


def links(statement: Statement) -> list[Link]:
    """The relations of a statement, one by one; none where it is no relation."""
    node = statement.node
    if not isinstance(node, Relation):
        return []
    found: list[Link] = []
    first = True
    for left, sign, right in zip(node.sides, node.relations, node.sides[1:], strict=False):
        if sign in CONSEQUENCES:  # what follows is a chain of its own
            first = True
            continue
        found.append(Link(statement, left, sign, right, first))
        first = False
    return found
