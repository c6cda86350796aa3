"""Where the paths in a sum of products end: the derivatives that are immediate by their role."""

from __future__ import annotations

from collections.abc import Iterable

from derive.errors import Span
from derive.reader.context import Context
from derive.reader.naming import entry_readings, readings
from derive.reader.surface import (
    Big,
    Brackets,
    Fraction,
    Node,
    Row,
    Scripted,
    Table,
    Terms,
)
from derive.verify.alike import alike
from derive.verify.surfaces import is_derivative


def ends_of_paths(right: Node, left: Node, context: Context) -> tuple[frozenset[Span], ...]:
    """The derivatives on a right side that are immediate where a path ends, by their role.

    In a recursion, ∂h_t/∂w = ∂h_t/∂w + ∂h_t/∂h_{t-1} ∂h_{t-1}/∂w, it is the one that stands on the left too; else what
    ends each product. Where it may be either, both are given.
    """
    summands = list(_summands(right))
    ends = set()
    for summand in summands:
        derivatives = [item for item in _factors(summand) if is_derivative(item)]
        starts = [item for item in derivatives if by_parameter(item, context)]
        ends |= {item.span for item in starts or derivatives[:1]}
    same = frozenset(f.span for summand in summands for f in _factors(summand) if _same_top(f, left))
    if len(summands) > 1 and same:
        return (same, frozenset(ends)) if len(summands) > 2 else (same,)
    return (frozenset(ends),)


def by_parameter(node: Node, context: Context) -> bool:
    """Whether one differentiates by something without a step: a path begins there, and not at a loss."""
    if not isinstance(node, Fraction):
        return True
    below = node.bottom.items[-1] if isinstance(node.bottom, Row) else node.bottom
    ways = [*readings(below, context.letters, context.source), *entry_readings(below, context.letters, context.source,
            context.labels)]  # fmt: skip
    return any(way.name in context.shapes and not way.indices for way in ways)


def _summands(node: Node) -> Iterable[Node]:
    if isinstance(node, Terms):
        for part in node.summands:
            yield from _summands(part)
    elif isinstance(node, Row) and any(isinstance(_base(i), Big) and _base(i).name == "sum" for i in node.items):  # type: ignore[attr-defined]
        last = node.items[-1]
        if isinstance(last, Terms):
            yield from _summands(last)
        else:
            yield node
    else:
        yield node


def _base(node: Node) -> Node:
    return node.base if isinstance(node, Scripted) else node


def _factors(node: Node) -> Iterable[Node]:
    if isinstance(node, Table) and node.name == "prod":
        node = Row(node.span, (node, node))
    if isinstance(node, Row):
        for item in node.items:
            core = item.base if isinstance(item, Scripted) else item
            if isinstance(core, Brackets) and core.opening in "([{":
                yield from _factors(core.body)
            elif isinstance(core, Table) and core.name == "prod":
                for cells in core.rows:
                    yield from _factors(cells[0])
            else:
                yield item
    else:
        yield node


def _same_top(one: Node, other: Node) -> bool:
    """Whether two derivatives are of the same quantity by the same, as they are written."""
    if not isinstance(one, Fraction) or not isinstance(other, Fraction) or not is_derivative(one):
        return False
    pairs = zip(_behind(one), _behind(other), strict=True)
    return all(len(a) == len(b) and all(map(alike, a, b)) for a, b in pairs)


def _behind(node: Fraction) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """What is differentiated, and by what: ∂h/∂w and dh/dw are of the same."""
    top, bottom = (part.items[1:] if isinstance(part, Row) else (part,) for part in (node.top, node.bottom))
    return top, bottom
