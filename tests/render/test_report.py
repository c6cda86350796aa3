"""A report says what it found: short for people, whole for programs, and as text whatever a stranger wrote into it."""

import json
import re

import pytest

from derive.evidence.evidence import ByLaw, Evidence, Exact, Sampled
from derive.render.report_html import as_html
from derive.render.report_text import as_text
from derive.verify.report import At, Change, Derivation, FileReport, Judged, Repair, Report, Role, Understood

EXACT = Exact((1, 2, 3, 4, 5, 6), {"n": 3, "d": 2}, 2, 12, 40, 6, 3e-25)
SAMPLED = Sampled((1, 2, 3, 4, 5, 6), {"n": 4, "d": 3}, 2, 12, 4e-16, 0.1)
EVIDENCE = Evidence(EXACT, SAMPLED).as_dict()
COUNTEREXAMPLE = {"sizes": {"n": 4, "d": 3}, "T": 3, "seed": 0, "left": 0.123456789, "right": -2.5}
NETWORK = Understood(
    "the text",
    (Role("W", "parameter", "n × n", "W s_{t-1}"), Role("s_t", "state", "column of n", "line 2")),
    (r"s_t = \tanh(W s_{t-1} + U x_t)",),
    (r"s_0 is a constant",),
)
WRONG = r"\frac{\partial L}{\partial W} = \sum_t \delta_t s_t^\top"
NASTY = "<script>alert(1)</script>\x1b[2J\u202eevil & \"x\" 'y'"


def claim(line, verdict="holds", latex="a = b", **more):
    return Judged(line, 1, latex, "claim", verdict, **more)


def report(*formulas, notes=(), model=NETWORK, path="notes.md"):
    return Report((FileReport(path, model, formulas, notes),))


def fails(line=15, **more):
    place = At(WRONG.index("s_t^"), len(WRONG), r"s_t^\top")
    return claim(line, "fails", WRONG, reason="s_{t-1} is needed", at=place, evidence=COUNTEREXAMPLE, **more)


# For people


def test_what_holds_takes_a_line_for_the_file():
    formulas = [claim(line, evidence=EVIDENCE) for line in (4, 6, 6, 9)]
    assert as_text(report(*formulas)).split("\n") == ["notes.md: lines 4, 6, 9 hold", "", "4 hold"]


def test_one_formula_that_holds():
    assert as_text(report(claim(4))).split("\n") == ["notes.md: line 4 holds", "", "1 holds"]


def test_hundreds_that_hold_scroll_no_page():
    text = as_text(report(*(claim(line) for line in range(1, 2001))))
    assert len(text) < 300
    assert "…" in text
    assert text.endswith("2000 hold")


def test_a_reading_is_always_said():
    text = as_text(report(claim(3), claim(4, reading="∂s_k/∂W keeps s_{k-1} fixed")))
    assert text.split("\n") == [
        "notes.md: line 3 holds",
        "notes.md:4:1  holds under a reading: ∂s_k/∂W keeps s_{k-1} fixed",
        "",
        "2 hold (1 under a reading)",
    ]


def test_what_fails_says_why_where_and_by_what_numbers():
    assert as_text(report(fails())).split("\n") == [
        "notes.md:15:1  fails: s_{t-1} is needed",
        r"   15 | \frac{\partial L}{\partial W} = \sum_t \delta_t s_t^\top",
        "      |                                                 ^^^^^^^^",
        "        n = 4, d = 3, T = 3, seed = 0, left = 0.123457, right = -2.5",
        "",
        "1 fails",
    ]


def mended(latex):
    return Repair(latex, (Change(0, 0, "", latex, "sign", "a sign"),))


def test_a_repair_and_the_reading_under_which_it_fails():
    text = as_text(report(fails(reading="row vectors", repair=mended("x = y"))))
    assert "        under a reading: row vectors\n" in text
    assert "        a sign\n        this holds, and was checked: x = y\n" in text


def test_a_place_in_a_later_line_of_a_formula():
    latex = "\\begin{aligned}\n  a &= b \\\\\n  c &= \\dots\n\\end{aligned}"
    start = latex.index(r"\dots")
    text = as_text(report(claim(7, "not-understood", latex, reason="dots between what?", at=At(start, start + 5, ""))))
    assert "notes.md:7:1  not understood: dots between what?\n" in text
    assert "    9 |   c &= \\dots\n      |        ^^^^^\n" in text


def test_without_a_place_the_formula_is_shown():
    text = as_text(report(claim(7, "not-understood", "a\n= b", reason="why")))
    assert "    7 | a = b\n" in text
    assert "^" not in text


def test_files_come_one_after_the_other_and_are_summed():
    files = (
        FileReport("a.md", NETWORK, (claim(1), fails())),
        FileReport("b.tex", None, (claim(2, "not-understood"), claim(3, "not-understood")), ("layouts are mixed",)),
        FileReport("c.md", None, (Judged(1, 1, "x_t", "other"),)),
    )
    text = as_text(Report(files))
    assert "b.tex: note: layouts are mixed\n" in text
    assert "c.md: no claim, in 1 formula\n" in text
    assert text.endswith("\n\n1 holds, 1 fails, 2 are not understood")


def test_a_text_without_a_claim_says_so():
    assert as_text(report()).split("\n") == [
        "notes.md: no claim, in 0 formulas",
        "",
        "There is no claim: nothing was judged.",
    ]


def test_explained_are_the_network_what_is_introduced_and_the_evidence():
    formulas = [
        Judged(2, 3, "s_t = f(a_t)", "model"),
        Judged(3, 1, "x_t", "other"),
        Judged(3, 9, r"\delta_t := \partial L / \partial a_t", "definition"),
        claim(4, evidence=EVIDENCE),
    ]
    text = as_text(report(*formulas), explain=True)
    assert text.split("\n") == [
        "notes.md: the network (the text)",
        "  W    parameter, n × n    W s_{t-1}",
        "  s_t  state, column of n  line 2",
        "  line 2  s_t = f(a_t)",
        "  taken for granted: s_0 is a constant",
        "notes.md:3:9  a definition",
        r"    3 | \delta_t := \partial L / \partial a_t",
        "notes.md:4:1  holds",
        "    4 | a = b",
        f"        {EXACT}",
        f"        {SAMPLED}",
        "notes.md: no claim in line 3",
        "",
        "1 holds",
    ]
    assert "probability below 10⁻²⁴" in text


def test_an_inequality_is_explained_by_its_laws():
    by_law = ByLaw(("norm of a product",), (1, 2), {"n": 3}, 4, 5, 6, 0.5, "W orthogonal")
    assert str(by_law) in as_text(report(claim(1, evidence=Evidence(by_law=by_law).as_dict())), explain=True)


def test_the_equations_of_a_network_that_is_given_stand_in_no_line():
    text = as_text(report(claim(1)), explain=True)
    assert "  s_t = \\tanh(W s_{t-1} + U x_t)\n" in text


def test_explaining_without_a_network():
    assert as_text(report(model=None), explain=True).startswith("notes.md: no network was found\n")


def test_colours_add_nothing_but_colours():
    found = report(claim(1), fails(), claim(20, "not-understood", reason="what?", at=At(0, 1, "a")))
    coloured = as_text(found, colour=True)
    assert coloured.count("\x1b[") > 4
    assert re.sub(r"\x1b\[\d+m", "", coloured) == as_text(found)
    assert "\x1b" not in as_text(found)


def test_a_stranger_commands_no_terminal():
    role = Role(NASTY, NASTY, NASTY, NASTY)
    formula = claim(
        1,
        "fails",
        NASTY,
        reason=NASTY,
        reading=NASTY,
        repair=mended(NASTY),
        derived=Derivation(NASTY, NASTY),
        at=At(3, 9, ""),
        evidence={"T": NASTY},
    )
    found = report(formula, notes=(NASTY,), path=NASTY, model=Understood(NASTY, (role,), (NASTY,), (NASTY,)))
    text = as_text(found, explain=True)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "�" in text


# For programs


def test_as_json_every_key_is_there():
    formulas = [claim(4, evidence=EVIDENCE), fails(repair=mended("x = y")), Judged(2, 1, "s_t", "other")]
    data = json.loads(json.dumps(report(*formulas, notes=("mixed",)).as_dict(), allow_nan=False))
    assert set(data) == {"files", "summary"}
    assert data["summary"] == {"holds": 1, "fails": 1, "not_understood": 0, "other": 1}
    (file,) = data["files"]
    assert set(file) == {"path", "model", "formulas", "notes"}
    assert set(file["model"]) == {"origin", "roles", "equations", "assumptions"}
    assert set(file["model"]["roles"][0]) == {"latex", "role", "shape", "origin"}
    keys = set("line column latex kind verdict reading reason at repair others derived again evidence".split())
    assert all(set(formula) == keys for formula in file["formulas"])
    holds, wrong, other = file["formulas"]
    assert (holds["at"], holds["repair"], holds["reading"], holds["reason"]) == (None, None, None, None)
    assert holds["evidence"]["exact"]["bound"] == EXACT.bound
    assert WRONG[wrong["at"]["start"] : wrong["at"]["end"]] == wrong["at"]["text"]
    assert (wrong["repair"]["latex"], wrong["repair"]["words"]) == ("x = y", "a sign")
    assert wrong["repair"]["changes"][0]["kind"] == "sign"
    assert (other["verdict"], other["evidence"]) == (None, {})


def test_as_json_a_number_that_is_none_is_a_text():
    evidence = {"left": float("nan"), "right": float("inf"), "T": (1, 2), "other": object}
    data = report(claim(1, "fails", evidence=evidence)).as_dict()["files"][0]["formulas"][0]["evidence"]
    assert json.dumps(data, allow_nan=False)
    assert (data["left"], data["right"], data["T"]) == ("nan", "inf", [1, 2])


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (["holds"], 0),
        (["holds", "fails", "not-understood"], 1),
        (["holds", "not-understood"], 3),
        ([], 3),
    ],
)
def test_the_exit_code(verdicts, code):
    assert report(*(claim(1, verdict) for verdict in verdicts)).exit_code == code


# For a notebook


def test_a_table_has_a_row_for_each_claim():
    html = as_html(report(claim(4, evidence=EVIDENCE), fails(), Judged(2, 1, "s_t", "model"), notes=("mixed",)))
    assert html.count("<tr>") == 3
    assert "mixed" in html
    assert "s_{t-1} is needed" in html
    assert "left = 0.123457" in html
    assert "1 holds, 1 fails" in html
    assert "<math" in html


def test_without_claims_there_is_no_table():
    assert "<table>" not in as_html(report())


@pytest.mark.parametrize(
    "latex",
    [
        NASTY,
        r"\text{<script>alert(1)</script>}",
        r"\href{javascript:alert(1)}{x}",
        r"\class{a\" onclick=\"alert(1)}{x}",
        "{" * 100_000,
        r"\unknown",
        "half a character \ud800",
    ],
)
def test_a_stranger_commands_no_page(latex):
    formula = claim(
        1,
        "fails",
        latex,
        reason=NASTY,
        reading=NASTY,
        repair=mended(latex),
        derived=Derivation(latex, NASTY),
        at=At(0, 1, latex),
        evidence={"T": NASTY},
    )
    html = as_html(report(formula, notes=(NASTY,), path=NASTY))
    tags = set(re.findall(r"<\s*/?\s*(\w+)", html))
    assert tags <= set("div table thead tbody tr th td b p br code math mrow mi mo mn mtext mspace".split())
    assert not re.search(r"<[^>]*(onclick|href)", html)
