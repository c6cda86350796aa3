"""What is said of a formula that fails: the place of what is wrong, the nearest repair, equally near ones."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from derive.algebra.expressions import Add, Derivative, Expression
from derive.errors import DeriveError
from derive.limits import TooSlow
from derive.models.model import walk
from derive.repair.derived import derivation
from derive.repair.page import Page
from derive.repair.pairs import pairs
from derive.repair.search import MOST_CANDIDATES, Search
from derive.repair.slips import FAR, NEAR, OF_BOUNDS, Candidate, candidates
from derive.repair.text import page_of, place_of, repair_of
from derive.repair.twins import bare
from derive.repair.writing import Writing
from derive.verify.check import verdict_on
from derive.verify.readings import PLAIN, READINGS, Reading
from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD, Judged, Repair
from derive.verify.reported import Case
from derive.verify.session import Finding
from derive.verify.survey import CLAIM

OTHERS = 3
"""So many equally near repairs are listed."""
FURTHER = 250
"""So many candidates more are looked at once one holds."""
WORTH = 0.9
"""How much more an edit may weigh that is as near as another."""


@dataclass
class Mender:
    """Mends the formulas of one text. `slips`: what was written for what, and the line where that was first."""

    writings: dict[int, Writing] = field(default_factory=dict)
    slips: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)

    def __call__(self, cases: Sequence[Case], judged: Sequence[Judged]) -> list[Judged]:
        """What was said of the formulas, with the repairs that were found."""
        held = [case.finding for case in cases if case.finding is not None and case.finding.verdict == HOLDS]
        used = {finding.reading for finding in held}
        return [self._mended(said, case, used) for said, case in zip(judged, cases, strict=True)]

    def _mended(self, judged: Judged, case: Case, used: Container[Reading]) -> Judged:
        finding = case.finding
        if finding is None or not _may_be_a_slip(finding, case):
            return judged
        clock = case.session.found.context.clock
        try:
            with clock.of(("repair", id(case.formula))):
                page = page_of(case.formula, self._writing(case))
                search = Search(page, case.formula, case.session, _readings(case, finding, used))
                found = self._found(search, judged, case, page)
            if not found and case.formula.kind == CLAIM:
                with clock.of(("derived", id(case.formula))):
                    return replace(judged, derived=derivation(search))
            return self._with_repairs(judged, case, page, found)
        except (DeriveError, TooSlow):
            return judged

    def _writing(self, case: Case) -> Writing:
        """How the text writes, found out once for each of its networks."""
        key = id(case.session.found.network)
        if key not in self.writings:
            self.writings[key] = Writing(case.survey, case.session)
        return self.writings[key]

    def _found(self, search: Search, judged: Judged, case: Case, page: Page) -> list[tuple[Candidate, Repair]]:
        """The repairs, the nearest first. A while after one holds the search ends; and when the time is over."""
        found: list[tuple[Candidate, Repair]] = []
        link = case.formula.link
        with suppress(TooSlow):
            for made, formula in search.passing(self._candidates(search, page, found)):
                finding = verdict_on(formula, case.session.instead(case.formula, formula))
                if finding is None or finding.verdict != HOLDS or (link.first and says_nothing(finding)):
                    continue
                repair = repair_of(judged, case.formula, page, made, finding)
                if repair is not None:
                    found.append((made, repair))
        return sorted(found, key=lambda pair: weight(pair[0]))

    def _candidates(self, search: Search, page: Page, found: Sequence[tuple[Candidate, Repair]]) -> Iterator[Candidate]:
        """Single slips, those made before in this text first; then two at once, where no single one was found."""
        if search.formula.kind != CLAIM:
            yield from candidates(page, OF_BOUNDS)
            return
        near = candidates(page, NEAR)
        near.sort(key=lambda made: signature(page, made) not in self.slips)
        tiers = (lambda: near, lambda: candidates(page, FAR), lambda: pairs(search, near))
        stop = MOST_CANDIDATES
        for tier in tiers:
            for made in tier():
                if found and stop == MOST_CANDIDATES:
                    stop = search.looked + FURTHER
                if search.looked > stop:
                    return
                if search.formula.link.first or all(edit.start >= page.split for edit in made):
                    yield made  # the left side of a later step of a chain is the right side of the one before
            if found:
                return

    def _with_repairs(
        self, judged: Judged, case: Case, page: Page, found: Sequence[tuple[Candidate, Repair]]
    ) -> Judged:
        if not found:
            return judged
        (made, repair), *rest = found
        key = signature(page, made)
        again = self.slips.get(key)
        self.slips.setdefault(key, judged.line)
        near = [other for them, other in rest if weight(them) <= weight(made) + WORTH]
        at = place_of(judged, case.formula, page, made)
        return replace(judged, at=at or judged.at, repair=repair, others=tuple(near[:OTHERS]), again=again)


def _readings(case: Case, finding: Finding, used: Container[Reading]) -> tuple[Reading, ...]:
    """The plain reading, and those under which other formulas of the text hold."""
    if case.session.strict:
        return (PLAIN,)
    return tuple(dict.fromkeys((PLAIN, finding.reading, *(reading for reading in READINGS if reading in used))))[:4]


def _may_be_a_slip(finding: Finding, case: Case) -> bool:
    """Whether a formula fails, or something in it does not fit, or would have to be filled in where nothing may be."""
    left_out = case.session.strict and finding.verdict == NOT_UNDERSTOOD and bool(finding.notes)
    return finding.verdict == FAILS or finding.misshapen or finding.nowhere or left_out


def says_nothing(finding: Finding) -> bool:
    """Whether a claim holds only since the same stands on both sides, or is differentiated by itself."""
    if finding.claim is None:
        return False
    sides = (finding.claim.left, finding.claim.right)
    if any(isinstance(node, Derivative) and node.top == node.bottom for side in sides for node in walk(side)):
        return True
    left, right = (set(_terms(side)) for side in sides)
    return bool(left & right)


def _terms(side: Expression) -> tuple[Expression, ...]:
    return tuple(side.args) if isinstance(side, Add) else (side,)


def weight(made: Candidate) -> float:
    """How far a candidate is from what the author wrote."""
    if len(made) > 1 and made[0].kind == made[1].kind:
        return made[0].weight  # one slip, made on either side of ⋯
    return sum(edit.weight for edit in made)


def signature(page: Page, made: Candidate) -> tuple[tuple[str, str], ...]:
    """What was written for what, whatever the step."""
    return tuple((bare(page.text[edit.start : edit.end]), edit.turn or bare(edit.new)) for edit in made)
