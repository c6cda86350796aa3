"""Stage 2 for `cases`: two values, one where a condition holds and one where it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from derive.algebra import build, shapes
from derive.algebra.expressions import Expression, Number
from derive.reader.calls import slope_of_relu
from derive.reader.context import Context, located
from derive.reader.surface import Node, Relation, Row, Table, Word

CASES = frozenset({"cases", "dcases", "rcases"})
OTHERWISE = frozenset({"otherwise", "else", "sonst", "sinon", "иначе", "否则", "其他"})
OPPOSITE = {"=": ("ne", "neq"), "ne": ("=",), "neq": ("=",), ">": ("<", "le", "leq"), "<": (">", "ge", "geq"),
            "ge": ("<",), "geq": ("<",), "le": (">",), "leq": (">",)}  # fmt: skip
"""What says that a condition does not hold; x < 0 beside x > 0 leaves out one point, at which nothing is tried."""

Resolve = Callable[[Node, Context], Expression]


def cases(table: Table, context: Context, resolve: Resolve) -> Expression:
    r"""`\begin{cases} u & i = j \\ v & i \ne j \end{cases}` as u δ_ij + v (1 - δ_ij); x > 0 entry by entry."""
    if len(table.rows) != 2 or any(len(row) != 2 for row in table.rows):
        raise context.error(table, "these cases are not understood", "two values, each with its condition")
    (first, one), (second, other) = table.rows
    asked = _condition(one)
    if asked is None or not _is_opposite(other, asked, context):
        raise context.error(other, "these conditions are not understood", "i = j and i \\ne j, or x > 0 and x < 0")
    holds = _indicator(asked, context, resolve)
    values = [_as_large(resolve(value, context), holds.shape) for value in (first, second)]
    if any(value.shape != holds.shape for value in values):
        raise context.error(table, "the cases are not of the shape of their condition")
    times = build.product if shapes.is_scalar(holds.shape) else build.hadamard
    with located(context, table.span):
        fails = build.add(Number(1, holds.shape), build.negate(holds))
        return build.add(times(values[0], holds), times(values[1], fails))


def _as_large(value: Expression, shape: shapes.Shape) -> Expression:
    return Number(value.value, shape) if isinstance(value, Number) else value


def _condition(node: Node) -> Relation | None:
    """A condition without the word before it, `if i = j`."""
    if not isinstance(node, Relation) or len(node.sides) != 2:
        return None
    left = node.sides[0]
    if isinstance(left, Row) and isinstance(left.items[0], Word):
        rest = left.items[1:]
        left = rest[0] if len(rest) == 1 else replace(left, items=rest)
    return replace(node, sides=(left, node.sides[1]))


def _is_opposite(node: Node, asked: Relation, context: Context) -> bool:
    if isinstance(node, Word):
        return node.text.strip(" .,").lower() in OTHERWISE
    other = _condition(node)
    if other is None or other.relations[0] not in OPPOSITE.get(asked.relations[0], ()):
        return False
    ours, theirs = ([_text(side, context) for side in relation.sides] for relation in (asked, other))
    return ours == theirs


def _text(node: Node, context: Context) -> str:
    return "".join(context.source.text[node.span.start : node.span.end].split())


def _indicator(asked: Relation, context: Context, resolve: Resolve) -> Expression:
    """1 where a condition holds, else 0."""
    (relation,) = asked.relations
    if relation in ("ne", "neq", "le", "leq", "<"):
        turned = {"ne": "=", "neq": "=", "le": ">", "leq": ">", "<": ">"}[relation]
        holds = _indicator(replace(asked, relations=(turned,)), context, resolve)
        return build.add(Number(1, holds.shape), build.negate(holds))
    return slope_of_relu(replace(asked, relations=(">",)) if relation in ("ge", "geq") else asked, context, resolve)
