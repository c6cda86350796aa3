"""Which letters of a text are functions: those that are followed by brackets and are never a factor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from derive.algebra.build import substitute
from derive.algebra.equation import Equation
from derive.algebra.expressions import Apply, Expression, Variable
from derive.algebra.functions import ACTIVATIONS, SPELLINGS, is_abstract
from derive.algebra.names import Function, Name
from derive.errors import DeriveError
from derive.models.model import walk
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
        raise context.error(
            called[letter], f"{letter} is applied like a function here and is a factor at {line}:{column}"
        )
    return frozenset(called)


def activated(steps: Sequence[Equation], summand: Variable, activation: str) -> tuple[Equation, ...]:
    """The equations with a named function in the place of the abstract ones, those of the loss itself left alone.

    Error: DeriveError for an unknown function, and where there is no abstract one to be replaced.
    """
    if activation == "f":
        return tuple(steps)
    if activation not in ACTIVATIONS:
        raise DeriveError(f"{activation} is not an activation that is known", expected=", ".join(ACTIVATIONS))
    nodes = [node for step in steps if step.left != summand for node in walk(step.right) if _abstract(node)]
    if not nodes:
        raise DeriveError(f"there is no abstract activation that {activation} could take the place of")
    chosen = {node: node.body if activation == "identity" else Apply(Function(activation), node.body) for node in nodes}
    return tuple(Equation(step.left, substitute(step.right, chosen)) for step in steps)


def _abstract(node: Expression) -> bool:
    return isinstance(node, Apply) and node.function.order == 0 and is_abstract(node.function.name)


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
