"""The search for what holds in the place of a formula that fails: single edits, then two at once.

Each candidate is the text itself with the edit made, read again as the text's other formulas are: what is offered is
what was judged. A first look at one point rules nearly all out; what passes is judged like any claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

import numpy as np

from derive.algebra.build import is_zero
from derive.errors import DeriveError, Span
from derive.evaluate.arithmetic import Value
from derive.repair.glance import NOWHERE, Base, Glance, Texts
from derive.repair.misfits import leaves, misfits
from derive.repair.page import Page, spliced
from derive.repair.probes import probes
from derive.repair.slips import Candidate
from derive.repair.text import in_passage
from derive.verify.alike import alike
from derive.verify.claims import Claim, readings_of
from derive.verify.context import TextContext
from derive.verify.measured import TOLERANCE, difference, sides
from derive.verify.passages import Statement, changed, links, reread
from derive.verify.readings import PLAIN, ROW, Reading
from derive.verify.run import Undefined
from derive.verify.session import Session
from derive.verify.survey import CLAIM, Formula

MOST_CANDIDATES = 2000
"""So many candidates of one formula are looked at."""
MOST_EFFORT = 250_000
"""So many characters are read for one formula: what is found does not depend on how fast a machine is."""
GLANCE = 50
"""A look at a part costs as much as to read so many characters."""


@dataclass
class Search:
    """One formula's search. `ways` are the readings of the text, and further usual ones; `looked` counts candidates,
    `effort` the characters that were read.

    `rests` is left minus right for the candidates that were looked at, `fitting` are those whose shapes fit, `firsts`
    says of two slips which one is to be undone first for the formula to fit.
    """

    page: Page
    formula: Formula
    session: Session
    ways: tuple[tuple[Reading, ...], ...] = ((PLAIN,), ())
    readings: tuple[Reading, ...] = (PLAIN,)
    looked: int = 0
    effort: int = 0
    seen: set[tuple[str, tuple[Reading, ...]]] = field(default_factory=set)
    rests: dict[Candidate, Value] = field(default_factory=dict)
    texts: Texts = field(default_factory=dict)
    looks: dict[tuple[Candidate, tuple[Reading, ...]], list[Glance]] = field(default_factory=dict)
    fitting: set[Candidate] = field(default_factory=set)
    unfit: dict[Candidate, list[Span]] = field(default_factory=dict)
    firsts: dict[Candidate, Candidate] = field(default_factory=dict)

    def passing(self, candidates: Iterator[Candidate]) -> Iterator[tuple[Candidate, Formula]]:
        """The candidates that agree at a first point, with the formulas that they make."""
        for made in candidates:
            if self.looked >= MOST_CANDIDATES or self.effort > MOST_EFFORT:
                return
            key = "".join(spliced(self.page.text, made).split()), self.readings
            if key in self.seen or not self.readings:
                continue
            self.seen.add(key)
            if not self._is_ruled_out(made):
                formula = self.read(made)
                if formula is not None and self.agrees(formula, made):
                    yield made, formula

    def _is_ruled_out(self, made: Candidate) -> bool:
        """Whether the sides differ at one point under every reading, as far as that can be told at a glance.

        What does not fit is ruled out without being computed, and is not counted.
        """
        self.session.found.context.clock.check()
        first = self.firsts.get(made, ())
        second = _moved(made[len(first) :], first)
        if self.is_plain and leaves(second, self.misfits(first)):
            return True
        glances = self.after(first)
        found = [glance.rest(second) for glance in glances]
        if glances and all(rest is NOWHERE for rest in found):
            return True
        self.looked += 1
        self.effort += GLANCE
        if any(rest is None or glance.is_nothing(rest) for glance, rest in zip(glances, found, strict=True)):
            return False
        for rest in found:
            if rest is not None and np.all(np.isfinite(rest)):
                self.rests.setdefault(made, rest)
        return bool(glances)

    @property
    def is_plain(self) -> bool:
        """Whether a derivative is laid out by rows in every reading."""
        return all(reading.layout == ROW for reading in self.readings)

    def misfits(self, first: Candidate = ()) -> list[Span]:
        """Where the formula does not fit, after some edits."""
        if first not in self.unfit:
            try:
                self.unfit[first] = list(misfits(self.page.after(first))) if self.formula.kind == CLAIM else []
            except DeriveError:
                self.unfit[first] = []
        return self.unfit[first]

    @property
    def glances(self) -> list[Glance]:
        """The formula at a glance, under each reading."""
        return self.after(())

    @property
    def base(self) -> Base | None:
        """The formula as it stands, under the first reading in which it has a value."""
        return next((glance.base for glance in self.glances if glance.base is not None), None)

    def after(self, first: Candidate) -> list[Glance]:
        """The formula after some edits at a glance, under each reading."""
        key = first, self.readings
        if key not in self.looks:
            base = self.read(first) if self.formula.kind == CLAIM else None
            page = self.page.after(first)
            ways = product(self.session.variants[: 1 if self.session.strict else 2], self.readings)
            self.looks[key] = [
                Glance(page, base, self.session, reading, variant, self.texts)
                for variant, reading in ways if base is not None
            ]  # fmt: skip
        return self.looks[key]

    def read_as(self, *, usual: bool) -> None:
        """Candidates are read from here on in the ways of the text, or in the others that are usual."""
        self.readings = self.ways[usual]

    def rest(self, made: Candidate) -> Value | None:
        """Left minus right at the first point, where the candidate was looked at and has a value there."""
        if not made and () not in self.rests:
            formula = self.read(())
            if formula is not None:
                self.agrees(formula, made)
        return self.rests.get(made)

    def read(self, made: Candidate) -> Formula | None:
        """A candidate as a formula of the text; None where it is none."""
        self.effort += len(self.page.text)
        if self.alone:
            found = self._claims(lambda: reread(self.formula.link.statement, spliced(self.page.text, made)))
            return found[0] if len(found) == 1 else None
        link = self.formula.link
        changes = [(in_passage(self.formula, self.page, Span(e.start, e.end)), e.new) for e in made]
        found = self._claims(lambda: changed(link.statement, changes))
        position = sum(other.right.span.end <= link.left.span.end for other in links(link.statement))
        return found[position] if len(found) > position else None

    def _claims(self, read: Callable[[], Statement]) -> list[Formula]:
        try:
            return self.page.writing.survey.claims(read())
        except DeriveError:
            return []

    @cached_property
    def alone(self) -> bool:
        """Whether the formula means the same without its chain and its place: then it is read by itself, sooner."""
        if not self.page.joined:
            return True
        found = self._claims(lambda: reread(self.formula.link.statement, self.page.text))
        link = self.formula.link
        same = len(found) == 1 and alike(found[0].link.left, link.left) and alike(found[0].link.right, link.right)
        return same and self.formula.kind == CLAIM

    def agrees(self, formula: Formula, made: Candidate) -> bool:
        """Whether the sides agree at one point, under any of the readings."""
        self.session.found.context.clock.check()
        if formula.kind != CLAIM:
            return True  # an inequality is not decided by one point
        for variant in self.session.variants[: 1 if self.session.strict else 2]:
            for reading in self.readings:
                context = self.session.context(reading, variant)
                for claim in readings_of(formula, context, reading):
                    if not isinstance(claim, Claim):
                        continue
                    if not (self.session.strict and claim.notes):
                        self.fitting.add(made)
                    if self._agrees(claim.renamed(variant), context, made):
                        return True
        return False

    def _agrees(self, claim: Claim, context: TextContext, made: Candidate) -> bool:
        bench = self.session.bench(context)
        run = bench.floats(0)
        for place in probes(claim, self.session):
            try:
                found = sides(claim, run, place)
            except (DeriveError, RecursionError, Undefined):
                return False
            if found is not None:
                try:
                    self.rests.setdefault(made, np.real(found[0] - found[1]))
                    error, scale = difference(*found)
                    if error > TOLERANCE or scale or is_zero(claim.left) or is_zero(claim.right):  # 0 = 0 says nothing
                        return error <= TOLERANCE
                except ValueError:
                    return False
        return False


def _moved(made: Candidate, first: Candidate) -> Candidate:
    """Edits as they are where others have been made."""
    return tuple(
        replace(edit, start=edit.start + grown, end=edit.end + grown)
        for edit in made
        for grown in [sum(len(e.new) - (e.end - e.start) for e in first if e.start < edit.start)]
    )
