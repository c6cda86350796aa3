"""A report for people: what holds in a line, what does not with its place underlined and the reason, then a summary.

Texts from outside are shown, never obeyed: a character that could move the cursor or turn a line around becomes �.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from derive.errors import Source, Span, shortened
from derive.render.report_words import evidence_lines, places, summary, verdict
from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD, FileReport, Judged, Report, Understood

COLOURS = {HOLDS: "32", FAILS: "31", NOT_UNDERSTOOD: "33", None: "2"}
MARGIN = " " * 8


@dataclass(frozen=True)
class Pen:
    """Writes words in the colour of a verdict, or as they are."""

    colour: bool

    def __call__(self, words: str, verdict: str | None) -> str:
        return f"\x1b[{COLOURS[verdict]}m{words}\x1b[0m" if self.colour else words


def as_text(report: Report, *, explain: bool = False, colour: bool = False) -> str:
    """Each file's formulas by their lines, its notes, and the summary of all.

    With `explain` the networks as understood, every formula, and what speaks for each verdict.
    """
    pen = Pen(colour)
    files = ["\n".join(_file(file, explain, pen)) for file in report.files]
    return "\n\n".join([*files, summary(report)])


def _file(file: FileReport, explain: bool, pen: Pen) -> Iterator[str]:
    path = shown(file.path)
    plain = [claim for claim in file.claims if claim.verdict == HOLDS and claim.reading is None]
    if explain:
        yield from _network(file.model, path)
    elif plain:
        yield f"{path}: {places(plain)} {pen('holds' if len(plain) == 1 else 'hold', HOLDS)}"
    for formula in file.formulas:
        if explain or formula.verdict in (FAILS, NOT_UNDERSTOOD) or (formula.verdict and formula.reading is not None):
            yield from _formula(formula, path, explain, pen)
    if not file.claims:
        yield f"{path}: no claim, in {len(file.formulas)} formula{'s' * (len(file.formulas) != 1)}"
    yield from (f"{path}: note: {shown(note)}" for note in file.notes)


def _formula(formula: Judged, path: str, explain: bool, pen: Pen) -> Iterator[str]:
    """Its verdict and why; of what does not hold, or with `explain`, the formula and what was found."""
    reading = None if formula.reading is None else f"under a reading: {shown(formula.reading)}"
    reason = None if formula.reason is None else shown(formula.reason)
    first, *rest = [part for part in (reason, reading) if part is not None] or [""]
    head = f"{path}:{formula.line}:{formula.column}  {pen(verdict(formula), formula.verdict)}"
    if first:
        head += f" {first}" if first == reading else f": {first}"
    yield head
    if formula.verdict == HOLDS and not explain:
        return
    yield from _excerpt(formula, pen)
    if formula.verdict is not None:
        yield from (MARGIN + line for line in (*rest, *map(shown, evidence_lines(formula.evidence))))
    if formula.repair is not None:
        yield f"{MARGIN}this holds: {shown(formula.repair)}"


def _excerpt(formula: Judged, pen: Pen) -> Iterator[str]:
    """The line of the formula where the verdict's place is, underlined; the formula's first line if there is none."""
    text = formula.latex
    if formula.at is None:
        yield f"{formula.line:5d} | {shown(shortened(text))}"
        return
    excerpt = Source("", text).excerpt(Span(formula.at.start, formula.at.end))
    line, carets = (row.partition(" | ")[2] for row in excerpt.split("\n"))
    yield f"{formula.line + text.count(chr(10), 0, formula.at.start):5d} | {printable(line)}"
    yield f"{'':5} | {pen(carets, formula.verdict)}"


def _network(network: Understood | None, path: str) -> Iterator[str]:
    if network is None:
        yield f"{path}: no network was found"
        return
    yield f"{path}: the network ({shown(network.origin)})"
    rows = [(shown(role.latex), shown(f"{role.role}, {role.shape}"), shown(role.origin)) for role in network.roles]
    wide = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    for latex, role, origin in rows:
        yield f"  {latex:{wide[0]}}  {role:{wide[1]}}  {origin}".rstrip()
    yield from (f"  {shown(equation)}" for equation in network.equations)
    yield from (f"  taken for granted: {shown(assumption)}" for assumption in network.assumptions)


def shown(text: str) -> str:
    """A text in one line, as a terminal may have it."""
    return printable(" ".join(text.split()))


def printable(text: str) -> str:
    """The same text, with nothing in it that a terminal would obey."""
    return "".join(c if c.isprintable() or c in "\t\n" else "�" for c in text)
