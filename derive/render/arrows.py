"""Lines between round nodes: bent just enough to miss the others, or led along a lane that several lines share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, sqrt

RADIUS = 19  # of a node
TIP = 3.0  # between the tip of an arrow and its node
CLEARANCE = 5.0  # between a line and a node that it passes
BENDS = (0.0, 30.0, -30.0, 42.0, -42.0, 60.0, -60.0, 90.0, -90.0)
"""How far a line's middle may move aside, in order of preference."""
CORNER = 8.0  # radius of a lane's corners
HEAD = 7.0  # length and width of an arrow's head
SIDES = 12  # of the polygon that stands for a curve, where it is asked what it passes


@dataclass(frozen=True)
class Point:
    """A place in a drawing; y grows downwards."""

    x: float
    y: float

    def toward(self, other: Point, distance: float) -> Point:
        """The place `distance` away from here on the way to `other`."""
        share = distance / (self.distance(other) or 1.0)
        return Point(self.x + share * (other.x - self.x), self.y + share * (other.y - self.y))

    def distance(self, other: Point) -> float:
        return hypot(other.x - self.x, other.y - self.y)

    def moved(self, right: float, down: float = 0.0) -> Point:
        return Point(self.x + right, self.y + down)

    def from_line(self, start: Point, end: Point) -> float:
        """The distance from the straight line between two places."""
        length = start.distance(end) or 1.0
        along = ((self.x - start.x) * (end.x - start.x) + (self.y - start.y) * (end.y - start.y)) / length
        return self.distance(start.toward(end, min(max(along, 0.0), length)))


@dataclass(frozen=True)
class Piece:
    """A part of a path up to `end`: a quadratic curve with its `control`, straight where that is None."""

    end: Point
    control: Point | None = None


@dataclass(frozen=True)
class Path:
    """A line from `start` through at least one piece."""

    start: Point
    pieces: tuple[Piece, ...]

    def __post_init__(self) -> None:
        if not self.pieces:
            raise ValueError("a path leads somewhere")

    @property
    def end(self) -> Point:
        return self.pieces[-1].end

    @property
    def is_straight(self) -> bool:
        return len(self.pieces) == 1 and self.pieces[0].control is None

    def moved(self, right: float) -> Path:
        """The same path further to the right."""
        pieces = [Piece(p.end.moved(right), p.control.moved(right) if p.control else None) for p in self.pieces]
        return Path(self.start.moved(right), tuple(pieces))

    def corners(self) -> list[Point]:
        """The path as a polygon that is nowhere far from it."""
        found = [self.start]
        for piece in self.pieces:
            here, control = found[-1], piece.control
            if control:
                found += [_on_curve(here, control, piece.end, side / SIDES) for side in range(1, SIDES)]
            found.append(piece.end)
        return found

    def gap(self, place: Point) -> float:
        """How far the path stays from a place."""
        return min(place.from_line(a, b) for a, b in pairwise(self.corners()))

    def crossings(self, other: Path) -> int:
        """How often two paths cross; an end that only touches is no crossing."""
        return sum(_cross(a, b, c, d) for a, b in pairwise(self.corners()) for c, d in pairwise(other.corners()))

    def head(self) -> tuple[Point, Point, Point]:
        """The corners of the arrow's head: its tip at the end of the path, then left and right of the line."""
        before = self.pieces[-1].control or (self.pieces[-2].end if len(self.pieces) > 1 else self.start)
        foot = self.end.toward(before, HEAD)
        aside = ((self.end.y - foot.y) / 2, (foot.x - self.end.x) / 2)
        return self.end, foot.moved(*aside), foot.moved(-aside[0], -aside[1])


def ways(start: Point, end: Point, others: Iterable[Point]) -> Iterator[Path]:
    """The paths from the node at `start` to the node at `end` that pass the nodes at `others`, least bent first.

    Where the straight one does, it is the only one.
    """
    others = list(others)
    middle = _middle(start, end)
    aside = Point(middle.x + start.y - end.y, middle.y + end.x - start.x)
    for bend in BENDS:
        control = middle.toward(aside, 2 * bend)
        first, last = start.toward(control, RADIUS), end.toward(control, RADIUS + TIP)
        path = Path(first, (Piece(last, control if bend else None),))
        if all(path.gap(other) >= RADIUS + CLEARANCE for other in others):
            yield path
            if not bend:
                return


def along_lane(start: Point, end: Point, gutter: float, levels: tuple[float, float], entry: float) -> Path:
    """A path that runs down or up at x = `gutter`, then below the node at `end`, and enters it from there.

    `levels` are the heights at which it leads to the gutter and away from it: the first is that of `start`, or above it
    where a neighbour is in the way. It enters `entry` to the right of the node's middle, so that it meets no line from
    right below.
    """
    side = 1 if gutter > start.x else -1
    first, second = levels
    last = end.x + entry
    points = [
        start.moved(side * RADIUS),
        Point(gutter, first),
        Point(gutter, second),
        Point(last, second),
        Point(last, end.y + _rise(entry) + TIP),
    ]
    if first != start.y:
        away = start.x + side * abs(entry)
        points[:1] = [Point(away, start.y - _rise(entry)), Point(away, first)]
    return _with_round_corners(points)


def _rise(aside: float) -> float:
    """How high a node's rim is, this far from its middle."""
    return sqrt(RADIUS**2 - aside**2)


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the line from `a` to `b` and the line from `c` to `d` have an inner point in common."""
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0


def _turn(a: Point, b: Point, c: Point) -> float:
    """Positive where the way from `a` over `b` to `c` turns to one side, negative where to the other."""
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)


def _middle(start: Point, end: Point) -> Point:
    return Point((start.x + end.x) / 2, (start.y + end.y) / 2)


def _on_curve(start: Point, control: Point, end: Point, share: float) -> Point:
    a, b, c = (1 - share) ** 2, 2 * share * (1 - share), share**2
    return Point(a * start.x + b * control.x + c * end.x, a * start.y + b * control.y + c * end.y)


def _with_round_corners(points: Sequence[Point]) -> Path:
    pieces: list[Piece] = []
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        cut = min(CORNER, corner.distance(before) / 2, corner.distance(after) / 2)
        pieces += [Piece(corner.toward(before, cut)), Piece(corner.toward(after, cut), corner)]
    return Path(points[0], (*pieces, Piece(points[-1])))
