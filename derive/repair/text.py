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


def page_of(formula: Formula, writing: Writing, head: Formula | None = None) -> Page:
    """Both sides as the author wrote them, beside each other; on the left that with which the chain begins."""
    link = formula.link
    latex = link.statement.passage.latex
    if head is not None and head is not formula:
        own = head.link.statement.passage.latex[head.link.left.span.start : head.link.left.span.end]
        right = latex[link.right.span.start : link.right.span.end]
        return Page(f"{own} = {right}", len(own) + 3, writing, joined=False)
    left = latex[link.left.span.start : link.left.span.end]
    right = latex[link.right.span.start : link.right.span.end]
    between = latex[link.left.span.end : link.right.span.start]
    joined = between.strip() in KEPT and link.left.span.end <= link.right.span.start
    front = left + (between if joined else f" {SIGNS.get(link.relation, link.relation)} ")
    return Page(front + right, len(front), writing, joined)


def repair_of(judged: Judged, formula: Formula, page: Page, made: Candidate, finding: Finding) -> Repair | None:
    """A repair as a report has it; None where the text of the formula cannot be changed so."""
    changes: list[Change] = []
    for edit in sorted(made, key=lambda edit: edit.start):
        change = _change(judged, formula, page, edit)
        if change is None or (changes and change.start < changes[-1].end):
            return None
        changes.append(change)
    text = judged.latex
    for change in reversed(changes):
        text = text[: change.start] + change.new + text[change.end :]
    return Repair(text, tuple(changes), reading_of(finding), evidence_of(finding))


def place_of(judged: Judged, formula: Formula, page: Page, made: Candidate) -> At | None:
    """The smallest part of the formula that holds what is wrong; that of the first slip, if there are several."""
    places = (edit.place for edit in sorted(made, key=lambda edit: edit.start))
    return next((at for place in places if (at := at_of(judged, formula, page, place)) is not None), None)


def at_of(judged: Judged, formula: Formula, page: Page, span: Span) -> At | None:
    """A range of the page as a report has it; None where a macro wrote it."""
    found = _written(formula.link.statement.passage, in_passage(formula, page, span))
    if found is None:
        return None
    start, end = found.start - _start(formula), found.end - _start(formula)
    return At(start, end, judged.latex[start:end]) if 0 <= start < end <= len(judged.latex) else None


def _change(judged: Judged, formula: Formula, page: Page, edit: Edit) -> Change | None:
    """An edit as a change of the formula's own text; None where a macro wrote only a part of what is edited."""
    passage = formula.link.statement.passage
    span = in_passage(formula, page, Span(edit.start, edit.end))
    found, new = _written(passage, span), edit.new
    if found is None:
        return None
    written, latex = passage.source.text[found.start : found.end], passage.latex[span.start : span.end]
    if _is_notebook(passage):
        new = json.dumps(new, ensure_ascii=False)[1:-1]
        latex = json.dumps(latex, ensure_ascii=False)[1:-1]
    if written != latex and new.startswith(latex):  # a macro, and something behind it
        new = written + new[len(latex) :]
    start, end = found.start - _start(formula), found.end - _start(formula)
    if not 0 <= start <= end <= len(judged.latex) or not (_is_balanced(written) and _is_balanced(new)):
        return None
    return Change(start, end, judged.latex[start:end], new, edit.kind, edit.words)


def _written(passage: Passage, span: Span) -> Span | None:
    """Where in the document a range of a passage is written; None where its ends are within what a macro wrote.

    A range ends where its last character ends, so that what ends with an argument of a macro stays in that argument.
    """
    offsets, latex, text = passage.offsets, passage.latex, passage.source.text
    if span.start == span.end:
        before = _written(passage, Span(span.start - 1, span.start)) if span.start else None
        at = offsets[span.start] if before is None else before.end
        inside = span.start and offsets[span.start] == offsets[span.start - 1]
        return None if inside else Span(at, at)
    first, last = offsets[span.start], offsets[span.end - 1]
    if span.start and offsets[span.start - 1] == first:
        return None
    if text[last : last + 1] == latex[span.end - 1] and (span.end == len(latex) or offsets[span.end] > last):
        width = 2 if _is_notebook(passage) and text[last] == "\\" else 1
        return Span(first, last + width)
    return Span(first, offsets[span.end]) if offsets[span.end] > last else None


def _is_balanced(text: str) -> bool:
    """Whether each brace of a text has its partner in it: else a macro's argument was cut."""
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def _is_notebook(passage: Passage) -> bool:
    """Whether it stands in a notebook's JSON, where a backslash is two."""
    text = passage.source.text
    return text.lstrip().startswith("{") and '"cells"' in text


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
