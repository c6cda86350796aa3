"""The names in a formula as it stands: which it defines, which it uses, and what their numbers are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.errors import Source
from derive.reader.naming import Reading, read_name
from derive.reader.surface import (
    Accent,
    Big,
    Brackets,
    Fraction,
    Letter,
    Node,
    Number,
    Relation,
    Row,
    Scripted,
    Table,
    Word,
)
from derive.verify import surfaces
from derive.verify.habits import KNOWN
from derive.verify.manner import Habits
from derive.verify.passages import Statement
from derive.verify.surfaces import function_name, head


def defined_name(node: Node, found: Habits, source: Source) -> Reading | None:
    """The name that a left side is, with the index letters of its own; None where it is more than a name."""
    if isinstance(node, Scripted | Letter | Accent | Word) and not isinstance(_core(node), Big | Brackets | Fraction):
        if isinstance(_core(node), Letter) and _core(node).text in ("partial", "nabla"):  # type: ignore[attr-defined]
            return None
        reading = read_name(node, found.letters, source)
        if reading is not None and not reading.above:
            return reading
    return None


def _core(node: Node) -> Node:
    while isinstance(node, Scripted | Accent):
        node = node.base if isinstance(node, Scripted) else node.body
    return node


def occurrences(node: Node, letters: frozenset[str], found: Habits, source: Source) -> Iterator[tuple[Reading, Node]]:
    """Every name in a formula as it stands, with its indices; what is bound by Σ or ∏ is an index within it."""
    match node:
        case Fraction() if surfaces.is_derivative(node):
            for part in (node.top, node.bottom):
                items = part.items[1:] if isinstance(part, Row) else ()
                for item in items:
                    yield from occurrences(item, letters, found, source)
            return
        case Row(items=items):
            inside = letters
            for item in items:
                big = _bound(item)
                if big is not None:
                    inside |= big
                elif _applied(item, found):
                    continue
                else:
                    yield from occurrences(item, inside, found, source)
            return
        case Scripted(base=Brackets() | Table() | Fraction() as base):
            yield from occurrences(base, letters, found, source)
            return
        case Letter() | Scripted() | Accent() | Word():
            if isinstance(_core(node), Letter | Word) and not _no_name(node):
                reading = read_name(node, letters, source)
                if reading is not None:
                    yield reading, node
            return
    for child in node.children():
        yield from occurrences(child, letters, found, source)


def _bound(item: Node) -> frozenset[str] | None:
    if isinstance(item, Scripted) and isinstance(item.base, Big):
        return frozenset(part.text for part in (item.sub.walk() if item.sub else ()) if isinstance(part, Letter))
    return frozenset() if isinstance(item, Big) else None


def _applied(item: Node, found: Habits) -> bool:
    return function_name(item) in (found.functions | KNOWN)


def _no_name(node: Node) -> bool:
    core = _core(node)
    text = core.text if isinstance(core, Letter | Word) else ""
    return text in KNOWN or text in ("partial", "nabla", "infty") or (isinstance(core, Word) and surfaces.prose(core))


def own_letters(node: Node, found: Habits) -> frozenset[str]:
    """The index letters that stand on a left side."""
    letters = {part.text for part in node.walk() if isinstance(part, Letter)}
    return frozenset(letters & found.letters)


def labelled_bases(statements: Sequence[Statement], found: Habits) -> frozenset[str]:
    """The bases whose numbers tell names apart and count nothing: weights with numbers only, W_1 and W_2.

    If there are such, what is defined with numbers only is numbered by layer too.
    """
    lettered: set[str] = set()
    numbered: set[str] = set()
    defined: set[str] = set()
    above: dict[str, set[str]] = {}
    for statement in statements:
        assert statement.node is not None
        if isinstance(statement.node, Relation):
            base = head(statement.node.sides[0])
            if base is not None:
                defined.add(base)
        for part in statement.node.walk():
            if isinstance(part, Scripted) and (base := head(part)) is not None and base not in KNOWN:
                power = isinstance(part.sup, Number) and part.sub is not None  # W_{ij}^2
                both = (part.sub, None if power else part.sup)
                scripts = [s.body if isinstance(s, Brackets) else s for s in both if s is not None]
                if any(_counts(script, found) for script in scripts):
                    lettered.add(base)
                if isinstance(part.sub, Number) or (
                    isinstance(part.sup, Brackets) and isinstance(part.sup.body, Number)
                ):
                    numbered.add(base)
                elif isinstance(part.sup, Number) and not power:
                    above.setdefault(base, set()).add(part.sup.text)
    numbered |= {base for base, numbers in above.items() if "1" in numbers}  # W^2 alone is a power
    weights = {base for base in numbered - lettered - defined if _is_weight(base)}
    if not weights:
        return frozenset()
    return frozenset(numbered - lettered)


def _counts(script: Node, found: Habits) -> bool:
    if isinstance(script, Letter):
        return script.text in found.letters
    return any(isinstance(part, Letter) and part.text in found.letters for part in script.walk()) and not isinstance(
        script, Row
    )


def _is_weight(base: str) -> bool:
    return base in "WwUVvbBuA" or base in ("theta", "Theta")
