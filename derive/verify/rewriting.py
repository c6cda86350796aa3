"""The formulas of a text on their way into one way of writing, change by change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from derive.reader.surface import Node
from derive.verify.passages import Statement

Change = Callable[[Statement], Sequence[Statement]]
"""One way of writing made another, in one statement; a definition for several types of index becomes as many."""


@dataclass(frozen=True)
class Rewritten:
    """The statements of a text after some changes, and these, by which any further statement would go."""

    statements: tuple[Statement, ...]
    changes: tuple[Change, ...] = ()

    @property
    def nodes(self) -> list[Node]:
        """What could be read."""
        return [statement.node for statement in self.statements if statement.node is not None]

    def by(self, change: Callable[[Node], Node]) -> Rewritten:
        """After a change of each formula."""

        def whole(statement: Statement) -> Sequence[Statement]:
            return [statement if statement.node is None else replace(statement, node=change(statement.node))]

        return self.each(whole)

    def each(self, change: Change) -> Rewritten:
        """After a change of each statement."""
        return Rewritten(tuple(made for s in self.statements for made in change(s)), (*self.changes, change))
