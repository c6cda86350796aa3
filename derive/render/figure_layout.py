"""Where the nodes of a figure stand: a column for each step, and the same quantity at the same place in each column.

`rows` puts each quantity above what it is computed from, `offsets` places it within its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from statistics import fmean

from derive.render.arrows import CLEARANCE, HEAD, RADIUS, Point
from derive.render.figure_parts import Figure

SLOT = 56.0  # from a node to its neighbour in a row
ROW = 80.0  # from one row to the next
GUTTER = 46.0  # between columns
GRID = SLOT / 4  # rows are shifted by multiples of it
SHIFTS = (0, 1, -1, 2, -2, 3, -3, 4, -4)  # of a row, in order of preference
KEPT = 24  # of the ways to place the rows so far, those with which the next row is tried
COMFORT = 28.0  # the distance between a node and a line from which on nothing is gained
CROWDING = 10.0  # what each unit less costs
DETOUR = 100.0  # what an arrow that cannot run straight costs
WIDTH = 0.25  # what each unit of a column's width costs


@dataclass(frozen=True)
class Layout:
    """The place of each quantity in column 0 by its name, the width of a column, and where column 0 ends."""

    spots: Mapping[str, Point]
    step: float
    left: float
    right: float

    def place(self, name: str, column: int) -> Point:
        return self.spots[name].moved(column * self.step)


def layout(figure: Figure) -> Layout:
    """Where each node stands."""
    row = rows(figure)
    offset = offsets(figure, row)
    left, right = min(offset.values()) - RADIUS, max(offset.values()) + RADIUS
    spots = {name: Point(offset[name], -ROW * row[name]) for name in figure.names}
    return Layout(spots, right - left + GUTTER, left, right)


def rows(figure: Figure) -> dict[str, int]:
    """The row of each quantity: above all that it is computed from.

    What another step uses has its row for itself, so that arrows leave it freely to the side. What is given stands
    right below its first use, or beside it where that row is taken.
    """
    given = _given(figure)
    carried = {use.source for use in figure.uses if use.lag} - set(given)
    result: dict[str, int] = {}
    for name in TopologicalSorter({name: list(figure.parts(name)) for name in figure.names}).static_order():
        if name in given:
            continue
        row = 1 + max((result[part] for part in figure.parts(name) if part not in given), default=0)
        while any(row == result[other] and (name in carried or other in carried) for other in result):
            row += 1
        result[name] = row
    taken = {result[name] for name in carried}
    for name in given:
        first = min((result[user] for user in figure.users(name)), default=1)
        below = max(row for row in range(first) if row not in taken)
        result[name] = first if first - 1 in taken and first not in taken else below
    return result


def offsets(figure: Figure, row: Mapping[str, int]) -> dict[str, float]:
    """How far to the right of its column's middle each quantity stands.

    A row is centred above what it is computed from, or shifted where arrows then run straighter and more freely.
    """
    best: list[tuple[float, dict[str, float]]] = [(0.0, {})]
    for number in sorted(set(row.values())):
        slots = _in_order(figure, row, number)
        grown = []
        for cost, below in best:
            centre = _centre(figure, slots, below)
            for shift in SHIFTS if below else (0,):
                placed = below | {name: (centre + shift) * GRID + slot for name, slot in slots.items()}
                grown.append((cost + _cost(figure, row, placed, number), placed))
        best = sorted(grown, key=_with_width)[:KEPT]
    return best[0][1]


def _centre(figure: Figure, slots: Iterable[str], below: Mapping[str, float]) -> int:
    """The middle of what a row is computed from, in steps of the grid."""
    parts = [[below[part] for part in figure.parts(name) if part in below] for name in slots]
    centres = [fmean(found) for found in parts if found]
    return round(fmean(centres) / GRID) if centres else 0


def _with_width(candidate: tuple[float, Mapping[str, float]]) -> float:
    cost, offset = candidate
    return cost + WIDTH * (max(offset.values()) - min(offset.values()))


def _given(figure: Figure) -> list[str]:
    """What is computed from nothing."""
    computed = {use.target for use in figure.uses}
    return [name for name in figure.names if name not in computed]


def _in_order(figure: Figure, row: Mapping[str, int], number: int) -> dict[str, float]:
    """The quantities of a row with their places in it: what is used further up stands further right, out of the way."""
    given = _given(figure)

    def last_uses(name: str) -> tuple[int, ...]:
        """The row of the last use of `name`, of the last use of what it is used for there, and so on."""
        last = max(figure.users(name), key=lambda user: row[user], default=None)
        return () if last is None else (row[last], *last_uses(last))

    names = sorted((name for name in figure.names if row[name] == number), key=last_uses)
    computed = [name for name in names if name not in given]
    beside = [name for name in names if name in given]
    first = -(len(computed or beside) - 1) / 2
    return {name: (first + slot) * SLOT for slot, name in enumerate(computed + beside)}


def _cost(figure: Figure, row: Mapping[str, int], offset: Mapping[str, float], number: int) -> float:
    """How far the arrows into a row lean, how close they pass nodes, and how close their heads are to each other."""
    spots = {name: Point(offset[name], -ROW * row[name]) for name in offset}
    cost = 0.0
    for target in (name for name in spots if row[name] == number):
        end = spots[target]
        heads: list[Point] = []
        for source in figure.parts(target):
            start = spots[source]
            cost += abs(start.x - end.x)
            for name, other in spots.items():
                if name not in (source, target) and (gap := other.from_line(start, end)) < COMFORT:
                    cost += CROWDING * (COMFORT - gap) + (DETOUR if gap < RADIUS + CLEARANCE else 0.0)
            head = end.toward(start, RADIUS)
            cost += sum(CROWDING * max(0.0, HEAD + 1 - head.distance(other)) for other in heads)
            heads.append(head)
    return cost
