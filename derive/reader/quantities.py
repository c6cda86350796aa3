"""Stage 2 for names: the quantity that a name stands for, the longest that is known, or an entry of one."""

from __future__ import annotations

from derive.algebra.expressions import Expression, Variable
from derive.algebra.functions import SPELLINGS
from derive.algebra.shapes import Shape
from derive.errors import DeriveError
from derive.reader.context import WORDS, Context, UnknownShape, function_of
from derive.reader.entries import ends, entry, miscounted, raised_entry
from derive.reader.naming import Reading, entry_readings, readings
from derive.reader.scripts import raised
from derive.reader.surface import Letter, Node, Scripted, Word


def quantity(node: Node, context: Context) -> Expression | None:
    """What a name stands for, with what is done to it; None where the node is no name.

    Error: UnknownShape if it is defined somewhere, DeriveError if nowhere, or if two names that are known could be
    meant.
    """
    wholes = list(readings(node, context.letters, context.source))
    if not wholes:
        return None
    for way in wholes:
        counted = None if way.indices else context.counted(way.name)
        if counted is not None:
            return raised(counted, way.above, node, context)
    found = _known(wholes, node, context)
    if found is None:
        entries = list(entry_readings(node, context.letters, context.source, context.labels))
        found = _known(entries, node, context)
        if found is None:
            meant = context.unknown(node)
            if meant is not None:
                return meant
            raise _unknown(entries, node, context)
    return _made(found, node, context)


def _known(ways: list[Reading], node: Node, context: Context) -> Reading | None:
    """The way that means something. Error: UnknownShape where one will, once its shape is known."""
    meant = _longest([reading for reading in ways if _fits(reading, context)], node, context)
    waiting = next((reading.name for reading in ways if reading.name in context.expected), None)
    if meant is None and waiting is not None:
        raise UnknownShape(f"the shape of {waiting} is not known", source=context.source, span=node.span,
                           hint=f"declare it, for instance {waiting} \\in \\mathbb{{R}}^{{n}}")  # fmt: skip
    return meant


def _longest(ways: list[Reading], node: Node, context: Context) -> Reading | None:
    """The reading that makes most of the scripts part of the name. Error: DeriveError where two do."""
    if len(ways) < 2:
        return ways[0] if ways else None
    longest = [way for way in ways if way.length == max(way.length for way in ways)]
    if len({(way.name, way.indices, way.place) for way in longest}) > 1:
        one, other = longest[:2]
        raise context.error(
            node, "this can be read in two ways: its letter is an index and a label", f"{one.name} or {other.name} only"
        )
    return longest[0]


def _shape(reading: Reading, context: Context) -> Shape | None:
    if reading.name in context.stacks and len(reading.indices) == 1:
        return context.stacks[reading.name](reading.indices[0]).shape
    return context.shapes.get(reading.name)


def _fits(reading: Reading, context: Context) -> bool:
    """Whether the name is known, and of as many dimensions as the entry has indices."""
    shape = _shape(reading, context)
    return shape is not None and (not reading.place or len(reading.place) == len(ends(shape)))


def _made(reading: Reading, node: Node, context: Context) -> Expression:
    whole = _whole(reading, node, context)
    if not reading.place:
        return raised(whole, reading.above, node, context)
    return raised_entry(entry(whole, reading.place, node, context), reading.above, node, context)


def _whole(reading: Reading, node: Node, context: Context) -> Expression:
    """The quantity itself, at its step."""
    over = [letter for index in reading.indices for letter in index.free_symbols if letter in context.entries]
    if over:
        raise context.error(node, f"{over[0]} runs over entries and is no step", "a letter for the step")
    if reading.name in context.stacks and len(reading.indices) == 1:
        return context.stacks[reading.name](reading.indices[0])
    known = context.spelled[reading.name]
    return Variable(known, reading.indices, context.shapes[known])


def _unknown(entries: list[Reading], node: Node, context: Context) -> DeriveError:
    """What is said of a name that is neither known nor expected, nor an entry of one that is."""
    text = context.source.text[node.span.start : node.span.end]
    if function_of(node, context) is not None:
        return context.error(
            node, f"{text} is a function and stands here without an argument", "its argument in brackets"
        )
    if isinstance(node, Word) or (isinstance(node, Scripted) and isinstance(node.base, Word)):
        return context.error(node, f"{text} is not a name or function that is known", ", ".join([*SPELLINGS, *WORDS]))
    bare = node.base if isinstance(node, Scripted) else node
    if isinstance(bare, Letter) and bare.text in ("partial", "nabla"):
        return context.error(node, f"{text} stands here without what it is applied to")
    for reading in entries:
        shape = _shape(reading, context)
        if shape is not None and not context.steps & {s for index in reading.place for s in index.free_symbols}:
            return miscounted(shape, reading.place, node, context)
    return context.error(
        node, f"{text} is neither declared nor defined", hint=f"a declaration such as {text} \\in \\mathbb{{R}}^{{n}}"
    )
