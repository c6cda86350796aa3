"""How a name is read: what belongs to it (decorations, label), what is an index, and what is done to it (^⊤, ^2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class Reading:
    """A name with its indices, and the superscripts that are neither label nor index: what is done to it."""

    name: Name
    indices: tuple[Expr, ...]
    above: tuple[Node, ...] = field(default=())


def read_name(node: Node, letters: frozenset[str], source: Source) -> Reading | None:
    """A name, or None where the node is none. `letters` are the document's index letters and horizons."""
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
    indices, label = _subscript(sub, letters, source)
    above_indices, raised, above = _superscript(sup, letters, source)
    found = (*above_indices, *indices)
    name = Name(
        base + "'" * primes,
        tuple(reversed(accents)),
        label or raised,
        len(found),
        raised=bool(raised),
        time_above=bool(above_indices),
    )
    return Reading(name, found, above)


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
    """The author's own spelling of a node."""
    return source.text[node.span.start : node.span.end].strip()


def _subscript(node: Node | None, letters: frozenset[str], source: Source) -> tuple[tuple[Expr, ...], str]:
    """The indices and the label in a subscript; `_{f,t}` has both."""
    indices, labels = [], []
    for part in _parts(node):
        expression = index_expression(part, letters)
        if expression is None:
            labels.append(text_of(part, source))
        else:
            indices.append(expression)
    return tuple(indices), ",".join(labels)


def _superscript(
    node: Node | None, letters: frozenset[str], source: Source
) -> tuple[tuple[Expr, ...], str, tuple[Node, ...]]:
    """The indices, the label, and the rest of a superscript: `^{(t)}`, `^{(f)}`, `^{\\top}`."""
    indices: list[Expr] = []
    label, rest = "", []
    items = node.items if isinstance(node, Row) and any(map(_bracketed, node.items)) else _parts(node)
    for item in items:
        if _bracketed(item):
            assert isinstance(item, Brackets)
            expression = index_expression(item.body, letters)
            if expression is None:
                label = text_of(item.body, source)
            else:
                indices.append(expression)
        else:
            rest.append(item)
    return tuple(indices), label, tuple(rest)


def _bracketed(node: Node) -> bool:
    return isinstance(node, Brackets) and node.opening in ("(", "⟨", "[")


def _parts(node: Node | None) -> Iterator[Node]:
    if isinstance(node, Items):
        yield from node.items
    elif node is not None:
        yield node
