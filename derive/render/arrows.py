"""Lines between round nodes: bent just enough to miss the others, or led along a lane that several lines share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, sqrt

RADIUS = 19.0  # of a node
TIP = 3.0  # between the tip of an arrow and its node
CLEARANCE = 5.0  # between a line and a node that it passes
BENDS = (0.0, 30.0, -30.0, 60.0, -60.0, 90.0, -90.0)  # how far a line's middle may move aside, in order of preference
ENTRY = 9.0  # how far from a node's middle a line from a lane enters it, so that it meets no line from right below
CORNER = 8.0  # radius of a lane's corners


@dataclass(frozen=True)
class Point:
    """A place in a drawing; y grows downwards."""

    x: float
    y: float

    def toward(self, other: Point, distance: float) -> Point:
        """The place `distance` away from here on the way to `other`."""
        share = distance / (hypot(other.x - self.x, other.y - self.y) or 1.0)
        return Point(self.x + share * (other.x - self.x), self.y + share * (other.y - self.y))

    def __str__(self) -> str:
        return f"{self.x:.1f} {self.y:.1f}"


def bent(start: Point, end: Point, others: Sequence[Point]) -> str:
    """A path from the node at `start` to the node at `end` that misses the nodes at `others` if any small bend does."""
    middle = Point((start.x + end.x) / 2, (start.y + end.y) / 2)
    aside = Point(middle.x + start.y - end.y, middle.y + end.x - start.x)
    controls = [middle.toward(aside, 2 * bend) for bend in BENDS]
    control = next((c for c in controls if _is_clear(start, c, end, others)), middle)
    first, last = start.toward(control, RADIUS), end.toward(control, RADIUS + TIP)
    return f"M{first} L{last}" if control == middle else f"M{first} Q{control} {last}"


def along_lane(start: Point, end: Point, gutter: float, level: float, others: Sequence[Point]) -> str:
    """A path that runs down or up at x = `gutter`, then below the node at `end` at y = `level`, and enters it there."""
    side = 1 if gutter > start.x else -1
    rise = sqrt(RADIUS**2 - ENTRY**2)
    entry = end.x - side * ENTRY
    points = [
        Point(start.x + side * RADIUS, start.y),
        Point(gutter, start.y),
        Point(gutter, level),
        Point(entry, level),
        Point(entry, end.y + rise + TIP),
    ]
    if any(p.y == start.y and 0 < side * (p.x - start.x) < side * (gutter - start.x) for p in others):
        exit_, above = start.x + side * ENTRY, start.y - (level - end.y)  # a neighbour is in the way: pass above it
        points[:2] = [Point(exit_, start.y - rise), Point(exit_, above), Point(gutter, above)]
    return _with_round_corners(points)


def _is_clear(start: Point, control: Point, end: Point, others: Sequence[Point]) -> bool:
    """Whether the quadratic curve through these points keeps its distance from all nodes at `others`."""
    curve = [_on_curve(start, control, end, step / 20) for step in range(21)]
    return all(hypot(p.x - other.x, p.y - other.y) >= RADIUS + CLEARANCE for p in curve for other in others)


def _on_curve(start: Point, control: Point, end: Point, share: float) -> Point:
    a, b, c = (1 - share) ** 2, 2 * share * (1 - share), share**2
    return Point(a * start.x + b * control.x + c * end.x, a * start.y + b * control.y + c * end.y)


def _with_round_corners(points: Sequence[Point]) -> str:
    parts = [f"M{points[0]}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        parts.append(f"L{corner.toward(before, CORNER)} Q{corner} {corner.toward(after, CORNER)}")
    return " ".join([*parts, f"L{points[-1]}"])
