"""Which way each arrow of a figure takes: straight, bent past a node, or along a lane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from statistics import fmean

from derive.render import arrows
from derive.render.arrows import HEAD, Path, Point
from derive.render.figure_layout import GUTTER, ROW, Layout
from derive.render.figure_parts import Figure, Use, use_of

LANE = 8.0  # between parallel lanes
LANES = 20.0  # from the first lane to the last, at most
DEPTH = ROW / 2 + 4  # of the middle lane below the row that it leads to
ENTRY = 9.0  # how far from a node's middle the line of a lane enters it
FARTHEST = 15.0  # the same for the farthest of several
SPREAD = 12.0  # between the nearest and the farthest, at most


@dataclass(frozen=True)
class Lanes:
    """For each quantity that is led along lanes, how far each of its lanes is from the middle one.

    It has as many lanes as the steps that its longest arrow spans: successive steps take turns.
    """

    aside: Mapping[str, tuple[float, ...]]

    def of(self, source: str, column: int) -> float:
        return self.aside[source][column % len(self.aside[source])]


def lines(figure: Figure, plan: Layout) -> tuple[Path, ...]:
    """The path of each arrow, in the order of the figure.

    A quantity that several others in another step use reaches them along a lane, as does one to which no way is free.
    All others go directly.
    """
    direct = _direct(figure, plan)
    led = [use for use in figure.uses if use not in direct]
    lanes, entries = _lanes(led, plan), _entries(led, figure, plan)
    paths = []
    for source, target in figure.ends:
        use = use_of(source, target)
        if use in direct:
            path = direct[use]
        else:
            path = _along_lane(use, plan, lanes.of(use.source, source.column), entries[use])
        paths.append(path.moved(source.column * plan.step))
    return tuple(paths)


def _direct(figure: Figure, plan: Layout) -> dict[Use, Path]:
    """The path of each use that needs no lane, for a source in column 0. What must bend crosses few straight lines."""
    found = {
        use: list(arrows.ways(*_ends(use, plan), _others(use, plan)))
        for use in figure.uses
        if not _is_shared(use, figure, plan)
    }
    straight = {use: ways[0] for use, ways in found.items() if ways and ways[0].is_straight}

    def crossings(use: Use, way: Path) -> int:
        steps = range(-figure.longest, abs(use.lag) + figure.longest + 1)
        return sum(way.crossings(line.moved(step * plan.step)) for line in straight.values() for step in steps)

    bent = {use: min(ways, key=partial(crossings, use)) for use, ways in found.items() if ways and use not in straight}
    return straight | bent


def _is_shared(use: Use, figure: Figure, plan: Layout) -> bool:
    """Whether other quantities at other heights use the same one in another step."""

    def climbs(other: Use) -> bool:
        return bool(other.lag) and plan.spots[other.source].y != plan.spots[other.target].y

    users = {other.target for other in figure.uses if other.source == use.source and climbs(other)}
    return climbs(use) and len(users) > 1


def _lanes(led: list[Use], plan: Layout) -> Lanes:
    """Lanes for the sources of these uses: those further up take the lanes nearer to where they lead."""
    sources = sorted(dict.fromkeys(use.source for use in led), key=lambda name: -plan.spots[name].y)
    turns = {name: max(1, *(abs(use.lag) for use in led if use.source == name)) for name in sources}
    last = sum(turns.values()) - 1
    apart = min(LANE, LANES / max(1, last))
    aside, number = {}, 0
    for name in sources:
        aside[name] = tuple((number + turn - last / 2) * apart for turn in range(turns[name]))
        number += turns[name]
    return Lanes(aside)


def _entries(led: list[Use], figure: Figure, plan: Layout) -> dict[Use, float]:
    """How far to the right of a node's middle each of these uses enters it: away from the arrows of its own step.

    Of several, the lane nearer to the node enters it further left, so that none crosses another.
    """
    entries: dict[Use, float] = {}
    for target in dict.fromkeys(use.target for use in led):
        uses = sorted((use for use in led if use.target == target), key=lambda use: plan.spots[use.source].y)
        below = [plan.spots[part].x for part in figure.parts(target)]
        side = 1 if below and fmean(below) < plan.spots[target].x else -1
        apart = min(HEAD, SPREAD / max(1, len(uses) - 1))
        places = [FARTHEST - number * apart for number in range(len(uses))] if len(uses) > 1 else [ENTRY]
        entries.update(zip(uses, sorted(side * place for place in places), strict=True))
    return entries


def _along_lane(use: Use, plan: Layout, aside: float, entry: float) -> Path:
    """A path along a lane that runs `aside` of the middle between columns and between rows."""
    start, end = _ends(use, plan)
    gutter = plan.left - GUTTER / 2 - aside if use.lag < 0 else plan.right + GUTTER / 2 + aside
    depth = DEPTH - aside
    low, high = sorted((start.x, gutter))
    neighbours = [spot for spot in plan.spots.values() if spot.y == start.y and spot != start]
    is_free = not any(low < spot.x < high for spot in neighbours)
    return arrows.along_lane(start, end, gutter, (start.y if is_free else start.y - ROW + depth, end.y + depth), entry)


def _ends(use: Use, plan: Layout) -> tuple[Point, Point]:
    return plan.place(use.source, 0), plan.place(use.target, use.lag)


def _others(use: Use, plan: Layout) -> list[Point]:
    """All nodes but the two ends, in the columns that an arrow may touch."""
    columns = range(min(0, use.lag) - 1, max(0, use.lag) + 2)
    ends = {(use.source, 0), (use.target, use.lag)}
    return [plan.place(name, c) for c in columns for name in plan.spots if (name, c) not in ends]
