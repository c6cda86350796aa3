"""The pages on derivations by hand say what the program does, and show a stranger's text as text."""

import json
import re
import shlex
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
import yaml

from derive import resources
from derive.book.derivations import (
    FORMATS,
    KEYS,
    REASONS,
    Article,
    CheckPage,
    CirculationPage,
    FoundView,
    RepairView,
    check_example,
    check_page,
    circulation,
    circulation_page,
    indexed,
    mixed,
)
from derive.cli import parser
from derive.commands import COMMANDS, judging
from derive.errors import CheckFailed
from derive.repair.slips import FAR, NEAR, OF_BOUNDS, SEVERAL
from derive.verify.report import At, Change, Derivation, FileReport, Judged, Repair, Report, Role, Understood

NASTY = "</p><script>alert(1)</script> ``` {{ e }}"


def paths(data, above=""):
    """Each key of nested objects by its path; a list is what it holds."""
    for key, value in data.items():
        path = f"{above}{key}"
        yield path
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from paths(inner, f"{path}.")


def test_the_page_lists_the_keys_of_the_json_in_their_order():
    role = Role("W", "parameter", "n × n", "line 1")
    repair = Repair("b = a", (Change(0, 1, "a", "b", "name", "b where a is written"),))
    formula = Judged(1, 1, "a = b", "claim", "fails", "a reading", "a reason", At(0, 1, "a"), {}, repair)
    formula = replace(formula, derived=Derivation("b = b", "delta"))
    file = FileReport("a.md", Understood("the text", (role,), ("s = f(a)",), ("none",)), (formula,), ("a note",))
    assert [key for key, _ in KEYS] == list(paths(Report((file,)).as_dict()))


def test_a_text_is_shown_as_text():
    page = check_page(CheckPage(NASTY, f"a\n{NASTY}", f"b\n{NASTY}"))
    assert "````text\na\n" in page
    assert "````text\nb\n" in page
    assert "derive check &lt;/p&gt;" in page


def test_the_example_has_each_of_what_it_explains():
    page = check_example()
    assert "holds under a reading" in page.output
    assert "fails: " in page.output
    assert "where W is needed\n" in page.output
    assert "this holds, and was checked: " in page.output
    assert page.output.endswith("1 fails")
    assert page.text == (resources.templates() / page.name).read_text(encoding="utf-8")


def shown(*found):
    """The page with one article of these formulas."""
    return circulation_page(CirculationPage((Article("a", 1, NASTY, NASTY, found, NASTY),), (("fails", 2),)))


def test_an_article_is_shown_as_text():
    page = shown(FoundView(NASTY, "fails", "holds", NASTY, NASTY, NASTY, NASTY))
    assert "<script" not in page
    assert page.count("alert") == 8
    assert 'class="verdict verdict-fails">fails<' in page
    assert 'class="verdict verdict-fails">2 fail<' in page
    assert "<b>it holds</b>" in page


def test_a_place_and_a_repair_are_shown_as_text():
    other = RepairView(NASTY, NASTY, NASTY)
    page = shown(
        FoundView(
            "a", "fails", "fails", "", "", "", "",
            ((NASTY, False), (NASTY, True), (NASTY, False)), (other, other, other), other, 7,
        )
    )  # fmt: skip
    assert "<script" not in page
    assert page.count("alert") == 3 + 3 + 4 * 3
    assert page.count("<mark><u>") == page.count("</u></mark>") == 1
    assert "2 other repairs are as near" in page
    assert 'href="#a-7">(1.7)</a>' in page


def test_what_is_wrong_is_underlined_where_it_stands():
    page = shown(FoundView("a<b", "fails", "fails", "", "", "", "", (("a", False), ("<", True), ("b", False))))
    assert "<code>a<mark><u>&lt;</u></mark>b</code>" in page


def test_latex_among_words_is_typeset_where_the_typesetter_knows_it():
    assert mixed(r"W^{\top} where a<b is needed; diag is missing") == (
        r'<span class="arithmatex">\(W^{\top}\)</span> where <span class="arithmatex">\(a&lt;b\)</span>'
        " is needed; diag is missing"
    )
    assert mixed(r"\nosuch{<} is missing") == r"<code>\nosuch{&lt;}</code> is missing"
    assert mixed("") == ""


def test_an_index_is_set_as_one():
    assert indexed("∂h_(t-1)/∂W_hx < ō_t, U x_1") == (
        "∂h<sub>t-1</sub>/∂W<sub>hx</sub> &lt; ō<sub>t</sub>, U x<sub>1</sub>"
    )


# What is said of the program


def test_the_page_has_a_row_for_each_kind_of_slip():
    page = check_page(CheckPage("a.md", "", ""))
    rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td></tr>", page)
    where = {unescape(words): place for words, place in rows}
    assert len(rows) == len(where)
    assert set(where) == {slip.words for slip in (*NEAR, *FAR, *OF_BOUNDS, *SEVERAL)}
    assert {"inequalities" in where[slip.words] for slip in OF_BOUNDS} == {True}
    assert {where[slip.words] for slip in FAR} == {"equations, after all else"}


def test_the_page_names_commands_that_there_are():
    named = set(re.findall(r"(?:`|code>)derive (\w+)", check_page(CheckPage("a.md", "", ""))))
    assert {"check", "serve", "grade", "exercise"} <= named <= set(COMMANDS)


# In a repository

ROOT = Path(__file__).parents[2]


def code(language):
    """The blocks of code on the page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", check_page(CheckPage("a.md", "", "")), re.DOTALL | re.MULTILINE)


def commands(data):
    """The texts in what a block of YAML says, as far as they call the program."""
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from commands(inner)
    if isinstance(data, str) and "derive check" in data:
        yield data


def test_the_page_says_what_the_options_take():
    assert tuple(name for name, _ in FORMATS) == judging.FORMATS
    assert tuple(name for name, _ in REASONS) == judging.FAIL_ON


def test_the_recipes_call_the_program_as_it_is():
    pre_commit, github, gitlab = map(yaml.safe_load, code("yaml"))
    lines = [line for block in code("sh") for line in block.splitlines()]
    called = [*lines, *commands(github), *commands(gitlab)]
    assert len(called) == 6
    for line in called:
        _, _, arguments = line.partition("derive check ")
        options = parser().parse_args(["check", "a.md", *shlex.split(arguments)])
        assert options.watch or options.fail_on != "no-claim"  # most texts of a repository have no claim
    uploaded = github["jobs"]["check"]["steps"][-1]["with"]["sarif_file"]
    assert any(f"--format sarif --out {uploaded}" in line for line in commands(github))
    assert any(f"--format html --out {gitlab['derivations']['artifacts']['paths'][0]}" in line for line in called)
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["id"] for hook in pre_commit["repos"][0]["hooks"]] == [hook["id"] for hook in hooks]


# Articles

NETWORK = "$s_t = \\tanh(U x_t + W s_{t-1})$ and so\n\n"
RIGHT = r"\frac{\partial s_t}{\partial s_{t-1}} = \operatorname{diag}(1 - s_t^2) W"
WRONG = RIGHT.replace("W", r"W^{\top}")
UNCLEAR = RIGHT.replace("W", r"\star W")


@pytest.fixture
def article(tmp_path, monkeypatch):
    """Makes a folder with one article of one claim, and the verdict by hand; gives what becomes of the claim."""
    monkeypatch.setattr(resources, "derivations", lambda: tmp_path)

    def written(latex, by_hand, **more):
        before = more.pop("before", "")
        (tmp_path / "a.md").write_text(f"{NETWORK}{before}${latex}$\n", encoding="utf-8")
        claim = {
            "line": 3 + before.count("\n"),
            "formula": latex,
            "kind": "claim",
            "verdict": by_hand,
            "reading": None,
            "why": "the law",
        }
        claim |= more
        model = {"line": 1, "formula": "s_t", "kind": "model", "verdict": None, "reading": None, "why": "the network"}
        first = [{**claim, "line": 3}] if before else []
        data = {"title": "One", "source": "nowhere", "formulas": [model, *first, claim]}
        (tmp_path / "a.json").write_text(json.dumps(data), encoding="utf-8")
        page = circulation()
        ((*_, found),) = (article.formulas for article in page.articles)
        return found, page.counts

    return written


@pytest.mark.parametrize(
    ("latex", "by_hand", "verdict"),
    [(RIGHT, "holds", "holds"), (WRONG, "fails", "fails"), (UNCLEAR, "fails", "not understood")],
)
def test_an_article_is_judged(article, latex, by_hand, verdict):
    found, counts = article(latex, by_hand)
    assert (found.latex, found.verdict, found.by_hand, found.why) == (latex, verdict, by_hand, "the law")
    assert counts == ((verdict, 1),)


def test_what_fails_is_shown_with_its_place_and_its_repair(article):
    found, _ = article(WRONG, "fails")
    assert [piece for piece, wrong in found.marked if wrong] == [r"W^{\top}"]
    assert "".join(piece for piece, _ in found.marked) == WRONG
    assert [repair.latex for repair in found.repairs] == [RIGHT]
    assert found.again is None


def test_what_holds_is_shown_without(article):
    found, _ = article(RIGHT, "holds")
    assert (found.marked, found.repairs, found.derived) == ((), (), None)


def test_the_same_slip_again_leads_to_the_formula_that_had_it_first(article):
    found, _ = article(WRONG, "fails", before=f"${WRONG}$\n\n")
    assert found.again == 1
    assert [repair.latex for repair in found.repairs] == [RIGHT]


@pytest.mark.parametrize(("latex", "by_hand"), [(RIGHT, "fails"), (WRONG, "holds")])
def test_a_verdict_to_the_contrary_makes_no_page(article, latex, by_hand):
    with pytest.raises(CheckFailed, match=r"a\.md:3: by hand"):
        article(latex, by_hand)


def test_what_was_taken_for_no_claim_was_not_understood(article):
    found, _ = article("x_t", "fails")
    assert found.verdict == "not understood"


@pytest.mark.parametrize(("latex", "shown"), [(UNCLEAR, "no star"), (WRONG, "")])
def test_a_shortfall_is_shown_while_there_is_one(article, latex, shown):
    found, _ = article(latex, "fails", program="not-understood", shortfall="no star")
    assert found.shortfall == shown


def test_an_implication_is_shown_whole(article):
    latex = r"\rho(W)<1\Rightarrow\frac{\partial s_t}{\partial s_{t-1}}\to 0"
    found, _ = article(latex, "fails")
    assert (found.latex, found.verdict) == (latex, "not understood")


def test_the_shipped_articles_make_a_page(book):
    page = (book[0] / "errors-in-circulation.html").read_text(encoding="utf-8")
    assert page.count("<h2") == 5
    fail = re.findall(r"<figure(?:(?!</figure>).)*verdict-fails(?:(?!</figure>).)*</figure>", page, re.DOTALL)
    assert sum("<mark><u>" in figure and "This holds, and was checked" in figure for figure in fail) == 10
