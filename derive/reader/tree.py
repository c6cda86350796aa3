"""The grammar's rules to nodes: one method for each `-> name` of `latex.lark`.

Methods take what lark hands over, the list of children: tokens, nodes, groups, and lists that `begin` and `extend`
have gathered. A `Group` carries the place of its braces up to the node that is built around it and then goes, so
that a node's span is its own text and its parent's span holds the braces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from derive.errors import DeriveError, Span
from derive.reader.layout import STRONG, Token
from derive.reader.lists import listed, regroup
from derive.reader.surface import (
    Accent,
    Big,
    Brackets,
    Dots,
    Empty,
    Fraction,
    Items,
    Letter,
    Node,
    Number,
    Operator,
    Relation,
    Root,
    Row,
    Scripted,
    Table,
    Terms,
    Word,
)
from derive.reader.symbols import HALF_OPEN, STATEMENT_ENVIRONMENTS


@dataclass(frozen=True)
class Group:
    """A braced node and the span of its braces."""

    node: Node
    span: Span


Part = Any  # Token | Node | Group | list: lark does not tell, the grammar does


class Builder:
    """Stateless, and found by lark under the names of the grammar."""

    # ---- lists in the making

    def begin(self, parts: list[Part]) -> list[Part]:
        return parts

    def extend(self, parts: list[Part]) -> list[Part]:
        gathered: list[Part] = parts[0]
        gathered.extend(parts[1:])
        return gathered

    def whole(self, parts: list[Part]) -> Node:
        return bare(parts[0])

    # ---- from loose to tight

    def items(self, parts: list[Part]) -> Node:
        (chains,) = parts
        strong: list[list[Node]] = [[bare(chains[0])]]
        for comma, chain in zip(chains[1::2], chains[2::2], strict=True):
            if comma.text in STRONG:
                strong.append([])
            strong[-1].append(bare(chain))
        nodes = [node for group in strong for node in regroup(group)]
        return listed(nodes)

    def relation(self, parts: list[Part]) -> Node:
        (links,) = parts
        sides = tuple(bare(part) for part in links[::2])
        return Relation(_over(links), sides, tuple(token.text for token in links[1::2]))

    def terms(self, parts: list[Part]) -> Node:
        r"""Signs and rows in turn. A sign after a big operator belongs to its body: `\sum_t -x`."""
        (summands,) = parts
        signed: list[tuple[int, Node, Span]] = []
        if not isinstance(summands[0], list):
            signed.append((1, bare(summands[0]), summands[0].span))
            summands = summands[1:]
        for signs, row in zip(summands[::2], summands[1::2], strict=True):
            sign = -1 if sum(token.text == "-" for token in signs) % 2 else 1
            signed.append((sign, bare(row), Span(signs[0].start_pos, row.span.end)))
        folded: list[tuple[int, Node, Span]] = []
        for sign, node, span in reversed(signed):
            if folded and _ends_in_big(node):
                after = folded.pop()
                span = span.to(after[2])
                body = Terms(after[2], (after[0],), (after[1],))
                items = node.items if isinstance(node, Row) else (node,)
                node = Row(Span(node.span.start, span.end), (*items, body))
            folded.append((sign, node, span))
        folded.reverse()
        if len(folded) == 1 and folded[0][2] == folded[0][1].span:
            return folded[0][1]
        whole = folded[0][2].to(folded[-1][2])
        return Terms(whole, tuple(sign for sign, _, _ in folded), tuple(node for _, node, _ in folded))

    def row(self, parts: list[Part]) -> Node:
        (factors,) = parts
        return Row(_over(factors), tuple(_factor(part) for part in factors))

    def scripted(self, parts: list[Part]) -> Node:
        (base, *scripts) = parts[0]
        return _with_scripts(base, scripts)

    def labelled(self, parts: list[Part]) -> Group:
        r"""`\underbrace{body}_{label}` is its body; the label is for people."""
        last = parts[2][-1] if len(parts) > 2 else parts[1]
        return Group(bare(parts[1]), Span(parts[0].start_pos, _end(last)))

    def evaluated(self, parts: list[Part]) -> Node:
        r"""`x|_{t}` is `\left. x \right|_{t}`."""
        (body, bar, *scripts) = parts[0]
        return _with_scripts(Brackets(_over([body, bar]), ".", "|", bare(body)), scripts)

    # ---- atoms

    def letter(self, parts: list[Token]) -> Node:
        return Letter(parts[0].span, parts[0].text)

    def number(self, parts: list[Token]) -> Node:
        return Number(parts[0].span, parts[0].text)

    def word(self, parts: list[Token]) -> Node:
        return Word(parts[0].span, parts[0].text)

    def dots(self, parts: list[Token]) -> Node:
        return Dots(parts[0].span, parts[0].text)

    def big(self, parts: list[Token]) -> Node:
        return Big(parts[0].span, parts[0].text)

    def operator(self, parts: list[Token]) -> Node:
        return Operator(parts[0].span, parts[0].text)

    def missing(self, parts: list[Token]) -> Node:
        return Empty(parts[0].span)

    def accent(self, parts: list[Part]) -> Node:
        return Accent(_over(parts), parts[0].text, bare(parts[1]))

    def fraction(self, parts: list[Part]) -> Node:
        return Fraction(_over(parts), bare(parts[1]), bare(parts[2]))

    def root(self, parts: list[Part]) -> Node:
        return Root(_over(parts), bare(parts[1]))

    def group(self, parts: list[Part]) -> Group:
        return Group(bare(parts[1]), _over(parts))

    def hollow(self, parts: list[Token]) -> Group:
        return Group(_nothing(parts), _over(parts))

    def brackets(self, parts: list[Part]) -> Node:
        opening, closing = parts[0].text, parts[-1].text
        body = bare(parts[1]) if len(parts) == 3 else _nothing(parts)
        if opening + closing in HALF_OPEN and not (isinstance(body, Items) and len(body.items) == 2):
            raise DeriveError(f"{opening} is closed by {closing}", span=parts[-1].span, expected="one pair of brackets")
        if "." in (opening, closing) and not {"{", "}", "|"} & {opening, closing}:
            raise DeriveError(f"only one half of a pair of brackets: {opening} {closing}", span=_over(parts))
        return Brackets(_over(parts), opening, closing, body)

    def placeholder(self, parts: list[Token]) -> Node:
        return Brackets(_over(parts), parts[0].text, parts[2].text, self.operator(parts[1:2]))

    # ---- scripts of their own kind

    def lone_operator(self, parts: list[Token]) -> Group:
        return Group(self.operator(parts[1:2]), _over(parts))

    def led_by_operator(self, parts: list[Part]) -> Group:
        rest = bare(parts[2])
        items = rest.items if isinstance(rest, Row) else (rest,)
        return Group(Row(_over(parts[1:3]), (self.operator(parts[1:2]), *items)), _over(parts))

    def braced_primes(self, parts: list[Part]) -> list[Token]:
        return [*parts[1], parts[2]]

    # ---- environments

    def blank(self, _parts: list[Part]) -> None:
        return None

    def table(self, parts: list[Part]) -> Any:
        begin, (first, *rest), end = parts
        rows, before = [[_cell(first, begin)]], begin
        for token, cell in zip(rest[::2], rest[1::2], strict=True):
            if token.type == "NEWROW":
                rows.append([])
            rows[-1].append(_cell(cell, token))
        if begin.text in STATEMENT_ENVIRONMENTS and len(rows) == 1:
            return Group(rows[0][0], _over([before, end]))
        return Table(_over([begin, end]), begin.text, tuple(tuple(row) for row in rows))


def bare(part: Part) -> Node:
    """The node itself, without the braces that it came in."""
    node: Node = part.node if type(part) is Group else part
    return node


def _over(parts: list[Part]) -> Span:
    """From the start of the first part to the end of the last."""
    return Span(parts[0].span.start, parts[-1].span.end)


def _end(part: Part) -> int:
    """Where a script's content ends: primes come as a list of tokens."""
    end: int = part[-1].span.end if type(part) is list else part.span.end
    return end


def _nothing(parts: list[Part]) -> Empty:
    """The nothing between two brackets."""
    return Empty(Span(parts[0].span.end, parts[-1].span.start))


def _cell(part: Part, before: Token) -> Node:
    return Empty(Span(before.end_pos, before.end_pos)) if part is None else bare(part)


def _factor(part: Part) -> Node:
    return Operator(part.span, part.text) if type(part) is Token else bare(part)


def _ends_in_big(node: Node) -> bool:
    last = node.items[-1] if isinstance(node, Row) else node
    base = last.base if isinstance(last, Scripted) else last
    while isinstance(base, Accent):
        base = base.body
    return isinstance(base, Big)


def _with_scripts(base: Part, scripts: list[list[Part]]) -> Scripted:
    r"""A base with its scripts. Error: a second `_` or `^`, as in TeX."""
    found: dict[str, Node] = {}
    primes = 0
    for mark, *content in scripts:
        if mark.type == "PRIME":
            primes += 1
        elif type(content[0]) is list:  # ^{\prime\prime}
            primes += sum(token.type == "PRIME" for token in content[0])
        elif mark.type in found:
            name = {"SUB": "subscript", "SUP": "superscript"}[mark.type]
            example = {"SUB": "a_{b,c} or a_{b_c}", "SUP": "(a^{b})^{c} or a^{bc}"}[mark.type]
            raise DeriveError(f"a second {name}", span=Span(mark.start_pos, _end(content[0])), hint=example)
        else:
            found[mark.type] = bare(content[0])
    span = Span(base.span.start, _end(scripts[-1][-1]))
    return Scripted(span, bare(base), found.get("SUB"), found.get("SUP"), primes)
