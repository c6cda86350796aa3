"""A report as a table for a notebook. Everything in it is from outside, so everything is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from derive.errors import DeriveError
from derive.render.mathml import mathml
from derive.render.report_words import evidence_lines, summary, verdict
from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD, Judged, Report

COLOURS = {HOLDS: "#2c6e49", FAILS: "#a3303c", NOT_UNDERSTOOD: "#96690b", None: "inherit"}
LONGEST = 1000
"""Characters of a formula that is typeset; a longer one may be nested deeper than the typesetter goes."""


def as_html(report: Report) -> str:
    """A table of the claims, each with its verdict and why; the files' notes, and the summary."""
    several = len(report.files) > 1
    rows = "".join(
        _row(claim, f"{file.path}:{claim.line}" if several else str(claim.line))
        for file in report.files
        for claim in file.claims
    )
    head = "<tr><th>line</th><th>formula</th><th>verdict</th><th>why</th></tr>"
    table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>" if rows else ""
    notes = "".join(f"<p>{escape(note)}</p>" for file in report.files for note in file.notes)
    html = f"<div>{table}{notes}<p>{escape(summary(report))}</p></div>"
    return html.encode(errors="replace").decode()  # a notebook's file can hold half a character; a page cannot


def _row(claim: Judged, place: str) -> str:
    word = f'<b style="color: {COLOURS[claim.verdict]}">{escape(verdict(claim))}</b>'
    cells = (escape(place), formula(claim.latex), word, "<br>".join(_why(claim)))
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _why(claim: Judged) -> Iterator[str]:
    if claim.reading is not None:
        yield f"under a reading: {escape(claim.reading)}"
    if claim.reason is not None:
        yield escape(claim.reason)
    if claim.at is not None and claim.verdict != HOLDS:
        yield f"at <code>{escape(claim.at.text)}</code>"
    yield from map(escape, evidence_lines(claim.evidence))
    if claim.again is not None:
        yield f"the same slip as in line {claim.again}"
    if claim.repair is not None:
        yield f"{escape(claim.repair.words)}; this holds: {formula(claim.repair.latex)}"
    for other in claim.others:
        yield f"or {escape(other.words)}: {formula(other.latex)}"
    if claim.derived is not None:
        yield f"derived instead: {formula(claim.derived.latex)}"


def formula(latex: str) -> str:
    """LaTeX from outside, typeset where the typesetter knows all of it, and as it is written where not."""
    if len(latex) <= LONGEST:
        try:
            return mathml(latex, block=False)
        except (DeriveError, UnicodeEncodeError):
            pass
    return f"<code>{escape(latex)}</code>"
