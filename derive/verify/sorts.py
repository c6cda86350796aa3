"""What one side of a relation is: a number, a space, a limit, the setting of a letter."""

from __future__ import annotations

from derive.reader.surface import Accent, Brackets, Dots, Items, Letter, Node, Number, Row, Scripted, Terms
from derive.verify.manner import Habits
from derive.verify.passages import Link


def is_number(node: Node) -> bool:
    if isinstance(node, Terms) and len(node.summands) == 1:
        node = node.summands[0]
    return isinstance(node, Number)


def is_zero(node: Node) -> bool:
    node = node.body if isinstance(node, Accent) else node
    return isinstance(node, Number) and node.text == "0"


def is_setting(link: Link, found: Habits) -> bool:
    """t = 1, …, T, or T = 3: a range or number of steps, no equation."""
    left, right = link.left, link.right
    if isinstance(left, Items) or (isinstance(right, Brackets) and right.opening == "{"):
        return True
    if isinstance(left, Letter) and isinstance(right, Accent) and right.name == "overline":
        return True
    if isinstance(left, Letter) and left.text in found.letters and isinstance(right, Items | Number | Letter):
        return True
    return isinstance(right, Items) and any(isinstance(item, Dots) for item in right.items)


def is_space(node: Node) -> bool:
    base = node.base if isinstance(node, Scripted) else node
    return (
        isinstance(base, Accent) and base.name == "mathbb" and isinstance(base.body, Letter) and base.body.text == "R"
    )


def is_limit(node: Node) -> bool:
    """0 or ∞, what something may tend to."""
    last = node.items[-1] if isinstance(node, Row) else node
    return (isinstance(node, Number) and node.text == "0") or (isinstance(last, Letter) and last.text == "infty")


def primed(node: Node) -> bool:
    return isinstance(node, Scripted) and node.primes > 0
