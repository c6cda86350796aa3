"""The whole book: every formula on a page bears its evidence, and a build that is refused leaves no trace."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from itertools import groupby
from pathlib import Path

import pytest

from derive import api
from derive.book.build import build_book
from derive.calculus.bounds import BOUNDS
from derive.calculus.laws import LAWS
from derive.calculus.rewrite import RULES
from derive.cli import main
from derive.errors import CheckFailed
from derive.gradients.chain import STAGES
from derive.gradients.form import Question
from derive.render.forms import formula_rows
from derive.render.printer import latex

WORDS = ("by law", "exact at random points", "sampled", "assumed")
STEPS = 2
WITHOUT_END = {"area", "br", "hr", "img", "input", "link", "meta"}


@dataclass
class Figure:
    """What stands in the figure of one formula; `within` are the ids of what it stands in."""

    id: str
    latex: str
    within: tuple[str, ...]
    number: str = ""
    evidence: list[str] = field(default_factory=list)
    laws: int = 0
    links: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """A page: its formulas, its links to itself, its tabs, and mathematics that no script would typeset."""

    def __init__(self, text):
        super().__init__()
        self.text, self.open = text, []
        self.figures, self.ids, self.links, self.tabs, self.folds, self.raw = [], [], [], [], [], []
        self.feed(re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL))

    def inside(self, tag, name=""):
        return any(tag == at and (not name or name in classes) for at, classes, _ in self.open)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        classes, own = (given.get("class") or "").split(), given.get("id")
        self.ids += [own] if own else []
        if tag == "figure" and "formula" in classes:
            within = tuple(i for _, _, i in self.open if i)
            self.figures.append(Figure(own, given["data-latex"], within))
        if tag == "a" and given.get("href", "").startswith("#"):
            self.links.append(given["href"][1:])
            if self.inside("figure", "formula") and "formula-number" not in classes:
                self.figures[-1].links.append(given["href"][1:])
        if tag == "details":
            self.folds.append("open" in given)
        if tag == "input" and given.get("type") == "radio" and own.startswith("tab-"):
            self.tabs.append((given["name"], own, "checked" in given))
        if self.inside("figure", "formula") and tag == "p" and self.inside("details", "evidence"):
            self.figures[-1].evidence.append("")
        if tag not in WITHOUT_END:
            self.open.append((tag, classes, own))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self.inside("p") and self.inside("details", "evidence"):
            self.figures[-1].evidence[-1] += data
        if self.inside("a", "formula-number"):
            self.figures[-1].number += data.strip("()")
        if self.inside("details", "steps") and self.inside("b"):
            self.figures[-1].laws += 1
        if re.search(r"\\[(\[]", data) and not any("arithmatex" in classes for _, classes, _ in self.open):
            self.raw.append(data)


@pytest.fixture(scope="module")
def site(book):
    return book


def page(site, name):
    return Page((site[0] / name).read_text(encoding="utf-8"))


def cell_pages():
    return [f"cells/{name}.html" for name in api.cells()]


def test_every_page_is_there(site):
    out, lines = site
    found = {path.relative_to(out).as_posix() for path in out.rglob("*.html")}
    single = {"404.html", "index.html", "checking.html", "derivations.html", "errors-in-circulation.html"}
    assert found > {*single, *cell_pages()}
    assert {path.split("/")[0] for path in found} == {*single, "cells", "reference"}
    assert lines[-1] == "building the site"


def test_beside_the_site_nothing_is_left(site):
    assert [path.name for path in site[0].parent.iterdir()] == ["public site"]


@pytest.mark.parametrize("name", api.cells())
def test_every_formula_of_a_network_is_on_its_page(site, name):
    found = page(site, f"cells/{name}.html")
    shown = re.sub(r"[\s&]+", "", "".join(figure.latex for figure in found.figures))
    network = api.load(name)
    for parameter in network.parameters:
        for steps in (None, STEPS):
            question: Question = network.question(parameter, steps=steps)
            for kind in api.FORMS:
                result = api.MAKERS[kind](question, expanded=steps is not None).result
                for row in formula_rows(result):
                    assert re.sub(r"[\s&]+", "", row) in shown
    for equation in network.model.equations:
        assert latex(equation.left) in unescape(found.text)


@pytest.mark.parametrize("name", api.cells())
def test_no_formula_without_its_evidence(site, name):
    found = page(site, f"cells/{name}.html")
    assert len(found.figures) >= len(api.FORMS) * (STEPS + 1) * len(api.load(name).parameters)
    for figure in found.figures:
        assert figure.evidence, figure.id
        for line in figure.evidence:
            assert line.startswith(WORDS)
            assert re.search(r"T = \d.*(relative error|probability)|not refuted at \d+ special points", line)


@pytest.mark.parametrize("name", api.cells())
def test_a_formula_is_cited_by_its_number(site, name):
    found = page(site, f"cells/{name}.html")
    numbers = [figure.number for figure in found.figures]
    assert len(set(numbers)) == len(numbers)
    by_number = {figure.number: figure.id for figure in found.figures}
    whole = [number for number in numbers if number.isdigit()]
    assert whole == [str(i) for i in range(1, len(whole) + 1)]
    for figure in found.figures:
        if not figure.number.isdigit():
            general, _, steps = figure.number.partition(".")
            assert by_number[general] in figure.links
            assert figure.within[-1].endswith(f"-T{steps}")


@pytest.mark.parametrize("name", api.cells())
def test_how_a_form_is_reached_is_told_where_it_stands_for_any_number_of_steps(site, name):
    found = page(site, f"cells/{name}.html")
    for parameter in api.load(name).parameters:
        forms = [figure for figure in found.figures if figure.id.startswith(f"{parameter}-")]
        assert len(forms) == len(api.FORMS) * (STEPS + 1)
        assert any(figure.laws for figure in forms)
        assert all(figure.number.isdigit() for figure in forms if figure.laws)


@pytest.mark.parametrize("name", api.cells())
def test_tabs_can_be_opened_by_their_names(site, name):
    """The script that follows a link opens the block `x` by the input `tab-x`."""
    found = page(site, f"cells/{name}.html")
    assert found.tabs
    for _, group in groupby(found.tabs, key=lambda tab: tab[0]):
        members = list(group)
        assert [checked for _, _, checked in members].count(True) == 1
        assert all(own.removeprefix("tab-") in found.ids and f'for="{own}"' in found.text for _, own, _ in members)


@pytest.mark.parametrize("name", api.cells())
def test_a_sign_is_explained_once(site, name):
    text = (site[0] / f"cells/{name}.html").read_text(encoding="utf-8")
    uses = "".join(figure.latex for figure in Page(text).figures)
    for sign, words in ((r"\partial^{+}", "the immediate derivative:"), (r"\odot", "the product, entry by entry")):
        assert text.count(words) == (1 if sign in uses else 0)


@pytest.mark.parametrize("name", [*cell_pages(), "index.html", "checking.html"])
def test_a_page_is_sound(site, name):
    found = page(site, name)
    assert len(set(found.ids)) == len(found.ids)
    assert set(found.links) <= set(found.ids)
    assert found.raw == []
    assert not any(found.folds)
    text = re.sub(r"<(script|style)\b.*?</\1>", "", found.text, flags=re.DOTALL)
    for left in ("{{", "Derivative(", "Name(", "None"):
        assert left not in text
    for figure in found.figures:
        assert figure.latex.count("{") == figure.latex.count("}")
        assert figure.latex.count(r"\left") == figure.latex.count(r"\right")
        assert figure.latex in unescape(text)


def test_the_page_on_checking_has_every_law(site):
    text = (site[0] / "checking.html").read_text(encoding="utf-8")
    laws = [law for _, law in (*LAWS, *BOUNDS)]
    headings = re.findall(r"<h3[^>]*>([^<]+)<", text)
    for law in {*laws, *STAGES}:
        assert law.__name__.replace("_", " ").capitalize() in headings
    terms = re.findall(r"<dt>([^<]+)</dt>", text)
    for rule in RULES:
        assert rule.__name__.replace("_", " ").capitalize() in terms


def test_the_first_page_names_the_forms(site):
    terms = re.findall(r"<dt>([^<]+)</dt>", (site[0] / "index.html").read_text(encoding="utf-8"))
    assert set(api.FORMS) <= set(terms)


def test_the_numbers_on_the_pages_add_up(site):
    def counts(text):
        return {word: int(number) for number, word in re.findall(r">(\d+) <a href=\"[^\"]*\">([^<]+)</a>", text)}

    total = counts((site[0] / "index.html").read_text(encoding="utf-8"))
    assert total
    assert set(total) <= set(WORDS)
    each = [counts((site[0] / name).read_text(encoding="utf-8")) for name in cell_pages()]
    assert total == {word: sum(one.get(word, 0) for one in each) for word in total}


@pytest.mark.parametrize("fault", [CheckFailed("planted"), KeyboardInterrupt(), MemoryError()])
def test_a_build_that_stops_leaves_the_old_site_and_nothing_else(fault, tmp_path, monkeypatch):
    out = tmp_path / "old site"
    (out / "assets" / "mathjax").mkdir(parents=True)
    (out / "index.html").write_text("the old site", encoding="utf-8")

    def refuse(*arguments, **options):
        raise fault

    monkeypatch.setattr("derive.evidence.judge.exactly", refuse)
    monkeypatch.setattr("derive.book.build.cpu_count", lambda: 1)  # what is planted here is not in other processes
    with pytest.raises(type(fault)):
        build_book(out, STEPS)
    assert (out / "index.html").read_text(encoding="utf-8") == "the old site"
    assert [path.name for path in tmp_path.iterdir()] == ["old site"]


def test_the_command_says_that_a_check_failed(tmp_path, monkeypatch, capsys):
    def refuse(*arguments, **options):
        raise CheckFailed("the formula derived for L failed its exact check")

    monkeypatch.setattr("derive.evidence.judge.exactly", refuse)
    monkeypatch.setattr("derive.book.build.cpu_count", lambda: 1)
    assert main(["build", "--no-cache", "--out", str(tmp_path / "site")]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "failed its exact check" in printed.err
    assert list(tmp_path.iterdir()) == []


def refused(path, steps):
    raise CheckFailed(f"{path.stem} failed its exact check")


def test_what_fails_in_another_process_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("derive.book.build._derived", refused)
    monkeypatch.setattr("derive.book.build.cpu_count", lambda: 2)
    assert main(["build", "--no-cache", "--out", str(tmp_path / "site")]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "failed its exact check" in printed.err.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", ["full folder", "file"])
def test_nothing_of_somebody_else_is_replaced(what, tmp_path, capsys, monkeypatch):
    """That is said at once, before anything is derived."""

    def too_late(*arguments, **options):
        raise AssertionError

    monkeypatch.setattr("derive.evidence.judge.exactly", too_late)
    out = tmp_path / "theirs"
    if what == "file":
        out.write_text("theirs", encoding="utf-8")
    else:
        out.mkdir()
        (out / "thesis.tex").write_text("theirs", encoding="utf-8")
    assert main(["build", "--out", str(out), "--steps", "1"]) == 2
    printed = capsys.readouterr()
    assert str(out) in printed.err
    assert "theirs" in (out if what == "file" else out / "thesis.tex").read_text(encoding="utf-8")


def test_a_place_that_cannot_be_written(capsys, monkeypatch):
    monkeypatch.setattr("derive.book.build.make_pages", lambda *arguments: {"index.md": "# A page"})
    if not Path("/proc/version").exists():
        pytest.skip("no such place here")
    assert main(["build", "--out", "/proc/derive/site", "--steps", "1"]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("steps", ["T", "7", "0"])
def test_a_number_of_steps_for_pages(steps, tmp_path, capsys):
    assert main(["build", "--out", str(tmp_path / "site"), "--steps", steps]) == 2
    assert "step" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
