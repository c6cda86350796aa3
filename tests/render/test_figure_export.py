"""Figures as files: an SVG that stands by itself, and TikZ that a document reads with tikz alone."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from derive.api import cells, load, loads
from derive.errors import DeriveError
from derive.render.figure import WRITERS, draw, svg, tikz
from derive.render.figure_label import ROOM, label, width
from derive.render.figure_parts import Figure
from derive.render.unrolled import MOST_DRAWN, unrolled
from tests import networks

SVG = "{http://www.w3.org/2000/svg}"
LABELS = r"""
x^{(t)}, y'^{(t)} \in \mathbb{R}^{n}, \mathbf{h}^{(0)}, \mathbf{h}^{(-1)} \in \mathbb{R}^{n}
W, U, R \in \mathbb{R}^{n \times n}
a_f^{(t)} = \sigma(W x^{(t)} + R \mathbf{h}^{(t-2)})
\bar{o}^{(t)} = \tanh(U x^{(t)})
o_{bar}^{(t)} = \tanh(R x^{(t)})
\mathcal{S}^{(t)} = \bar{o}^{(t)} \odot o_{bar}^{(t)}
\alpha_{\mathrm{encoder}}^{(t)} = \hat{o}'^{(t)} \odot \mathcal{S}^{(t)}
\hat{o}'^{(t)} = U \mathbf{h}^{(t-1)}
\mathbf{h}^{(t)} = a_f^{(t)} \odot \alpha_{\mathrm{encoder}}^{(t)} + \mathbf{h}^{(t-1)}
L^{(t)} = y'^{(t)\top} \mathbf{h}^{(t)}
L = \sum_{t=1}^{T} L^{(t)}
"""


def figure(name, steps=3):
    return unrolled(networks.network(name).model, steps, f"derive figure {name} --steps {steps}")


@pytest.fixture
def labels():
    return unrolled(loads(LABELS, "labels").model, 2)


@pytest.mark.parametrize("name", [*cells(), "two_layers", "gated_recurrent_unit", "lags_of_three_and_two"])
def test_both_formats_show_every_node_and_every_arrow(name):
    drawn = figure(name)
    nodes, ends = [node.id for node in drawn.nodes], [f"{edge.source} {edge.target}" for edge in drawn.edges]
    groups = [group.attrib for group in ElementTree.fromstring(svg(drawn)).iter(f"{SVG}g")]
    assert [group["data-node"] for group in groups if "data-node" in group] == nodes
    assert [group["data-edge"] for group in groups if "data-edge" in group] == ends
    text = tikz(drawn)
    assert re.findall(r"^\\node\[\w+\] \((.+?)\)", text, flags=re.MULTILINE) == nodes
    assert re.findall(r"^\\draw.*; % (.+) to (.+)$", text, flags=re.MULTILINE) == [(*end.split(),) for end in ends]


def test_both_formats_draw_at_the_same_places():
    drawn = figure("lstm")
    root = ElementTree.fromstring(svg(drawn))
    moved = {g.get("data-node"): g.get("transform") for g in root.iter(f"{SVG}g") if g.get("data-node")}
    placed = dict(re.findall(r"\\node\[\w+\] \((\S+)\) at \((.+?)\)", tikz(drawn)))
    assert moved == {name: f"translate({place.replace(',', '')})" for name, place in placed.items()}
    starts = [re.match(r"M(\S+ \S+)", path.get("d"))[1] for path in root.iterfind(f"{SVG}g/{SVG}path")]
    drawn_from = re.findall(r"^\\draw\[->\] \((.+?)\)", tikz(drawn), flags=re.MULTILINE)
    assert starts == [place.replace(",", "") for place in drawn_from]


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_figure_is_free_to_use_and_says_so(write):
    assert "Free to use for anything: CC0 1.0" in write(figure("elman"))


def test_an_svg_file_needs_nothing_around_it(labels):
    for drawn in (figure("elman"), labels):
        text = svg(drawn)
        assert text.isascii(), "no encoding can spoil it"
        root = ElementTree.fromstring(text)
        assert root.tag == f"{SVG}svg"
        box = root.get("viewBox").split()
        assert [root.get("width"), root.get("height")] == box[2:]
        style = root.find(f"{SVG}style").text
        assert "prefers-color-scheme: dark" in style
        assert "url(" not in text
        assert not re.search(r'(?:href|src)="', text)
        for kind in {node.kind for node in drawn.nodes} - {"node"}:
            assert f".{kind} " in style


def test_an_svg_in_a_page_is_coloured_by_the_page():
    drawn = draw(figure("elman"))
    assert "<style>" not in drawn
    assert "#" not in drawn.replace("http://", "")
    assert svg(figure("elman")).count("<path") == drawn.count("<path")


def test_tikz_asks_for_no_library(labels):
    text = tikz(labels)
    head, _, body = text.partition("\\begin{tikzpicture}")
    assert all(line.startswith("% ") for line in head.splitlines())
    assert "usetikzlibrary" not in text
    assert "usepackage" not in text
    assert text.endswith("\\end{tikzpicture}%\n")
    assert {"$\\mathbf{h}^{(1)}$", "$\\bar{o}^{(2)}$", "$a^{(1)}_f$"} <= set(re.findall(r"\$.*?\$", body))


def test_tikz_says_how_it_was_made_and_what_it_needs():
    assert ": derive figure elman --steps 3\n" in tikz(figure("elman"))
    assert "% Needs tikz and is" in tikz(figure("elman"))
    texts = LABELS.replace("mathrm{encoder}", "text{en coder}").replace("mathcal", "boldsymbol")
    assert "% Needs tikz, amsmath and is" in tikz(unrolled(loads(texts, "labels").model, 2))


def test_a_title_stays_in_its_comment():
    nasty = replace(figure("elman"), title="a\nb\r\\end{document}\u2028c")
    head = tikz(nasty).partition("\\begin{tikzpicture}")[0]
    assert all(line.startswith("% ") for line in head.splitlines())


def test_names_of_nodes_are_plain_and_different(labels):
    ids = [node.id for node in labels.nodes]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9-]+", name) for name in ids)
    assert {"o-bar-1", "o-bar-other-1", "h-mathbf-0", "o-prime-hat-2"} <= set(ids)


def test_a_file_name_with_spaces_gives_one_id():
    assert unrolled(loads(networks.TEXTS["norm"], "my own network").model, 1).id == "my-own-network-1"


def test_labels_are_set_as_in_formulas(labels):
    parts = {node.id: node.label for node in labels.nodes}
    assert parts["h-mathbf--1"] == (("h", "bold"), ("(\N{MINUS SIGN}1)", "sup"))
    assert parts["a-f-1"] == (("a", "base"), ("(1)", "sup"), ("f", "sub"))
    assert parts["o-prime-hat-1"] == (("o\u0302\N{PRIME}", "base"), ("(1)", "sup"))
    assert parts["S-mathcal-1"][0] == ("\N{MATHEMATICAL SCRIPT CAPITAL S}", "upright")


def test_a_label_fits_into_its_node(labels):
    for node in (*labels.nodes, *figure("lstm", 24).nodes[-11:]):
        found = label(node.label)
        assert sum(run.right + width(run.text) * run.size for run in found.runs) <= ROOM + 0.01
        assert 0 < found.scale <= 1
        assert (r"\scalebox" in tikz(Figure("one", (node,), (), "", ""))) == (found.scale < 1)


@pytest.mark.parametrize("steps", [0, -1, MOST_DRAWN + 1, 10**9])
def test_a_number_of_steps_that_is_not_drawn(steps):
    with pytest.raises(DeriveError, match="step"):
        figure("elman", steps)


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_long_unrollings_repeat_one_step(write):
    drawn = figure("lstm", MOST_DRAWN)
    assert len(drawn.nodes) == 2 + MOST_DRAWN * len(drawn.names)
    assert len(drawn.edges) == MOST_DRAWN * len(drawn.uses)
    assert write(drawn)


def test_what_is_too_wide_for_tex_is_refused():
    drawn = figure("lstm")
    far = replace(drawn.nodes[-1], id="far", column=2000)
    with pytest.raises(DeriveError, match="wider"):
        tikz(replace(drawn, nodes=(*drawn.nodes, far)))


def test_the_same_figure_is_the_same_text_in_every_process():
    program = (
        "from derive.api import load; from derive.render.figure import svg, tikz;"
        "from derive.render.unrolled import unrolled;"
        "figure = unrolled(load('lstm').model, 2); print(svg(figure), tikz(figure))"
    )
    command = [sys.executable, "-c", program]
    first, second = (
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in "12"
    )
    assert first == second


def missing():
    """What stands in the way of LaTeX on this machine, if anything."""
    if not shutil.which("pdflatex"):
        return "pdflatex is not installed"
    found = subprocess.run(["kpsewhich", "tikz.sty"], capture_output=True, check=False)
    return "" if found.returncode == 0 else "LaTeX has no tikz"


@pytest.mark.skipif(bool(missing()), reason=missing() or "LaTeX is there")
@pytest.mark.parametrize("name", [*cells(), "labels"])
def test_a_document_with_tikz_alone_reads_it(name, tmp_path, labels):
    figures = [labels] if name == "labels" else [unrolled(load(name).model, steps) for steps in (1, 4)]
    for number, drawn in enumerate(figures):
        (tmp_path / f"{number}.tikz").write_text(tikz(drawn), encoding="utf-8")
    inputs = "\n".join(
        rf"\setbox0\hbox{{\input{{{n}.tikz}}}}\typeout{{width \the\wd0}}\copy0" for n in range(len(figures))
    )
    document = rf"\documentclass{{article}}\usepackage{{tikz}}\begin{{document}}{inputs}\end{{document}}"
    (tmp_path / "a.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert not re.search(r"Missing character|undefined", done.stdout)
    widths = [float(found) for found in re.findall(r"^width ([\d.]+)pt", done.stdout, flags=re.MULTILINE)]
    svgs = [float(ElementTree.fromstring(svg(drawn)).get("width")) for drawn in figures]
    assert widths == pytest.approx([0.6 * (wide - 28) for wide in svgs], abs=2), "28 is the SVG's margin"
