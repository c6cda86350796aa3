"""Stage 1 of the reader: LaTeX mathematics to the surface tree, or a DeriveError that says where and why not."""

from __future__ import annotations

from derive.errors import DeriveError, Source, Span
from derive.limits import Limits
from derive.reader.layout import Token, shortened
from derive.reader.surface import Node
from derive.reader.tokens import tokenize

MAX_LENGTH = Limits.FORMULA
MAX_DEPTH = Limits.DEPTH


def parse(source: Source, span: Span | None = None) -> Node:
    r"""The formula in this range of the text (default: all of it) as one node, its spans offsets into `source.text`.

    New lines are spaces here; `$`, `\[` and the like around the formula are dropped.
    Error: DeriveError with the place, what was found and what was expected, for any text that is not one formula.
    """
    span = Span(0, len(source.text)) if span is None else Span(span.start, min(span.end, len(source.text)))
    check_length(source, span, MAX_LENGTH)
    return build(source, span, tokenize(source, span))


def build(source: Source, span: Span, tokens: list[Token]) -> Node:
    """The tree of these tokens, which `span` holds."""
    while tokens and tokens[-1].type == "BREAK":
        tokens = tokens[:-1]
    if not tokens:
        raise DeriveError("there is nothing to read", source=source, span=Span(span.start, span.start),
                          expected="a formula")  # fmt: skip
    from lark import UnexpectedToken  # imported late: it costs more than reading a formula does

    from derive.reader.lalr import parser

    try:
        node: Node = parser().parse(tokens)  # type: ignore[assignment]
    except UnexpectedToken as error:
        raise _explained(source, tokens, error.token, error.accepts) from None
    except DeriveError as error:
        raise error.at(source, span) from None
    if len(tokens) > MAX_DEPTH:  # a tree is never higher than its tokens are many
        check_depth(source, node)
    return node


def check_length(source: Source, span: Span, limit: int) -> None:
    if span.end - span.start > limit:
        raise DeriveError(f"too long: {span.end - span.start} characters, the limit is {limit}", source=source,
                          span=Span(span.start, span.start))  # fmt: skip


def check_depth(source: Source, node: Node) -> None:
    level = [node]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in parent.children()]
        if not level:
            return
    raise DeriveError(f"nested too deep: the limit is {MAX_DEPTH}", source=source, span=level[0].span)


# What people call the terminals, in the order in which a message lists them. A factor stands for all that begins one.
_NAMES = {
    "OPEN": "a factor",
    "LETTER": "an argument in braces",
    "SUB": "a script",
    "OPERATOR": "an operator",
    "SIGN": "a sign",
    "RELATION": "a relation",
    "COMMA": "a comma",
    "RBRACE": "}",
    "CLOSE": "a closing bracket",
    "AMP": "&",
    "NEWROW": "\\\\",
    "END": "\\end",
    "$END": "the end of the formula",
}


def _explained(source: Source, tokens: list[Token], token: Token, accepted: set[str]) -> DeriveError:
    """The sentence for a token that the grammar has no use for; `accepted` are the terminals it has."""
    names = [name for kind, name in _NAMES.items() if kind in accepted]
    if "OPEN" in accepted:
        names.remove(_NAMES["LETTER"])
    end = tokens[-1].end_pos
    start, stop = (end, end) if token.type == "$END" else (token.start_pos, token.end_pos)
    found = shortened(source.text[start:stop])
    message = f"{found} cannot stand here" if found else "the formula ends too early"
    if token.type == "BREAK":
        message = "a second formula begins here"
    return DeriveError(message, source=source, span=Span(start, stop), expected=_alternatives(names))


def _alternatives(names: list[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
