"""How a name is read: what belongs to it (decorations, label), what is an index, and what is done to it (^⊤, ^2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product

from sympy import Expr, Integer

from derive.algebra import symbols
from derive.algebra.names import Name
from derive.errors import Source
from derive.reader.surface import (
    Accent,
    Brackets,
    Items,
    Letter,
    Node,
    Number,
    Row,
    Scripted,
    Terms,
    Word,
)

TRANSPOSES = frozenset({"top", "intercal"})
ALPHABETS = frozenset({"mathbb"})
MOST_PARTS = 4
"""A name with more parts below and above is read in one way only: an index letter is an index."""


@dataclass(frozen=True)
class Reading:
    """A name with its indices, the entry of it that is meant, and the superscripts that are neither label nor index."""

    name: Name
    indices: tuple[Expr, ...]
    above: tuple[Node, ...] = field(default=())
    place: tuple[Expr, ...] = field(default=())

    @property
    def length(self) -> int:
        """How many indices and labels the name itself has."""
        return len(self.indices) + (self.name.label.count(",") + 1 if self.name.label else 0)


@dataclass(frozen=True)
class _Spelling:
    """A name taken apart: its subscript's parts `below`, and above it those in brackets, `beside`, and the rest."""

    base: str
    accents: tuple[str, ...]
    below: tuple[Node, ...]
    beside: tuple[Node, ...]
    above: tuple[Node, ...]


def read_name(node: Node, letters: frozenset[str], source: Source) -> Reading | None:
    """A name, or None where the node is none. `letters` are the document's index letters and horizons."""
    return next(readings(node, letters, source), None)


def readings(node: Node, letters: frozenset[str], source: Source) -> Iterator[Reading]:
    """The ways to read the name of a whole quantity: an index letter as an index first, then as a label."""
    spelling = _spelling(node)
    if spelling is not None:
        yield from _readings(spelling, spelling.below, (), letters, source)


def entry_readings(node: Node, letters: frozenset[str], source: Source, labels: frozenset[str]) -> Iterator[Reading]:
    """The ways to read an entry of a quantity; what is spelled like one of `labels` is no pair of indices."""
    if isinstance(node, Scripted) and isinstance(node.base, Brackets) and node.sub is not None:  # [W]_{ij}
        for rest, place in places(parts_of(node.sub), letters, source):
            yield from (replace(way, place=place) for way in readings(node.base.body, letters, source) if not rest)
        return
    spelling = _spelling(node)
    if spelling is not None:
        for below, place in places(spelling.below, letters, source, labels):
            yield from _readings(spelling, below, place, letters, source)


def _readings(
    spelling: _Spelling, below: tuple[Node, ...], place: tuple[Expr, ...], letters: frozenset[str], source: Source
) -> Iterator[Reading]:
    parts, count = (*spelling.beside, *below), len(spelling.beside)
    ways = [_ways(part, letters, source)[: None if len(parts) <= MOST_PARTS else 1] for part in parts]
    for chosen in product(*ways):
        raised, label = _label(chosen, count)
        if label is not None:
            indices = tuple(part for part in chosen if isinstance(part, Expr))
            above = any(isinstance(part, Expr) for part in chosen[:count])
            name = Name(spelling.base, spelling.accents, label, len(indices), raised=raised, time_above=above)
            yield Reading(name, indices, spelling.above, place)


def places(
    parts: tuple[Node, ...], letters: frozenset[str], source: Source, labels: frozenset[str] = frozenset()
) -> Iterator[tuple[tuple[Node, ...], tuple[Expr, ...]]]:
    """What may belong to a name, and what names an entry of it: `_{t,i}`, `_{ij}`, `_{t,i,j}`."""
    if not parts:
        return
    *rest, last = parts
    index = index_expression(last, letters)
    if index is not None:
        yield tuple(rest), (index,)
    pair = _pair(last, letters)
    if pair and text_of(last, source) not in labels:
        yield tuple(rest), pair
    before = index_expression(rest[-1], letters) if rest else None
    if index is not None and before is not None:
        yield tuple(rest[:-1]), (before, index)


def _pair(node: Node, letters: frozenset[str]) -> tuple[Expr, ...]:
    """`ij`, `i1`, `12`: two indices side by side."""
    match node:
        case Row(items=(Letter() | Number(), Letter() | Number()) as items):
            found = [index_expression(item, letters) for item in items]
        case Number(text=text) if len(text) == 2 and text.isdigit():
            found = [Integer(digit) for digit in text]
        case _:
            return ()
    return tuple(index for index in found if index is not None) if None not in found else ()


def _spelling(node: Node) -> _Spelling | None:
    sub, sup, primes = None, None, 0
    accents: list[str] = []
    while True:
        if isinstance(node, Accent) and node.name not in ALPHABETS:
            accents.append(node.name)
            node = node.body
        elif isinstance(node, Scripted) and (sub is None or node.sub is None) and (sup is None or node.sup is None):
            sub, sup, primes = sub or node.sub, sup or node.sup, primes + node.primes
            node = node.base
        else:
            break
    if isinstance(node, Letter):
        base = node.text
    elif isinstance(node, Word):
        base = f"\\mathrm{{{node.text}}}"
    else:
        return None
    items = sup.items if isinstance(sup, Row) and any(map(bracketed, sup.items)) else parts_of(sup)
    beside = tuple(item.body for item in items if isinstance(item, Brackets) and bracketed(item))
    above = tuple(item for item in items if not bracketed(item))
    return _Spelling(base + "'" * primes, tuple(reversed(accents)), parts_of(sub), beside, above)


def _ways(part: Node, letters: frozenset[str], source: Source) -> tuple[Expr | str, ...]:
    """A part of a name as an index or as a label; a single index letter, and a number, may be either."""
    index = index_expression(part, letters)
    if index is None and isinstance(part, Scripted) and any(_counts(inner, letters) for inner in part.walk()):
        return ()  # L_{x^{(t)}}: what a quantity of a step picks out
    if index is None:
        return (text_of(part, source),)
    return (index, text_of(part, source)) if isinstance(part, Letter | Number) else (index,)


def _counts(node: Node, letters: frozenset[str]) -> bool:
    return isinstance(node, Letter) and node.text in letters


def _label(chosen: tuple[Expr | str, ...], beside: int) -> tuple[bool, str | None]:
    """Whether the label stands above, and the label; None for more than one above, or one above and one below."""
    above, below = ([part for part in some if isinstance(part, str)] for some in (chosen[:beside], chosen[beside:]))
    if len(above) > 1 or (above and below):
        return False, None
    return bool(above), ",".join(above or below)


def index_expression(node: Node, letters: frozenset[str]) -> Expr | None:
    """`t`, `t-1`, `3`, `2 t`, `T-k`: built from whole numbers and index letters only; None where it is not."""
    match node:
        case Number(text=text) if text.isdigit():
            return Integer(text)
        case Letter(text=text) if text in letters:
            return symbols.index(text)
        case Brackets(opening="(", body=body):
            return index_expression(body, letters)
        case Terms(signs=signs, summands=summands):
            total = Integer(0)
            for sign, summand in zip(signs, summands, strict=True):
                part = index_expression(summand, letters)
                if part is None:
                    return None
                total += sign * part
            return total
        case Row(items=(Number(text=text), Letter() as letter)) if text.isdigit():
            inner = index_expression(letter, letters)
            return None if inner is None else Integer(text) * inner
    return None


def text_of(node: Node, source: Source) -> str:
    """The author's own spelling of a node; of a word that was added, and stands nowhere, the word."""
    if isinstance(node, Word) and node.span.start == node.span.end:
        return node.text
    return source.text[node.span.start : node.span.end].strip()


def bracketed(node: Node) -> bool:
    """Whether a superscript stands in brackets: then it is a time or a label, `^{(t)}`."""
    return isinstance(node, Brackets) and node.opening in ("(", "⟨", "[")


def parts_of(node: Node | None) -> tuple[Node, ...]:
    """What commas separate in a script."""
    if node is None:
        return ()
    return node.items if isinstance(node, Items) else (node,)
