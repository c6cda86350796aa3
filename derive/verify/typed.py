r"""Texts whose index letters say which array is meant: net_j of the hidden units, net_k of the outputs; w_{ih}, w_{hk}.

Such a letter is part of the name. It is made so: net_j becomes entry j of an array of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from derive.errors import Span
from derive.reader.naming import parts_of, read_name
from derive.reader.surface import Accent, Items, Letter, Node, Number, Relation, Scripted, Word
from derive.verify import surfaces
from derive.verify.alike import alike
from derive.verify.indexed import STEPS, Part, bound, letters_in, taken_apart
from derive.verify.manner import Habits
from derive.verify.passages import EQUAL, Statement


@dataclass(frozen=True)
class Given:
    """An equation that gives an array by entries: its name, the letter on its left, and its right side."""

    name: str
    letter: str
    right: Node
    statement: Statement


def by_type(
    statements: Sequence[Statement], letters: frozenset[str], primes: Mapping[str, str], habits: Habits
) -> Callable[[Statement], list[Statement]]:
    """In a text, the type of its letters stands in the name of each array that has more than one.

    A definition for several types becomes as many.
    """
    given = list(_given(statements, letters, habits))
    apart = {(a, b) for a, b in _apart(given) if primes.get(a) != b and primes.get(b) != a}
    ends = _ends(statements)
    apart |= _bounded_apart(statements, ends)
    if not apart:
        return lambda statement: [statement]
    types = _types(given, ends, letters, primes, apart, habits)
    if any(types[a] == types[b] for a, b in apart if a in types and b in types):
        return lambda statement: [statement]
    several = _several([one.statement for one in given], types, habits)
    for statement in statements:
        letter, kinds = _loose(statement, types, several, habits)
        if kinds and isinstance(statement.node, Relation):
            part = taken_apart(statement.node.sides[0], frozenset({letter}))
            several.setdefault(_name(part, statement, habits), set()).update(kinds)

    def typed(statement: Statement) -> list[Statement]:
        if statement.node is None:
            return [statement]
        letter, kinds = _loose(statement, types, several, habits)
        nodes = [_with_letter(statement.node, letter, kind) for kind in sorted(kinds)] or [statement.node]
        return [replace(statement, node=_labelled(node, types, several, statement, habits)) for node in nodes]

    return typed


def _given(statements: Sequence[Statement], letters: frozenset[str], habits: Habits) -> Iterator[Given]:
    for statement in statements:
        node = statement.node
        if isinstance(node, Relation) and node.relations[0] in EQUAL:
            left = taken_apart(node.sides[0], letters)
            name = _name(left, statement, habits)
            number = isinstance(node.sides[1], Number)  # δ_j^{T+1} = 0
            if len(left.axes) == 1 and name and not number and not surfaces.is_derivative(node.sides[0]):
                yield Given(name, left.axes[0], node.sides[1], statement)


def _name(part: Part, statement: Statement, habits: Habits) -> str:
    reading = read_name(part.node, habits.letters, statement.source)
    return "" if reading is None else repr((reading.name.base, reading.name.accents, reading.name.label))


def _apart(given: Sequence[Given]) -> set[tuple[str, str]]:
    """Letters with which one name is given in two ways: net_j and net_k."""
    return {
        (one.letter, other.letter)
        for one in given
        for other in given
        if one.name == other.name and one.letter < other.letter and not _renamed(one, other)
    }


def _renamed(one: Given, other: Given) -> bool:
    """Whether two right sides say the same with different letters."""

    def change(part: Node) -> Node:
        swap = {one.letter: other.letter, other.letter: one.letter}
        return replace(part, text=swap[part.text]) if isinstance(part, Letter) and part.text in swap else part

    return alike(surfaces.rebuilt(one.right, change), other.right)


def _parts(statements: Sequence[Statement]) -> Iterator[tuple[Statement, Node]]:
    """Every part of every statement that could be read."""
    for statement in statements:
        yield from ((statement, part) for part in (statement.node.walk() if statement.node is not None else ()))


def _ends(statements: Sequence[Statement]) -> dict[str, str]:
    """What each letter of a Σ runs to, where that has a name and is the same everywhere."""
    found: dict[str, set[str]] = {}
    for _, part in _parts(statements):
        summed = bound(part)
        if summed is not None and summed[0] not in STEPS:
            end = summed[1].text if isinstance(summed[1], Letter) else ""
            found.setdefault(summed[0], set()).add(end)
    return {letter: min(ends) for letter, ends in found.items() if len(ends) == 1 and "" not in ends}


def _bounded_apart(statements: Sequence[Statement], ends: Mapping[str, str]) -> set[tuple[str, str]]:
    """Letters that run to different ends in the same place of one array: w_{ih} and w_{hk}."""
    places: dict[tuple[str, int], set[str]] = {}
    for _, part in _parts(statements):
        if isinstance(part, Scripted) and part.sub is not None and (head := surfaces.head(part)) is not None:
            found = [letter for letter in letters_in(part.sub) if letter in ends]
            if len(found) == 2:
                for place, letter in enumerate(found):
                    places.setdefault((head, place), set()).add(letter)
    return {(a, b) for group in places.values() for a in group for b in group if a < b and ends[a] != ends[b]}


def _types(
    given: Sequence[Given],
    ends: Mapping[str, str],
    letters: frozenset[str],
    primes: Mapping[str, str],
    apart: set[tuple[str, str]],
    habits: Habits,
) -> dict[str, str]:
    """The type of each letter, named after one of its letters: those that name entries of one given array share it."""
    root = {letter: letter for letter in letters}

    def find(letter: str) -> str:
        while root[letter] != letter:
            letter = root[letter]
        return letter

    def join(one: str, other: str) -> None:
        if one in root and other in root and (min(one, other), max(one, other)) not in apart:
            root[find(max(one, other))] = find(min(one, other))

    for fresh, base in primes.items():
        join(fresh, base)
    for one in ends:
        for other in ends:
            if ends[one] == ends[other]:
                join(one, other)
    once = {g.name: g.letter for g in given if all(o.letter == g.letter for o in given if o.name == g.name)}
    for equation in given:
        for part in equation.right.walk():
            used = taken_apart(part, letters)
            if len(used.axes) == 1 and (name := _name(used, equation.statement, habits)) in once:
                join(once[name], used.axes[0])
    return {letter: find(letter) for letter in letters}


def _several(statements: Sequence[Statement], types: Mapping[str, str], habits: Habits) -> dict[str, set[str]]:
    """The names that stand for several arrays, with the types of each."""
    found: dict[str, set[str]] = {}
    for statement, part in _parts(statements):
        used = taken_apart(part, frozenset(types)) if isinstance(part, Scripted | Accent) else Part(part)
        if used.axes and (name := _name(used, statement, habits)):
            found.setdefault(name, set()).add("".join(types[axis] for axis in used.axes))
    return {name: kinds for name, kinds in found.items() if len(kinds) > 1}


def _labelled(
    node: Node, types: Mapping[str, str], several: Mapping[str, set[str]], statement: Statement, habits: Habits
) -> Node:
    def change(part: Node) -> Node:
        if not isinstance(part, Scripted) or part.sub is None:
            return part
        used = taken_apart(part, frozenset(types))
        if not used.axes or _name(used, statement, habits) not in several:
            return part
        nowhere = Span(part.sub.span.start, part.sub.span.start)
        label = Word(nowhere, "".join(types[axis] for axis in used.axes))
        return replace(part, sub=Items(part.sub.span, (label, *parts_of(part.sub))))

    return surfaces.rebuilt(node, change)


def _loose(
    statement: Statement, types: Mapping[str, str], several: Mapping[str, set[str]], habits: Habits
) -> tuple[str, set[str]]:
    """The letter without a type in a definition, δ_j := ∂O/∂a_j beside a_h and a_k, and the types it may have."""
    node = statement.node
    if not isinstance(node, Relation) or node.relations[0] not in EQUAL or surfaces.has_derivative(node.sides[0]):
        return "", set()
    own = [letter for letter in letters_in(node.sides[0]) if letter not in STEPS]
    if not own or own[-1] in types or not surfaces.has_derivative(node.sides[1]):
        return "", set()
    kinds: set[str] = set()
    for part in node.sides[1].walk():
        used = taken_apart(part, frozenset(own[-1:]))
        if used.axes == (own[-1],):
            kinds |= {kind for kind in several.get(_name(used, statement, habits), set()) if len(kind) == 1}
    return own[-1], kinds


def _with_letter(node: Node, letter: str, other: str) -> Node:
    def change(part: Node) -> Node:
        return replace(part, text=other) if isinstance(part, Letter) and part.text == letter else part

    return surfaces.rebuilt(node, change)
