"""The unrolled network as a drawing: a column for each step, and the same quantity at the same place in each column.

Places and lines are computed here; the template only draws them. The drawing is planned in three passes: `_rows` puts
each quantity above what it is made of, `_offsets` places it within its row, `_paths` leads the arrows around the nodes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from statistics import fmean
from typing import Literal

from derive.render import arrows
from derive.render.arrows import RADIUS, Point
from derive.render.environment import environment

Style = Literal["base", "sub", "sup", "bar", "hat", "tilde"]
Kind = Literal["input", "state", "node", "loss", "constant"]

SLOT = 56.0  # from a node to its neighbour in a row
ROW = 80.0  # from one row to the next
GUTTER = 46.0  # between columns
LANE = 7.0  # between parallel lines
MARGIN = 14.0
FONT_SIZE = 17.0

COMBINING = {"bar": "\N{COMBINING MACRON}", "hat": "\N{COMBINING CIRCUMFLEX ACCENT}", "tilde": "\N{COMBINING TILDE}"}
SHIFT = {"sub": 5.0, "sup": -6.0}  # of the baseline, downwards


@dataclass(frozen=True)
class FigureNode:
    """A quantity at one step. `id` is unique in the figure; `name` is the same at every step; `column` is the step.

    `label` is runs of text; `bar`, `hat` and `tilde` are drawn over the last letter of their run.
    """

    id: str
    name: str
    label: tuple[tuple[str, Style], ...]
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
class Figure:
    """What is drawn. `id` begins every identifier in the drawing, so it must be unique on its page."""

    id: str
    nodes: tuple[FigureNode, ...]
    edges: tuple[FigureEdge, ...]
    title: str
    description: str

    def __post_init__(self) -> None:
        known = {node.id for node in self.nodes}
        if not known or len(known) != len(self.nodes):
            raise ValueError("a figure has nodes, and no two with the same id")
        if unknown := {end for edge in self.edges for end in (edge.source, edge.target)} - known:
            raise ValueError(f"arrows lead to nodes that are not in the figure: {sorted(unknown)}")


@dataclass(frozen=True)
class Layout:
    """The centre of each node by its id, the width of a column, and where column 0 ends on its left and right."""

    places: Mapping[str, Point]
    step: float
    left: float
    right: float


@dataclass(frozen=True)
class Run:
    """Text of one style: its baseline's shift from the run before, its size, and whether it is slanted."""

    text: str
    shift: float
    size: float
    italic: bool


def draw(figure: Figure) -> str:
    """The figure as an SVG element, to be put into a page."""
    plan = layout(figure)
    xs, ys = [place.x for place in plan.places.values()], [place.y for place in plan.places.values()]
    reach = RADIUS + MARGIN
    template = environment().get_template("graph.svg.j2")
    return template.render(
        figure=figure,
        nodes=[(node, plan.places[node.id], tuple(_runs(node.label))) for node in figure.nodes],
        edges=list(zip(figure.edges, _paths(figure, plan), strict=True)),
        radius=RADIUS,
        left=min(xs) - reach,
        top=min(ys) - reach,
        width=max(xs) - min(xs) + 2 * reach,
        height=max(ys) - min(ys) + 2 * reach,
    )


def layout(figure: Figure) -> Layout:
    """Where each node stands."""
    made_of = _made_of(figure)
    rows = _rows(made_of)
    offsets = _offsets(made_of, rows)
    left, right = min(offsets.values()) - RADIUS, max(offsets.values()) + RADIUS
    step = right - left + GUTTER
    places = {node.id: Point(node.column * step + offsets[node.name], -ROW * rows[node.name]) for node in figure.nodes}
    return Layout(places, step, left, right)


def _made_of(figure: Figure) -> dict[str, set[str]]:
    """For each name, in the order of the figure, the names that it is computed from within one step."""
    nodes = {node.id: node for node in figure.nodes}
    result: dict[str, set[str]] = {node.name: set() for node in figure.nodes}
    for edge in figure.edges:
        source, target = nodes[edge.source], nodes[edge.target]
        if source.column == target.column:
            result[target.name].add(source.name)
    return result


def _rows(made_of: Mapping[str, set[str]]) -> dict[str, int]:
    """The row of each name: above all that it is made of; what is made of nothing stands right below its first use."""
    rows: dict[str, int] = {}
    order = list(TopologicalSorter(made_of).static_order())
    for name in order:
        rows[name] = 1 + max((rows[part] for part in made_of[name]), default=-1)
    for name in order:
        uses = [rows[whole] for whole in made_of if name in made_of[whole]]
        if not made_of[name] and uses:
            rows[name] = min(uses) - 1
    return rows


def _offsets(made_of: Mapping[str, set[str]], rows: Mapping[str, int]) -> dict[str, float]:
    """How far to the right of its column's middle each name stands.

    A row is centred above what it is made of. In it, what is used further up stands further right, out of the way.
    """
    offsets: dict[str, float] = {}

    def last_uses(name: str) -> tuple[int, ...]:
        """The row of the last use of `name`, of the last use of what it is used for there, and so on."""
        users = [whole for whole in made_of if name in made_of[whole]]
        last = max(users, key=lambda whole: rows[whole], default=None)
        return () if last is None else (rows[last], *last_uses(last))

    for row in sorted(set(rows.values())):
        names = sorted((name for name in made_of if rows[name] == row), key=last_uses)
        computed = [name for name in names if made_of[name]]
        given = [name for name in names if not made_of[name]]  # stand aside for computed ones
        middle = fmean(fmean(offsets[part] for part in made_of[name]) for name in computed) if computed else 0.0
        first = middle - (len(computed or given) - 1) / 2 * SLOT
        for slot, name in enumerate(computed + given):
            offsets[name] = first + slot * SLOT
    return offsets


def _paths(figure: Figure, plan: Layout) -> Iterator[str]:
    """The path of each arrow.

    A quantity that several others in another step use reaches them along one lane. All other arrows go directly.
    """
    nodes = {node.id: node for node in figure.nodes}
    ends = [(nodes[edge.source], nodes[edge.target]) for edge in figure.edges]
    lanes = _lanes(ends, plan)
    for source, target in ends:
        start, end = plan.places[source.id], plan.places[target.id]
        others = [place for name, place in plan.places.items() if name not in (source.id, target.id)]
        lane = lanes.get((source.name, target.name))
        if lane is None:
            yield arrows.bent(start, end, others)
        else:
            edge_of_step = plan.right + GUTTER / 2 if target.column > source.column else plan.left - GUTTER / 2
            gutter = source.column * plan.step + edge_of_step + lane
            yield arrows.along_lane(start, end, gutter, end.y + ROW / 2 + lane, others)


def _lanes(ends: Iterable[tuple[FigureNode, FigureNode]], plan: Layout) -> dict[tuple[str, str], float]:
    """For each pair of names joined by a lane, how far the lane is from the middle of its gutter."""
    users: dict[str, set[str]] = {}
    for source, target in ends:
        if source.column != target.column and plan.places[source.id].y != plan.places[target.id].y:
            users.setdefault(source.name, set()).add(target.name)
    sharing = [name for name in users if len(users[name]) > 1]
    apart = min(LANE, ROW / 4 / max(1, len(sharing)))
    return {
        (name, user): (number - (len(sharing) - 1) / 2) * apart
        for number, name in enumerate(sharing)
        for user in users[name]
    }


def _runs(label: Iterable[tuple[str, Style]]) -> Iterator[Run]:
    """The label as text runs; letters are slanted as in formulas, digits are not."""
    height = 0.0
    for text, style in label:
        baseline = SHIFT.get(style, 0.0)
        shown = unicodedata.normalize("NFC", text + COMBINING.get(style, ""))
        size = FONT_SIZE if style in ("base", *COMBINING) else FONT_SIZE * 0.68
        yield Run(shown, baseline - height, size, italic=any(c.isalpha() for c in text))
        height = baseline
