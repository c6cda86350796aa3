"""Losses that name what they depend on, L(ŷ, y), and gradients with names of their own, dW and δh."""

from __future__ import annotations

from dataclasses import fields, replace

from derive.reader.surface import (
    Accent,
    Brackets,
    Fraction,
    Items,
    Letter,
    Node,
    Row,
    Scripted,
)
from derive.verify.manner import Habits
from derive.verify.surfaces import each, head, is_derivative, row

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


def has_index(node: Node, habits: Habits) -> bool:
    return any(isinstance(part, Letter) and part.text in habits.letters for part in node.walk())
