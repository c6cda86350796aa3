"""Inequalities as people write them, σ_max(W), ‖x‖_∞, f ∈ (0, 1), brought to small ≤ large in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from derive.errors import Span
from derive.reader.surface import (
    Big,
    Brackets,
    Fraction,
    Items,
    Letter,
    Node,
    Number,
    Operator,
    Relation,
    Row,
    Scripted,
    Terms,
    Word,
)
from derive.verify import surfaces
from derive.verify.surfaces import function_name
from derive.verify.survey import BOUND, Formula

LARGEST = frozenset({"sigma_max", "sigma_1", "s_max", "sigma_text{max}"})
"""σ_max(W), the largest singular value: the norm."""
RADIUS = frozenset({"rho", "lambda_max", "lambda_1"})
"""ρ(W), the largest modulus of an eigenvalue, which bounds no norm."""
OVER = frozenset({"sup", "max"})
ARGUMENT = "z"
"""The letter for the argument of a function that stands without one."""


@dataclass(frozen=True)
class Goal:
    """small ≤ large, or < where `strict`."""

    small: Node
    large: Node
    strict: bool


def goals(formula: Formula) -> tuple[Goal, ...]:
    """What a formula says, one inequality after the other; nothing where it compares no two quantities."""
    link = formula.link
    left = prepared(link.left)
    if isinstance(left, Items):
        return ()
    if link.relation == "in":
        return tuple(_within(left, link.right))
    right = prepared(link.right)
    if link.relation in ("le", "<"):
        return (Goal(_without_sup(left), right, link.relation == "<"),)
    if link.relation in ("ge", ">"):
        return (Goal(_without_sup(right), left, link.relation == ">"),)
    return ()


def _within(inside: Node, interval: Node) -> Iterator[Goal]:
    """a ∈ (l, u] as l < a and a ≤ u; an end that is not finite says nothing."""
    if not isinstance(interval, Brackets) or not isinstance(interval.body, Items) or len(interval.body.items) != 2:
        return
    low, high = interval.body.items
    if not _endless(low):
        yield Goal(low, inside, interval.opening != "[")
    if not _endless(high):
        yield Goal(inside, high, interval.closing != "]")


def _endless(node: Node) -> bool:
    return any(isinstance(part, Letter) and part.text == "infty" for part in node.walk())


# ---- one way of writing


def prepared(node: Node) -> Node:
    """A side in the reader's language."""
    if isinstance(node, Items) and isinstance(node.items[0], Row | Letter):
        first = node.items[0].items[0] if isinstance(node.items[0], Row) else node.items[0]
        if isinstance(first, Letter) and first.text == "forall":
            node = node.items[-1] if len(node.items) == 2 else replace(node, items=node.items[1:])
    return surfaces.rebuilt(node, _change)


def _change(node: Node) -> Node:
    match node:
        case Scripted(base=Brackets(opening="‖") as norm, sub=sub, sup=sup) if _is_infinite(sub):
            return _with_power(_largest_entry(norm), sup, node.span)
        case Scripted(base=Brackets(opening="‖" | "|"), sup=Brackets(opening="(", body=body)):
            return replace(node, sup=body)  # ‖W‖^{(i-j)} is a power: a norm has no step
        case Row():
            return surfaces.row(_matrices(node.items))
    return node


def _is_infinite(sub: Node | None) -> bool:
    return isinstance(sub, Letter) and sub.text == "infty"


def _largest_entry(norm: Brackets) -> Node:
    """‖v‖_∞, the largest entry of a vector, is the norm of diag(v); diag refuses a matrix, whose ‖·‖_∞ is another."""
    word = Word(norm.span, "diag")
    return replace(norm, body=Row(norm.span, (word, Brackets(norm.body.span, "(", ")", norm.body))))


def _with_power(base: Node, sup: Node | None, span: Span) -> Node:
    return base if sup is None else Scripted(span, base, None, sup)


def _matrices(items: Sequence[Node]) -> list[Node]:
    r"""σ_max(W) as ‖W‖, ρ(W) as one name, f'(\cdot) as f'."""
    made: list[Node] = []
    rest = list(items)
    while rest:
        item = rest.pop(0)
        after = rest[0] if rest else None
        brackets = after.base if isinstance(after, Scripted) else after
        if isinstance(brackets, Brackets) and brackets.opening in "([" and after is not None:
            name = _plain(item)
            if isinstance(brackets.body, Operator) and brackets.body.name == "cdot":
                rest.pop(0)
            elif name in LARGEST:
                norm: Node = Brackets(item.span.to(brackets.span), "‖", "‖", brackets.body)
                rest[0] = replace(after, base=norm) if isinstance(after, Scripted) else norm
                continue
            elif name in RADIUS:
                made.append(Word(item.span.to(after.span), f"radius of {_letters(brackets.body)}"))
                rest.pop(0)
                continue
        made.append(item)
    return made


def _plain(node: Node) -> str:
    return function_name(node) or ""


def _letters(node: Node) -> str:
    return "".join(part.text for part in node.walk() if isinstance(part, Letter | Word | Number))


def _without_sup(node: Node) -> Node:
    """sup_k ‖J_k‖ ≤ ρ says the same as ‖J_k‖ ≤ ρ for all k."""
    match node:
        case Row(items=(Word() | Big() | Scripted() as first, *rest)) if rest and supremum(first):
            return surfaces.row(rest)
    return node


def supremum(node: Node) -> bool:
    base = node.base if isinstance(node, Scripted) else node
    return (isinstance(base, Word) and base.text in OVER) or (isinstance(base, Big) and base.name in OVER)


def with_argument(node: Node, functions: frozenset[str], alone: bool) -> Node:
    """f and f' that stand without argument, with one; f' only where nothing else stands in the formula (`alone`)."""

    def change(part: Node) -> Node:
        if isinstance(part, Row):
            items = []
            for item, after in zip(part.items, (*part.items[1:], None), strict=True):
                brackets = after.base if isinstance(after, Scripted) else after
                applied = isinstance(brackets, Brackets) and brackets.opening == "(" and not _repeats(item, brackets)
                items.append(item if applied else _applied(item, functions, alone))
            return replace(part, items=tuple(i for item in items for i in surfaces.items_of(item)))
        if isinstance(part, Terms):
            return replace(part, summands=tuple(_applied(item, functions, alone) for item in part.summands))
        if isinstance(part, Brackets):
            return replace(part, body=_applied(part.body, functions, alone))
        if isinstance(part, Relation | Fraction | Items):
            return part
        return part

    return _applied(surfaces.rebuilt(node, change), functions, alone)


def _repeats(item: Node, brackets: Brackets) -> bool:
    """f(1-f): the brackets after f are a factor that has f in it."""
    return any(_plain(part) == _plain(item) for part in brackets.body.walk())


def _applied(node: Node, functions: frozenset[str], alone: bool) -> Node:
    if not isinstance(node, Letter | Word | Scripted) or _plain(node) not in functions:
        return node
    if isinstance(node, Scripted) and (node.sup is not None or (node.primes and not alone)):
        return node
    end = Span(node.span.end, node.span.end)
    argument = Brackets(end, "(", ")", Letter(end, ARGUMENT))
    return Row(node.span, (node, argument))


def arguments(formula: Formula) -> frozenset[str]:
    """The letters that stand alone within the brackets of a function."""
    rows = [node for node in formula.nodes if isinstance(node, Row)]
    bodies = (item.body for row in rows for item in row.items[1:] if isinstance(item, Brackets))
    return frozenset(body.text for body in bodies if isinstance(body, Letter))


def is_bound(formula: Formula) -> bool:
    return formula.kind == BOUND
