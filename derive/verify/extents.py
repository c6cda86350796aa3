"""How far an index goes: the entries that a letter counts, and the bounds that a text writes in its own way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr, Symbol

from derive.algebra import symbols
from derive.algebra.names import Name
from derive.algebra.shapes import ONE
from derive.reader.context import Context
from derive.reader.naming import entry_readings, parts_of, places, readings
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
            for name, place in _entries(node, letters, context):
                shape = context.shapes.get(name)
                if shape is None or index not in place:
                    continue
                ends = [size for size in shape if size != ONE]
                if len(ends) == len(place):
                    return ends[place.index(index)]
    return None


def _entries(node: Scripted, letters: frozenset[str], context: Context) -> Iterator[tuple[Name, tuple[Expr, ...]]]:
    """The entries of names that a node may be, W_{ij} and [W]_{ij}."""
    if not isinstance(node.base, Brackets):
        for reading in entry_readings(node, letters, context.source, context.labels):
            yield reading.name, reading.place
    elif node.sub is not None:
        for rest, place in places(parts_of(node.sub), letters, context.source):
            if not rest:
                yield from ((way.name, place) for way in readings(node.base.body, letters, context.source))


def _counts_steps(index: Symbol, letters: frozenset[str], nodes: Sequence[Node], context: Context) -> bool:
    """Whether a letter stands as the index of a name that has steps."""
    for root in nodes:
        for node in root.walk():
            if isinstance(node, Scripted | Accent) and not isinstance(node, Brackets):
                for way in readings(node, letters, context.source):
                    if way.name in context.shapes and any(index in i.free_symbols for i in way.indices):
                        return True
    return False
