r"""The false formulas of the gallery: what is offered for each is what a teacher would write, and holds in its text.

What is false in them was worked out by hand; see `tests/verify/test_gallery.py`.
"""

import json
from pathlib import Path

import pytest

from derive import check
from derive.repair.remedy import OTHERS
from derive.verify.report import FAILS, HOLDS

FOLDER = Path(__file__).parents[1] / "derivations"
NAMES = ("000", "001", "002")
STEP = r"\frac{\partial h_{k}}{\partial h_{k-1}}="
SUM = r"\sum_{i=t}^{T} \frac{\partial L}{\partial h_i} "
BACKWARDS = (
    r"\frac{\partial L}{\partial h_{t+i-1}} = \frac{\partial L}{\partial h_{t+i}}"
    r" \frac{\partial h_{t+i}}{\partial h_{t+i-1}} + \frac{\partial^{+} L}{\partial h_{t+i-1}}"
)
CORRECTED = {
    # the article, the line, the part that is wrong: what a teacher would accept
    ("000", 28, "f"): (r"o_{1}=softmax[V\cdot f(Ux_{1}+Ws_{0})]",),
    ("000", 37, "f"): (r"o_{2}=softmax[V\cdot f(Ux_{2}+Ws_{1})]",),
    ("000", 46, "f"): (r"o_{3}=softmax[V\cdot f(Ux_{3}+Ws_{2})]",),
    ("000", 88, "U"): (r"\frac{\partial s3}{\partial s_{2}}=tanh'(U x_3 + W s_2) W",),
    ("000", 95, "<"): (r"tanh'(a)\le 1", r"tanh'(a)\leq 1"),
    ("001", 27, "t+i"): (BACKWARDS,),
    ("001", 30, "t+i-1"): (
        r"\frac{\partial h_{t+i}}{\partial h_{t+i-1}}=\operatorname{diag}\bigl(f'(W h_{t+i-1} + x_{t+i})\bigr) W",
    ),
    ("001", 33, "W"): (
        SUM + r"\frac{\partial h_i}{\partial h_t} = " + SUM
        + r"\prod_{j=t+1}^{i} \operatorname{diag}\bigl(f'(W h_{j-1} + x_j)\bigr) W",
    ),
    ("002", 74, "w_{i}"): (STEP + r"f^{'}\cdot w_{h}",),
    ("002", 77, ")"): (r"f(1-f)\in(0,\frac{1}{4}]",),
}  # fmt: skip
FACTOR = r"\frac{\partial h_{k}}{\partial h_{k-1}} = f'(w_i x_k + w_h h_{k-1}) w_h"
DERIVED = {
    # the article, the line, the step of a chain: what the program derives, where another idea is needed than a slip
    ("001", 27, 1): r"\frac{\partial L}{\partial h_{t+i-1}} = \frac{\partial L}{\partial h_{t+i}}"
    r" \operatorname{diag}\bigl(f'(W h_{t+i-1} + x_{t+i})\bigr) W + \frac{\partial^{+} L}{\partial h_{t+i-1}}",
    ("002", 78, 0): FACTOR,
    ("002", 79, 0): FACTOR,
}
"""Of the second step of a chain the left side is what the first one had to be; no bound on w_i makes h smaller or
larger than another, since the factor is one of w_h, and of f' (so the notes that were written by hand)."""
AGAIN = {("000", 37): 28, ("000", 46): 28}


@pytest.fixture(scope="module")
def reports():
    """What is said of the texts."""
    return {name: check(FOLDER / f"{name}.md").files[0] for name in NAMES}


@pytest.fixture(scope="module")
def false(reports):
    """The formulas that fail, by article and line."""
    found = {}
    for name, report in reports.items():
        for claim in report.claims:
            if claim.verdict == FAILS:
                found.setdefault((name, claim.line), []).append(claim)
    return found


def by_hand(name):
    """The lines of what is false, and of which the program gets to that."""
    entries = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["formulas"]
    return {(name, entry["line"]) for entry in entries if entry["verdict"] == FAILS and "program" not in entry}


def offered(claim):
    """The repairs, or what the program derives where there is none."""
    return [found.latex for found in (claim.repair, *claim.others, claim.derived) if found is not None]


def without_spaces(latex):
    return "".join(latex.split())


def in_its_text(name, claim, latex):
    """What is said of other LaTeX in the place of a formula, by a check of the whole text."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    start = sum(len(line) + 1 for line in text.split("\n")[: claim.line - 1]) + claim.column - 1
    end = start + len(claim.latex)
    assert text[start:end] == claim.latex
    (file,) = check(text[:start] + latex + text[end:], kind="md", repair=False).files
    (found,) = [
        each for each in file.claims if (each.line, each.column, each.latex) == (claim.line, claim.column, latex)
    ]
    return found.verdict


def test_nothing_that_is_false_is_left_out(false):
    lines = {place[:2] for place in [*CORRECTED, *DERIVED]}
    assert lines == set(false) == set().union(*map(by_hand, NAMES))
    assert all(offered(claim) for claims in false.values() for claim in claims)


@pytest.mark.parametrize(("name", "line", "wrong"), CORRECTED)
def test_a_slip_is_corrected_as_a_teacher_would(false, name, line, wrong):
    claim, *_ = false[name, line]  # of a chain that is wrong twice, the first step
    assert without_spaces(claim.repair.latex) in map(without_spaces, CORRECTED[name, line, wrong])
    assert claim.again == AGAIN.get((name, line))
    assert claim.at.text == wrong


@pytest.mark.parametrize(("name", "line"), sorted({place[:2] for place in [*CORRECTED, *DERIVED]}))
def test_what_is_offered_holds_in_the_text(false, name, line):
    for claim in false[name, line]:
        assert len(claim.others) <= OTHERS
        assert claim.repair is None or claim.repair.words
        for latex in offered(claim):
            assert in_its_text(name, claim, latex) == HOLDS


@pytest.mark.parametrize(("name", "line", "step"), DERIVED)
def test_where_no_slip_is_near_it_is_said_what_the_left_side_is(false, name, line, step):
    claim = false[name, line][step]
    assert claim.repair is None
    assert claim.derived.latex == DERIVED[name, line, step]


def test_the_text_itself_is_judged_as_it_was(false):
    """So a check of the whole text would find it if a repair did not hold."""
    (claim,) = false["002", 74]
    assert in_its_text("002", claim, claim.latex) == FAILS
