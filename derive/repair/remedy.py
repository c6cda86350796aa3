"""What is said of a formula that fails: the place of what is wrong, the nearest repair, equally near ones."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from derive.errors import DeriveError, Source
from derive.limits import TooSlow
from derive.reader.parse import parse
from derive.reader.surface import Relation
from derive.repair.derived import derivation
from derive.repair.page import Page
from derive.repair.runs import bare
from derive.repair.search import MOST_CANDIDATES, Search
from derive.repair.slips import OF_BOUNDS, Candidate, candidates
from derive.repair.text import at_of, page_of, place_of, repair_of
from derive.repair.tiers import TIERS, Singles
from derive.repair.worth import says_something, vanishing
from derive.repair.writing import Writing
from derive.verify.check import relevant, verdict_on
from derive.verify.passages import EQUAL
from derive.verify.readings import PLAIN, READINGS, ROLE, STATE, Reading
from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD, Judged, Repair
from derive.verify.reported import Case
from derive.verify.session import Finding
from derive.verify.survey import CLAIM, Formula

OTHERS = 3
"""So many equally near repairs are listed."""
FURTHER = 80
"""So many candidates more are looked at once one holds."""
LOOSE = 0.7
"""So much more a repair weighs that does not hold by the plain reading."""
WORTH = 0.9
"""How much more an edit may weigh that is as near as another."""
LONGEST = 4000
"""So many characters a formula has at most for which a repair is looked for."""
MOST_READINGS = 4
"""In so many ways each candidate is read."""
BEFORE = "the right side is right: what is wrong stands before it in the chain"
USUAL = (
    Reading(partial=ROLE),
    Reading(partial=STATE),
    Reading(falling=True),
    Reading(partial=ROLE, falling=True),
)
"""As people write backpropagation through time."""


@dataclass
class Mender:
    """Mends the formulas of one text. `slips`: what was written for what, and the line where that was first."""

    writings: dict[int, Writing] = field(default_factory=dict)
    slips: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)

    def __call__(self, cases: Sequence[Case], judged: Sequence[Judged]) -> list[Judged]:
        """What was said of the formulas, with the repairs that were found."""
        held = [case.finding for case in cases if case.finding is not None and case.finding.verdict == HOLDS]
        used = {finding.reading for finding in held}
        made: list[Judged] = []
        head: Formula | None = None
        sound, about = True, None
        for said, case in zip(judged, cases, strict=True):
            if case.formula.link.first or case.formula.link.relation not in EQUAL or head is None:
                head, sound, about = case.formula, True, None
            made.append(self._mended(said, case, used, case.formula if sound else head, about))
            about = about or _left_as_mended(made[-1])
            sound = sound and case.finding is not None and case.finding.verdict == HOLDS
        return made

    def _mended(self, judged: Judged, case: Case, used: Container[Reading], head: Formula, about: str | None) -> Judged:
        """After a wrong step of a chain, one is held against the side with which the chain begins.

        `about`: what that side has to be for the step to be right, if it is not what it is.
        """
        finding = case.finding
        if finding is None or not _may_be_a_slip(finding, case):
            return judged
        clock = case.session.found.context.clock
        try:
            with clock.of(("repair", id(case.formula))):
                page = page_of(case.formula, self._writing(case), head)
                if len(page.text) > LONGEST:
                    return judged
                search = Search(page, case.formula, case.session, _readings(case, finding, used))
                if head is not case.formula and self._holds(search, search.read(())):
                    return replace(judged, reason=f"{judged.reason}; {BEFORE}")
                found = self._found(search, judged, case, page)
            if not found:
                with clock.of(("derived", id(case.formula))):
                    derived = derivation(search, about)
                side = at_of(judged, case.formula, page, page.sides[1].span)
                return replace(judged, derived=derived, at=judged.at or (side if derived else None))
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
        with suppress(TooSlow):
            for made, formula in search.passing(self._candidates(search, page, found)):
                finding = self._holds(search, formula)
                repair = None if finding is None else repair_of(judged, case.formula, page, made, finding)
                if repair is not None:
                    found.append((made, repair))
        return sorted(found, key=_cost)

    def _holds(self, search: Search, formula: Formula | None) -> Finding | None:
        """What is found of a candidate that holds and says something; None of any other."""
        if formula is None:
            return None
        session = search.session.instead(search.formula, formula)
        finding = verdict_on(formula, session)
        if finding is None or finding.verdict != HOLDS or (finding.outcome is not None and finding.outcome.restricted):
            return None  # what holds in a part of its range mends nothing
        copied = not search.formula.link.first and search.page.joined
        if not says_something(finding, session, copied=copied) or self._puts_out(search, finding):
            return None
        return finding

    def _puts_out(self, search: Search, finding: Finding) -> bool:
        """Whether a candidate makes a term vanish: ∂⁺s_0/∂W where the term is too much."""
        bases = [glance.base for glance in search.glances if glance.reading == finding.reading]
        if finding.claim is None or not bases or bases[0] is None:
            return False
        network = search.session.found.network
        before, after = (vanishing(claim, bases[0].run, network) for claim in (bases[0].claim, finding.claim))
        return after > before

    def _candidates(self, search: Search, page: Page, found: Sequence[tuple[Candidate, Repair]]) -> Iterator[Candidate]:
        """Single slips, those made before in this text first; then two at once, where no single one was found."""
        if search.formula.kind != CLAIM:
            yield from candidates(page, OF_BOUNDS)
            return
        singles = Singles(search)
        singles.near.sort(key=lambda made: signature(page, made) not in self.slips)
        stop = MOST_CANDIDATES
        for tier in TIERS:
            search.read_as(usual=tier.usual)
            for made in tier.candidates(singles):
                if not found and search.looked > tier.most:
                    break
                if found and stop == MOST_CANDIDATES:
                    stop = search.looked + FURTHER
                if search.looked > stop or (found and weight(made) > min(map(_cost, found)) + WORTH):
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
        near = [
            other
            for them, other in rest
            if _cost((them, other)) <= _cost((made, repair)) + WORTH and not (them[0].kind == made[0].kind == "sign")
        ]
        at = place_of(judged, case.formula, page, made)
        return replace(judged, at=at or judged.at, repair=repair, others=tuple(near[:OTHERS]), again=again)


def _readings(case: Case, finding: Finding, used: Container[Reading]) -> tuple[tuple[Reading, ...], ...]:
    """The plain reading and those under which other formulas of the text hold; and the other usual ones."""
    if case.session.strict:
        return (PLAIN,), ()
    others = [reading for reading in READINGS if reading in used]
    first = tuple(dict.fromkeys((PLAIN, finding.reading, *others)))[:MOST_READINGS]
    own = tuple(reading for reading in relevant(case.formula, case.session) if reading in USUAL)
    return first, tuple(reading for reading in own if reading not in first)


def _left_as_mended(judged: Judged) -> str | None:
    """The left side of what was offered, if a slip was there."""
    if judged.repair is None:
        return None
    sides = []
    for latex in (judged.latex, judged.repair.latex):
        try:
            node = parse(Source("", latex))
        except DeriveError:
            return None  # with a macro of the text
        sides.append(latex[node.sides[0].span.start : node.sides[0].span.end] if isinstance(node, Relation) else latex)
    return sides[1] if sides[0] != sides[1] else None


def _may_be_a_slip(finding: Finding, case: Case) -> bool:
    """Whether a formula fails, or something in it does not fit, or would have to be filled in where nothing may be."""
    left_out = case.session.strict and finding.verdict == NOT_UNDERSTOOD and bool(finding.notes)
    return finding.verdict == FAILS or finding.misshapen or finding.nowhere or left_out


def weight(made: Candidate) -> float:
    """How far a candidate is from what the author wrote."""
    if len(made) > 1 and made[0].kind == made[1].kind:
        return made[0].weight  # one slip, made on either side of ⋯
    return sum(edit.weight for edit in made)


def _cost(found: tuple[Candidate, Repair]) -> float:
    """How far a repair is from what the author wrote: a change of the reading is a change, too."""
    made, repair = found
    return weight(made) + (LOOSE if repair.reading is not None else 0.0)


def signature(page: Page, made: Candidate) -> tuple[tuple[str, str], ...]:
    """What was written for what, whatever the step."""
    return tuple((bare(page.of(edit.place)), edit.turn or bare(edit.new)) for edit in made)
