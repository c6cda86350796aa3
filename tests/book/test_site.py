"""A site is built whole or not at all, needs nothing from elsewhere, and shows text from outside as text."""

import json
import re
import signal
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import mkdocs.commands.build
import pytest

from derive import resources
from derive.book import derivations, pages, site
from derive.errors import DeriveError

NASTY = r"</title><script>alert('x')</script> & *W* [a](b) `c` $d$"
EVIDENCE = ("exact at random points: T = 1..6, bound 3·10⁻¹⁴", "by law: triangle inequality")
COUNTS = (pages.EvidenceCount("exact at random points", 62),)
CARD = pages.CellCard("toy", "Toy", NASTY, "s_t")


def formula(id_="gradient-chain", number=1):
    latex = r"\begin{aligned} \frac{\partial L}{\partial W} &= 1 \quad (k < t) \\ &+ \sum_k \delta_k \end{aligned}"
    where = ((r"\delta_k", r"an adjoint, \((\partial L/\partial a_k)^\top\)"),)
    conditions = (r"\(\mathbf{1}^\top \bar o = 1\)", NASTY)
    steps = (pages.StepView((("Law " + NASTY, NASTY),), r"a = b", conditions),)
    return pages.FormulaView(id_, number, "Chain " + NASTY, latex, EVIDENCE, where, conditions, steps, (("state", 3),))


def cell():
    tabs = (pages.Tab("W_f-any", "Any " + NASTY, (formula(),)), pages.Tab("W_f-2", "T = 2", (formula("second", 2),)))
    return pages.CellPage(
        name="toy",
        title="Toy " + NASTY,
        source=NASTY + r" with \(f\)",
        equations_latex=r"s_t = f(W s_{t-1})",
        declarations=(pages.Declaration("W", r"\mathbb{R}^{n \times n}", "parameter"),),
        introduced=("a_t = W s_{t-1}",),
        cell_text="s_t = f(W s_{t-1})\n```\n<script>alert(1)</script>\n",
        graphs=(pages.Tab("graph-2", "Two steps", svg="<svg></svg>"),),
        nested=(),
        jacobians=(formula("jacobian", 4),),
        product=formula("state", 3),
        carried=(),
        bound=pages.BoundView(formula("bound-form", 5), NASTY, (NASTY,), "<svg></svg>", NASTY),
        recursion=(),
        parameters=(pages.ParameterView("W_f", "W_f", "gradient-W_f", r"\mathbb{R}^{n}", "parameter", True, tabs),),
        evidence=COUNTS,
        summary=(pages.EvidenceRow(NASTY, 62, (NASTY,)),),
        card=CARD,
    )


def toy_pages():
    law = pages.LawView("Linear " + NASTY, r"\partial(Ax)/\partial x = A", NASTY, NASTY, NASTY, "W")
    found = derivations.FoundView(NASTY, "fails", "fails", NASTY, NASTY, NASTY)
    article = derivations.Article("a", 1, NASTY, NASTY, (found,), NASTY)
    home = pages.HomePage((CARD,), COUNTS, (("derive build", NASTY),))
    return {
        "index.md": pages.home_page(home),
        "cells/toy.md": pages.cell_page(cell()),
        "derivations.md": derivations.check_page(derivations.CheckPage(NASTY, NASTY, NASTY)),
        "errors-in-circulation.md": derivations.circulation_page(derivations.CirculationPage((article,), ())),
        "checking.md": pages.checking_page(pages.CheckingPage((law,), COUNTS, (("Formulas", "62"),))),
    }


def build(out, some_pages=None):
    return site.build_site(some_pages or toy_pages(), out, config=resources.mkdocs_config())


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A site, built twice over, in a folder with spaces in its name."""
    out = tmp_path_factory.mktemp("a folder with spaces") / "the site"
    for _ in range(2):
        assert build(out) == ()
    assert [path.name for path in out.parent.iterdir()] == ["the site"]
    return out


def test_pages_stand_in_the_order_that_was_given(built):
    single = ("derivations", "errors-in-circulation", "checking")
    links = re.findall(r'<a href="([^"#]+)" class="md-nav__link', (built / "checking.html").read_text())
    assert list(dict.fromkeys(links)) == ["index.html", "cells/toy.html", *(f"{name}.html" for name in single)]


class Requests(HTMLParser):
    """What a browser fetches in order to show a page, and every id on it."""

    def __init__(self, html):
        super().__init__()
        self.urls, self.ids = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.urls += [found[key] for key in ("src", "srcset", "data", "poster") if key in found]
        self.urls += [found["href"]] if tag in ("link", "use", "image") and "href" in found else []


def test_nothing_is_fetched_from_elsewhere(built):
    for page in built.rglob("*.html"):
        urls = Requests(page.read_text()).urls
        assert urls
        for url in urls:
            assert not re.match(r"(\w+:)?//", url), f"{page.name} fetches {url}"
            if page.name != "404.html":  # which a server may show at any depth, so that its links begin at the root
                assert (page.parent / url).exists(), f"{page.name} fetches {url}, which is not there"
    for sheet in built.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", sheet.read_text()), sheet.name


def test_mathjax_finds_its_files(built):
    mathjax = built / site.MATHJAX_FOLDER
    script = (mathjax / "tex-chtml.js").read_text()
    fonts = set(re.findall(r"%%URL%%/(MathJax_[\w-]+\.woff)", script))
    assert fonts
    assert fonts <= {path.name for path in (mathjax / "output/chtml/fonts/woff-v2").iterdir()}
    assert (mathjax / "LICENSE").is_file()


def test_a_search_finds_words_and_no_backslashes(built):
    index = json.loads((built / "search/search_index.json").read_text())["docs"]
    text = "".join(entry["title"] + entry["text"] for entry in index)
    assert "\\" not in text
    assert "Gradient by W<sub>f</sub>" in text
    assert "backpropagation through time" in text
    assert (built / "search/search_index.js").read_text().startswith("var __index = {")


def test_text_from_outside_stays_text(built):
    for page in built.rglob("*.html"):
        html = page.read_text()
        assert "<script>alert" not in html
        assert "<em>W</em>" not in html
        ids = Requests(html).ids
        assert len(ids) == len(set(ids))
    heading = re.search(r"<h1[^>]*>(.*?)<a", (built / "cells/toy.html").read_text()).group(1)
    assert unescape(heading) == "Toy " + NASTY


def test_latex_arrives_as_it_was_written(built):
    html = (built / "cells/toy.html").read_text()
    shown = r"\[\begin{aligned} \frac{\partial L}{\partial W} &amp;= 1 \quad (k &lt; t) \\ &amp;+ \sum_k \delta_k"
    assert shown in html
    assert 'id="gradient-chain"' in html
    assert '<span class="arithmatex">\\(f\\)</span>' in html
    assert "```" in html, "the network's file is shown whole, whatever stands in it"


@pytest.fixture
def old(tmp_path):
    """A site that was built before, as far as `build_site` can tell."""
    out = tmp_path / "the site"
    (out / site.MATHJAX_FOLDER).mkdir(parents=True)
    (out / "index.html").write_text("old")
    return out


def assert_untouched(old):
    assert (old / "index.html").read_text() == "old"
    assert [path.name for path in old.parent.iterdir()] == [old.name]


def test_a_failed_build_leaves_the_old_site_and_nothing_else(old, monkeypatch):
    def half(config, **_):
        Path(config.site_dir).mkdir()
        raise OSError("disk full")

    monkeypatch.setattr(site, "build", half)
    with pytest.raises(OSError, match="disk full"):
        build(old)
    assert_untouched(old)


def test_a_warning_stops_a_strict_build_and_is_told(old):
    broken = {**toy_pages(), "extra.md": "# Extra\n\n[nowhere](missing.md)"}
    with pytest.raises(DeriveError, match=r"missing\.md"):
        build(old, broken)
    assert_untouched(old)
    warnings = site.build_site(broken, old, config=resources.mkdocs_config(), strict=False)
    assert len(warnings) == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from derive import resources
from derive.book import site
if sys.argv[2] == "in MkDocs":
    site.build = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
else:
    rename = Path.rename
    def rename_once(path, target):
        rename(path, target)
        if target.name == "old":
            os.kill(os.getpid(), signal.SIGKILL)
    Path.rename = rename_once
site.build_site({"index.md": "# New"}, Path(sys.argv[1]), config=resources.mkdocs_config())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("moment", ["in MkDocs", "in the middle of the swap"])
def test_after_a_killed_build_the_next_one_clears_up(old, moment, monkeypatch):
    process = subprocess.run([sys.executable, "-c", KILLED, str(old), moment], cwd=resources.PACKAGE.parent)
    assert process.returncode == -signal.SIGKILL
    assert any(path != old for path in old.parent.iterdir()), "the killed build left nothing: this tests nothing"

    def fail(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(site, "build", fail)
    with pytest.raises(OSError, match="disk full"):
        build(old)
    assert_untouched(old)


def test_a_folder_of_other_things_is_not_replaced(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(DeriveError, match="not a site"):
        build(tmp_path)
    assert (tmp_path / "thesis.tex").exists()


@pytest.mark.parametrize("name", ["../outside.md", "/absolute.md", "page.html"])
def test_a_page_stays_within_the_site(tmp_path, name):
    with pytest.raises(ValueError, match="within the site"):
        site.write_staging({name: ""}, tmp_path / "docs")


def test_mkdocs_alone_says_what_to_run(monkeypatch):
    monkeypatch.chdir(resources.mkdocs_config().parent)
    config = site.load_config(str(resources.mkdocs_config()))
    with pytest.raises(mkdocs.exceptions.Abort, match="run `derive build`"):
        mkdocs.commands.build.build(config)


def test_a_preview_is_made_again_on_demand_and_cleared_away(monkeypatch):
    texts = iter(["first", "second"])
    seen = []

    def serve(server):
        seen.append((Path(server.root) / "index.html").read_text())
        server.builder()
        seen.append((Path(server.root) / "index.html").read_text())
        seen.append(server.root)
        raise KeyboardInterrupt

    monkeypatch.setattr(site.LiveReloadServer, "serve", serve)
    site.serve_site(lambda: {"index.md": next(texts)}, config=resources.mkdocs_config())
    assert "<p>first</p>" in seen[0]
    assert "<p>second</p>" in seen[1]
    assert not Path(seen[2]).exists()


def test_a_preview_of_what_cannot_be_made_says_why():
    def fail():
        raise DeriveError("line 3 was not understood")

    with pytest.raises(DeriveError, match="line 3 was not understood"):
        site.serve_site(fail, config=resources.mkdocs_config())


def test_resources_are_found_beside_the_package_or_within_it(tmp_path):
    (tmp_path / "second").mkdir()
    (tmp_path / "second/site").mkdir()
    assert resources.find("site", (tmp_path / "first", tmp_path / "second")) == tmp_path / "second/site"
    with pytest.raises(DeriveError, match=r"missing: mkdocs\.yml"):
        resources.find("mkdocs.yml", (tmp_path,))


def test_a_fence_closes_no_block_early():
    assert pages.fence("no ticks") == "```"
    assert pages.fence("a ```` b") == "`````"
