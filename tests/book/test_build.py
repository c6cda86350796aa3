"""The whole book: every formula on a page bears its evidence, and a build that is refused leaves no trace."""

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from derive import api
from derive.book.build import build_book
from derive.cli import main
from derive.errors import CheckFailed
from derive.gradients.form import Question
from derive.render.forms import formula_rows
from derive.render.printer import latex

WORDS = ("by law", "exact at random points", "sampled", "assumed")
STEPS = 2


class Page(HTMLParser):
    """The figures of formulas on a page, each with what stands in it, and the mathematics outside of them."""

    def __init__(self, text):
        super().__init__()
        self.figures, self.ids, self.inside, self.classes, self.text = [], [], 0, [], text
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        names = (given.get("class") or "").split()
        if given.get("id"):
            self.ids.append(given["id"])
        if tag == "figure" and "formula" in names:
            self.figures.append({"id": given["id"], "latex": given["data-latex"], "evidence": "", "text": ""})
            self.inside = 1
        elif self.inside:
            self.inside += tag == "figure"
            if "evidence" in names:
                self.classes.append("evidence")

    def handle_endtag(self, tag):
        if self.inside and tag == "figure":
            self.inside -= 1
        if self.classes and tag == "p":
            self.classes.pop()

    def handle_data(self, data):
        if self.inside:
            self.figures[-1]["evidence" if self.classes else "text"] += data


@pytest.fixture(scope="module")
def site(book):
    return book


def page(site, name):
    return Page((site[0] / name).read_text(encoding="utf-8"))


def cell_pages():
    return [f"cells/{name}.html" for name in api.cells()]


def test_every_page_is_there(site):
    out, lines = site
    reference = [f"reference/{name}.html" for name in ("command-line", "python", "building-blocks")]
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*.html")) == sorted(
        ["404.html", "index.html", "checking.html", *cell_pages(), *reference]
    )
    assert all(any(name in line for line in lines) for name in api.cells())


def test_beside_the_site_nothing_is_left(site):
    assert [path.name for path in site[0].parent.iterdir()] == ["public site"]


@pytest.mark.parametrize("name", api.cells())
def test_every_formula_of_a_network_is_on_its_page(site, name):
    found = page(site, f"cells/{name}.html")
    shown = re.sub(r"[\s&]+", "", "".join(figure["latex"] for figure in found.figures))
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
    assert len(found.figures) >= 4 * len(api.load(name).parameters)
    for figure in found.figures:
        lines = [line.strip() for line in figure["evidence"].split("\n") if line.strip()]
        words = [word for line in lines for word in WORDS if line.startswith(word)]
        assert words, figure["id"]
        assert re.search(r"T = \d", figure["evidence"])
        assert re.search(r"relative error|probability", figure["evidence"])


@pytest.mark.parametrize("name", [*cell_pages(), "index.html", "checking.html"])
def test_a_page_is_sound(site, name):
    found = page(site, name)
    assert len(set(found.ids)) == len(found.ids)
    text = found.text
    assert "{{" not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert "Derivative(" not in text
    assert "Name(" not in text
    assert "None" not in re.sub(r"<script.*?</script>|<style.*?</style>", "", text, flags=re.DOTALL)
    for figure in found.figures:
        assert figure["latex"].count("{") == figure["latex"].count("}")
        assert figure["latex"].count(r"\left") == figure["latex"].count(r"\right")
        assert figure["latex"] in unescape(text)


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

    monkeypatch.setattr("derive.check.judge.exactly", refuse)
    with pytest.raises(type(fault)):
        build_book(out, STEPS)
    assert (out / "index.html").read_text(encoding="utf-8") == "the old site"
    assert [path.name for path in tmp_path.iterdir()] == ["old site"]


def test_the_command_says_that_a_check_failed(tmp_path, monkeypatch, capsys):
    def refuse(*arguments, **options):
        raise CheckFailed("the formula derived for L failed its exact check")

    monkeypatch.setattr("derive.check.judge.exactly", refuse)
    assert main(["build", "--out", str(tmp_path / "site")]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "failed its exact check" in printed.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", ["full folder", "file"])
def test_nothing_of_somebody_else_is_replaced(what, tmp_path, capsys, monkeypatch):
    """That is said at once, before anything is derived."""

    def too_late(*arguments, **options):
        raise AssertionError

    monkeypatch.setattr("derive.check.judge.exactly", too_late)
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
