"""Texts by entries: their definitions as equations between arrays, and every other entry marked as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from derive.algebra.names import Name
from derive.errors import Source
from derive.reader.naming import read_name
from derive.reader.surface import Brackets, Fraction, Items, Letter, Node, Number, Relation, Row, Scripted, Terms
from derive.verify import surfaces
from derive.verify.entrywise import Arrays, Extent, NoArrays, is_number
from derive.verify.indexed import Part, taken_apart, without_entries
from derive.verify.manner import Habits
from derive.verify.passages import EQUAL, Statement


def by_arrays(
    statements: Sequence[Statement], letters: frozenset[str], habits: Habits
) -> tuple[list[Statement], list[Extent], Callable[[Statement], Statement]]:
    """The statements with their definitions by entries as equations between arrays, and the arrays in these.

    Last what marks the entries of these arrays in a further statement.
    """
    found: list[Statement] = []
    extents: list[Extent] = []
    done: dict[str, Part] = {}
    for statement in statements if letters else ():
        node = statement.node
        if isinstance(node, Relation):
            left = taken_apart(node.sides[0], letters)
            arrays = Arrays(letters, habits.functions, frozenset(left.axes), statement.source)
            first = done.setdefault(_key(left.node, habits, statement.source), left) is left
            whole = _whole(node, left, arrays) if first and len(left.axes) == 1 else None
            if not left.axes:
                arrays.summed(node)
            if whole is not None:
                statement = replace(statement, node=whole)
            if whole is not None or not left.axes:
                extents += arrays.seen
        found.append(statement)
    if not extents:
        return list(statements), [], lambda statement: statement
    ways = [(read_name(extent.node, habits.letters, extent.source), len(extent.sizes)) for extent in extents]
    known = {reading.name: axes for reading, axes in ways if reading is not None}
    return [marked(s, known, habits) for s in found], extents, lambda statement: marked(statement, known, habits)


def _key(node: Node, habits: Habits, source: Source) -> str:
    """A name and whether it stands at a step of its own, s_0, or at any."""
    reading = read_name(node, habits.letters, source)
    if reading is None:
        return source.text[node.span.start : node.span.end]
    return f"{reading.name!r} {[str(index) for index in reading.indices if index.is_Integer]}"


def marked(statement: Statement, known: Mapping[Name, int], habits: Habits) -> Statement:
    """A statement in which each entry of a known array says so: [W]_{jl} for W_{jl}, which might be a name."""

    def change(node: Node) -> Node:
        if not isinstance(node, Scripted) or node.sub is None or node.primes:
            return node
        power = node.sup if isinstance(node.sup, Number) else None
        for array, places in without_entries(replace(node, sup=None) if power else node):
            reading = read_name(array, habits.letters, statement.source)
            if reading is not None and not reading.above and known.get(reading.name) == len(places):
                sub = places[0] if len(places) == 1 else Items(node.span, tuple(places))
                return Scripted(node.span, Brackets(node.span, "[", "]", array), sub, power)
        return node

    return statement if statement.node is None else replace(statement, node=surfaces.rebuilt(statement.node, change))


def _whole(node: Relation, left: Part, arrays: Arrays) -> Relation | None:
    """An equation by entries between whole arrays; None for what is no definition of an array."""
    if node.relations[0] not in EQUAL:
        return None
    arrays.see(left)
    try:
        sides = [_gradient(side, left, arrays) or arrays.of(side) for side in node.sides[1:]]
    except NoArrays:
        return None
    if any(side.axes != left.axes and not is_number(side.node) for side in sides):
        return None
    return replace(node, sides=(left.node, *(side.node for side in sides)))


def _gradient(node: Node, left: Part, arrays: Arrays) -> Part | None:
    """∂L/∂a_t for ∂L/∂a_{t,j}, with its sign. Error: NoArrays for any other derivative."""
    match node:
        case Terms(summands=(Fraction() as only,)):
            part = _gradient(only, left, arrays)
            return None if part is None else Part(replace(node, summands=(part.node,)), part.axes)
        case Fraction(top=top, bottom=Row(items=(Letter(text="partial" | "d") as d, by)) as bottom):
            part = taken_apart(by, arrays.letters)
            scalar = not any(taken_apart(leaf, arrays.letters).axes for leaf in top.walk())
            if scalar and part.axes == left.axes:
                return Part(replace(node, bottom=replace(bottom, items=(d, part.node))), part.axes)
    if surfaces.has_derivative(node):
        raise NoArrays
    return None
