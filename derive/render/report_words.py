"""The words of a report, the same for a terminal, a notebook and a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from derive.evidence.evidence import ByLaw, Exact, Sampled
from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD, Judged, Repair, Report

WORDS = {HOLDS: "holds", FAILS: "fails", NOT_UNDERSTOOD: "not understood"}
KINDS = {"model": "of the network", "definition": "a definition", "other": "no claim"}
PARTS = {"by_law": ByLaw, "exact": Exact, "sampled": Sampled}
MOST_PLACES = 24
"""So many lines are named; a long text has more."""


def verdict(formula: Judged) -> str:
    """The verdict of a claim, or what else a formula is."""
    return KINDS[formula.kind] if formula.verdict is None else WORDS[formula.verdict]


def evidence_lines(evidence: Mapping[str, Any]) -> tuple[str, ...]:
    """What speaks for a verdict: a line for each oracle or for the laws, or the figures of a counterexample."""
    parts = tuple(str(kind(**evidence[name])) for name, kind in PARTS.items() if evidence.get(name))
    figures = ", ".join(_figures(evidence))
    return parts or ((figures,) if figures else ())


def remedy(formula: Judged) -> Iterator[str]:
    """What would be right: the repair with its words and equally small ones, or what the program derives."""
    if formula.again is not None:
        yield f"the same slip as in line {formula.again}"
    if formula.repair is not None:
        yield formula.repair.words
        yield f"this holds{_under(formula.repair)}, and was checked: {formula.repair.latex}"
    for other in formula.others:
        yield f"or{_under(other)} {other.words}: {other.latex}"
    if formula.derived is not None:
        yield f"derived instead, in {formula.derived.form} form, and checked: {formula.derived.latex}"


def _under(repair: Repair) -> str:
    """The reading under which a repair holds, where that is not the plain one."""
    return "" if repair.reading is None else f" under a reading ({repair.reading})"


def _figures(evidence: Mapping[str, Any]) -> Iterator[str]:
    """`n = 4`, `seed = 0`; what belongs together in the evidence stands together."""
    for name, value in evidence.items():
        if isinstance(value, Mapping):
            yield from _figures(value)
        elif value is not None:
            yield f"{name} = {_figure(value)}"


def _figure(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return ", ".join(map(_figure, value)) if isinstance(value, list | tuple) else str(value)


def places(formulas: Sequence[Judged]) -> str:
    """Where formulas begin: `line 4`, `lines 4, 6, 9`."""
    lines = list(dict.fromkeys(str(formula.line) for formula in formulas))
    more = ["…"] if len(lines) > MOST_PLACES else []
    return f"line{'s' * (len(lines) > 1)} {', '.join(lines[:MOST_PLACES] + more)}"


def summary(report: Report) -> str:
    """How many claims hold, fail, are not understood; that there is none."""
    holds, fails, unclear = (report.count(each) for each in (HOLDS, FAILS, NOT_UNDERSTOOD))
    read = sum(claim.verdict == HOLDS and claim.reading is not None for claim in report.claims)
    parts = [
        f"{holds} {'holds' if holds == 1 else 'hold'}" + (f" ({read} under a reading)" if read else ""),
        f"{fails} {'fails' if fails == 1 else 'fail'}",
        f"{unclear} {'is' if unclear == 1 else 'are'} not understood",
    ]
    said = [part for part, count in zip(parts, (holds, fails, unclear), strict=True) if count]
    return ", ".join(said) or "There is no claim: nothing was judged."
