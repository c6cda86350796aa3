"""The gallery: published derivations with their mistakes, and what is mathematically right of each formula in them.

`tests/derivations/NAME.md` is the article in its own notation. `NAME.json` lists its formulas in their order: `line` is
where the formula's own LaTeX begins, `formula` a part of it, `link` which `=` of a chain it is, from 1; `verdict` is
what is right, and `program` what the program says where it does not get there, with `shortfall`, why. `notes` says why
the report must have a note on the whole text.
"""

import json
from functools import cache
from pathlib import Path

import pytest

from derive.verify.report import FAILS, HOLDS, KINDS, NOT_UNDERSTOOD, VERDICTS
from tests.verify.oracle_gallery import ARTICLES, same

FOLDER = Path(__file__).parents[1] / "derivations"
GALLERY = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}
CASES = [(name, entry) for name, article in GALLERY.items() for entry in article["formulas"]]

READINGS = {word: word for word in ("f is tanh", "f is the sigmoid")} | {
    "immediate": "∂⁺",
    "descending": "∏ runs down",
}
"""What is said in a reading here, and what the program says for it."""

each_article = pytest.mark.parametrize("name", GALLERY)
NAMES = [f"{name}:{entry['line']} {entry['formula'][:40]}" for name, entry in CASES]
each_formula = pytest.mark.parametrize(("name", "entry"), CASES, ids=NAMES)


def lines(name):
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8").split("\n")


def test_each_article_has_its_verdicts():
    assert {path.stem for path in FOLDER.glob("*.md")} == set(GALLERY) != set()


@each_formula
def test_the_formula_stands_on_its_line(name, entry):
    assert entry["formula"] in lines(name)[entry["line"] - 1]


@each_formula
def test_the_entry_says_what_and_why(name, entry):
    assert entry["kind"] in KINDS
    assert (entry["verdict"] in VERDICTS) == (entry["kind"] == "claim")
    assert entry["verdict"] == HOLDS or entry["reading"] is None
    assert entry["why"]


@each_formula
def test_a_shortfall_is_honest_and_has_its_reason(name, entry):
    assert entry.get("program", NOT_UNDERSTOOD) == NOT_UNDERSTOOD
    assert ("program" in entry) == bool(entry.get("shortfall"))
    assert "program" not in entry or entry["verdict"] in {HOLDS, FAILS}


@each_article
def test_entries_are_in_order_and_none_is_twice(name):
    entries = GALLERY[name]["formulas"]
    numbers = [entry["line"] for entry in entries]
    assert numbers == sorted(numbers)
    assert len({(entry["line"], entry["formula"]) for entry in entries}) == len(entries)


IDENTITIES = [(name, part, sides) for name, article in ARTICLES.items() for part, sides in article().items()]


@pytest.mark.parametrize(("name", "part", "sides"), IDENTITIES, ids=[f"{name} {part}" for name, part, _ in IDENTITIES])
def test_the_verdict_is_what_numpy_says(name, part, sides):
    (entry,) = [entry for entry in GALLERY[name]["formulas"] if part in entry["formula"]]
    assert sides.equal == (entry["verdict"] == HOLDS)
    if sides.plain is not None:
        assert entry["reading"] is not None
        assert not same(sides.left, sides.plain)


@cache
def report(name):
    """What the program says of the article."""
    from derive import check

    (file,) = check(FOLDER / f"{name}.md", repair=False).files
    return file


def judged(name, entry):
    r"""What the program says of the formula; of a chain on one line, of that link; of what \Rightarrow leads to."""
    part = entry["formula"]
    on_line = [one for one in report(name).formulas if one.line == entry["line"]]
    behind = [one for one in on_line if one.kind == "claim" and part.endswith(rf"\Rightarrow{one.latex}")]
    here = [one for one in on_line if part in one.latex] or behind
    assert here, f"no formula of the report begins on line {entry['line']} and has {entry['formula']}"
    return here[min(entry.get("link", 1), len(here)) - 1]


@each_formula
def test_the_program_says_the_same(name, entry):
    found = judged(name, entry)
    assert (found.kind, found.verdict) == (entry["kind"], entry.get("program", entry["verdict"])), found.reason
    if found.verdict == HOLDS:
        assert (found.reading is None) == (entry["reading"] is None), found.reading
        said, meant = found.reading or "", entry["reading"] or ""
        assert {word for word in READINGS if READINGS[word] in said} == {word for word in READINGS if word in meant}


SLIPS = [
    ("000", 37, "Ux_1", "Ux_2"),
    ("000", 57, r"}{\partial s_1}\frac{\partial s_1}", r"}{\partial s_1}\frac{\partial s_2}"),
    ("000", 58, r"{\partial s_3}\frac{\partial s_3}{\partial s_2}\frac", r"{\partial s_3}\frac"),
    ("000", 65, "k=0", "k=2"),
    ("000", 68,
     r"3}{\partial s_2}\frac{\partial s_2}{\partial s_1}", r"2}{\partial s_1}\frac{\partial s_3}{\partial s_2}"),
    ("000", 77, "j=k+1", "j=k+2"),
    ("002", 30, "x_{2}", "x_{1}"),
    ("002", 50, r"{\partial h_{1}}{\partial w_{i}}", r"{\partial h_{1}}{\partial w_{h}}"),
    ("002", 64, "j=0", "j=2"),
    ("002", 68, "k=j+1", "k=j"),
    ("004", 16, r"{\partial y_t}\frac{\partial y_t}{\partial h_t}", r"{\partial y_t}"),
]  # fmt: skip
"""A line of an article, what is right in it, and a slip in its place."""


@pytest.mark.parametrize(
    ("name", "line", "right", "slip"),
    SLIPS,
    ids=[f"{name}:{line} {slip}" for name, line, _, slip in SLIPS],
)
def test_a_slip_put_into_an_article_does_not_hold(name, line, right, slip):
    from derive import check

    text = lines(name)
    assert right in text[line - 1]
    text[line - 1] = text[line - 1].replace(right, slip)
    (file,) = check("\n".join(text), repair=False).files
    touched = [one for one in file.formulas if one.line == line and one.kind == "claim" and slip in one.latex]
    assert touched
    assert all(one.verdict != HOLDS for one in touched)


@each_article
def test_the_program_claims_nothing_else(name):
    listed = [judged(name, entry) for entry in GALLERY[name]["formulas"] if entry["kind"] == "claim"]
    assert [one for one in report(name).formulas if one.kind == "claim" and one not in listed] == []


@each_article
def test_the_program_notes_what_is_wrong_with_the_whole(name):
    assert report(name).notes or "notes" not in GALLERY[name]
