"""A report as a page: whole, valid, readable by everyone, and nothing in it that a stranger could make happen."""

import json
import re
import shutil
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from playwright.sync_api import sync_playwright

from derive import resources
from derive.errors import DeriveError
from derive.render.report_page import as_page
from derive.verify.report import At, Derivation, FileReport, Judged, Report, Role, Understood
from tests.render.reports import (
    ALL,
    FAILING,
    HOLDING,
    OTHERS,
    REPAIR,
    UNCLEAR,
    UNREAD,
    WRONG,
    change,
    placed,
    repaired,
    report,
)

CHROMIUM = shutil.which("chromium")
VOID = {"meta", "link"}
TAGS = set(
    "html head meta title link style body header nav ul li main section article footer h1 h2 h3 p pre code mark u ins "
    "del div details summary table thead tbody tr th td b a span math mrow mi mo mn mtext mspace mfrac msub msup "
    "msubsup mover munder munderover mtable mtr mtd mstyle merror msqrt mpadded".split()
)


class Page(HTMLParser):
    """What a page is made of. Every element that is opened must be closed, in order."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.attributes, self.texts = [], [], [], []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((tuple(self.open), data))

    def inside(self, tag):
        """The texts that stand in elements of a kind."""
        return [text for path, text in self.texts if tag in path]

    def text(self, tag="body"):
        return "".join(self.inside(tag))

    def values(self, name):
        return [value for _, key, value in self.attributes if key == name]


def page(found, **more):
    return Page(as_page(found, **more))


# What it says


def test_each_claim_stands_with_its_verdict_its_reason_and_typeset():
    shown = page(ALL)
    headings = "".join(shown.inside("h3"))
    assert [words for words in ("✓ holds", "✗ fails", "? not understood") if words in headings] == [
        "✓ holds", "✗ fails", "? not understood",
    ]  # fmt: skip
    assert shown.tags.count("article") == 3
    assert shown.tags.count("math") >= 3
    for said in (FAILING.reason, UNREAD.reason, f"Under a reading: {HOLDING.reading}", "left = 0.123457"):
        assert said in shown.text()
    assert "1 holds (1 under a reading), 1 fails, 1 is not understood" in shown.text("header")
    assert f"Note: {ALL.files[0].notes[0]}" in shown.text()
    assert "No claim: line 1." in shown.text()


def test_the_wrong_place_is_underlined_and_the_rest_stands_around_it():
    shown = page(ALL)
    assert shown.inside("mark") == shown.inside("u") == [r"W^{\top}", r"\star"]
    assert WRONG in shown.text("pre")
    assert UNCLEAR in shown.text("pre")


def test_without_a_place_what_a_repair_changes_is_underlined():
    formula = placed(WRONG, WRONG, "fails", repair=OTHERS[1])
    assert page(report(formula)).inside("u") == ["= ", r"W^{\top}"]


def test_a_repair_is_marked_where_it_is_new():
    shown = page(ALL)
    assert shown.inside("ins") == ["W", "= -", "W"]
    assert shown.tags.count("del") == 1  # where something is left out
    for said in (REPAIR.words, "; this holds, and was checked, under a reading: columns", f"or {OTHERS[0].words}"):
        assert said in shown.text()
    assert "derived instead, in jacobian form, and checked" in shown.text()


def test_a_repair_that_is_not_made_of_its_changes_is_shown_as_it_is():
    repair = repaired(WRONG, change(WRONG, "s_t^2", "s_t"))
    shown = page(report(placed(UNCLEAR, UNCLEAR, "fails", repair=repair)))
    assert shown.inside("ins") == []
    assert repair.latex in shown.text("pre")


def test_the_same_slip_is_linked_to_its_first_place():
    again = placed(f"\n\n\n{WRONG}", WRONG, "fails", again=FAILING.line)
    shown = page(report(HOLDING, FAILING, again))
    assert f"The same slip as in line {FAILING.line}." in shown.text().replace("\n", " ")
    assert shown.values("href").count("#text-1-2") == 2  # from the list above, and from there
    assert "The same slip as in line 1." in page(ALL).text()  # no claim fails there


def test_the_network_is_told_as_it_was_understood():
    shown = page(ALL)
    assert "The network as it was understood (the text)" in shown.inside("summary")
    assert "Taken for granted: s_0 is a constant" in shown.text()
    assert "column of m" in shown.inside("td")
    given = Judged(7, 1, "s_t = f(a_t)", "model")
    assert "line 7" in page(report(given)).text("details")


def test_a_notebook_shows_what_its_author_wrote():
    latex = json.dumps(UNCLEAR)[1:-1].replace(r"\n", '\\n",\n    "')
    repair = repaired(latex, change(latex, r"\\star", r"\\nu"))
    shown = page(report(placed(latex, latex, "fails", r"\\star", repair=repair), path="a.ipynb"))
    assert UNCLEAR in shown.text("pre")
    assert (shown.inside("u"), shown.inside("ins")) == ([r"\star"], [r"\nu"])
    assert {"⋆", "ν"} <= set(shown.text("math"))


def test_what_is_not_typeset_is_shown_as_latex():
    unknown = placed(r"\mine{a} = b", r"\mine{a} = b", "holds")
    shown = page(report(unknown, model=None))
    assert shown.inside("pre") == [r"\mine{a} = b"]
    assert "math" not in shown.tags


def test_files_without_claims_and_files_that_were_not_read():
    shown = page(report(model=None), unread=[("b.md", DeriveError("b.md cannot be read: gone"))])
    assert "There is no claim in this text." in shown.text()
    assert "b.md cannot be read: gone" in shown.text("pre")
    assert page(Report(()), unread=[("b.md", DeriveError("gone"))]).inside("h2") == ["Not read"]


# How it is made


@pytest.mark.parametrize("found", [ALL, report(), Report((*ALL.files, *ALL.files))], ids=["all", "none", "twice"])
def test_it_is_a_whole_page(found):
    html = as_page(found)
    shown = Page(html)
    assert html.startswith("<!doctype html>\n")
    assert ("html", "lang", "en") in shown.attributes
    assert ("meta", "charset", "utf-8") in shown.attributes
    assert shown.text("title").startswith("notes.md")
    assert all(shown.tags.count(tag) == 1 for tag in ("title", "h1", "main", "header", "footer"))
    levels = [int(tag[1]) for tag in shown.tags if re.fullmatch("h[1-6]", tag)]
    assert all(later <= level + 1 for level, later in pairwise(levels))
    ids = shown.values("id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in shown.values("href") if link.startswith("#")} <= set(ids)


def test_it_asks_for_nothing_and_runs_nothing():
    html = as_page(ALL)
    shown = Page(html)
    assert set(shown.tags) <= TAGS
    assert not re.search(r"url\(|@import|https?:|//\w", html)
    assert all(link.startswith("#") or link == "data:," for link in shown.values("href"))
    assert not {"src", "style", "srcdoc"} & {key for _, key, _ in shown.attributes}
    (policy,) = [value for value in shown.values("content") if "default-src" in value]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


PAYLOADS = [
    "<script>alert(1)</script>",
    "</style></title></code><img src=x onerror=alert(1)>",
    "{{7*7}}",
    "{% for x in [] %}gone{% endfor %}{{ page.__class__ }}",
    "__import__('os').system('id')",
    r"\input{/etc/passwd}",
    r"\href{javascript:alert(1)}{x}",
    r"\text{<script>alert(1)</script>}",
    r"\class{a\" onclick=\"alert(1)}{x}",
    "\" onclick='alert(1)' & &lt; <!--",
    "{" * 50_000,
    "half a character \ud800",
    "\x1b[2J\u202eevil\0",
]


def everywhere(nasty):
    """A report that has a stranger's text in each of its places."""
    repair = repaired(nasty, change(nasty, nasty, nasty + nasty, nasty), reading=nasty, evidence={"T": nasty})
    formula = Judged(
        1, 1, nasty, "claim", "fails", nasty, nasty, At(0, len(nasty), nasty), {"T": nasty, nasty: 1},
        repair, (repair, repair), Derivation(nasty, nasty, {"T": nasty}), 1,
    )  # fmt: skip
    plain = [Judged(1, 1, nasty, kind) for kind in ("model", "definition", "other")]
    role = Role(nasty, nasty, nasty, nasty)
    network = Understood(nasty, (role,), (nasty,), (nasty,))
    return Report((FileReport(nasty, network, (formula, *plain), (nasty,)),))


@pytest.mark.parametrize("nasty", PAYLOADS, ids=lambda text: ascii(text[:20]))
def test_a_stranger_commands_no_page(nasty):
    shown = page(everywhere(nasty), unread=[(nasty, DeriveError(nasty))])
    assert set(shown.tags) <= TAGS
    assert not [key for _, key, _ in shown.attributes if key.startswith("on")]
    assert all(link.startswith("#") or link == "data:," for link in shown.values("href"))
    seen = shown.text()
    assert "49" not in seen
    assert not re.search("[\x00\x1b\u202e\ud800]", seen)
    if nasty.isprintable():
        assert seen.count(nasty) >= 15
    assert not {"script", "img"} & set(shown.tags)


# How it looks


def colours(css):
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", css))


def luminance(colour):
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(scheme):
    css = (resources.templates() / "report.css").read_text(encoding="utf-8")
    found = colours(css.split("prefers-color-scheme: dark")[scheme])
    for ground, texts in {
        "ground": ["text", "quiet", "link", "holds", "fails", "unclear"], "code": ["text", "quiet"],
        "wrong": ["text"], "new": ["text"],
    }.items():  # fmt: skip
        for text in texts:
            dark, light = sorted((luminance(found[text]), luminance(found[ground])))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here (on Debian: apt install chromium)")
def test_in_a_browser_it_fits_a_phone_and_asks_for_nothing(tmp_path):
    wide = placed(f"{WRONG * 9}", f"{WRONG * 9}", "fails", reason="x" * 300, repair=REPAIR)
    path = tmp_path / "report.html"
    path.write_text(as_page(report(*ALL.claims, wide, path="p" * 200), unread=[("b" * 99, DeriveError("c" * 99))]))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
        requests, complaints = [], []
        tab.on("request", lambda request: requests.append(request.url))
        tab.on("console", lambda line: complaints.append(line.text))
        tab.goto(path.as_uri())
        tab.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
        size = tab.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        ground = "getComputedStyle(document.body).backgroundColor"
        dark = tab.evaluate(ground)
        tab.emulate_media(media="print")
        paper = tab.evaluate(ground)
        browser.close()
    assert (requests, complaints) == ([path.as_uri()], [])
    assert size[0] <= size[1]
    assert dark != paper
