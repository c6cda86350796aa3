r"""What of a name is its entry: the j of a_{t,j}, h_j^{(t)}, [a_t]_j, and the letters that name entries in a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from derive.reader.naming import bracketed, parts_of
from derive.reader.surface import (
    Accent,
    Big,
    Brackets,
    Items,
    Letter,
    Node,
    Number,
    Relation,
    Row,
    Scripted,
    Terms,
    Word,
)
from derive.verify import surfaces
from derive.verify.manner import Habits

STEPS = frozenset({"t", "T", "tau"})
"""Letters that count steps though nothing is added to them anywhere."""


@dataclass(frozen=True)
class Part:
    """A part of a formula by entries, without them: W and (j, l) for W_{jl}; the letters are its axes in order."""

    node: Node
    axes: tuple[str, ...] = ()


def letter_of(node: Node) -> str | None:
    """An index letter, primes included: l, h'."""
    match node:
        case Letter(text=text):
            return text
        case Scripted(base=Letter(text=text), sub=None, sup=None, primes=primes):
            return text + "'" * primes
    return None


def letters_in(node: Node | None) -> list[str]:
    """The letters in a script, from left to right."""
    return [] if node is None else [leaf.text for leaf in node.walk() if isinstance(leaf, Letter)]


def unprimed(nodes: Sequence[Node]) -> tuple[Callable[[Node], Node], dict[str, str]]:
    """A letter of its own for each index of a text that is told by a prime, j' in w_{j'j}.

    With these letters comes what each has a prime instead of.
    """
    used = {leaf.text for node in nodes for leaf in node.walk() if isinstance(leaf, Letter)}
    fresh = iter([letter for letter in "pqrmnluvgab" if letter not in used])
    names: dict[str, str] = {}
    for node in nodes:
        for script in (part.sub for part in node.walk() if isinstance(part, Scripted) and part.sub is not None):
            for key, letter in (_primed(part) for part in script.walk()):
                if key and key not in names:
                    names[key] = next(fresh, letter)

    def renamed(part: Node) -> Node:
        key, letter = _primed(part)
        return Letter(part.span, names[key]) if names.get(key, letter) != letter else part

    def change(node: Node) -> Node:
        if isinstance(node, Scripted) and node.sub is not None:
            return replace(node, sub=surfaces.rebuilt(node.sub, renamed))
        return node

    if not names:
        return lambda node: node, {}
    return lambda node: surfaces.rebuilt(node, change), {letter: key.rstrip("'") for key, letter in names.items()}


def _primed(node: Node) -> tuple[str, str]:
    """A letter with its primes, and without; nothing where there is none."""
    match node:
        case Scripted(base=Letter(text=letter), sub=None, sup=None, primes=primes) if primes:
            return letter + "'" * primes, letter
    return "", ""


def bound(item: Node) -> tuple[str, Node | None] | None:
    """The letter of a Σ, and what it runs to; None for what is no Σ over one letter."""
    if isinstance(item, Big) or not (isinstance(item, Scripted) and isinstance(item.base, Big)):
        return None
    if item.base.name != "sum" or item.sub is None:
        return None
    lower = item.sub.sides[0] if isinstance(item.sub, Relation) and item.sub.relations == ("=",) else item.sub
    letter = letter_of(lower)
    return None if letter is None else (letter, item.sup)


def is_big(node: Node) -> bool:
    """Whether a node is Σ or ∏ with its bounds."""
    return isinstance(node, Big) or (isinstance(node, Scripted) and isinstance(node.base, Big))


def taken_apart(node: Node, letters: frozenset[str]) -> Part:
    """A name and the letters of its entry; without any of `letters` the name as it is."""
    match node:
        case Accent(body=body):
            part = taken_apart(body, letters)
            return replace(part, node=replace(node, body=part.node)) if part.axes else Part(node)
        case Scripted(base=Brackets(opening="(" | "[", body=body), sub=sub, sup=None, primes=0) if sub is not None:
            _, axes = _split(sub, letters)
            if axes and isinstance(body, Letter | Scripted | Accent | Word):
                return Part(body, axes)
        case Scripted(base=Letter() | Word() | Accent() as base, sub=sub, sup=sup) if sub is not None:
            kept, axes = _split(sub, letters)
            if isinstance(sup, Brackets) and bracketed(sup) and (above := letter_of(sup.body)) in letters and kept:
                axes, sup = (*axes, above or ""), None  # h_t^{(j)}
            if axes:
                bare = base if kept is None and sup is None and not node.primes else replace(node, sub=kept, sup=sup)
                return Part(bare, axes)
    return Part(node)


def without_entries(node: Scripted) -> Iterator[tuple[Node, list[Node]]]:
    """The arrays of which a name may give an entry: by the last two indices below, the last, or one above."""
    pieces = [piece for part in parts_of(node.sub) for piece in _pieces(part)]
    for count in (2, 1):
        rest, places = pieces[:-count], pieces[-count:]
        if len(places) == count and all(map(_is_place, places)):
            sub = (
                None if not rest else rest[0] if len(rest) == 1 else Items(rest[0].span.to(rest[-1].span), tuple(rest))
            )
            yield (node.base if sub is None and node.sup is None else replace(node, sub=sub)), places
    if isinstance(node.sup, Brackets) and _is_place(node.sup.body):
        yield replace(node, sup=None), [node.sup.body]


def _pieces(part: Node) -> Iterator[Node]:
    """The indices that stand side by side in one part of a subscript: `jl`, `t_j`."""
    if isinstance(part, Row):
        yield from part.items
    elif isinstance(part, Scripted) and not part.primes and part.sub is not None and part.sup is None:
        yield part.base
        yield from _pieces(part.sub)
    else:
        yield part


def _is_place(node: Node) -> bool:
    return isinstance(node, Number) or (isinstance(node, Letter) and node.text not in STEPS)


def _split(sub: Node, letters: frozenset[str]) -> tuple[Node | None, tuple[str, ...]]:
    """A subscript as what stays and the letters of an entry: `t,j`, `jl`, `t_j`."""
    kept: list[Node] = []
    axes: list[str] = []
    for part in parts_of(sub):
        if isinstance(part, Scripted) and not part.primes and part.sub is not None and part.sup is None:
            rest, more = _split(part.sub, letters)
            inner, own = _split(part.base, letters)
            if more and rest is None and inner is not None:
                kept.append(inner)
                axes += (*own, *more)
                continue
        pieces = surfaces.items_of(part)
        found = [letter_of(piece) for piece in pieces]
        axes += [letter for letter in found if letter is not None and letter in letters]
        stay = [piece for piece, letter in zip(pieces, found, strict=True) if letter is None or letter not in letters]
        if stay:
            kept.append(surfaces.row(stay))
    if not kept:
        return None, tuple(axes)
    return (kept[0] if len(kept) == 1 else Items(kept[0].span.to(kept[-1].span), tuple(kept))), tuple(axes)


def entries_as_such(node: Node, letters: frozenset[str], habits: Habits) -> Node:
    """θ_h(a_h) as θ(a_h), one function for all entries; a_h^T as a_h at step T, for a number is not transposed."""

    def change(part: Node) -> Node:
        match part:
            case Row(items=items):
                return replace(part, items=tuple(map(called, items, (*items[1:], None))))
            case Scripted(base=Letter() | Accent(), sub=sub, sup=Letter(text="T") as sup) if (
                habits.above and set(letters_in(sub)) & letters
            ):
                return replace(part, sup=Brackets(sup.span, "(", ")", sup))
        return part

    def called(item: Node, after: Node | None) -> Node:
        if not (isinstance(item, Scripted) and item.sub is not None and isinstance(after, Brackets)):
            return item
        same = letter_of(item.sub) in letters and surfaces.head(item) in habits.functions
        return replace(item, sub=None) if same else item

    return surfaces.rebuilt(node, change)


def entry_letters(nodes: Sequence[Node]) -> frozenset[str]:
    """The letters that name entries: j and l of a_{t,j} = Σ_l W_{jl} s_{t-1,l}, and of equations without the Σ."""
    steps = surfaces.shifted_letters(part for node in nodes for part in node.walk() if not is_big(part)) | STEPS
    steps |= _beside_steps(nodes, steps)
    left_sides = [node.sides[0] for node in nodes if isinstance(node, Relation)]
    steps |= {surfaces.head(side) or "" for side in left_sides if isinstance(side, Scripted)}  # a gate, i_t = …
    found: set[str] = set()
    for node in nodes:
        if not isinstance(node, Relation) or surfaces.has_derivative(node):
            continue
        left, right = node.sides[0], node.sides[1]
        own = frozenset(letters_in(left.sub if isinstance(left, Scripted) else left)) - steps
        if not own or not isinstance(left, Scripted | Accent):
            continue
        sums = {summed[0] for part in right.walk() if (summed := bound(part))} - steps - own
        for letter in sums or _repeated(right, own | steps):
            beside = {axis for part in right.walk() for axis in _beside(part, letter)} & own
            beside |= _on_one(right, letter, own)
            if beside:
                found |= {letter, *beside}
    return frozenset(found)


def _beside_steps(nodes: Sequence[Node], steps: frozenset[str]) -> set[str]:
    """The letters that stand where a step stands elsewhere: the k of h_k beside h_t."""
    places: dict[tuple[str, bool], set[str]] = {}
    for node in nodes:
        for part in node.walk():
            if isinstance(part, Scripted) and (head := surfaces.head(part)) is not None:
                for script, above in ((part.sub, False), (part.sup, True)):
                    first = next(iter(parts_of(script)), None)
                    inner = first.body if isinstance(first, Brackets) else first
                    letters = letters_in(inner) if isinstance(inner, Letter | Terms) else []
                    places.setdefault((head, above), set()).update(letters[:1])
    return {letter for found in places.values() if found & steps for letter in found}


def _on_one(right: Node, letter: str, own: frozenset[str]) -> frozenset[str]:
    """The letters on the left that stand on a name on which another is summed: k of e^{z_k} / Σ_j e^{z_j}."""
    on: dict[str, set[str]] = {}
    for part in right.walk():
        if isinstance(part, Scripted) and part.sub is not None and (head := surfaces.head(part)) is not None:
            on.setdefault(head, set()).update(letters_in(part.sub))
    return frozenset(x for letters in on.values() if letter in letters for x in letters) & own


def _beside(part: Node, letter: str) -> Iterator[str]:
    """The letters that stand with another in the subscript of one name."""
    if isinstance(part, Scripted) and part.sub is not None and not isinstance(part.base, Big):
        inside = {found for leaf in part.sub.walk() if (found := letter_of(leaf))}
        if letter in inside:
            yield from inside - {letter}


def _repeated(right: Node, known: frozenset[str]) -> frozenset[str]:
    """The letters that stand below two factors of one product, and nowhere on the left: a sum that is not written."""
    found: set[str] = set()
    for term in right.summands if isinstance(right, Terms) else (right,):
        if isinstance(term, Row):
            below = [
                {letter for leaf in item.sub.walk() if (letter := letter_of(leaf))}
                for item in term.items
                if isinstance(item, Scripted) and item.sub is not None
            ]
            found |= {x for one in below for x in one if sum(x in other for other in below) == 2}
    return frozenset(found) - known
