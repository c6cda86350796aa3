"""What came of a formula, as a report has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derive.verify.evidence import evidence
from derive.verify.report import HOLDS, At, Judged
from derive.verify.session import Finding, Session
from derive.verify.survey import Formula, Survey


@dataclass(frozen=True)
class Case:
    """A formula of a text, what kind it is and what came of it, and how the text was understood."""

    formula: Formula
    kind: str
    finding: Finding | None
    session: Session
    survey: Survey

    @property
    def judged(self) -> Judged:
        """What is said of it."""
        return _reported(self.formula, self.kind, self.finding)


Mend = Callable[[Sequence[Case], Sequence[Judged]], Sequence[Judged]]
"""Adds to what is said of the formulas of a text what would be right instead."""


def _reported(formula: Formula, kind: str, finding: Finding | None) -> Judged:
    link = formula.link
    span = link.span if link.relation else link.statement.span
    place = link.statement.place(span)
    source = link.statement.passage.source
    line, column = source.position(place.start)
    latex = source.text[place.start : place.end]
    if finding is None:
        return Judged(line, column, latex, kind)
    at = None
    if finding.span is not None and finding.verdict != HOLDS:
        inner = link.statement.place(finding.span)
        start, end = max(inner.start, place.start), min(inner.end, place.end)
        if start < end:
            at = At(start - place.start, end - place.start, source.text[start:end])
    return Judged(
        line, column, latex, kind, finding.verdict, reading_of(finding), reason_of(finding), at, evidence_of(finding)
    )


def reading_of(finding: Finding) -> str | None:
    """The reading under which a claim holds, in words; None for the plain one."""
    said = (*finding.reading.said(), *finding.notes)
    if finding.outcome is not None and finding.outcome.restricted:
        said = (*said, finding.outcome.restricted)
    return "; ".join(said) if said and finding.verdict == HOLDS else None


def reason_of(finding: Finding) -> str | None:
    if finding.verdict == HOLDS:
        return None
    if finding.outcome is not None and finding.outcome.counterexample is not None:
        found = finding.outcome.counterexample
        return (
            f"the two sides differ: {found.left:.6g} on the left, {found.right:.6g} on the right, at {found.instance}"
        )
    return finding.reason or None


def evidence_of(finding: Finding) -> Mapping[str, Any]:
    outcome = finding.outcome
    if outcome is None:
        return finding.evidence
    if outcome.counterexample is not None:
        found = outcome.counterexample
        return {
            "sizes": dict(found.sizes), "T": found.instance.steps, "seed": found.seed,
            **{str(k): v for k, v in found.instance.letters.items()}, "entry": list(found.entry),
            "left": found.left, "right": found.right,
        }  # fmt: skip
    return evidence(outcome, finding.tried)
