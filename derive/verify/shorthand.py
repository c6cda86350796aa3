"""Formulas about a function alone, f' = f(1 - f), with the argument that they leave out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from derive.algebra.functions import SPELLINGS
from derive.reader.surface import Accent, Brackets, Letter, Node, Relation, Row, Scripted, Terms, Word
from derive.verify.manner import Habits
from derive.verify.surfaces import function_name, items_of, row

ARGUMENTS = "zuvxq"
"""Letters for the argument; the first that the text does not use."""


def with_arguments(nodes: Sequence[Node], habits: Habits) -> Callable[[Node], Node]:
    """In a text, what speaks of nothing but a function and numbers has it at some z."""
    used = {part.text for node in nodes for part in node.walk() if isinstance(part, Letter)}
    free = next((letter for letter in ARGUMENTS if letter not in used), None)
    if free is None:
        return lambda node: node
    return lambda node: _at(node, free) if _is_shorthand(node, habits) else node


def _is_shorthand(node: Node, habits: Habits) -> bool:
    """Whether a relation has no letter but that of one function, and its slope somewhere."""
    if not isinstance(node, Relation) or "to" in node.relations or "=" not in node.relations:
        return False
    leaves = {part.text for part in node.walk() if isinstance(part, Letter | Word)}
    if len(leaves) != 1 or not leaves <= habits.functions | frozenset(SPELLINGS):
        return False
    return any(isinstance(part, Scripted) and part.primes for part in node.walk())


def _at(node: Node, letter: str) -> Node:
    """The same with the function at its argument everywhere; brackets behind it are a factor."""
    match node:
        case Letter() | Word() | Accent():
            return Row(node.span, (node, _brackets(node, letter)))
        case Scripted() if function_name(replace(node, sub=None)) is not None:
            return Row(node.span, (node, _brackets(node, letter)))
        case Row(items=items):
            return row([part for item in items for part in items_of(_at(item, letter))])
        case Terms(summands=summands):
            return replace(node, summands=tuple(_at(part, letter) for part in summands))
        case Brackets(body=body):
            return replace(node, body=_at(body, letter))
        case Scripted(base=base):
            return replace(node, base=_at(base, letter))
        case Relation(sides=sides):
            return replace(node, sides=tuple(_at(side, letter) for side in sides))
    return node


def _brackets(node: Node, letter: str) -> Brackets:
    return Brackets(node.span, "(", ")", Letter(node.span, letter))
