r"""Equations that give an array entry by entry, as one equation between arrays: a_{t,j} = Σ_l W_{jl} s_{t-1,l} + b_j.

A product of entries over a letter that is summed is a product of arrays; over a letter that stays it is ⊙.
What has no such form stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from derive.algebra.functions import SPELLINGS
from derive.errors import Source, Span
from derive.reader.surface import (
    Brackets,
    Fraction,
    Letter,
    Node,
    Number,
    Operator,
    Relation,
    Row,
    Scripted,
    Terms,
    Word,
)
from derive.verify import surfaces
from derive.verify.alike import alike
from derive.verify.indexed import STEPS, Part, bound, taken_apart
from derive.verify.surfaces import items_of


class NoArrays(Exception):
    """A formula by entries that has no form in whole arrays."""


@dataclass(frozen=True)
class Extent:
    """An array without its entries, as it stands in `source`; for each of its axes its size, or the sum along it.

    A sum is told by where it stands; None where neither is known.
    """

    node: Node
    source: Source
    sizes: tuple[str | Span | None, ...]


@dataclass
class Arrays:
    """An equation by entries, taken for arrays. `letters` name entries; `free` are those that no sum uses up here.

    `ends`: what the sums run to, by their letters; `seen`: the arrays.
    """

    letters: frozenset[str]
    functions: frozenset[str]
    free: frozenset[str]
    source: Source
    ends: dict[str, str | Span] = field(default_factory=dict)
    seen: list[Extent] = field(default_factory=list)

    def of(self, node: Node) -> Part:
        """A part of a formula without its entries. Error: NoArrays."""
        match node:
            case Number():
                return Part(node)
            case Terms(summands=summands):
                parts = [self.product(items_of(part)) for part in summands]
                axes = {part.axes for part in parts}
                if len(axes) > 1 and not all(p.axes or is_number(p.node) for p in parts):
                    raise NoArrays
                if len(axes - {()}) > 1:
                    raise NoArrays
                return Part(replace(node, summands=tuple(p.node for p in parts)), max(axes, key=len))
            case Row(items=items):
                return self.product(items)
            case Brackets(body=body):
                inside = self.of(body)
                return Part(replace(node, body=inside.node), inside.axes)
            case Fraction():
                return self._fraction(node)
            case Scripted(base=Brackets() as base, sub=None, sup=Number(), primes=0):
                inside = self.of(base)
                return Part(replace(node, base=inside.node), inside.axes)
        return self._entry(node)

    def _entry(self, node: Node) -> Part:
        part = taken_apart(node, self.letters)
        if len(set(part.axes)) < len(part.axes):
            raise NoArrays  # an entry of the diagonal
        self.see(part)
        return part

    def see(self, part: Part) -> None:
        """Keeps an array that is given by entries, with what the sums around it say of its sizes."""
        if part.axes:
            self.seen.append(Extent(part.node, self.source, tuple(map(self.ends.get, part.axes))))

    def _fraction(self, node: Fraction) -> Part:
        soft = self._softmax(node)
        if soft is not None:
            return soft
        top, bottom = self.of(node.top), self.of(node.bottom)
        if bottom.axes:
            raise NoArrays
        return Part(replace(node, top=top.node, bottom=bottom.node), top.axes)

    def _softmax(self, node: Fraction) -> Part | None:
        r"""exp(z_k) / Σ_i exp(z_i)."""
        match _flat(node.top), _flat(node.bottom):
            case (
                Row(items=(Word(text="exp") as word, Brackets(body=above))),
                Row(items=(big, Word(text="exp"), Brackets(body=below))),
            ):
                summed = bound(big)
                one, other = self.of(above), self.of(below)
                if summed and other.axes == (summed[0],) and len(one.axes) == 1 and alike(one.node, other.node):
                    called = Brackets(above.span, "(", ")", one.node)
                    return Part(Row(node.span, (Word(word.span, "softmax"), called)), one.axes)
        return None

    def product(self, items: Sequence[Node]) -> Part:
        """Factors side by side, with the sums among them."""
        factors = self._factors(list(items))
        counted = [axis for part in factors for axis in part.axes]
        for letter in dict.fromkeys(counted):
            if counted.count(letter) == 2 and letter not in self.free:
                factors = _contracted(letter, factors)  # summed, though no Σ says so
        return _joined(factors)

    def _factors(self, items: list[Node]) -> list[Part]:
        factors: list[Part] = []
        while items:
            item = items.pop(0)
            summed = bound(item)
            if summed is not None and summed[0] in self.letters:
                letter, end = summed
                if not _begins_at_one(item) or (isinstance(end, Letter) and end.text in STEPS) or not _is_size(end):
                    raise NoArrays
                free, ends = self.free, dict(self.ends)
                self.free = free | {letter}
                self.ends[letter] = _end(end, item)
                body = self._factors(items)
                self.free, self.ends = free, ends
                return [*factors, *_contracted(letter, body)]
            if isinstance(item, Operator):
                if item.name not in ("cdot", "times", "*", "odot", "circ"):
                    raise NoArrays
            elif surfaces.function_name(item) in self.functions | frozenset(SPELLINGS) | {"exp", "log", "ln"}:
                factors.append(self._applied(item, items))
            else:
                factors.append(self.of(item))
        return factors

    def _applied(self, function: Node, rest: list[Node]) -> Part:
        if not rest:
            raise NoArrays
        argument = self.of(rest.pop(0))
        return Part(Row(function.span.to(argument.node.span), (function, argument.node)), argument.axes)

    def summed(self, node: Node) -> None:
        """Sees the arrays below sums over their entries: y in Σ_k y_{t,k} log ŷ_{t,k}."""
        for part in node.walk():
            for position, item in enumerate(part.items if isinstance(part, Row) else ()):
                sums = bound(item)
                if isinstance(part, Row) and sums is not None and sums[0] in self.letters:
                    self.ends[sums[0]] = _end(sums[1], item)
                    inside = [leaf for rest in part.items[position + 1 :] for leaf in rest.walk()]
                    for found in (taken_apart(leaf, self.letters) for leaf in inside):
                        if found.axes == (sums[0],):
                            self.see(found)


def _end(end: Node | None, item: Node) -> str | Span:
    """What a Σ runs to by its name, or else where the Σ stands."""
    return end.text if isinstance(end, Letter) else item.span


def _begins_at_one(item: Node) -> bool:
    """Whether a Σ runs from 1, or over all there is."""
    lower = item.sub if isinstance(item, Scripted) else None
    return not isinstance(lower, Relation) or (isinstance(lower.sides[1], Number) and lower.sides[1].text == "1")


def _is_size(end: Node | None) -> bool:
    """Whether an upper bound is left out or a name: no number, nothing computed."""
    return end is None or surfaces.head(end) is not None or isinstance(end, Brackets)


def _flat(node: Node) -> Node:
    """A row without rows in it: Σ_k exp(z_k) for Σ_k e^{z_k}."""
    return surfaces.row([part for item in node.items for part in items_of(item)]) if isinstance(node, Row) else node


def is_number(node: Node) -> bool:
    """Whether a part is made of numbers only."""
    return all(isinstance(part, Number | Row | Fraction | Brackets | Operator | Terms) for part in node.walk())


def _contracted(letter: str, factors: Sequence[Part]) -> list[Part]:
    """The factors with those that share a letter made one, which no longer has it."""
    within = [part for part in factors if letter in part.axes]
    others = [part for part in factors if letter not in part.axes]
    matrices = [part for part in within if len(part.axes) == 2]
    vectors = [part for part in within if len(part.axes) == 1]
    if len(within) < 2 or len(matrices) > 1 or len(matrices) + len(vectors) != len(within):
        raise NoArrays
    if not matrices:
        first, *rest = vectors
        last = _joined(rest)
        return [*others, Part(_row([_transposed(first.node), _factor(last.node)]))]
    (matrix,) = matrices
    vector = _joined(vectors)
    turned = matrix.axes[0] == letter
    left = _transposed(matrix.node) if turned else _factor(matrix.node)
    return [*others, Part(_row([left, _factor(vector.node)]), (matrix.axes[1 if turned else 0],))]


def _joined(factors: Sequence[Part]) -> Part:
    """A product that sums nothing: numbers first, then columns entry by entry."""
    columns = [part for part in factors if part.axes]
    mixed = len({part.axes for part in columns}) > 1 or any(len(part.axes) > 1 for part in columns)
    if mixed and len(columns) > 1:
        raise NoArrays
    if len(factors) == 1:
        return factors[0]
    items: list[Node] = [_factor(part.node) for part in factors if not part.axes]
    for position, part in enumerate(columns):
        if position:
            items.append(Operator(part.node.span, "odot"))
        items.append(_factor(part.node))
    return Part(_row(items), columns[0].axes if columns else ())


def _row(items: Sequence[Node]) -> Node:
    flat = [part for item in items for part in items_of(item)]
    start, end = min(i.span.start for i in flat), max(i.span.end for i in flat)
    return Row(replace(flat[0].span, start=start, end=end), tuple(flat)) if len(flat) > 1 else flat[0]


def _factor(node: Node) -> Node:
    """A node as one factor among others."""
    mixed = isinstance(node, Row) and any(isinstance(item, Operator) for item in node.items)
    return Brackets(node.span, "(", ")", node) if isinstance(node, Terms) or mixed else node


def _transposed(node: Node) -> Node:
    top = Letter(node.span, "top")
    plain = isinstance(node, Letter) or (isinstance(node, Scripted) and node.sup is None)
    if isinstance(node, Scripted) and plain:
        return replace(node, sup=top)
    return Scripted(node.span, node if plain else Brackets(node.span, "(", ")", node), None, top)
