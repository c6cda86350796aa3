"""A report for people: what holds in a line, what does not with its place underlined and the reason, then a summary.

Texts from outside are shown, never obeyed: a character that could move the cursor or turn a line around becomes �.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from derive.errors import Source, Span, shortened
from derive.render.report_words import evidence_lines, places, remedy, summary, verdict
from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD, FileReport, Judged, Report

COLOURS = {HOLDS: "32", FAILS: "31", NOT_UNDERSTOOD: "33", None: "2"}
MARGIN = " " * 8


@dataclass(frozen=True)
class Pen:
    """Writes words in the colour of a verdict, or as they are."""

    colour: bool

    def __call__(self, words: str, verdict: str | None) -> str:
        return f"\x1b[{COLOURS[verdict]}m{words}\x1b[0m" if self.colour else words


def as_text(report: Report, *, explain: bool = False, colour: bool = False) -> str:
    """Each file's claims by their lines, its notes, and the summary of all.

    With `explain` the networks as understood, what the texts introduce, and what speaks for each verdict.
    """
    pen = Pen(colour)
    files = ["\n".join(_file(file, explain, pen)) for file in report.files]
    return "\n\n".join([*files, summary(report)])


def _file(file: FileReport, explain: bool, pen: Pen) -> Iterator[str]:
    path = shown(file.path)
    plain = [claim for claim in file.claims if _is_plain(claim)]
    if explain:
        yield from _network(file, path)
    elif plain:
        yield f"{path}: {places(plain)} {pen('holds' if len(plain) == 1 else 'hold', HOLDS)}"
    for formula in file.formulas:
        if formula.kind in ("claim", "definition") if explain else formula.kind == "claim" and not _is_plain(formula):
            yield from _formula(formula, path, explain, pen)
    others = [formula for formula in file.formulas if formula.kind == "other"]
    if not file.claims:
        yield f"{path}: no claim, in {len(file.formulas)} formula{'s' * (len(file.formulas) != 1)}"
    elif explain and others:
        yield f"{path}: no claim in {places(others)}"
    yield from (f"{path}: note: {shown(note)}" for note in file.notes)


def _is_plain(formula: Judged) -> bool:
    """Whether nothing more is to be said than that it holds."""
    return formula.verdict == HOLDS and formula.reading is None


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
    yield from (MARGIN + line for line in map(shown, remedy(formula)))


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


def _network(file: FileReport, path: str) -> Iterator[str]:
    """The names of the network in columns, its equations with their lines, and what was taken for granted."""
    network = file.model
    if network is None:
        yield f"{path}: no network was found"
        return
    yield f"{path}: the network ({shown(network.origin)})"
    yield from _columns([(role.latex, f"{role.role}, {role.shape}", role.origin) for role in network.roles])
    own = [(f"line {formula.line}", formula.latex) for formula in file.formulas if formula.kind == "model"]
    yield from _columns(own or [("", equation) for equation in network.equations])
    yield from (f"  taken for granted: {shown(assumption)}" for assumption in network.assumptions)


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Rows of equal length, each column as wide as its widest cell."""
    cells = [[shown(cell) for cell in row] for row in rows]
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        filled = (cell.ljust(width) for cell, width in zip(row, wide, strict=True) if width)
        yield f"  {'  '.join(filled)}".rstrip()


def shown(text: str) -> str:
    """A text in one line, as a terminal may have it."""
    return printable(" ".join(text.split()))


def printable(text: str) -> str:
    """The same text, with nothing in it that a terminal would obey."""
    return "".join(c if c.isprintable() or c in "\t\n" else "�" for c in text)
