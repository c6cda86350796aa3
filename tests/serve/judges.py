"""Judges for tests: they are what the server asks in a process of its own, so they stand in a module of their own."""

import os
import time
from dataclasses import replace

from derive.errors import DeriveError
from derive.serve.question import Question, judge
from derive.verify.report import At, Change, Derivation, FileReport, Judged, Repair, Role, Understood

WRONG = r"W^{\top}"
NASTY = "<img src=x onerror='window.hit=1'><script>window.hit=1</script><a href='javascript:hit=1'>{{7*7}}</a>"


def stub(question: Question) -> FileReport:
    """Does what the text says; else one claim, which is the whole text."""
    match question.text.split():
        case ["sleep", seconds]:
            time.sleep(float(seconds))
        case ["hog"]:
            bytearray(2**33)  # more than a process may have
        case ["die"]:
            os._exit(3)
        case ["refuse"]:
            raise DeriveError("this is refused", hint="another text")
    claim = Judged(1, 1, question.text, "claim", "holds", reading=f"{question.kind} {question.model} {question.strict}")
    return FileReport("text", None, (claim,), (f"process {os.getpid()}",))


def repairing(question: Question) -> FileReport:
    """The program's own verdicts; of what fails with a Wᵀ in it, the place and the repair are given by hand."""
    if NASTY in question.text:
        return _nasty(question.text.index(NASTY) + 1)
    report = judge(question)
    return replace(report, formulas=tuple(map(_with_repair, report.formulas)))


def _nasty(column: int) -> FileReport:
    """A report with the same bad text in each place of it."""
    repair = Repair(NASTY, (Change(0, 1, "<", NASTY, NASTY, NASTY),), NASTY, {NASTY: NASTY})
    formula = Judged(
        1, column, NASTY, "claim", "fails", NASTY, NASTY, At(0, len(NASTY), NASTY), {"T": NASTY}, repair, (repair,),
        Derivation(NASTY, NASTY, {NASTY: NASTY}),
    )  # fmt: skip
    network = Understood(NASTY, (Role(NASTY, NASTY, NASTY, NASTY),), (NASTY,), (NASTY,))
    return FileReport(NASTY, network, (formula,), (NASTY,))


def _with_repair(formula: Judged) -> Judged:
    start = formula.latex.rfind(WRONG)
    if formula.verdict != "fails" or start < 0:
        return formula
    end = start + len(WRONG)

    def repair(new: str, words: str) -> Repair:
        latex = formula.latex[:start] + new + formula.latex[end:]
        return Repair(latex, (Change(start, end, WRONG, new, "transposed", words),), None, {"T": 3, "seed": 0})

    return replace(
        formula,
        at=At(start, end, WRONG),
        repair=repair("W", "Wᵀ where W is needed"),
        others=(repair("(W)", "brackets for Wᵀ"),),
        derived=Derivation(r"\frac{\partial s_j}{\partial s_{j-1}} = \operatorname{diag}(f'(a_j)) W", "jacobian"),
    )
