"""What a document does throughout: its index letters, what it applies to arguments, how it writes time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from derive.algebra.functions import SPELLINGS
from derive.reader.naming import index_expression
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
from derive.verify import normal, surfaces
from derive.verify.manner import Habits
from derive.verify.surfaces import function_name, head

LOSSES = frozenset(["L", "E", "J", "ell", "loss", "Loss", "CE", "Cost"])
"""What a loss is called."""
USUAL = frozenset(["f", "g", "phi", "varphi", "sigma", "psi"])
"""Letters that are functions though they stand alone somewhere: f ∈ (0, 1)."""
KNOWN = frozenset(SPELLINGS) | {"softmax", "diag", "Diag", "max", "min", "Pr", "det", "tr", "Tr"}


def habits(nodes: Sequence[Node]) -> Habits:
    """The habits of a document, from all its statements (their words already joined)."""
    every = [part for node in nodes for part in node.walk()]
    calls = list(surfaces.applied(every))
    called_letters = {
        letter.text
        for _, brackets, _ in calls
        if isinstance(brackets.body, Terms) and len(brackets.body.summands) == 2
        for letter, number in [brackets.body.summands]
        if isinstance(letter, Letter) and isinstance(number, Number) and number.text == "1"
    }  # fmt: skip
    letters = surfaces.shifted_letters(every) | surfaces.bound_letters(every) | {"t", "T"}
    left = [node.sides[0] for node in nodes if isinstance(node, Relation)]
    stepped = _with_step(left, letters)
    others = _other_letters(every, letters) | _below_brackets(every)
    letters = letters | (others - stepped) | _of_entries(every, letters, stepped)
    timed = _timed(calls, letters | called_letters)
    letters = letters | (called_letters if timed else frozenset())
    plain = _plain(every)
    defined = frozenset(name for side in left if (name := head(side)) is not None)
    functions = frozenset(
        name
        for item, brackets, _ in calls
        if (name := function_name(item)) is not None
        and name not in timed
        and _may_be_function(item, name, letters, plain, defined)
    )
    called = _called(calls)
    return Habits(
        letters=letters,
        above=surfaces.letters_above(left, letters),
        timed=timed,
        functions=functions | {f"{name}_loss" for name in called},
        called=called,
        gradients=_gradients(left),
        stated=frozenset(
            (name, isinstance(side.items[0], Scripted))
            for side in left
            if isinstance(side, Row) and len(side.items) == 2 and isinstance(side.items[1], Brackets)
            if (name := head(side.items[0])) in called
        ),
        horizon=_horizon(every, letters),
        bold=any(isinstance(node, Accent) and node.name in normal.BOLD for node in every),
    )


STEPS = frozenset(["t", "k", "i", "j", "l", "m", "n", "s", "r", "q", "p", "tau", "T", "N"])
"""Letters that count steps, if they stand where another does."""


def _other_letters(every: Sequence[Node], letters: frozenset[str]) -> frozenset[str]:
    r"""Letters that stand alone in the place of an index that counts: \tau in h^{(\tau)}, beside h^{(t)}."""
    places: dict[tuple[str, bool], set[str]] = {}
    for node in every:
        if isinstance(node, Scripted) and (name := head(node)) is not None:
            for script, above in ((node.sub, False), (node.sup, True)):
                inner = script.body if isinstance(script, Brackets) else script if not above else None
                for part in inner.items if isinstance(inner, Items) else (inner,):
                    found = {p.text for p in part.walk() if isinstance(p, Letter)} if isinstance(part, Terms) else set()
                    if isinstance(part, Letter):
                        found = {part.text}
                    if isinstance(part, Number):
                        found = {"1"}
                    places.setdefault((name, above), set()).update(found)
    entries = {text for _, text in _behind_a_step(every, letters)}
    counted = entries | {text for found in places.values() if found & ((letters | {"1"}) - {"T"}) for text in found}
    return frozenset((counted & STEPS) | entries)


def _below_brackets(every: Iterable[Node]) -> frozenset[str]:
    """The letters of entries below square brackets: j and l of [h]_j, [V]_{jl}."""
    found: set[str] = set()
    for node in every:
        match node:
            case Scripted(base=Brackets(opening="["), sub=Row(items=parts) | Items(items=parts)):
                texts = {part.text for part in parts if isinstance(part, Letter)}
                found |= texts if len(texts) == len(parts) else set()
            case Scripted(base=Brackets(opening="["), sub=Letter(text=text)):
                found.add(text)
    return frozenset(found & STEPS)


def _with_step(left: Iterable[Node], letters: frozenset[str]) -> frozenset[str]:
    """The letters that are quantities with a step themselves, r_t = …: the r of δ_{r,t} is no index."""
    return frozenset(
        name
        for side in left
        if isinstance(side, Scripted) and (name := head(side)) is not None
        and any(part.text in letters for part in side.walk() if isinstance(part, Letter) and part.text != name)
    )  # fmt: skip


def _of_entries(every: Iterable[Node], letters: frozenset[str], stepped: frozenset[str]) -> frozenset[str]:
    """The letters behind the step of a quantity that is itself given at a step: i of h_{t,i}, though i_t is a gate."""
    return frozenset(text for name, text in _behind_a_step(every, letters) if name in stepped)


def _behind_a_step(every: Iterable[Node], letters: frozenset[str]) -> Iterator[tuple[str | None, str]]:
    """Names with a letter behind their step, and that letter: h and i of h_{t,i}."""
    for node in every:
        match node:
            case Scripted(sub=Items(items=(first, Letter(text=text)))):
                if any(isinstance(part, Letter) and part.text in letters for part in first.walk()):
                    yield head(node), text


def _timed(calls: Iterable[tuple[Node, Brackets, bool]], letters: frozenset[str]) -> frozenset[str]:
    """The names that are functions of time: h(t) = … with h(t-1) somewhere."""
    steps: dict[str, set[type | None]] = {}
    for item, brackets, _ in calls:
        name = function_name(item)
        if name in letters:
            continue  # T (T + 1)
        if name is not None and index_expression(brackets.body, letters) is not None:
            steps.setdefault(name, set()).add(type(brackets.body))
        elif name is not None:
            steps.setdefault(name, set()).add(None)
    shifted = any(Terms in kinds for kinds in steps.values())
    return frozenset(name for name, kinds in steps.items() if shifted and None not in kinds and name not in KNOWN)


def _plain(every: Iterable[Node]) -> frozenset[str]:
    """The letters that stand somewhere as a factor or a term, not before brackets and not in an index."""
    found: set[str] = set()
    for node in every:
        if isinstance(node, Row):
            for item, after in zip(node.items, (*node.items[1:], None), strict=True):
                core = after.base if isinstance(after, Scripted) else after
                if not (isinstance(core, Brackets) and core.opening in "([{"):
                    name = function_name(item)
                    if name and not (isinstance(item, Scripted) and item.primes):
                        found.add(name)
        elif isinstance(node, Terms):
            found |= {name for part in node.summands if not isinstance(part, Row) and (name := function_name(part))}
        elif isinstance(node, Relation):
            found |= {name for part in node.sides if not isinstance(part, Row) and (name := function_name(part))}
    return frozenset(found)


def _may_be_function(
    item: Node, name: str, letters: frozenset[str], plain: frozenset[str], defined: frozenset[str]
) -> bool:
    if name in SPELLINGS:
        return False
    core = item
    primes = 0
    while isinstance(core, Scripted | Accent):
        primes += core.primes if isinstance(core, Scripted) else 0
        core = core.base if isinstance(core, Scripted) else core.body
    if not isinstance(core, Letter | Word):
        return False
    if isinstance(core, Word):
        return core.text not in KNOWN and not surfaces.prose(core)
    if primes:
        return True
    scripts = [s for s in (item.sub, item.sup) if s is not None] if isinstance(item, Scripted) else []
    if any(p.text in letters for s in scripts for p in s.walk() if isinstance(p, Letter)):
        return False
    if isinstance(item, Scripted) and item.sub is not None and index_expression(item.sub, letters) is not None:
        return core.text in USUAL and isinstance(item.sub, Number) and core.text not in defined
    if core.text in ("partial", "nabla") or core.text in surfaces.NEVER_FUNCTIONS or core.text in LOSSES:
        return False
    return name not in plain or core.text in USUAL


def _horizon(every: Sequence[Node], letters: frozenset[str]) -> str:
    """The letter that counts the steps: T, or where no index has it, τ, N, or the L of a text with layers."""
    inside: set[str] = set()
    for node in every:
        if isinstance(node, Scripted):
            scripts = [node.sub, node.sup.body if isinstance(node.sup, Brackets) else None]
            if isinstance(node.base, Big):
                scripts.append(node.sup)
            inside |= {p.text for s in scripts if s is not None for p in s.walk() if isinstance(p, Letter)}
    if "T" in inside:
        return "T"
    return next((letter for letter in ("tau", "N", "L") if letter in inside and letter in letters), "T")


def _gradients(left: Iterable[Node]) -> frozenset[str]:
    """The letters that stand for "the gradient by" before a name: d in dW = …, δ in δ o^t = …"""
    found = set()
    for side in left:
        match side:
            case Row(items=(Letter(text="d" | "delta" as letter), Letter() | Scripted() | Accent() as name)):
                if head(name) not in ("partial", "nabla"):
                    found.add(letter)
    return frozenset(found)


def _called(calls: Iterable[tuple[Node, Brackets, bool]]) -> frozenset[str]:
    """The losses that are written with what they depend on: L(ŷ, y), J(θ)."""
    found = set()
    for item, brackets, _ in calls:
        name = head(item)
        alone = not isinstance(brackets.body, Items) and head(brackets.body) is not None
        if name in LOSSES and (alone or isinstance(brackets.body, Items)):
            found.add(name)
    return frozenset(found)


def labelled(node: Node, bases: frozenset[str]) -> Node:
    """Numbers below or above these letters made labels: W_1 and W_2 are two names, and may differ in shape."""

    def change(part: Node) -> Node:
        if isinstance(part, Scripted) and head(part) in bases:
            return replace(part, sub=_label(part.sub), sup=_label(part.sup))
        return part

    return surfaces.rebuilt(node, change) if bases else node


def _label(script: Node | None) -> Node | None:
    match script:
        case Number(text=text):
            return Word(script.span, text)
        case Brackets(body=Number(text=text)) as brackets:
            return replace(brackets, body=Word(brackets.body.span, text))
        case Items(items=items):
            return replace(script, items=tuple(_label(item) or item for item in items))
    return script
