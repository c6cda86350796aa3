"""The picture of norms: one piece of a page, the same each time, that says in words what it shows."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from xml.etree import ElementTree

import pytest

from derive.api import load
from derive.evidence.norms import Norms, norms
from derive.render.plot import COLOURS, INK, Plot, norms_plot, plot

SVG = "{http://www.w3.org/2000/svg}"
EACH = pytest.mark.parametrize(("name", "activation"), [("elman", "tanh"), ("scalar", "tanh"), ("lstm", "f")])


@cache
def computed(name: str, activation: str) -> Norms:
    return norms(load(name, activation).model, steps=10, size=6)


@cache
def drawn(name: str, activation: str) -> Plot:
    return plot(computed(name, activation), "norms")


def panels(text: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(text).iter(f"{SVG}svg"))


@EACH
def test_a_panel_for_each_family(name, activation):
    found = panels(drawn(name, activation).svg)
    assert len(found) == len(computed(name, activation).families)
    assert len({panel.get("viewBox") for panel in found}) == 1


@EACH
def test_a_panel_speaks(name, activation):
    for panel in panels(drawn(name, activation).svg):
        title, description = panel.find(f"{SVG}title"), panel.find(f"{SVG}desc")
        assert panel.get("role") == "img"
        assert panel.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        assert "‖∂" in title.text
        assert description.text.count("the norm ends at") == 3
        assert ("its bound at" in description.text) == (name != "lstm")
        assert not re.search(r"[\\{}]", title.text + description.text), "neither LaTeX nor marks"


@EACH
def test_it_takes_the_colours_and_the_font_of_the_page(name, activation):
    text = drawn(name, activation).svg
    assert "currentColor" in text
    assert all(f"var(--plot-{number}" in text for number in (1, 2, 3))
    assert not any(stand_in in text for stand_in in (INK, *COLOURS))
    assert not re.search(r"#[0-9a-f]{6}(?!\))", text), "a colour that no variable governs"
    assert "font-family" not in text
    assert "DejaVu" not in text


@EACH
def test_it_changes_nothing_else_on_the_page(name, activation):
    text = drawn(name, activation).svg
    assert "<style" not in text
    assert "<?xml" not in text
    assert "<!" not in text
    assert "\n\n" not in text, "Markdown would end the piece there"
    assert all(identifier.startswith("norms-") for identifier in re.findall(r'\bid="([^"]+)"', text))


@EACH
def test_each_id_is_there_once_and_each_reference_leads_to_one(name, activation):
    text = drawn(name, activation).svg + norms_plot(computed(name, activation), "other")
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', text)) <= set(ids)


def test_nothing_is_loaded_from_elsewhere():
    links = re.findall(r'(?:href|src)="([^"]*)"', drawn("elman", "tanh").svg)
    assert all(link.startswith("#") for link in links)


@EACH
def test_the_same_norms_give_the_same_text(name, activation):
    assert drawn(name, activation).svg == plot(computed(name, activation), "norms").svg
    assert "date" not in drawn(name, activation).svg


@EACH
def test_a_solid_line_for_each_norm_and_a_dashed_one_for_each_bound(name, activation):
    for panel in panels(drawn(name, activation).svg):
        lines = [path.get("style") for path in panel.iter(f"{SVG}path") if "var(--plot" in (path.get("style") or "")]
        thick = [style for style in lines if "stroke-width: 2" in style]
        dashed = [style for style in lines if "stroke-dasharray" in style]
        assert len(thick) == 2 * 3, "three curves, each again in the legend"
        assert len(dashed) == (0 if name == "lstm" else 3)


def test_the_facts():
    found = dict(drawn("elman", "tanh").facts)
    assert found["recurrent parameters"] == r"\(W\)"
    assert found[r"\(n\)"] == "6"
    assert found[r"\(T\)"] == "10"
    assert found["seed"] == "0"
    assert found[r"not normal: \(\sigma_{\max}\) and \(\rho\)"] == "0.8, 1, 1.5 and 0.4, 0.5, 0.75"
    assert dict(drawn("scalar", "tanh").facts)[r"\(|w_h|\)"] == "0.8, 1, 1.5"
    assert [title for title, _ in drawn("elman", "tanh").families] == ["orthogonal", "not normal"]
    assert drawn("scalar", "tanh").families == ()


def test_what_was_set_is_said():
    found = plot(norms(load("lstm").model, steps=4, size=4, settings={"b_f": 3.0}), "set")
    assert dict(found.facts)[r"\(b_f\)"] == "3 in every entry"


def test_a_panel_has_three_curves_at_most():
    four = norms(load("scalar", "tanh").model, steps=4, sigmas=(0.5, 1.0, 1.5, 2.0))
    with pytest.raises(ValueError, match="argument"):
        norms_plot(four, "four")


def test_who_draws_nothing_does_not_load_what_draws():
    code = "import sys, derive.render.plot; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
