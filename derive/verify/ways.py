"""What stands side by side in its one way of writing: h(t), σ_h(a), [h; x], max(0, a), dL/dW, prod(·, ·)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.reader.naming import index_expression
from derive.reader.surface import (
    Accent,
    Brackets,
    Fraction,
    Items,
    Letter,
    Node,
    Number,
    Operator,
    Row,
    Scripted,
    Table,
    Word,
)
from derive.verify.manner import Habits
from derive.verify.surfaces import function_name, head, row

PROD = "prod"
"""The name of a table of what prod(·, ·) multiplies, after whatever transposition it takes."""


CONCATENATION = "concatenation"
"""The name of a table that sets vectors one after the other, columns below each other and rows beside."""


def quantity_like(node: Node) -> bool:
    return head(node) is not None


def side_by_side(node: Row, habits: Habits) -> Node:
    items: list[Node] = []
    rest = _quotients(node.items)[::-1]
    while rest:
        item = rest.pop()
        after = rest[-1] if rest else None
        name = function_name(item)
        positive = _positive_part(item, after)
        if name == "prod" and isinstance(after, Brackets) and isinstance(after.body, Items):
            items.append(Table(item.span.to(after.span), PROD, tuple((part,) for part in after.body.items)))
            rest.pop()
        elif positive is not None:
            items += positive
            rest.pop()
        elif (
            isinstance(after, Brackets)
            and name in habits.timed
            and index_expression(after.body, habits.letters) is not None
        ):
            items.append(_timed(item, after))
            rest.pop()
        elif name in habits.functions and isinstance(item, Scripted) and name != head(item):
            bare: Node = Letter(item.base.span, name) if name else item
            item = replace(item, sup=None) if item.sub is None else item
            items.append(replace(item, base=bare, sub=None) if item.sup is not None or item.primes else bare)
        elif isinstance(item, Scripted) and item.sub is None and _concatenation(item.base):
            assert isinstance(item.base, Brackets)
            items.append(replace(item, base=_stacked(item.base)))
        elif _concatenation(item) and (not items or function_name(items[-1]) not in habits.functions):
            assert isinstance(item, Brackets)
            items.append(_stacked(item))
        else:
            items.append(item)
    return row(items)


def _positive_part(item: Node, after: Node | None) -> list[Node] | None:
    r"""`\\max(0, a)` as relu(a)."""
    match item, after:
        case Word(text="max"), Brackets(body=Items(items=(one, other))):
            for zero, argument in ((one, other), (other, one)):
                core = zero.body if isinstance(zero, Accent) else zero
                if isinstance(core, Number) and core.text == "0":
                    return [Word(item.span, "relu"), Brackets(after.span, "(", ")", argument)]
    return None


def _quotients(items: Sequence[Node]) -> list[Node]:
    r"""The items with `\partial L / \partial W` and `dL/dW` made fractions."""
    made: list[Node] = []
    at = 0
    while at < len(items):
        match items[at : at + 5]:
            case [Letter() as d, over, Operator(name="/"), Letter() as e, under] if (
                d.text == e.text and d.text in ("d", "partial") and head(over) and head(under)
            ):
                top, bottom = Row(d.span.to(over.span), (d, over)), Row(e.span.to(under.span), (e, under))
                made.append(Fraction(d.span.to(under.span), top, bottom))
                at += 5
            case [Scripted(base=Letter(text="partial") as d, sub=under, sup=None), over, *_] if (
                under is not None and head(over) not in (None, "partial", "nabla")
            ):  # \partial_w h_t
                span = items[at].span
                top, bottom = Row(span.to(over.span), (d, over)), Row(span, (d, under))
                made.append(Fraction(span.to(over.span), top, bottom))
                at += 2
            case _:
                made.append(items[at])
                at += 1
    return made


def _timed(item: Node, time: Brackets) -> Node:
    """h(t) as h^{(t)}."""
    span = item.span.to(time.span)
    bracket = Brackets(time.span, "(", ")", time.body)
    if isinstance(item, Scripted):
        return replace(item, span=span, sup=bracket)
    return Scripted(span, item, None, bracket)


def _concatenation(node: Node) -> bool:
    if not isinstance(node, Brackets) or not isinstance(node.body, Items):
        return False
    return node.opening == "[" or (node.opening == "(" and all(map(quantity_like, node.body.items)))


def _stacked(node: Brackets) -> Node:
    """[h, x] as a column of blocks."""
    assert isinstance(node.body, Items)
    return Table(node.span, CONCATENATION, tuple((item,) for item in node.body.items))
