"""How far an index goes: the entries that a letter counts, and the bounds that a text writes in its own way."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Symbol

from derive.algebra import symbols
from derive.algebra.shapes import ONE
from derive.reader.context import Context
from derive.reader.naming import entry_readings, readings
from derive.reader.surface import (
    Accent,
    Big,
    Brackets,
    Node,
    Scripted,
)


def extent(letter: str, nodes: Sequence[Node], context: Context) -> Expr | None:
    """The number of values of a letter that counts entries somewhere in these nodes; None if it counts none."""
    letters = context.letters | {letter}
    index = symbols.index(letter)
    if _counts_steps(index, letters, nodes, context):
        return None
    for root in nodes:
        for node in root.walk():
            if not isinstance(node, Scripted) or isinstance(node.base, Big):
                continue
            for reading in entry_readings(node, letters, context.source, context.labels):
                shape = context.shapes.get(reading.name)
                if shape is None or index not in reading.place:
                    continue
                ends = [size for size in shape if size != ONE]
                if len(ends) == len(reading.place):
                    return ends[reading.place.index(index)]
    return None


def _counts_steps(index: Symbol, letters: frozenset[str], nodes: Sequence[Node], context: Context) -> bool:
    """Whether a letter stands as the index of a name that has steps."""
    for root in nodes:
        for node in root.walk():
            if isinstance(node, Scripted | Accent) and not isinstance(node, Brackets):
                for way in readings(node, letters, context.source):
                    if way.name in context.shapes and any(index in i.free_symbols for i in way.indices):
                        return True
    return False
