"""Which numbers in the names of a cell count steps, and which tell names apart: h_0 and W_1, h_0^{(1)} and G_{1,t}."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from derive.algebra.names import Name
from derive.reader.context import Context
from derive.reader.naming import Reading, readings
from derive.reader.surface import Items, Node, Relation


@dataclass(frozen=True)
class Naming:
    """How a cell names: `stepped` are its quantities that are written with a letter for the step somewhere.

    A number beside that letter is a label. A name with numbers alone is one of those quantities at a number, the state
    before the first step; or it has no step, and its numbers are labels.
    """

    context: Context
    stepped: frozenset[Name]

    @classmethod
    def of(cls, statements: Iterable[Node], context: Context) -> Naming:
        """From the left sides of the statements."""
        named = (_with_step(list(readings(node, context.letters, context.source))) for node in _left(statements))
        return cls(context, frozenset(reading.name for reading in named if reading is not None))

    def __call__(self, node: Node) -> Reading | None:
        """The name that a node is; None where it is none."""
        ways = list(readings(node, self.context.letters, self.context.source))
        stepped = _with_step(ways) or next((way for way in ways if way.name in self.stepped), None)
        if stepped is not None or not ways:
            return stepped
        whole = next((way for way in ways if not way.indices), ways[0])
        return ways[0] if ways[0].indices == (0,) else whole


def _left(statements: Iterable[Node]) -> Iterator[Node]:
    for statement in statements:
        if isinstance(statement, Relation):
            left = statement.sides[0]
            yield from left.items if isinstance(left, Items) else (left,)


def _with_step(ways: Iterable[Reading]) -> Reading | None:
    """The way to read a name by which a letter is its only index; None where no letter is one."""
    lettered = [way for way in ways if any(not index.is_Integer for index in way.indices)]
    return min(lettered, key=lambda way: len(way.indices), default=None)
