"""The statements of a cell, sorted, before it is known who is what."""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.algebra.names import Name
from derive.models.statements import Assumption, Declaration, Definition
from derive.reader.context import Context
from derive.reader.surface import Node


@dataclass(frozen=True)
class Draft:
    """The statements of a cell, sorted, with the context in which their right sides are understood."""

    context: Context
    time: str
    horizon: str
    declarations: tuple[Declaration, ...]
    definitions: tuple[Definition, ...]
    starts: tuple[Definition, ...]
    assumptions: tuple[Assumption, ...]
    listed: tuple[tuple[Node, Name], ...] = field(default=())

    def place(self, name: Name) -> Node:
        """Where a name is defined, or declared; for one that was introduced, where the loss is."""
        said: tuple[Definition | Declaration, ...] = (*self.definitions, *self.declarations, *self.starts)
        own = (statement.node for statement in said if statement.reading.name == name)
        return next(own, next(d.node for d in reversed(self.definitions) if not d.reading.indices))
