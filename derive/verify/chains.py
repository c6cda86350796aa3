"""Chains of equations as their authors write them, made plain: without words, or a name that is opened next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.reader.surface import Brackets, Dots, Empty, Items, Row, Word
from derive.verify import surfaces
from derive.verify.manner import Habits
from derive.verify.passages import EQUAL, Link
from derive.verify.surfaces import function_name


def spelled_out(chain: Sequence[Link], found: Habits) -> Sequence[Link]:
    """A chain without the function whose value comes next: h_t = f(h_{t-1}, x_t) = tanh(W h_{t-1} + U x_t)."""
    match chain:
        case [first, second, *rest] if first.relation in EQUAL and second.relation in EQUAL and first.first:
            match first.right:
                case Row(items=(name, Brackets(body=Items()))) if function_name(name) in found.functions:
                    return [replace(first, right=second.right), *rest]
    return chain


def cleaned(link: Link) -> Link:
    """A relation without the words around it, and without the condition behind it."""
    left, right = surfaces.without_prose(link.left), surfaces.without_prose(link.right)
    if isinstance(right, Items) and link.relation in EQUAL and not any(isinstance(item, Dots) for item in right.items):
        first, *rest = right.items  # `= x, \text{if …}`
        if all(isinstance(item, Word) for item in rest):
            right = surfaces.without_prose(first)
    return replace(link, left=left or Empty(link.left.span), right=right or Empty(link.right.span))
