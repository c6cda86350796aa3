"""What holds of a text as a whole: one layout throughout, and no equation that contradicts another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from derive.verify.readings import DENOMINATOR, Reading
from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD
from derive.verify.said import line
from derive.verify.session import Finding, Session
from derive.verify.survey import Formula

Found = tuple[Formula, Finding]
Under = Callable[[Formula, Reading], Finding]


def of_one_layout(found: Sequence[Found], under: Under) -> tuple[list[Finding], list[str]]:
    """The findings, and what is said where some hold by the numerator only and others by the denominator only.

    A text is read in one layout. What holds only in the other, that of fewer formulas, is ambiguous in it.
    """
    findings = [finding for _, finding in found]
    below = [i for i, f in enumerate(findings) if f.verdict == HOLDS and f.reading.layout == DENOMINATOR]
    if not below:
        return findings, []
    above = [
        i
        for i, (formula, finding) in enumerate(found)
        if finding.verdict == HOLDS and i not in below
        and under(formula, replace(finding.reading, layout=DENOMINATOR)).verdict == FAILS
    ]  # fmt: skip
    if not above:
        return findings, []
    few, many = (below, above) if len(below) <= len(above) else (above, below)
    words = {True: "the numerator", False: "the denominator"}
    other = line(found[many[0]][0])
    for i in few:
        reason = (
            f"ambiguous: it holds if derivatives are laid out by {words[few is above]}, line {other} only if by "
            f"{words[few is below]}; the text mixes layouts"
        )
        findings[i] = replace(findings[i], verdict=NOT_UNDERSTOOD, reason=reason, outcome=None)
    lines = [", ".join(str(line(found[i][0])) for i in some) for some in (above, below)]
    return findings, [f"the text mixes layouts: lines {lines[0]} by the numerator, lines {lines[1]} by the denominator"]


def directions(found: Sequence[Found]) -> list[str]:
    """What is said where ∏ rises in some formulas and falls in others."""
    products = [(formula, f) for formula, f in found if f.verdict == HOLDS and formula.has_product]
    falling = [str(line(formula)) for formula, f in products if f.reading.falling]
    rising = [str(line(formula)) for formula, f in products if not f.reading.falling]
    if not falling or not rising:
        return []
    return [f"∏ runs down in lines {', '.join(falling)} and up in lines {', '.join(rising)}"]


def conflicts(found: Sequence[Found], session: Session) -> list[str]:
    """The equations that say otherwise of a quantity what another has said."""
    said = []
    for formula, finding in found:
        if finding.verdict != FAILS or formula.name is None or finding.outcome is None:
            continue
        for position, rule in session.found.forward.items():
            if rule.left.name == formula.name.name:
                first = line(session.formulas[position])
                said.append(
                    f"{formula.name.name} is said to be something else in line {line(formula)} than in line {first}"
                )
                break
    return said


def first_wrong(found: Sequence[Found]) -> list[str]:
    """Where a chain of equalities goes wrong first, and where a text does; each step is judged by itself."""
    said = []
    chains: dict[int, list[Found]] = {}
    for formula, finding in found:
        chains.setdefault(id(formula.link.statement), []).append((formula, finding))
    for chain in chains.values():
        wrong = [step for step, (_, finding) in enumerate(chain, start=1) if finding.verdict == FAILS]
        if wrong and len(chain) > 1:
            first, last = wrong[0], len(chain)
            rest = chain[first:]
            after = "; what follows holds by itself" if rest and all(f.verdict == HOLDS for _, f in rest) else ""
            said.append(f"the chain of line {line(chain[0][0])} first goes wrong at step {first} of {last}{after}")
    failing = [formula for formula, finding in found if finding.verdict == FAILS]
    if len({id(formula.link.statement) for formula in failing}) > 1:
        said.append(f"the first formula that fails is in line {line(failing[0])}; the others are judged by themselves")
    return said
