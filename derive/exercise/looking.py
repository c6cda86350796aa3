"""Formulas of a text as the check sees them: the verdict on each, and what can be edited in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derive.errors import DeriveError, Source, Span
from derive.repair.page import Page, spliced
from derive.repair.slips import Candidate
from derive.repair.text import in_passage, page_of, place_of
from derive.repair.writing import Writing
from derive.texts.read import read_document
from derive.verify.check import check_document
from derive.verify.report import FAILS, HOLDS, At, Judged
from derive.verify.reported import Case


@dataclass(frozen=True)
class Display:
    """A displayed formula and what is said of it; `claims` has more than one where something holds beyond the range.

    The slips of an exercise are made in the first of them.
    """

    latex: str
    start: int
    claims: tuple[tuple[Case, Judged], ...]

    @property
    def holds(self) -> bool:
        """Whether all that it says holds by the plain reading."""
        return bool(self.claims) and all(_plainly_holds(said) for _, said in self.claims)

    @property
    def fails(self) -> bool:
        """Whether its first claim fails, and that alone."""
        (_, first), *rest = self.claims or ((None, None),)
        return first is not None and first.verdict == FAILS and all(_plainly_holds(said) for _, said in rest)

    @property
    def page(self) -> Page | None:
        """Its first claim, to be edited; None where there is none."""
        case = self.claims[0][0]
        page = page_of(case.formula, Writing(case.survey, case.session), case.formula)
        try:
            return page if page.sides else None
        except DeriveError:
            return None

    def at(self, page: Page, made: Candidate) -> At | None:
        """The place of edits, in the display's LaTeX."""
        case, said = self.claims[0]
        place = place_of(said, case.formula, page, made)
        move = _start(case) - self.start
        return None if place is None else At(place.start + move, place.end + move, place.text)

    def edited(self, page: Page, made: Candidate) -> str:
        """Its LaTeX with edits made: what stands between the sides, alignment and rows are kept."""
        case, _ = self.claims[0]
        text = self.latex
        for edit in sorted(made, key=lambda edit: -edit.start):
            place = case.formula.link.statement.place(in_passage(case.formula, page, Span(edit.start, edit.end)))
            text = text[: place.start - self.start] + edit.new + text[place.end - self.start :]
        return text


def _plainly_holds(said: Judged) -> bool:
    return said.verdict == HOLDS and said.reading is None


def _start(case: Case) -> int:
    return case.formula.link.statement.place(case.formula.link.span).start


def look(head: str, formulas: Sequence[str]) -> list[Display]:
    """Each formula, displayed in a text that begins with `head`, as the check sees it."""
    text, starts = head, []
    for latex in formulas:
        starts.append(len(text) + len("$$\n"))
        text += f"$$\n{latex}\n$$\n\n"
    seen: list[tuple[Case, Judged]] = []

    def kept(cases: Sequence[Case], judged: Sequence[Judged]) -> Sequence[Judged]:
        seen.extend(zip(cases, judged, strict=True))
        return judged

    check_document(read_document(Source("exercise", text), "md"), mend=kept)
    claims = [(_start(case), case, said) for case, said in seen if said.kind == "claim"]
    return [
        Display(latex, start, tuple((c, said) for at, c, said in claims if start <= at < start + len(latex)))
        for latex, start in zip(formulas, starts, strict=True)
    ]


def plain(page: Page, made: Candidate = ()) -> str:
    """What a page says, edits made, whatever its spaces."""
    return "".join(spliced(page.text, made).split())
