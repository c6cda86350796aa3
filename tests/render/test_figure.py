"""Drawings are well-formed whatever the labels are, and no arrow runs through a node."""

import re
from dataclasses import replace
from itertools import combinations
from math import hypot
from xml.etree import ElementTree

import pytest

from derive.render.arrows import RADIUS, Point, bent
from derive.render.figure import Figure, FigureEdge, FigureNode, draw, layout

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<script>alert('x')</script> & \"quoted\""


def network(id_, uses, states, steps=3):
    """A network whose quantities use, each, some at the same step (lag 0) or at an earlier one."""
    nodes, edges = [], []
    for t in range(steps + 1):
        for name in uses:
            if t == 0 and name not in states:
                continue
            kind = "constant" if t == 0 else "state" if name in states else "input" if not uses[name] else "node"
            nodes.append(FigureNode(f"{name}_{t}", name, ((name, "base"), (str(t), "sub")), t, kind, f"{name} {t}"))
            edges += [
                FigureEdge(f"{source}_{t - lag}", f"{name}_{t}", f"{source} to {name}")
                for source, lag in uses[name]
                if t > 0 and (t - lag > 0 or (t - lag == 0 and source in states))
            ]
    return Figure(id_, tuple(nodes), tuple(edges), "Unrolled", "Three steps")


ELMAN = network("elman", {"x": (), "s": (("x", 0), ("s", 1)), "o": (("s", 0),), "L": (("o", 0),)}, {"s"})
LSTM = network(
    "lstm",
    {
        "x": (),
        **dict.fromkeys(("f", "i", "o", "c~"), (("h", 1), ("x", 0))),
        "c": (("f", 0), ("i", 0), ("c~", 0), ("c", 1)),
        "h": (("o", 0), ("c", 0)),
        "y": (("h", 0),),
        "target": (),
        "L": (("y", 0), ("target", 0)),
    },
    {"c", "h"},
)
TWO_BACK = network("lag", {"x": (), "s": (("x", 0), ("s", 1), ("s", 2))}, {"s"}, steps=4)
FIGURES = pytest.mark.parametrize("figure", [ELMAN, LSTM, TWO_BACK], ids=lambda figure: figure.id)


@FIGURES
def test_drawn_as_well_formed_svg(figure):
    root = ElementTree.fromstring(draw(figure))
    assert root.get("role") == "img"
    assert {group.get("data-node") for group in root.iter(f"{SVG}g")} == {node.id for node in figure.nodes}
    drawn = {path.get("data-edge") for path in root.iter(f"{SVG}path") if path.get("data-edge")}
    assert drawn == {f"{edge.source} {edge.target}" for edge in figure.edges}
    named = {element.get("id"): element.text for element in root.iter() if element.get("id")}
    assert [named[name] for name in root.get("aria-labelledby").split()] == [figure.title, figure.description]


def test_two_drawings_share_no_id():
    ids = re.findall(r'\bid="([^"]+)"', draw(ELMAN) + draw(LSTM))
    assert len(ids) == len(set(ids)) == 6


def test_text_from_outside_stays_text():
    node = FigureNode(NASTY, NASTY, ((NASTY, "base"), ("o", "bar"), (NASTY, "sub")), 1, "state", NASTY)
    later = replace(node, id=NASTY + "later", column=2)
    svg = draw(Figure(NASTY, (node, later), (FigureEdge(node.id, later.id, NASTY),), NASTY, NASTY))
    assert "<script" not in svg
    root = ElementTree.fromstring(svg)
    assert root.find(f"{SVG}title").text == NASTY
    assert [run.text for run in root.iter(f"{SVG}tspan")] == 2 * [NASTY, "ō", NASTY]


@FIGURES
def test_a_quantity_stands_at_the_same_place_in_each_column(figure):
    plan = layout(figure)
    for first, second in combinations(figure.nodes, 2):
        here, there = plan.places[first.id], plan.places[second.id]
        if first.name == second.name:
            assert here.y == there.y
            assert there.x - here.x == pytest.approx(plan.step * (second.column - first.column))
        assert hypot(here.x - there.x, here.y - there.y) > 2 * RADIUS, f"{first.id} and {second.id} overlap"


@FIGURES
def test_a_quantity_stands_above_what_it_is_made_of(figure):
    places = layout(figure).places
    column = {node.id: node.column for node in figure.nodes}
    for edge in figure.edges:
        if column[edge.source] == column[edge.target]:
            assert places[edge.target].y < places[edge.source].y


@FIGURES
def test_no_arrow_runs_through_a_node(figure):
    places = layout(figure).places
    root = ElementTree.fromstring(draw(figure))
    for path in root.iter(f"{SVG}path"):
        if not path.get("data-edge"):
            continue
        source, target = path.get("data-edge").split()
        for name, place in places.items():
            if name not in (source, target):
                nearest = min(hypot(p.x - place.x, p.y - place.y) for p in points_along(path.get("d")))
                assert nearest > RADIUS, f"{source} to {target} runs through {name}"


def points_along(d):
    """Points on a path of lines and quadratic curves, a few for each piece."""
    here, found = None, []
    for command, numbers in re.findall(r"([MLQ])([-\d. ]+)", d):
        values = [float(number) for number in numbers.split()]
        ends = [Point(x, y) for x, y in zip(values[::2], values[1::2], strict=True)]
        start, control, end = here or ends[0], ends[0], ends[-1]
        if command == "L":
            control = Point((start.x + end.x) / 2, (start.y + end.y) / 2)
        for share in (n / 20 for n in range(21)):
            a, b, c = (1 - share) ** 2, 2 * share * (1 - share), share**2
            found.append(Point(a * start.x + b * control.x + c * end.x, a * start.y + b * control.y + c * end.y))
        here = end
    return found


def test_an_arrow_bends_around_a_node_in_its_way_and_only_then():
    start, end = Point(0, 0), Point(0, -160)
    assert "Q" not in bent(start, end, [Point(60, -80)])
    assert "Q" in bent(start, end, [Point(0, -80)])


def test_a_network_that_runs_backwards_in_time_is_drawn():
    nodes = [FigureNode(f"{name}_{t}", name, (), t, "node", "") for t in (1, 2) for name in "xabs"]
    edges = [FigureEdge("s_2", f"{name}_1", "") for name in "ab"]
    edges += [FigureEdge(f"{a}_{t}", f"{b}_{t}", "") for t in (1, 2) for a, b in ("xa", "xb", "as", "bs")]
    figure = Figure("backwards", tuple(nodes), tuple(edges), "", "")
    ElementTree.fromstring(draw(figure))


@pytest.mark.parametrize(("ids", "edge"), [(("a", "a"), None), ((), None), (("a",), ("a", "b"))])
def test_a_figure_checks_itself(ids, edge):
    nodes = tuple(FigureNode(name, name, (), 1, "node", "") for name in ids)
    edges = (FigureEdge(*edge, "") if edge else None,) if edge else ()
    with pytest.raises(ValueError, match="figure"):
        Figure("wrong", nodes, edges, "", "")
