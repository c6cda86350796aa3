"""One formula as text, taken apart, and edits of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr

from derive.algebra.expressions import Expression
from derive.algebra.shapes import Shape
from derive.errors import DeriveError, ShapeError, Source, Span
from derive.reader.naming import index_expression
from derive.reader.parse import parse
from derive.reader.resolve import resolve
from derive.reader.surface import Node, Relation, Scripted, Terms
from derive.repair.parts import Parts, parts_of
from derive.repair.writing import PRINTER, Slot, Spelling, Writing, filled, index_text, printed, slots_of
from derive.verify.readings import PLAIN
from derive.verify.surfaces import words_joined

ON_THE_LEFT = 0.8
"""How much more an edit of the left side weighs."""


@dataclass(frozen=True)
class Edit:
    """Characters [start, end) of a formula replaced by `new`.

    `place` is what is wrong, `kind` a key of the table of slips, `words` say the slip; the smaller `weight`, the sooner
    it is tried. `turn` says by how much an index changes, for the same slip at another step.
    """

    start: int
    end: int
    new: str
    place: Span
    kind: str
    words: str
    weight: float
    turn: str = ""

    def overlaps(self, other: Edit) -> bool:
        """Whether both cannot be made together."""
        return (self.start < other.end and other.start < self.end) or self.start == other.start


def spliced(text: str, edits: Sequence[Edit]) -> str:
    """The text with edits made that do not overlap."""
    for edit in sorted(edits, key=lambda edit: -edit.start):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text


@dataclass(frozen=True)
class Page:
    """A formula, left = right, as its author wrote it. `split` is where the right side begins.

    `joined`: what stands between the sides is the author's own, too.

    Error: DeriveError where the text is no relation of two sides.
    """

    text: str
    split: int
    writing: Writing
    joined: bool = True

    @cached_property
    def sides(self) -> tuple[Node, Node]:
        """The surface trees of both sides."""
        node = words_joined(parse(Source("", self.text)))
        if not isinstance(node, Relation) or len(node.sides) != 2:
            raise DeriveError("this is no relation of two sides")
        return node.sides[0], node.sides[1]

    @property
    def each(self) -> Iterator[Parts]:
        """The parts of the right side, then those of the left."""
        yield from reversed(self.parts)

    @cached_property
    def parts(self) -> tuple[Parts, Parts]:
        """What there is on the left, and on the right."""
        left, right = (parts_of(side, self.writing.applied) for side in self.sides)
        return left, right

    def after(self, edits: Sequence[Edit]) -> Page:
        """The page with edits made; itself where there are none."""
        if not edits:
            return self
        grown = sum(len(edit.new) - (edit.end - edit.start) for edit in edits if edit.start < self.split)
        return replace(self, text=spliced(self.text, edits), split=self.split + grown)

    def edit(
        self, span: Span, new: str, kind: str, words: str, weight: float, place: Span | None = None, turn: str = ""
    ) -> Edit:
        """An edit; one of the left side weighs more, since it says what the author speaks of."""
        left = ON_THE_LEFT if span.start < self.split else 0.0
        return Edit(span.start, span.end, new, place or span, kind, words, weight + left, turn)

    def instead(self, span: Span, new: str, kind: str, weight: float) -> Edit:
        """What stands somewhere where something else is needed."""
        return self.edit(span, new, kind, f"{self.of(span)} where {new} is needed", weight)

    @property
    def sign(self) -> Span:
        """The relation between the sides."""
        between = self.text[self.sides[0].span.end : self.split]
        start = self.sides[0].span.end + len(between) - len(between.lstrip())
        return Span(start, start + len(between.strip()))

    def of(self, span: Span) -> str:
        """The text of a part."""
        return self.text[span.start : span.end]

    def with_new(self, span: Span, changes: Iterable[tuple[Span, str]]) -> str:
        """The text of a part with places in it replaced that do not overlap."""
        text = self.of(span)
        for place, new in sorted(changes, key=lambda change: -change[0].start):
            text = text[: place.start - span.start] + new + text[place.end - span.start :]
        return text

    def with_indices(self, span: Span, names: Iterable[Node], change: Callable[[Node, Slot], Expr]) -> str:
        """The text of a part with other indices of some names in it."""
        found = ((node, self.slots(node)) for node in names)
        return self.with_new(
            span,
            ((node.span, filled(self.of(node.span), slots, [change(node, s) for s in slots])) for node, slots in found),
        )

    def slots(self, node: Node) -> tuple[Slot, ...]:
        """The indices of a name, places counted from the start of the name."""
        return tuple(slots_of(node, self.writing.letters, node.span.start))

    def counts_entries(self, node: Node, slot: Slot) -> bool:
        """Whether an index of a name counts entries and not steps: i of δ_{t,i}."""
        spelling = self.spelling(node)
        if spelling is None:
            return slot != self.slots(node)[0]
        return slot.start in {own.start for own in spelling.slots[spelling.name.arity :]}

    def ends(self, big: Node) -> tuple[Slot, ...]:
        """The bounds of Σ or ∏, places counted from its start."""
        assert isinstance(big, Scripted)
        nodes = [big.sub.sides[1]] if isinstance(big.sub, Relation) and len(big.sub.sides) == 2 else []
        nodes += [big.sup] if big.sup is not None else []
        found = ((node.span, index_expression(node, self.writing.letters)) for node in nodes)
        start = big.span.start
        return tuple(Slot(span.start - start, span.end - start, value) for span, value in found if value is not None)

    def spelling(self, node: Node) -> Spelling | None:
        """What name of the network stands there, without a transpose or a power."""
        return self.writing.spelling(self.of(node.span))

    @cached_property
    def values(self) -> frozenset[Expr]:
        """What stands at the indices of the formula's names."""
        return frozenset(slot.value for parts in self.parts for node in parts.names for slot in self.slots(node))

    def printed(self, expression: Expression) -> str:
        """LaTeX, the letters of indices in the author's order: h_{t+i-1}, though the program has i+t-1.

        Error: DeriveError for what is not written out anywhere.
        """
        text = printed(expression)
        for written, own in self._sums_of_letters.items():
            pattern = r"(?<=[{,=])" + re.escape(written) + r"(?=[-+},])"
            text = re.sub(pattern, own.replace("\\", r"\\"), text)
        return text

    @cached_property
    def _sums_of_letters(self) -> dict[str, str]:
        """What the program writes for sums of letters in the author's indices, and what the author does."""
        found = {}
        for parts in self.parts:
            for node in parts.names:
                for slot in self.slots(node):
                    letters = slot.value - slot.value.as_coeff_Add()[0]
                    text = self.of(node.span)[slot.start : slot.end]
                    if len(letters.free_symbols) > 1 and slot.value != letters:
                        text = index_text(text, slot.value, letters)
                    if len(letters.free_symbols) > 1:
                        found[PRINTER.index(letters)] = text
        return found

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """The index letters of the formula, those of the left side first, then T."""
        found = []
        for side in self.sides:
            for node in side.walk():
                if isinstance(node, Scripted):
                    found += [str(s) for slot in slots_of(node, self.writing.letters) for s in slot.value.free_symbols]
        return tuple(dict.fromkeys((*found, *self.bound, "T")))

    @cached_property
    def bound(self) -> tuple[str, ...]:
        """The letters that Σ and ∏ bind."""
        letters = []
        for parts in self.parts:
            for big in parts.bounds:
                match big.sub:
                    case Relation(sides=(letter, _)):
                        letters.append(self.of(letter.span).strip().lstrip("\\"))
        return tuple(letters)

    def lacking(self, span: Span) -> frozenset[str]:
        """The letters of the left side that a summand of the right side, or all of it, does not have."""
        side = self.sides[1]
        whole = [side, *(side.summands if isinstance(side, Terms) else ())]
        if not any(node.span == span for node in whole):
            return frozenset()
        indices = self.writing.indices
        return indices(self.text[: self.split]) - indices(self.of(span))

    def shape(self, text: str) -> Shape | None:
        """The shape of a factor or a term by itself; None where that is not known."""
        known = self.writing.shapes
        if text not in known:
            try:
                known[text] = self.resolved(text).shape
            except (DeriveError, ValueError) as error:
                known[text] = None
                if isinstance(error, ShapeError):
                    self.writing.misshapen.add(text)
        return known[text]

    def resolved(self, text: str) -> Expression:
        """What a part says, by itself. Error: DeriveError where it says nothing."""
        statement = self.writing.part(text)
        assert statement.node is not None
        context = self.writing.session.context(PLAIN)
        return resolve(statement.node, replace(context, source=statement.source, held=context.network.before))

    def is_misshapen(self, span: Span) -> bool:
        """Whether something in a part does not fit, even by itself."""
        return self.shape(self.of(span)) is None and self.of(span) in self.writing.misshapen
