r"""The ways of writing that mean the same, made one: `tanh` letter by letter, h(t) and h^t for h_t, σ_h(a), [h; x].

Everything here works on surface trees and keeps every node's place. What a document's habits are is in `Habits`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from derive.errors import Span
from derive.reader.naming import bracketed, index_expression
from derive.reader.surface import (
    Accent,
    Brackets,
    Empty,
    Fraction,
    Items,
    Letter,
    Node,
    Number,
    Operator,
    Relation,
    Row,
    Scripted,
    Table,
    Terms,
    Word,
)

SPELLED = (
    "softmax",
    "sigmoid",
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


@dataclass(frozen=True)
class Habits:
    """What a document does throughout.

    `letters`: what counts steps, layers or entries; `above`: letters that stand above without brackets, h^t;
    `timed`: names written as functions of time, h(t); `functions`: what is applied to something;
    `called`: quantities that name what they depend on, L(ŷ, y); `gradients`: letters before a name, dW for ∂L/∂W;
    `stated`: the called ones that have an equation, with or without an index; `horizon` counts the steps.
    """

    letters: frozenset[str]
    above: frozenset[str] = frozenset()
    timed: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()
    gradients: frozenset[str] = frozenset()
    bold: bool = False
    stated: frozenset[tuple[str, bool]] = frozenset()
    horizon: str = "T"


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


# ---- words


def words_joined(node: Node) -> Node:
    """The same with `t a n h` made one word, where no space stands between the letters."""
    return rebuilt(node, _joined)


def _joined(node: Node) -> Node:
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


# ---- prose around formulas


def without_prose(node: Node) -> Node | None:
    r"""A side without the words around it, `\text{where } x`; None if nothing is left."""
    items = list(node.items) if isinstance(node, Row) else [node]
    while items and _prose(items[0]):
        items.pop(0)
    while items and (_prose(items[-1]) or isinstance(items[-1], Operator)):
        items.pop()
    return row(items) if items else None


def _prose(node: Node) -> bool:
    return isinstance(node, Word) and (
        " " in node.text or node.text.lower().strip(" ,.:;") in PROSE or not node.text.isascii()
    )


# ---- habits


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
    from derive.reader.surface import Big, Dots

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
    r"""What a function, or a quantity, is called without its index: `f`, `\sigma_h`, `E_t` by `E`, `\mathcal{L}` by L."""
    while isinstance(node, Scripted | Accent):
        node = node.base if isinstance(node, Scripted) else node.body
    return node.text if isinstance(node, Letter | Word) else None


# ---- one way of writing for each thing


def normal(node: Node, habits: Habits) -> Node:
    """The same formula in the one way of writing."""
    if isinstance(node, Relation):
        sides = (_without_arguments(node.sides[0], habits), *node.sides[1:])
        node = replace(node, sides=sides)
    node = _named_losses(node, habits)
    if habits.gradients:
        node = _named_gradients(node, habits)
    return rebuilt(node, lambda part: _normal(part, habits))


PROD = "prod"
"""The name of a table of what prod(·, ·) multiplies, after whatever transposition it takes."""
CONCATENATION = "concatenation"
"""The name of a table that sets vectors one after the other, columns below each other and rows beside."""
GRADIENT = "grad"
"""The mark on a name that makes it the gradient of the loss by it."""


def _named_gradients(node: Node, habits: Habits) -> Node:
    """dW as a name with a mark, except in dL/dW."""
    if isinstance(node, Fraction) and is_derivative(node):
        return node
    if isinstance(node, Row):
        items: list[Node] = []
        rest = list(node.items)
        while rest:
            match rest:
                case [Letter() as d, Letter() | Scripted() | Accent() as name, *after] if (
                    d.text in habits.gradients and head(name) not in (None, "partial", "nabla", "d", "delta")
                ):
                    items.append(Accent(d.span.to(name.span), GRADIENT, name))
                    rest = after
                case _:
                    items.append(rest.pop(0))
        node = row(items)
    new = {
        field.name: _each(getattr(node, field.name), lambda part: _named_gradients(part, habits))
        for field in fields(node)
    }
    return replace(node, **{k: v for k, v in new.items() if v is not getattr(node, k)})


def _without_arguments(node: Node, habits: Habits) -> Node:
    """L(ŷ, y) as L, where it stands alone."""
    match node:
        case Row(items=(item, Brackets() as brackets)) if head(item) in habits.called and not isinstance(
            item, Brackets
        ):
            return replace(item, span=item.span.to(brackets.span))
    return node


def _named_losses(node: Node, habits: Habits) -> Node:
    """L(ŷ, y) as L in what is differentiated, and as a function elsewhere."""
    if isinstance(node, Fraction) and is_derivative(node):
        return replace(node, top=_called_in(node.top, habits), bottom=_called_in(node.bottom, habits))
    if isinstance(node, Row):
        items: list[Node] = []
        arguments: list[Node] = []
        for item, after in zip(node.items, (*node.items[1:], None), strict=True):
            if any(item is argument for argument in arguments):
                continue
            brackets = isinstance(after, Brackets) and after.opening in "(["
            name = head(item)
            if brackets and name in habits.called and not isinstance(item, Row) and isinstance(after, Brackets):
                if _has_own_index(item, habits) or (name, isinstance(item, Scripted)) in habits.stated:
                    arguments.append(after)
                elif isinstance(after.body, Items) or head(after.body) not in (None, "theta", "W", "w", "Theta"):
                    item = Letter(item.span, f"{name}_loss")
                elif head(after.body) is not None:
                    arguments.append(after)
            items.append(item)
        node = row(items)
    new = {
        field.name: _each(getattr(node, field.name), lambda part: _named_losses(part, habits)) for field in fields(node)
    }
    return replace(node, **{k: v for k, v in new.items() if v is not getattr(node, k)})


def _has_own_index(node: Node, habits: Habits) -> bool:
    return isinstance(node, Scripted) and any(_has_index(s, habits) for s in (node.sub, node.sup) if s is not None)


def _each(value: Any, change: Callable[[Node], Node]) -> Any:
    if isinstance(value, Node):
        return change(value)
    if isinstance(value, tuple) and value and isinstance(value[0], Node | tuple):
        return tuple(_each(item, change) for item in value)
    return value


def _called_in(node: Node, habits: Habits) -> Node:
    """L(θ) as L in what is differentiated, and ℓ(ŷ, y) as a function where nothing else says what ℓ is."""
    match node:
        case Row(items=(d, item, Brackets() as brackets)) if (name := head(item)) in habits.called:
            stated = (name, isinstance(item, Scripted)) in habits.stated or _has_own_index(item, habits)
            if stated or not isinstance(brackets.body, Items):
                return replace(node, items=(d, item))
            return replace(node, items=(d, Letter(item.span, f"{name}_loss"), brackets))
    return node


def _normal(node: Node, habits: Habits) -> Node:
    match node:
        case Accent(name=name, body=body) if name in BOLD and not isinstance(body, Number):
            return node if isinstance(body, Letter) and body.text == "I" else body
        case Scripted(base=Row(items=items), sub=sub, sup=sup) if not node.primes:  # \\mathbf{Uh}_t
            last = Scripted(items[-1].span.to(node.span), items[-1], sub, sup)
            return Row(node.span, (*items[:-1], last))
        case Scripted(base=Scripted(base=inner, sub=first, sup=sup, primes=0), sub=second, sup=above) if (
            first is not None and second is not None and (sup is None or above is None)
        ):
            parts = (*(first.items if isinstance(first, Items) else (first,)), second)
            return Scripted(node.span, inner, Items(first.span.to(second.span), parts), sup or above, node.primes)
        case Scripted(base=Letter() | Accent(), sup=Operator(name="*") as sup):
            return replace(node, sup=Brackets(sup.span, "(", ")", Word(sup.span, "star")))
        case Scripted(sup=Accent(body=Letter(text="T")) | Word(text="T" | "t" | "top") as sup):
            return replace(node, sup=Letter(sup.span, "top"))
        case Scripted(base=Letter(text="e"), sub=None, sup=sup, primes=0) if sup is not None and not _transposed(sup):
            return Row(node.span, (Word(node.base.span, "exp"), Brackets(sup.span, "(", ")", sup)))
        case Scripted(base=Letter() | Accent(), sup=sup) if sup is not None and _label_above(sup, habits):
            label = "".join(part.text for part in sup.walk() if isinstance(part, Letter | Word | Number))
            return replace(node, sup=Brackets(sup.span, "(", ")", Word(sup.span, label)))
        case Scripted(base=Letter(text="T"), sub=Letter(text="x" | "y"), sup=None):
            return node.base  # the number of steps of an input or an output
        case Scripted(sub=Scripted(base=Letter() | Accent() as inner, sub=index, sup=None)) if index is not None and (
            _has_index(index, habits)
        ):
            parts = index.items if isinstance(index, Items) else (index,)
            label = Word(inner.span, function_name(inner) or "")
            return replace(node, sub=Items(node.sub.span, (label, *parts)))
        case Fraction(top=top, bottom=bottom) if _numbered(top) is not top or _numbered(bottom) is not bottom:
            return _normal(replace(node, top=_numbered(top), bottom=_numbered(bottom)), habits)
        case Fraction(top=top, bottom=Row(items=items)) if place := _late_partial(top, items):
            before, after = row([i for i in items[:place] if not isinstance(i, Operator)]), row(items[place:])
            one = Fraction(node.span, Number(before.span, "1"), before)
            return Row(node.span, (one, Fraction(node.span, top, after)))
        case Scripted(sup=sup) if sup is not None and _index_above(sup, habits):
            return replace(node, sup=Brackets(sup.span, "(", ")", sup))
        case Row():
            return _row(node, habits)
        case Brackets(body=Items(items=items)) if node.opening in "([" and all(map(_quantity_like, items)):
            return node
    return node


BOLD = frozenset({"mathbf", "boldsymbol", "bm", "pmb", "vec"})


def _transposed(sup: Node) -> bool:
    return (isinstance(sup, Letter) and sup.text in ("T", "top", "intercal")) or bracketed(sup)


def _label_above(sup: Node, habits: Habits) -> bool:
    """Whether what stands above is neither a power nor a step: W^{xh}, W^o."""
    if isinstance(sup, Letter):
        return sup.text not in habits.letters and sup.text not in ("T", "top", "intercal", "prime", "dagger", "star")
    if isinstance(sup, Word):
        return sup.text not in ("T", "top")
    return (
        isinstance(sup, Row)
        and all(isinstance(part, Letter) for part in sup.items)
        and not any(isinstance(part, Letter) and part.text in habits.letters for part in sup.items)
    )


def _has_index(node: Node, habits: Habits) -> bool:
    return any(isinstance(part, Letter) and part.text in habits.letters for part in node.walk())


def _numbered(node: Node) -> Node:
    """∂s3 as ∂s_3: a number behind a letter that is differentiated."""
    match node:
        case Row(items=(Letter(text="partial") as d, Letter() as letter, Number() as number)):
            return replace(node, items=(d, Scripted(letter.span.to(number.span), letter, number, None)))
    return node


def _late_partial(top: Node, items: Sequence[Node]) -> int:
    r"""Where ∂ stands in `T \cdot \partial o`, below another ∂; 0 where it stands first, or nowhere."""
    first = top.items[0] if isinstance(top, Row) else top
    if not (isinstance(first, Letter) and first.text == "partial"):
        return 0
    return next((i for i, item in enumerate(items) if isinstance(item, Letter) and item.text == "partial"), 0)


def _index_above(sup: Node, habits: Habits) -> bool:
    match sup:
        case Letter(text=letter) | Terms(summands=(Letter(text=letter), Number())):
            return letter in habits.above
    return False


def _quantity_like(node: Node) -> bool:
    return head(node) is not None


def _row(node: Row, habits: Habits) -> Node:
    items: list[Node] = []
    rest = _quotients(list(node.items))
    while rest:
        item, rest = rest[0], rest[1:]
        after = rest[0] if rest else None
        name = function_name(item)
        positive = _positive_part(item, after)
        if name == "prod" and isinstance(after, Brackets) and isinstance(after.body, Items):
            items.append(Table(item.span.to(after.span), PROD, tuple((part,) for part in after.body.items)))
            rest = rest[1:]
        elif positive is not None:
            items += positive
            rest = rest[1:]
        elif (
            isinstance(after, Brackets)
            and name in habits.timed
            and index_expression(after.body, habits.letters) is not None
        ):
            items.append(_timed(item, after))
            rest = rest[1:]
        elif name in habits.functions and isinstance(item, Scripted) and item.sub is not None:
            bare: Node = Letter(item.base.span, name) if name else item
            items.append(replace(item, base=bare, sub=None) if item.sup is not None or item.primes else bare)
        elif _concatenation(item) and (not items or function_name(items[-1]) not in habits.functions):
            assert isinstance(item, Brackets)
            items.append(_stacked(item))
        else:
            items.append(item)
    return row(items)


def _positive_part(item: Node, after: Node | None) -> list[Node] | None:
    r"""`\\max(0, a)` as relu(a)."""
    match item, after:
        case Word(text="max"), Brackets(body=Items(items=(one, other))):
            for zero, argument in ((one, other), (other, one)):
                core = zero.body if isinstance(zero, Accent) else zero
                if isinstance(core, Number) and core.text == "0":
                    return [Word(item.span, "relu"), Brackets(after.span, "(", ")", argument)]
    return None


def _quotients(items: list[Node]) -> list[Node]:
    r"""The items with `\partial L / \partial W` and `dL/dW` made fractions."""
    made: list[Node] = []
    while items:
        match items:
            case [Letter() as d, over, Operator(name="/"), Letter() as e, under, *rest] if (
                d.text == e.text and d.text in ("d", "partial") and head(over) and head(under)
            ):
                top, bottom = Row(d.span.to(over.span), (d, over)), Row(e.span.to(under.span), (e, under))
                made.append(Fraction(d.span.to(under.span), top, bottom))
                items = rest
            case [Scripted(base=Letter(text="partial") as d, sub=under, sup=None), over, *rest] if (
                under is not None and head(over) not in (None, "partial", "nabla")
            ):  # \partial_w h_t
                span = items[0].span
                top, bottom = Row(span.to(over.span), (d, over)), Row(span, (d, under))
                made.append(Fraction(span.to(over.span), top, bottom))
                items = rest
            case _:
                made.append(items[0])
                items = items[1:]
    return made


def _timed(item: Node, time: Brackets) -> Node:
    """h(t) as h^{(t)}."""
    span = item.span.to(time.span)
    bracket = Brackets(time.span, "(", ")", time.body)
    if isinstance(item, Scripted):
        return replace(item, span=span, sup=bracket)
    return Scripted(span, item, None, bracket)


def _concatenation(node: Node) -> bool:
    if not isinstance(node, Brackets) or not isinstance(node.body, Items):
        return False
    return node.opening == "[" or (node.opening == "(" and all(map(_quantity_like, node.body.items)))


def _stacked(node: Brackets) -> Node:
    """[h, x] as a column of blocks."""
    assert isinstance(node.body, Items)
    return Table(node.span, CONCATENATION, tuple((item,) for item in node.body.items))


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
        label = (
            ""
            if node.sub is None
            else "".join(leaf.text for leaf in node.sub.walk() if isinstance(leaf, Letter | Word | Number))
        )
        return f"{base}_{label}" if label else base
    return None


def nothing(span: Span) -> Empty:
    return Empty(span)


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
