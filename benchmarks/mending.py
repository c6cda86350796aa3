"""How long `derive check` takes for a chapter in which some formulas are wrong, with their places and repairs."""

from __future__ import annotations

from itertools import chain, cycle, islice

from benchmarks.checking import printed
from benchmarks.measure import heading, say, seconds, table, worked
from derive import check
from derive.verdicts import Verdicts

FORMULAS, WRONG = 200, 20
WITHIN = 10
"""So many seconds the chapter is to take on one core."""
SLIPS = (
    ("W ", r"W^{\top} "),
    (r"\sum_{k=1}", r"\sum_{k=2}"),
    (r"V \operatorname", r"V^{\top} \operatorname"),
    (r" - \bar{o}", r" + \bar{o}"),
    ("s_{k-1}", "s_k"),
    ("f'(a_k)", "f'(s_k)"),
    (r"\frac{\partial o_t}{\partial s_t} ", ""),
    ("x_k", "x_t"),
)
"""What is written for what, one after the other."""


def mending() -> None:
    """One table: the chapter as it is derived, and with slips."""
    heading(f"derive check: a chapter of {FORMULAS} formulas, {WRONG} of them wrong")
    say(
        "A text as a Python string: the network of Elman and its gradients, printed, and again up to so many formulas. "
        "Processor time of one run each, after a shorter one; what is wrong is made so by one slip, of which there are "
        f"{len(SLIPS)} kinds. Mended is that for which a repair is offered, which holds."
    )
    right = chapter()
    wrong = with_slips(right)
    check("\n\n".join(right[:20]), kind="md")  # once unmeasured
    rows = [_row("as derived", right), _row(f"{WRONG} wrong", wrong)]
    table(["chapter", "claims", "do not hold", "mended", "s", "to reach"], rows)


def _row(name: str, formulas: list[str]) -> list[str]:
    reports: list[Verdicts] = []
    spent = worked(lambda: reports.append(check("\n\n".join(formulas), kind="md")))
    claims = reports[0].claims
    failing = [claim for claim in claims if claim.verdict != "holds"]
    mended = sum(claim.repair is not None for claim in failing)
    return [name, str(len(claims)), str(len(failing)), str(mended), seconds(spent), str(WITHIN)]


def chapter() -> list[str]:
    """The formulas of the chapter, each in dollars, the network first."""
    formulas = printed("elman", range(1, 7)).split("\n\n")
    again = [formula for formula in formulas if r"\partial L" in formula]
    return list(islice(chain(formulas, cycle(again)), FORMULAS))


def with_slips(formulas: list[str]) -> list[str]:
    """The same with a slip in some, as far apart as they can be."""
    made, slips, planted = list(formulas), list(SLIPS), 0
    for position in range(len(formulas) - 1, 0, -1):
        right = made[position].rpartition(" = ")[2]
        fitting = [slip for slip in slips if slip[0] in right and r"\partial L" in made[position]]
        if fitting and len(formulas) - position >= planted * (len(formulas) // WRONG - 1):
            old, new = fitting[0]
            made[position] = made[position].replace(right, right.replace(old, new, 1))
            slips.append(slips.pop(slips.index(fitting[0])))
            planted += 1
        if planted == WRONG:
            break
    return made
