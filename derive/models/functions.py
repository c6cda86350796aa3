"""Which letters of a text are functions: those that are followed by brackets and are never a factor."""

from __future__ import annotations

from collections.abc import Iterable

from derive.algebra.functions import SPELLINGS
from derive.algebra.names import Name
from derive.models.statements import Definition
from derive.reader.context import Context
from derive.reader.surface import Brackets, Letter, Node, Row, Scripted


def abstract_functions(definitions: Iterable[Definition], known: frozenset[Name], context: Context) -> frozenset[str]:
    """The letters applied to brackets that are neither known names nor known functions.

    Error: DeriveError for a letter that is applied in one place and multiplied in another, naming both.
    """
    called: dict[str, Node] = {}
    plain: dict[str, Node] = {}
    for definition in definitions:
        for node, applied in _letters(definition.right):
            if Name(node.text) not in known and node.text not in SPELLINGS:
                (called if applied else plain).setdefault(node.text, node)
    for letter in called.keys() & plain.keys():
        line, column = context.source.position(plain[letter].span.start)
        raise context.error(called[letter], f"{letter} is applied like a function here and is a factor at {line}:{column}")
    return frozenset(called)


def _letters(root: Node) -> Iterable[tuple[Letter, bool]]:
    """Each letter that could be a function, and whether brackets follow it; letters within scripts are none."""
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, Row):
            for item, following in zip(node.items, (*node.items[1:], None), strict=True):
                letter = _bare(item)
                if letter is not None:
                    yield letter, _brackets(following)
                else:
                    pending.append(item)
        elif isinstance(node, Scripted):
            pending.append(node.base)
        elif isinstance(node, Letter):
            yield node, False
        else:
            pending.extend(node.children())


def _bare(node: Node) -> Letter | None:
    if isinstance(node, Scripted) and node.sub is None and node.sup is None:
        node = node.base
    return node if isinstance(node, Letter) else None


def _brackets(node: Node | None) -> bool:
    if isinstance(node, Scripted):
        node = node.base
    return isinstance(node, Brackets) and node.opening in ("(", "[")
