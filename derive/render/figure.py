"""An unrolled network as a drawing: an SVG for a page, one that stands by itself, and TikZ, all from one layout.

Places and lines are computed by `figure_layout` and `figure_lines`; the templates only draw them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil, floor
from typing import Any

from derive.errors import DeriveError
from derive.render.arrows import RADIUS, Path, Point
from derive.render.environment import environment
from derive.render.figure_label import label
from derive.render.figure_layout import layout
from derive.render.figure_lines import lines
from derive.render.figure_parts import Figure
from derive.version import __version__

MARGIN = 14.0
UNIT = 0.6
"""TeX's points for a unit of the drawing: a label of 17 units is then as large as text of 10 points."""
WIDEST = 16_000
"""TeX's largest length, in its points."""
PACKAGES = {
    "amsmath": ("text", "boldsymbol", "overrightarrow", "operatorname"),
    "amssymb": ("mathbb", "mathfrak"),
    "bm": ("bm",),
    "mathrsfs": ("mathscr",),
}  # fmt: skip
"""LaTeX packages, and the commands in labels that need them."""


def draw(figure: Figure) -> str:
    """The figure as an SVG element to be put into a page, whose style sheet colours it."""
    return _printable(_svg(figure, standalone=False))


def svg(figure: Figure) -> str:
    """The figure as an SVG file with its own colours, in ASCII."""
    return _printable(_svg(figure, standalone=True)).encode("ascii", "xmlcharrefreplace").decode()


def tikz(figure: Figure) -> str:
    """The figure as a tikzpicture to be read by LaTeX's `\\input`. Error: DeriveError where TeX cannot measure it."""
    plan = layout(figure)
    columns = [node.column for node in figure.nodes]
    if UNIT * plan.step * (max(columns) - min(columns) + 1) > WIDEST:
        raise DeriveError("the figure is wider than TeX can measure", hint="fewer steps, or --format svg")
    template = environment().get_template("graph.tikz.j2")
    return _printable(
        template.render(
            figure=figure,
            title=" ".join(figure.title.split()),
            version=__version__,
            packages=list(_packages(figure)),
            nodes=[
                (node, _pair(plan.place(node.name, node.column), ", "), label(node.label).scale)
                for node in figure.nodes
            ],
            edges=list(zip(figure.edges, map(tikz_path, lines(figure, plan)), strict=True)),
            unit=UNIT,
            radius=RADIUS,
            number=_number,
        )
    )


WRITERS = {"svg": svg, "tikz": tikz}


def svg_path(path: Path) -> str:
    """The path as SVG's path data: `M0 0 L3 4 Q5 6 7 8`."""
    pieces = [f"Q{_pair(p.control)} {_pair(p.end)}" if p.control else f"L{_pair(p.end)}" for p in path.pieces]
    return " ".join([f"M{_pair(path.start)}", *pieces])


def tikz_path(path: Path) -> str:
    """The path as TikZ's coordinates; a quadratic curve is written as the cubic one that it is."""
    here, text = path.start, f"({_pair(path.start, ', ')})"
    for piece in path.pieces:
        if piece.control:
            first, second = _thirds(here, piece.control), _thirds(piece.end, piece.control)
            text += f" .. controls ({_pair(first, ', ')}) and ({_pair(second, ', ')}) .."
        else:
            text += " --"
        text += f" ({_pair(piece.end, ', ')})"
        here = piece.end
    return text


def _svg(figure: Figure, *, standalone: bool) -> str:
    plan = layout(figure)
    places = [plan.place(node.name, node.column) for node in figure.nodes]
    paths = lines(figure, plan)
    rims = [place.moved(*aside) for place in places for aside in ((-RADIUS, -RADIUS), (RADIUS, RADIUS))]
    left, top, right, bottom = _frame([*rims, *(p for path in paths for p in path.corners())])
    data: dict[str, Any] = {
        "figure": figure,
        "standalone": standalone,
        "version": __version__,
        "nodes": [(n, _pair(place), label(n.label)) for n, place in zip(figure.nodes, places, strict=True)],
        "edges": [
            (edge, svg_path(path), ", ".join(map(_pair, path.head())))
            for edge, path in zip(figure.edges, paths, strict=True)
        ],
        "radius": RADIUS,
        "number": _number,
        "left": left,
        "top": top,
        "width": round(right - left),
        "height": round(bottom - top),
    }
    return environment().get_template("graph.svg.j2").render(data)


def _frame(points: list[Point]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the drawing; half a pixel aside, so that lines at whole numbers fill pixels."""
    xs, ys = [p.x for p in points], [p.y for p in points]
    left, top = floor(min(xs) - MARGIN) - 0.5, floor(min(ys) - MARGIN) - 0.5
    return left, top, ceil(max(xs) + MARGIN) + 0.5, ceil(max(ys) + MARGIN) + 0.5


def _packages(figure: Figure) -> Iterator[str]:
    """What a document must load for the labels."""
    used = {command for node in figure.nodes for command in re.findall(r"\\([A-Za-z]+)", node.latex)}
    return (package for package, commands in PACKAGES.items() if used.intersection(commands))


def _pair(point: Point, between: str = " ") -> str:
    return f"{_number(point.x)}{between}{_number(point.y)}"


def _number(value: float) -> str:
    """A coordinate, to a tenth."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def _thirds(end: Point, control: Point) -> Point:
    """Two thirds of the way from an end of a quadratic curve to its control: the control of a cubic one."""
    return Point(end.x + 2 / 3 * (control.x - end.x), end.y + 2 / 3 * (control.y - end.y))


def _printable(text: str) -> str:
    """The text without what neither XML nor TeX can hold, such as a bell in somebody's title."""
    return "".join(c for c in text if c == "\n" or c.isprintable())
