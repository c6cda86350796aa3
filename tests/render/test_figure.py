"""Drawings are well-formed whatever the labels are, no arrow runs through a node, and no two run together."""

import re
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from derive.render.arrows import RADIUS, Path, Piece, Point, ways
from derive.render.figure import draw, svg_path, tikz_path
from derive.render.figure_layout import layout
from derive.render.figure_lines import lines
from derive.render.figure_parts import Figure, FigureEdge, FigureNode
from derive.render.unrolled import unrolled
from tests import networks

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<script>alert('x')</script> & \"quoted\""


def node(id_, name, column, kind="node", label=()):
    return FigureNode(id_, name, label, name, column, kind, id_)


def network(id_, uses, states, steps=3):
    """A network whose quantities use, each, some at the same step (lag 0) or at an earlier one."""
    nodes, edges = [], []
    for t in range(steps + 1):
        for name in uses:
            if t == 0 and name not in states:
                continue
            kind = "constant" if t == 0 else "state" if name in states else "input" if not uses[name] else "node"
            nodes.append(node(f"{name}_{t}", name, t, kind, ((name, "base"), (str(t), "sub"))))
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
LAGS = network(
    "gates-that-look-two-steps-back",
    {"x": (), **dict.fromkeys("fi", (("h", 1), ("h", 2), ("x", 0))), "h": (("f", 0), ("i", 0), ("h", 1))},
    {"h"},
    steps=4,
)
SKIPS = network(
    "every-layer-sees-all-below-it",
    {
        "x": (),
        "a": (("x", 0), ("a", 1)),
        "b": (("a", 0), ("x", 0), ("b", 1)),
        "c": (("b", 0), ("a", 0), ("x", 0), ("c", 1)),
        "o": (("c", 0), ("b", 0), ("a", 0)),
    },
    set("abc"),
)
FEEDBACK = network(
    "two-layers-hear-of-both-states-above",
    {
        "x": (),
        "u": (("x", 0), ("a", 1), ("b", 1), ("o", 1)),
        "a": (("u", 0), ("a", 1), ("x", 0)),
        "v": (("a", 0), ("b", 1), ("o", 1)),
        "b": (("v", 0), ("b", 1), ("a", 0)),
        "o": (("b", 0),),
    },
    set("abo"),
)
INPUTS = network(
    "inputs-that-are-used-again",
    {
        "x": (),
        "z": (),
        **dict.fromkeys("fi", (("x", 0), ("x", 1), ("h", 1))),
        "h": (("f", 0), ("i", 0), ("z", 1)),
        "o": (("h", 0), ("x", 0), ("f", 0)),
    },
    {"h", "x", "z"},
)
MADE = {figure.id: figure for figure in (ELMAN, LSTM, LAGS, SKIPS, FEEDBACK, INPUTS)}


@cache
def made(name):
    """A figure, where its nodes stand, and its arrows' paths."""
    figure = MADE.get(name) or unrolled(networks.network(name.removeprefix("read-")).model, 3)
    plan = layout(figure)
    places = {node.id: plan.place(node.name, node.column) for node in figure.nodes}
    return figure, places, lines(figure, plan)


@pytest.fixture(params=[*MADE, *(f"read-{name}" for name in networks.names())])
def figure(request):
    return made(request.param)[0]


@pytest.fixture
def place(request, figure):
    return made(request.node.callspec.params["figure"])[1]


@pytest.fixture
def paths(request, figure):
    return made(request.node.callspec.params["figure"])[2]


def test_drawn_as_well_formed_svg(figure):
    root = ElementTree.fromstring(draw(figure))
    assert root.get("role") == "img"
    groups = list(root.iter(f"{SVG}g"))
    assert {group.get("data-node") for group in groups} - {None} == {node.id for node in figure.nodes}
    drawn = {group.get("data-edge") for group in groups} - {None}
    assert drawn == {f"{edge.source} {edge.target}" for edge in figure.edges}
    assert all(group.find(f"{SVG}title").text for group in groups)
    named = {element.get("id"): element.text for element in root.iter() if element.get("id")}
    assert [named[name] for name in root.get("aria-labelledby").split()] == [figure.title, figure.description]


def test_two_drawings_share_no_id():
    ids = re.findall(r'\bid="([^"]+)"', draw(ELMAN) + draw(LSTM))
    assert len(ids) == len(set(ids)) == 4


def test_text_from_outside_stays_text():
    first = replace(node(NASTY, NASTY, 1, "state", ((NASTY, "base"), (NASTY, "sub"))), title=NASTY)
    later = replace(first, id=NASTY + "later", column=2)
    drawn = draw(Figure(NASTY, (first, later), (FigureEdge(first.id, later.id, NASTY),), NASTY, NASTY))
    assert "<script" not in drawn
    root = ElementTree.fromstring(drawn)
    assert root.find(f"{SVG}title").text == NASTY
    texts = ["".join(run.text for run in text) for text in root.iter(f"{SVG}text")]
    assert texts == 2 * [NASTY + NASTY]


def test_what_no_xml_can_hold_is_left_out():
    drawn = draw(Figure("bell", (node("a", "a", 1),), (), "a\x07b\x00c", ""))
    assert ElementTree.fromstring(drawn).find(f"{SVG}title").text == "abc"


def test_a_quantity_stands_at_the_same_place_in_each_column(figure, place):
    step = layout(figure).step
    for first, second in combinations(figure.nodes, 2):
        here, there = place[first.id], place[second.id]
        if first.name == second.name:
            assert here.y == there.y
            assert there.x - here.x == pytest.approx(step * (second.column - first.column))
        assert here.distance(there) > 2 * RADIUS, f"{first.id} and {second.id} overlap"


def test_a_quantity_stands_above_what_it_is_made_of(figure, place):
    computed = {target.name for _, target in figure.ends}
    for source, target in figure.ends:
        if source.column == target.column:
            beside = place[target.id].y == place[source.id].y and source.name not in computed
            assert beside or place[target.id].y < place[source.id].y


def test_what_another_step_uses_has_its_row_for_itself(figure):
    spots = layout(figure).spots
    computed = {target.name for _, target in figure.ends}
    for use in figure.uses:
        if use.lag and use.source in computed:
            assert [name for name in spots if spots[name].y == spots[use.source].y] == [use.source]


def test_no_arrow_runs_through_a_node(figure, place):
    root = ElementTree.fromstring(draw(figure))
    for group in root.iter(f"{SVG}g"):
        if not group.get("data-edge"):
            continue
        source, target = group.get("data-edge").split()
        points = points_along(group.find(f"{SVG}path").get("d"))
        for name, other in place.items():
            if name not in (source, target):
                nearest = min(other.from_line(*ends) for ends in pairwise(points))
                assert nearest > RADIUS, f"{source} to {target} runs through {name}"


def test_no_two_arrows_run_together_unless_they_come_from_the_same_node(figure, paths):
    repeated = [
        (edge, path)
        for edge, ends, path in zip(figure.edges, figure.ends, paths, strict=True)
        if ends[0].column in (0, 1)  # the other steps are the same
    ]
    for (first, path), (second, other) in combinations(repeated, 2):
        if first.source != second.source:
            assert shared(path, other) < 25, f"{first.title}, {second.title}"


def shared(path, other):
    """About how long two paths are the same line."""
    sides = list(pairwise(other.corners()))
    low, high = min(p.x for p in other.corners()) - 2, max(p.x for p in other.corners()) + 2
    points = [
        point
        for start, end in pairwise(path.corners())
        for step in range(int(start.distance(end) / 4) + 1)
        if low < (point := start.toward(end, 4 * step)).x < high
    ]
    return 4 * sum(any(point.from_line(*side) < 1.5 for side in sides) for point in points)


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
    assert next(ways(start, end, [Point(60, -80)])).is_straight
    assert not next(ways(start, end, [Point(0, -80)])).is_straight
    assert not list(ways(start, end, [Point(x, -80) for x in range(-120, 121, 20)]))


def test_paths_cross_or_do_not():
    flat, steep = Path(Point(0, 0), (Piece(Point(10, 0)),)), Path(Point(5, -5), (Piece(Point(5, 5)),))
    assert flat.crossings(steep) == 1
    assert flat.crossings(steep.moved(10)) == 0
    assert flat.crossings(flat.moved(5)) == 0


def test_both_writers_draw_the_same_curve():
    path = Path(Point(0, 0), (Piece(Point(30, 0)), Piece(Point(60, 30), Point(60, 0))))
    assert svg_path(path) == "M0 0 L30 0 Q60 0 60 30"
    assert tikz_path(path) == "(0, 0) -- (30, 0) .. controls (50, 0) and (60, 10) .. (60, 30)"


def test_a_network_that_runs_backwards_in_time_is_drawn():
    nodes = [node(f"{name}_{t}", name, t) for t in (1, 2) for name in "xabs"]
    edges = [FigureEdge("s_2", f"{name}_1", "") for name in "ab"]
    edges += [FigureEdge(f"{a}_{t}", f"{b}_{t}", "") for t in (1, 2) for a, b in ("xa", "xb", "as", "bs")]
    figure = Figure("backwards", tuple(nodes), tuple(edges), "", "")
    plan = layout(figure)
    test_no_arrow_runs_through_a_node(figure, {node.id: plan.place(node.name, node.column) for node in nodes})


@pytest.mark.parametrize(("ids", "edge"), [(("a", "a"), None), ((), None), (("a",), ("a", "b"))])
def test_a_figure_checks_itself(ids, edge):
    nodes = tuple(node(name, name, 1) for name in ids)
    edges = (FigureEdge(*edge, "") if edge else None,) if edge else ()
    with pytest.raises(ValueError, match="figure"):
        Figure("wrong", nodes, edges, "", "")
