"""Losses that name what they depend on, L(ŷ, y), and gradients with names of their own, dW and δh."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import pairwise

from derive.reader.naming import parts_of
from derive.reader.surface import (
    Accent,
    Brackets,
    Fraction,
    Items,
    Letter,
    Node,
    Relation,
    Row,
    Scripted,
    Word,
)
from derive.verify.alike import alike
from derive.verify.indexed import STEPS
from derive.verify.manner import Habits
from derive.verify.surfaces import bound_letters, each, head, is_derivative, rebuilt, row

GRADIENT = "grad"
"""The mark on a name that makes it the gradient of the loss by it."""


def named_gradients(node: Node, habits: Habits) -> Node:
    """dW as a name with a mark, except in dL/dW."""
    if isinstance(node, Fraction) and is_derivative(node):
        return node
    if isinstance(node, Row):
        items: list[Node] = []
        rest = list(node.items)
        while rest:
            match rest:
                case [Letter() as d, Letter() | Scripted() | Accent() as name, *after] if (
                    d.text in habits.gradients and head(name) not in (None, "partial", "nabla", "d", "delta")
                ):
                    items.append(Accent(d.span.to(name.span), GRADIENT, name))
                    rest = after
                case _:
                    items.append(rest.pop(0))
        node = row(items)
    new = {
        field.name: each(getattr(node, field.name), lambda part: named_gradients(part, habits))
        for field in fields(node)
    }
    return replace(node, **{k: v for k, v in new.items() if v is not getattr(node, k)})


def without_arguments(node: Node, habits: Habits) -> Node:
    """L(ŷ, y) as L, where it stands alone."""
    match node:
        case Row(items=(item, Brackets() as brackets)) if head(item) in habits.called and not isinstance(
            item, Brackets
        ):
            return replace(item, span=item.span.to(brackets.span))
    return node


def named_losses(node: Node, habits: Habits) -> Node:
    """L(ŷ, y) as L in what is differentiated, and as a function elsewhere."""
    if isinstance(node, Fraction) and is_derivative(node):
        return replace(node, top=_called_in(node.top, habits), bottom=_called_in(node.bottom, habits))
    if isinstance(node, Row):
        items: list[Node] = []
        arguments: list[Node] = []
        for item, after in zip(node.items, (*node.items[1:], None), strict=True):
            if any(item is argument for argument in arguments):
                continue
            brackets = isinstance(after, Brackets) and after.opening in "(["
            name = head(item)
            if brackets and name in habits.called and not isinstance(item, Row) and isinstance(after, Brackets):
                if _has_own_index(item, habits) or (name, isinstance(item, Scripted)) in habits.stated:
                    arguments.append(after)
                elif isinstance(after.body, Items) or head(after.body) not in (None, "theta", "W", "w", "Theta"):
                    item = Letter(item.span, f"{name}_loss")
                elif head(after.body) is not None:
                    arguments.append(after)
            items.append(item)
        node = row(items)
    new = {
        field.name: each(getattr(node, field.name), lambda part: named_losses(part, habits)) for field in fields(node)
    }
    return replace(node, **{k: v for k, v in new.items() if v is not getattr(node, k)})


def _has_own_index(node: Node, habits: Habits) -> bool:
    return isinstance(node, Scripted) and any(has_index(s, habits) for s in (node.sub, node.sup) if s is not None)


def _called_in(node: Node, habits: Habits) -> Node:
    """L(θ) as L in what is differentiated, and ℓ(ŷ, y) as a function where nothing else says what ℓ is."""
    match node:
        case Row(items=(d, item, Brackets() as brackets)) if (name := head(item)) in habits.called:
            stated = (name, isinstance(item, Scripted)) in habits.stated or _has_own_index(item, habits)
            if stated or not isinstance(brackets.body, Items):
                return replace(node, items=(d, item))
            return replace(node, items=(d, Letter(item.span, f"{name}_loss"), brackets))
    return node


def classes_named(nodes: Sequence[Node]) -> tuple[Callable[[Node], Node], frozenset[str]]:
    """A letter for the class of a target, and what puts it there: log ŷ_{t,c} for log ŷ^{(t)}_{y^{(t)}}."""
    classes = [part for node in nodes for part in _classes(node)]
    used = {leaf.text for node in nodes for leaf in node.walk() if isinstance(leaf, Letter)}
    letter = next((x for x in "cqgz" if x not in used), None)
    if letter is None or not classes or not all(alike(classes[0], other) for other in classes):
        return lambda node: node, frozenset()
    if isinstance(classes[0], Letter):
        return lambda node: node, frozenset({classes[0].text})

    def change(part: Node) -> Node:
        return Letter(part.span, letter) if alike(part, classes[0]) else part

    def inside(part: Node) -> Node:
        match part:
            case Scripted(sub=sub) if sub is not None:
                return replace(part, sub=rebuilt(sub, change))
            case Relation(sides=(Letter(), other)) if alike(other, classes[0]):  # 1[i = y_t]
                return replace(part, sides=(part.sides[0], change(other)))
        return part

    return lambda node: rebuilt(node, inside), frozenset({letter})


def _classes(node: Node) -> Iterator[Node]:
    """What picks an entry of what a logarithm is taken of: the y_t of log ŷ_{t,y_t}, a c over which no Σ runs."""
    counted = bound_letters(node.walk()) | STEPS
    for part in node.walk():
        for item, after in pairwise(part.items if isinstance(part, Row) else ()):
            for inner in after.walk() if isinstance(item, Word) and item.text in ("log", "ln") else ():
                if isinstance(inner, Scripted) and inner.sub is not None:
                    *before, last = parts_of(inner.sub)
                    letter = isinstance(last, Letter) and last.text not in counted and (before or inner.sup)
                    quantity = isinstance(last, Scripted) and isinstance(last.base, Letter) and (last.sub or last.sup)
                    if letter or quantity:
                        yield last


def has_index(node: Node, habits: Habits) -> bool:
    return any(isinstance(part, Letter) and part.text in habits.letters for part in node.walk())
