"""Shapes of what is defined but not declared, inferred from the equations until nothing new is found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from derive.algebra.shapes import Shape
from derive.errors import DeriveError
from derive.models.statements import Definition, conflict
from derive.reader.context import Context, UnknownShape, function_of
from derive.reader.resolve import resolve
from derive.reader.rows import ENTRYWISE, split_entrywise
from derive.reader.surface import Brackets, Node, Number, Operator, Row, Terms


def infer_shapes(definitions: Sequence[Definition], context: Context) -> Context:
    """The context with the shape of every defined name.

    A right side gives its shape when all in it is known; else one of its summands, ⊙-factors, or the argument of its
    function does, since they share it. Error: DeriveError for a name that stays unknown or is declared otherwise.
    """
    waiting = list(definitions)
    while waiting:
        still: list[Definition] = []
        for definition in waiting:
            shape, context = _known(definition, context)
            if shape is None:
                still.append(definition)
        if len(still) == len(waiting):
            resolve(still[0].right, context)  # raises UnknownShape at its place
            raise context.error(still[0].node, f"the shape of {still[0].reading.name} cannot be inferred")
        waiting = still
    return context


def _known(definition: Definition, context: Context) -> tuple[Shape | None, Context]:
    name = definition.reading.name
    shape = _shape(definition.right, context)
    if shape is None:
        return None, context
    declared = context.shapes.get(name)
    if declared is None:
        return shape, replace(context, shapes={**context.shapes, name: shape})
    if declared != shape:
        raise conflict(context, definition.node, name, declared, shape)
    return shape, context


def _shape(node: Node, context: Context) -> Shape | None:
    try:
        return resolve(node, context).shape
    except UnknownShape:
        pass
    for part in _alike(node, context):
        shape = _shape(part, context)
        if shape is not None and not isinstance(part, Number):
            return shape
    return None


def _alike(node: Node, context: Context) -> Iterable[Node]:
    """Parts of a node that have its shape (but a bare number in a sum has any)."""
    match node:
        case Terms(summands=summands):
            return summands
        case Brackets(body=body):
            return (body,)
        case Row(items=(function, Brackets(body=body))) if function_of(function, context) not in (None, "diag", "Diag"):
            return (body,)
        case Row(items=items) if any(isinstance(i, Operator) and i.name in ENTRYWISE for i in items):
            groups, _ = split_entrywise(items)
            return [g[0] if len(g) == 1 else Row(g[0].span.to(g[-1].span), tuple(g)) for g in groups if g]
    return ()


__all__ = ["DeriveError", "infer_shapes"]
