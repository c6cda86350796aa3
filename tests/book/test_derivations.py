"""The pages on derivations by hand say what the program does, and show a stranger's text as text."""

import json
import re
import shlex
from dataclasses import replace
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
    check_example,
    check_page,
    circulation,
    circulation_page,
    indexed,
)
from derive.cli import parser
from derive.commands import judging
from derive.errors import CheckFailed
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
    assert page.output.endswith("1 fails")
    assert page.text == (resources.templates() / page.name).read_text(encoding="utf-8")


def test_an_article_is_shown_as_text():
    found = FoundView(NASTY, "fails", "holds", NASTY, NASTY, NASTY, NASTY)
    page = circulation_page(CirculationPage((Article("a", 1, NASTY, NASTY, (found,), NASTY),), (("fails", 2),)))
    assert "<script" not in page
    assert page.count("alert") == 8
    assert 'class="verdict verdict-fails">fails<' in page
    assert 'class="verdict verdict-fails">2 fail<' in page
    assert "<b>it holds</b>" in page


def test_an_index_is_set_as_one():
    assert indexed("∂h_(t-1)/∂W_hx < ō_t, U x_1") == (
        "∂h<sub>t-1</sub>/∂W<sub>hx</sub> &lt; ō<sub>t</sub>, U x<sub>1</sub>"
    )


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
        (tmp_path / "a.md").write_text(f"{NETWORK}${latex}$\n", encoding="utf-8")
        claim = {"line": 3, "formula": latex, "kind": "claim", "verdict": by_hand, "reading": None, "why": "the law"}
        claim |= more
        model = {"line": 1, "formula": "s_t", "kind": "model", "verdict": None, "reading": None, "why": "the network"}
        data = {"title": "One", "source": "nowhere", "formulas": [model, claim]}
        (tmp_path / "a.json").write_text(json.dumps(data), encoding="utf-8")
        page = circulation()
        ((found,),) = (article.formulas for article in page.articles)
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


def test_the_shipped_articles_make_a_page():
    assert len(circulation().articles) == 5
