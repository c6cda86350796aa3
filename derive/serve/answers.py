"""A report as the page needs it: what is to be typeset is typeset, and places count as a browser counts characters."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from typing import Any

from derive.errors import DeriveError, Source
from derive.render.report_text import printable, shown
from derive.render.report_words import evidence_lines, summary, verdict
from derive.serve.question import NAME, Question
from derive.serve.typeset import Tree, typeset
from derive.texts.document import Document
from derive.texts.read import read_document
from derive.verify.report import HOLDS, Derivation, FileReport, Judged, Repair, Report, Understood

MOST_SHOWN = 1000
"""Formulas of a text that are shown; all are judged."""

Json = dict[str, Any]


def answer(question: Question, judge: Callable[[Question], FileReport]) -> Json:
    """What is said of a text; of one that cannot be judged as a whole, the problem."""
    try:
        report = judge(question)
        text = Text(question)
    except DeriveError as error:
        return problem(error)
    shows = report.formulas[:MOST_SHOWN]
    more = len(report.formulas) - len(shows)
    notes = (*report.notes, *([f"{more} more formulas were judged and are not shown"] if more else []))
    return {
        "summary": summary(Report((report,))),
        "notes": [shown(note) for note in notes],
        "network": None if report.model is None else _network(report.model),
        "formulas": [_formula(formula, text) for formula in shows],
    }


def problem(error: DeriveError) -> Json:
    """An error in words."""
    return {"problem": printable(str(error))}


class Text:
    """A text that was typed, with the formulas in it as they are read, and its places in a browser's count (UTF-16)."""

    def __init__(self, question: Question) -> None:
        self.question, self.text = question, question.text
        self._wide = [at for at, character in enumerate(self.text) if character > "\uffff"]
        self._lines = [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))]
        self._document: Document = read_document(Source(NAME, self.text), question.kind)
        self._begin = [passage.offsets[0] for passage in self._document.passages]

    def start(self, formula: Judged) -> int:
        """Where a formula begins, in characters."""
        return self._lines[formula.line - 1] + formula.column - 1

    def units(self, place: int) -> int:
        """A place as a browser counts: a character beyond the first 2¹⁶ is two."""
        return place + bisect_left(self._wide, place)

    def within(self, start: int, *places: int) -> list[int]:
        """Places in the formula that begins at `start`, counted from there."""
        return [self.units(start + place) - self.units(start) for place in places]

    def as_read(self, start: int, end: int) -> str:
        """What was read between two places: with the text's macros put in."""
        number = bisect_right(self._begin, start) - 1
        if number < 0:
            return self.text[start:end]
        passage = self._document.passages[number]
        return passage.latex[bisect_left(passage.offsets, start) : bisect_left(passage.offsets, end)]

    def with_(self, start: int, end: int, new: str) -> Text:
        """The text with another formula in a place."""
        changed = self.text[:start] + new + self.text[end:]
        return Text(Question(changed, self.question.kind, self.question.model, self.question.strict))


def _formula(formula: Judged, text: Text) -> Json:
    start = text.start(formula)
    end = start + len(formula.latex)
    return {
        "line": formula.line,
        "start": text.units(start),
        "end": text.units(end),
        "kind": formula.kind,
        "verdict": formula.verdict,
        "word": verdict(formula),
        "math": typeset(text.as_read(start, end), block=formula.kind != "other"),
        "latex": printable(formula.latex),
        "wrong": [text.within(start, *place) for place in _wrong(formula)],
        "reading": _words(formula.reading),
        "reason": _words(formula.reason),
        "evidence": _evidence(formula.evidence),
        "again": formula.again,
        "repairs": [_repair(repair, formula, text) for repair in _repairs(formula)],
        "derived": None if formula.derived is None else _derived(formula.derived),
    }


def _wrong(formula: Judged) -> Iterator[tuple[int, int]]:
    """The place of what is wrong, or where that is not known, what the repair would change."""
    if formula.verdict == HOLDS:
        return
    changes = formula.repair.changes if formula.repair is not None else ()
    for place in [formula.at] if formula.at is not None else changes:
        start = place.start - (place.start == place.end > 0)  # where something is missing, what stands before it
        yield start, max(place.end, start + 1)


def _repairs(formula: Judged) -> Iterator[Repair]:
    if formula.repair is not None:
        yield formula.repair
    yield from formula.others


def _repair(repair: Repair, formula: Judged, text: Text) -> Json:
    start = text.start(formula)
    begin, end, new = _edit(formula.latex, repair.latex)
    math = typeset(repair.latex)
    if math is None:  # it has the text's own macros in it
        try:
            changed = text.with_(start, start + len(formula.latex), repair.latex)
            math = typeset(changed.as_read(start, start + len(repair.latex)))
        except DeriveError:
            pass
    return {
        "words": shown(repair.words),
        "math": math,
        "latex": printable(repair.latex),
        "reading": _words(repair.reading),
        "evidence": _evidence(repair.evidence),
        "place": text.within(start, begin, end),
        "new": new,
    }


def _edit(old: str, new: str) -> tuple[int, int, str]:
    """The fewest characters in a row [start, end) of `old` that, replaced by a text, give `new`."""
    begin = _alike(old, new)
    same = _alike(old[begin:][::-1], new[begin:][::-1])
    return begin, len(old) - same, new[begin : len(new) - same]


def _alike(one: str, other: str) -> int:
    """How many characters are the same from the beginning."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _derived(derived: Derivation) -> Json:
    return {
        "form": shown(derived.form),
        "math": typeset(derived.latex),
        "latex": printable(derived.latex),
        "evidence": _evidence(derived.evidence),
    }


def _network(network: Understood) -> Json:
    return {
        "origin": shown(network.origin),
        "equations": [_named(equation) for equation in network.equations],
        "names": [{**_named(role.latex), "words": shown(f"{role.role}, {role.shape}")} for role in network.roles],
        "assumptions": [shown(assumption) for assumption in network.assumptions],
    }


def _named(latex: str) -> dict[str, str | Tree | None]:
    return {"math": typeset(latex, block=False), "latex": printable(latex)}


def _words(text: str | None) -> str | None:
    return None if text is None else shown(text)


def _evidence(evidence: Mapping[str, Any]) -> list[str]:
    return [shown(line) for line in evidence_lines(evidence)]
