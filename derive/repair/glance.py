"""A first look at an edit: what it changes is read by itself, and put in the place of what stood there.

It rules out, and never decides: what it lets through is read as a whole. Where a part means something else by itself
than in its formula, nothing is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from derive.algebra.expressions import Add, Expression
from derive.errors import DeriveError, Source, Span
from derive.evaluate.arithmetic import Value
from derive.models.model import walk
from derive.reader.resolve import resolve
from derive.reader.surface import Big, Node, Operator, Row, Scripted, Terms
from derive.repair.page import Page
from derive.repair.parts import Parts
from derive.repair.probes import probes
from derive.repair.slips import Candidate
from derive.verify.choices import Script
from derive.verify.claims import Claim, left_of, readings_of
from derive.verify.context import TextContext
from derive.verify.measured import sides, value
from derive.verify.places import Instance
from derive.verify.readings import TOTAL, Reading
from derive.verify.run import Run
from derive.verify.session import Session
from derive.verify.surfaces import is_derivative
from derive.verify.survey import Formula

NOWHERE = np.array(np.nan)
"""The difference of two sides of which one says nothing."""
Texts = dict[str, tuple[Source, Node] | None]
ROUNDING = 1e-6
"""Beside the larger of the two sides: what a difference may be that is none."""


@dataclass(frozen=True)
class Unit:
    """A part of a side that is read by itself. `closed`: whatever stands there stays one value, as in brackets."""

    span: Span
    closed: bool


@dataclass
class Glance:
    """One formula under one reading. `variant` renames its functions, `texts` are parts that have been read."""

    page: Page
    formula: Formula
    session: Session
    reading: Reading
    variant: Mapping[str, str]
    texts: Texts
    known: dict[Span, Expression | None] = field(default_factory=dict)

    def rest(self, made: Candidate) -> Value | None:
        """Left minus right after the edits, `NOWHERE` where they make no claim; None where that cannot be told."""
        if self.base is None or not made:
            return None
        on_the_left = made[0].start < self.page.split
        side = self.base.claim.left if on_the_left else self.base.claim.right
        found = self._changed(side, self.page.parts[not on_the_left], made)
        if found is None:
            return None
        old, new = found
        if new is None:
            return NOWHERE
        if new.shape != old.shape:
            return None if _stands(side, old, new) else NOWHERE
        if on_the_left and new.free_symbols != old.free_symbols:
            return None  # what the left side speaks of decides how the right one is read
        change = self.base.change(side, old, new)
        return None if change is None else self.base.rest + (change if on_the_left else -change)

    def _changed(self, side: Expression, parts: Parts, made: Candidate) -> tuple[Expression, Expression | None] | None:
        """What the edits change, and into what; None where that does not stand in the side once, and by itself."""
        assert self.base is not None
        inside = _over(made)
        changes = [(Span(edit.start, edit.end), edit.new) for edit in made]
        around: list[tuple[Unit, Expression]] = []
        for unit in _units(parts):
            old = self._known(unit.span) if unit.span.start <= inside.start and inside.end <= unit.span.end else None
            if old is not None and self.base.count(around[-1][1] if around else side, old) == 1:
                around.append((unit, old))
        while around:
            unit, old = around.pop()
            try:
                source, node = self._tree(self.page.with_new(unit.span, changes))
            except DeriveError:
                if unit.closed:
                    return old, None
                continue
            if not (unit.closed or _is_factor(node)):
                continue
            try:
                new = self._meaning(source, node)
                if new is not None:
                    return _upwards(old, new, [part for _, part in reversed(around)])
            except DeriveError:
                return old, None
        return None

    def _known(self, span: Span) -> Expression | None:
        """What a part means by itself."""
        assert self.base is not None
        if span not in self.known:
            try:
                found = self._meaning(*self._tree(self.page.of(span)))
                self.known[span] = None if found is None else self.base.nodes.get(found, found)
            except DeriveError:
                self.known[span] = None
        return self.known[span]

    def _meaning(self, source: Source, node: Node) -> Expression | None:
        """What a part means by itself; None where it may mean several things. Error: DeriveError."""
        assert self.base is not None
        script = Script()
        found = resolve(node, replace(self.base.inside, source=source, script=script))
        if script.notes and self.session.strict:
            raise DeriveError("it is not written out")
        # which derivative is immediate may depend on what stands around it
        turns = self.reading.partial != TOTAL and any(map(is_derivative, node.walk()))
        return None if turns or script.taken else found

    def _tree(self, text: str) -> tuple[Source, Node]:
        """A part as a tree, in the text's one way of writing. Error: DeriveError."""
        if text not in self.texts:
            try:
                statement = self.page.writing.part(text)
            except DeriveError:
                self.texts[text] = None
            else:
                self.texts[text] = None if statement.node is None else (statement.source, statement.node)
        found = self.texts[text]
        if found is None:
            raise DeriveError("this is no part of a formula")
        return found

    def is_nothing(self, rest: Value) -> bool:
        """Whether a difference may be rounding."""
        return self.base is not None and float(np.linalg.norm(rest)) <= ROUNDING * self.base.scale

    @cached_property
    def base(self) -> Base | None:
        """The formula as it stands; None where it has no value, or may be read in several ways."""
        context = self.session.context(self.reading, self.variant)
        try:
            claims = list(readings_of(self.formula, context, self.reading))
            if len(claims) != 1 or not isinstance(claims[0], Claim) or claims[0].notes:
                return None
            _, inside = left_of(self.formula, context, self.reading, Script())
            run = self.session.bench(context).floats(0)
            claim = claims[0].renamed(self.variant)
            bases = list(_bases(claim, inside, run, self.session))
            return next((base for base in bases if np.any(base.left)), bases[0] if bases else None)
        except (DeriveError, RecursionError):
            return None


@dataclass
class Base:
    """A claim at one place."""

    claim: Claim
    inside: TextContext
    run: Run
    place: Instance
    left: Value
    rest: Value
    scale: float
    values: dict[Expression, Value | None] = field(default_factory=dict)
    counted: dict[Expression, Counter[Expression]] = field(default_factory=dict)

    @property
    def right(self) -> Value:
        """The value of the right side."""
        return self.left - self.rest

    @cached_property
    def nodes(self) -> dict[Expression, Expression]:
        """Every part of both sides, by itself: two equal ones are compared sooner where they are one."""
        return {node: node for side in (self.claim.left, self.claim.right) for node in walk(side)}

    def count(self, whole: Expression, part: Expression) -> int:
        """How often one expression stands in another."""
        if whole not in self.counted:
            self.counted[whole] = Counter(walk(whole))
        return self.counted[whole][part]

    def change(self, side: Expression, old: Expression, new: Expression) -> Value | None:
        """By how much a side changes; only the term in which the change is is computed."""
        terms = side.args if isinstance(side, Add) and side != old else (side,)
        (term,) = (term for term in terms if self.count(term, old))
        try:
            after = value(term.xreplace({old: new}), self.run, self.place)
            if term not in self.values:
                self.values[term] = value(term, self.run, self.place)
        except DeriveError:
            return None
        before = self.values[term]
        return None if after is None or before is None else np.asarray(after - before)


def _bases(claim: Claim, inside: TextContext, run: Run, session: Session) -> Iterator[Base]:
    for place in probes(claim, session):
        found = sides(claim, run, place)
        if found is not None:
            scale = max(float(np.linalg.norm(side)) for side in found)
            yield Base(claim, inside, run, place, found[0], found[0] - found[1], scale)


def _units(parts: Parts) -> list[Unit]:
    """What may be read by itself, the largest first."""
    inner = {term.span for terms in parts.sums for term in terms.summands}
    found = [Unit(terms.span, closed=terms.span not in inner) for terms in parts.sums]
    found += [Unit(product.span, closed=product.span not in inner) for product in parts.products]
    found += [Unit(f.span, closed=False) for p in parts.products for f in p.values if len(p.factors) > 1]
    return sorted(found, key=lambda unit: (unit.span.start - unit.span.end, unit.closed))


def _upwards(old: Expression, new: Expression, around: Sequence[Expression]) -> tuple[Expression, Expression]:
    """What becomes of the largest part around a change. Error: DeriveError where it does not fit there."""
    for part in around:
        if part != old:
            old, new = part, part.xreplace({old: new})
    return old, new


def _stands(side: Expression, old: Expression, new: Expression) -> bool:
    """Whether a part of another shape may stand in the place of one."""
    try:
        return bool(side.xreplace({old: new}).shape == side.shape)
    except DeriveError:
        return False


def _over(made: Candidate) -> Span:
    return Span(min(edit.start for edit in made), max(edit.end for edit in made))


def _is_factor(node: Node) -> bool:
    """Whether a tree stays one thing beside other factors: no sum, no Σ, no ⊙."""
    if isinstance(node, Terms):
        return False
    items = node.items if isinstance(node, Row) else (node,)
    return not any(isinstance(i.base if isinstance(i, Scripted) else i, Big | Operator) for i in items)
