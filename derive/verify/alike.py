"""Whether two surface trees are the same but for their places."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from derive.reader.surface import Node


def alike(one: Node, other: Node) -> bool:
    """Whether two trees are the same but for their places."""
    if type(one) is not type(other):
        return False
    return all(_alike(getattr(one, f.name), getattr(other, f.name)) for f in fields(one) if f.name != "span")


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, Node) and isinstance(other, Node):
        return alike(one, other)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    return bool(one == other)
