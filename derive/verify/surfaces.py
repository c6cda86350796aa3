"""Walks over surface trees, and what a node is called: the small words in which the reading of a text is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

from derive.reader.naming import bracketed
from derive.reader.surface import (
    Accent,
    Big,
    Brackets,
    Dots,
    Fraction,
    Items,
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

SPELLED = (
    "softmax",
    "sigmoid",
    "sigma",
    "tanh",
    "relu",
    "ReLU",
    "diag",
    "Diag",
    "sigm",
    "loss",
    "Loss",
    "net",
    "log",
    "exp",
    "ln",
)
"""Words that people write letter by letter, the longest first."""


NEVER_FUNCTIONS = frozenset("wuvxWUVXABRIKMNPQSTHbd")
"""Letters that stand before brackets as factors, even if they stand nowhere else."""


PROSE = frozenset(
    "where and or if when for with so then thus hence let since because by i.e. e.g. since but note".split()
)


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """The tree with `change` applied to each node, what is below first."""
    new: dict[str, Any] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        changed = _changed(value, change)
        if changed is not value:
            new[field.name] = changed
    return change(replace(node, **new) if new else node)


def _changed(value: Any, change: Callable[[Node], Node]) -> Any:
    if isinstance(value, Node):
        return rebuilt(value, change)
    if isinstance(value, tuple) and value and isinstance(value[0], Node | tuple):
        made = tuple(_changed(item, change) for item in value)
        return value if all(a is b for a, b in zip(made, value, strict=True)) else made
    return value


def row(items: Sequence[Node]) -> Node:
    """Items side by side, or the one item there is."""
    return items[0] if len(items) == 1 else Row(items[0].span.to(items[-1].span), tuple(items))


def items_of(node: Node) -> tuple[Node, ...]:
    """What stands side by side, one item included."""
    return node.items if isinstance(node, Row) else (node,)


def words_joined(node: Node) -> Node:
    """The same with `t a n h` made one word, where no space stands between the letters, and Σ_{t=1}^T made a sum."""
    return rebuilt(node, _joined)


LETTERS_OF = {"Sigma": "sum", "Pi": "prod"}


def _joined(node: Node) -> Node:
    match node:
        case Scripted(base=Letter(text="Sigma" | "Pi" as letter), sub=Relation(), primes=0):
            return replace(node, base=Big(node.base.span, LETTERS_OF[letter]))
    if not isinstance(node, Row):
        return node
    items: list[Node] = []
    rest = list(node.items)
    while rest:
        word = next((word for word in SPELLED if _begins(rest, word)), None)
        if word is None:
            items.append(rest.pop(0))
            continue
        taken, rest = rest[: len(word)], rest[len(word) :]
        last = taken[-1]
        whole = Word(taken[0].span.to(_core(last).span), word)
        items.append(
            replace(last, span=taken[0].span.to(last.span), base=whole) if isinstance(last, Scripted) else whole
        )
    return node if len(items) == len(node.items) else row(items)


def _core(node: Node) -> Node:
    return node.base if isinstance(node, Scripted) else node


def _begins(items: Sequence[Node], word: str) -> bool:
    if len(items) < len(word):
        return False
    for position, letter in enumerate(word):
        item = items[position]
        core = _core(item) if position == len(word) - 1 else item
        if not isinstance(core, Letter) or core.text != letter:
            return False
        if position and core.span.start != items[position - 1].span.end:
            return False
    return True


def without_prose(node: Node) -> Node | None:
    r"""A side without the words around it, `\text{where } x`; None if nothing is left."""
    items = list(node.items) if isinstance(node, Row) else [node]
    while items and prose(items[0]):
        items.pop(0)
    while items and (prose(items[-1]) or isinstance(items[-1], Operator)):
        items.pop()
    return row(items) if items else None


def prose(node: Node) -> bool:
    return isinstance(node, Word) and (
        " " in node.text or node.text.lower().strip(" ,.:;") in PROSE or not node.text.isascii()
    )


def shifted_letters(nodes: Iterable[Node]) -> frozenset[str]:
    """The letters that stand in an index with a whole number added: t in h_{t-1}."""
    found: set[str] = set()
    for script in _scripts(nodes):
        for part in _parts(script):
            match part:
                case Terms(summands=(Letter(text=letter), Number())) | Terms(summands=(Letter(text=letter), Letter())):
                    found.add(letter)
    return frozenset(found)


def bound_letters(nodes: Iterable[Node]) -> frozenset[str]:
    r"""The letters of Σ and ∏, and of `t = 1, \dots, T`, with the letters that their bounds are made of."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case Scripted(base=Big() | Accent(body=Big()), sub=sub, sup=sup):
                for part in (sub, sup):
                    if part is not None:
                        found |= {leaf.text for leaf in part.walk() if isinstance(leaf, Letter)}
            case Relation(sides=(Letter(text=letter), Items(items=items))) if any(isinstance(i, Dots) for i in items):
                found |= {letter} | {item.text for item in items if isinstance(item, Letter)}
    return frozenset(found)


def _scripts(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node, Scripted):
            yield from (script for script in (node.sub, node.sup) if script is not None)


def _parts(script: Node) -> Iterator[Node]:
    for part in script.items if isinstance(script, Items | Row) else (script,):
        yield part.body if isinstance(part, Brackets) else part


def letters_above(left_sides: Iterable[Node], letters: frozenset[str]) -> frozenset[str]:
    """The index letters that stand above without brackets on what is defined: t in h^t = …"""
    found: set[str] = set()
    for side in left_sides:
        if isinstance(side, Scripted) and side.sup is not None and not bracketed(side.sup):
            match side.sup:
                case Letter(text=letter) | Terms(summands=(Letter(text=letter), Number())) if letter in letters:
                    found.add(letter)
    return frozenset(found) - {"T", "top", "prime"}


def applied(nodes: Iterable[Node]) -> Iterator[tuple[Node, Brackets, bool]]:
    """Each item that stands directly before round or square brackets, and whether something stands before it."""
    for node in nodes:
        if isinstance(node, Row):
            for before, item, after in zip((None, *node.items), node.items, node.items[1:], strict=False):
                brackets = after.base if isinstance(after, Scripted) else after
                if isinstance(brackets, Brackets) and brackets.opening in "([{":
                    yield item, brackets, before is not None


def head(node: Node) -> str | None:
    r"""What a function or a quantity is called without its index: `f`, `E_t` by `E`, `\mathcal{L}` by L."""
    while isinstance(node, Scripted | Accent):
        node = node.base if isinstance(node, Scripted) else node.body
    return node.text if isinstance(node, Letter | Word) else None


def each(value: Any, change: Callable[[Node], Node]) -> Any:
    if isinstance(value, Node):
        return change(value)
    if isinstance(value, tuple) and value and isinstance(value[0], Node | tuple):
        return tuple(each(item, change) for item in value)
    return value


def function_name(node: Node) -> str | None:
    r"""What a function is called, its label included: `f`, `sigma_h`, `g_1`; None for what is no such name."""
    if isinstance(node, Accent) and node.name in ("mathrm", "mathit", "boldsymbol", "mathbf", "mathcal"):
        return function_name(node.body)
    if isinstance(node, Letter | Word):
        return node.text
    if isinstance(node, Scripted):
        base = function_name(node.base)
        if base is None or (node.sub is None and not isinstance(node.base, Letter | Word | Accent)):
            return base
        script = node.sub if node.sub is not None else _word_above(node.sup)
        leaves = script.walk() if script is not None else ()
        label = "".join(leaf.text for leaf in leaves if isinstance(leaf, Letter | Word | Number))
        return f"{base}_{label}" if label else base
    return None


def _word_above(sup: Node | None) -> Node | None:
    """A word in brackets above, f^{(out)}."""
    if not isinstance(sup, Brackets) or not bracketed(sup):
        return None
    letters = isinstance(sup.body, Row) and all(isinstance(part, Letter) for part in sup.body.items)
    return sup.body if letters or isinstance(sup.body, Word) else None


def is_derivative(node: Node) -> bool:
    """Whether ∂ or d stands above and below, or ∇ at its head."""
    match node:
        case Fraction(top=top, bottom=bottom):
            return _differential(top) and _differential(bottom)
        case Scripted(base=Letter(text="nabla")):
            return True
    return False


def _differential(node: Node) -> bool:
    first = node.items[0] if isinstance(node, Row) else node
    if isinstance(first, Scripted):
        first = first.base
    if isinstance(first, Accent):
        first = first.body
    return isinstance(first, Letter) and (first.text == "partial" or (first.text == "d" and isinstance(node, Row)))


def has_derivative(node: Node) -> bool:
    return any(map(is_derivative, node.walk()))
