"""From a formula in its document to a page of its own, and from edits of that page back to the document."""

from __future__ import annotations

import json
import re

from derive.errors import Span
from derive.repair.page import Edit, Page
from derive.repair.slips import Candidate
from derive.repair.writing import Writing
from derive.texts.document import Passage
from derive.verify.report import At, Change, Judged, Repair
from derive.verify.reported import evidence_of, reading_of
from derive.verify.session import Finding
from derive.verify.survey import Formula

SIGNS = {"equiv": r"\equiv", "le": r"\le", "ge": r"\ge", "ll": r"\ll", "gg": r"\gg", "in": r"\in", "to": r"\to"}

KEPT = frozenset(["=", "<", ">", r"\le", r"\leq", r"\ge", r"\geq", r"\in", ":=", r"\equiv"])
"""Signs that are kept as the author wrote them."""


def page_of(formula: Formula, writing: Writing) -> Page:
    """Both sides as the author wrote them, beside each other."""
    link = formula.link
    latex = link.statement.passage.latex
    left = latex[link.left.span.start : link.left.span.end]
    right = latex[link.right.span.start : link.right.span.end]
    between = latex[link.left.span.end : link.right.span.start]
    joined = between.strip() in KEPT and link.left.span.end <= link.right.span.start
    front = left + (between if joined else f" {SIGNS.get(link.relation, link.relation)} ")
    return Page(front + right, len(front), writing, joined)


def repair_of(judged: Judged, formula: Formula, page: Page, made: Candidate, finding: Finding) -> Repair | None:
    """A repair as a report has it; None where the text of the formula cannot be changed so."""
    changes = [_change(judged, formula, page, edit) for edit in sorted(made, key=lambda edit: edit.start)]
    text = judged.latex
    for change in reversed(changes):
        if change is None:
            return None
        text = text[: change.start] + change.new + text[change.end :]
    kept = tuple(change for change in changes if change is not None)
    return Repair(text, kept, reading_of(finding), evidence_of(finding))


def place_of(judged: Judged, formula: Formula, page: Page, made: Candidate) -> At | None:
    """The smallest part of the formula that holds what is wrong."""
    places = [in_passage(formula, page, edit.place) for edit in made]
    passage = formula.link.statement.passage
    start = min(passage.offsets[place.start] for place in places) - _start(formula)
    end = max(passage.offsets[place.end] for place in places) - _start(formula)
    if not 0 <= start < end <= len(judged.latex):
        return None
    return At(start, end, judged.latex[start:end])


def _change(judged: Judged, formula: Formula, page: Page, edit: Edit) -> Change | None:
    """An edit as a change of the formula's own text, which may be escaped, or made by a macro."""
    passage = formula.link.statement.passage
    span = in_passage(formula, page, Span(edit.start, edit.end))
    wide = _clear(passage, span)
    new = passage.latex[wide.start : span.start] + edit.new + passage.latex[span.end : wide.end]
    start, end = passage.offsets[wide.start], passage.offsets[wide.end]
    if _is_escaped(passage):
        new = json.dumps(new, ensure_ascii=False)[1:-1]
    start, end = start - _start(formula), end - _start(formula)
    if not 0 <= start <= end <= len(judged.latex):
        return None
    return Change(start, end, judged.latex[start:end], new, edit.kind, edit.words)


def _is_escaped(passage: Passage) -> bool:
    """Whether it stands in a notebook's JSON, where a backslash is two."""
    raw = passage.source.text[passage.offsets[0] : passage.offsets[-1]]
    return raw != passage.latex and "\\\\" in raw and _decoded(raw) == passage.latex


def _decoded(raw: str) -> str:
    lines = re.split(r'",\s*"', raw)
    try:
        return "".join(json.loads(f'"{line}"') for line in lines)
    except ValueError:
        return ""


def _clear(passage: Passage, span: Span) -> Span:
    """The smallest range around that no macro's edge cuts: its ends stand where the document moves on."""
    start, end, offsets = span.start, span.end, passage.offsets
    while start > 0 and offsets[start] == offsets[start - 1]:
        start -= 1
    while end < len(offsets) - 1 and end > start and offsets[end] == offsets[end - 1]:
        end += 1
    return Span(start, end)


def in_passage(formula: Formula, page: Page, span: Span) -> Span:
    """A range of the page as one of the passage."""
    link = formula.link
    if span.start >= page.split:
        move = link.right.span.start - page.split
        return Span(span.start + move, span.end + move)
    move = link.left.span.start
    return Span(span.start + move, span.end + move)


def _start(formula: Formula) -> int:
    """Where the formula's own LaTeX begins in its document."""
    link = formula.link
    return link.statement.place(link.span).start
