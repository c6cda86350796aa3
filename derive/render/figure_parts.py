"""What a figure of an unrolled network consists of: nodes, each in the column of its step, and arrows between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Style = Literal["base", "upright", "bold", "sub", "sup"]
Kind = Literal["input", "state", "node", "loss", "constant"]


@dataclass(frozen=True)
class FigureNode:
    """A quantity at one step. `id` is unique in the figure; `name` is the same at every step; `column` is the step.

    `label` is the quantity as runs of text, `latex` is it as mathematics.
    """

    id: str
    name: str
    label: tuple[tuple[str, Style], ...]
    latex: str
    column: int
    kind: Kind
    title: str


@dataclass(frozen=True)
class FigureEdge:
    """An arrow from the node `source` to the node `target`, which is computed from it."""

    source: str
    target: str
    title: str


@dataclass(frozen=True)
class Use:
    """The quantity `target` is computed from `source`, `lag` steps earlier: what is the same at every step."""

    source: str
    target: str
    lag: int


@dataclass(frozen=True)
class Figure:
    """What is drawn. `id` begins every identifier in the drawing: it is unique on its page and has no spaces.

    `command` is how the figure is made.
    """

    id: str
    nodes: tuple[FigureNode, ...]
    edges: tuple[FigureEdge, ...]
    title: str
    description: str
    command: str = ""

    def __post_init__(self) -> None:
        known = {node.id for node in self.nodes}
        if not known or len(known) != len(self.nodes):
            raise ValueError("a figure has nodes, and no two with the same id")
        if unknown := {end for edge in self.edges for end in (edge.source, edge.target)} - known:
            raise ValueError(f"arrows lead to nodes that are not in the figure: {sorted(unknown)}")

    @cached_property
    def ends(self) -> tuple[tuple[FigureNode, FigureNode], ...]:
        """The two nodes of each arrow."""
        nodes = {node.id: node for node in self.nodes}
        return tuple((nodes[edge.source], nodes[edge.target]) for edge in self.edges)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(node.name for node in self.nodes))

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """The pattern that the steps repeat."""
        return tuple(dict.fromkeys(use_of(*ends) for ends in self.ends))

    @property
    def longest(self) -> int:
        """How many steps the longest arrow spans."""
        return max((abs(use.lag) for use in self.uses), default=0)

    def parts(self, name: str) -> Iterator[str]:
        """What a quantity is computed from within its own step."""
        return (use.source for use in self.uses if use.target == name and not use.lag)

    def users(self, name: str) -> Iterator[str]:
        """What is computed from a quantity within its own step."""
        return (use.target for use in self.uses if use.source == name and not use.lag)


def use_of(source: FigureNode, target: FigureNode) -> Use:
    """What an arrow between these two is at every step."""
    return Use(source.name, target.name, target.column - source.column)
