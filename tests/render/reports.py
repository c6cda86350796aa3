"""Reports made by hand, with all that one can have, for what shows them."""

from derive.evidence.evidence import Evidence, Exact, Sampled
from derive.verify.report import At, Change, Derivation, FileReport, Judged, Repair, Report, Role, Understood

CHECKED = Evidence(
    Exact((1, 2, 3, 4, 5, 6), {"n": 3, "d": 2}, 2, 12, 40, 6, 3e-25),
    Sampled((1, 2, 3, 4, 5, 6), {"n": 4, "d": 3}, 2, 12, 4e-16, 0.1),
).as_dict()
COUNTEREXAMPLE = {"sizes": {"n": 4}, "T": 3, "seed": 0, "left": 0.123456789, "right": -2.5}
NETWORK = Understood(
    "the text",
    (Role("W", "parameter", "n × n", "W s_{t-1}"), Role(r"\bar{o}_t", "target", "column of m", "line 2")),
    (r"s_t = \tanh(W s_{t-1} + U x_t)",),
    ("s_0 is a constant",),
)
WRONG = r"\frac{\partial s_t}{\partial s_{t-1}} = \operatorname{diag}(1 - s_t^2) W^{\top}"
UNCLEAR = "\\frac{\\partial L}{\\partial W}\n  = s_t \\star W"
TEXT = f"# 𝒲 and 😀\n\nIt is 😀 $a = b$, so 𝒲 ${WRONG}$\nand\n$${UNCLEAR}$$\n"
"""A text with characters that are two units of UTF-16, before formulas in their lines."""


def change(latex, text, new, words="a slip"):
    """What stands in a formula once, and what is to stand there."""
    start = latex.index(text)
    return Change(start, start + len(text), text, new, "slip", words)


def repaired(latex, *changes, **more):
    """The repair that makes those changes, in the order of the text."""
    for one in reversed(changes):
        latex = latex[: one.start] + one.new + latex[one.end :]
    return Repair(latex, changes, **more)


def placed(text, latex, verdict=None, part=None, **more):
    """A claim at the place where it stands in a text; `part` is where the verdict is."""
    start = text.index(latex)
    line, column = text.count("\n", 0, start) + 1, start - (text.rfind("\n", 0, start) + 1) + 1
    at = At(latex.index(part), latex.index(part) + len(part), part) if part else None
    return Judged(line, column, latex, "claim" if verdict else "other", verdict, at=at, **more)


REPAIR = repaired(WRONG, change(WRONG, r"W^{\top}", "W", "W where W^⊤ is written"), reading="columns", evidence=CHECKED)
OTHERS = (
    repaired(WRONG, change(WRONG, r"\operatorname{diag}(1 - s_t^2) ", "", "the diag is one factor too many")),
    repaired(WRONG, change(WRONG, "= ", "= -", "a sign"), change(WRONG, r"W^{\top}", "W", "W where W^⊤ is written")),
)
FAILING = placed(
    TEXT, WRONG, "fails", r"W^{\top}", reason="the two sides differ: 0.1 on the left", evidence=COUNTEREXAMPLE,
    repair=REPAIR, others=OTHERS, derived=Derivation(r"\frac{a}{b} = W", "jacobian", CHECKED), again=1,
)  # fmt: skip
UNREAD = placed(TEXT, UNCLEAR, "not-understood", r"\star", reason="the operator star is not understood here")
HOLDING = placed(TEXT, "a = b", "holds", reading="∂ keeps the state before fixed", evidence=CHECKED)


def report(*formulas, path="notes.md", notes=(), model=NETWORK):
    return Report((FileReport(path, model, formulas, notes),))


ALL = report(HOLDING, FAILING, UNREAD, Judged(1, 1, "x_t", "other"), notes=("∏ runs down in line 1 and up in line 2",))
