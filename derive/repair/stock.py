"""What may be missing in a formula, written as its author writes: factors, terms, the heads of sums."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from sympy import Expr, Integer, Symbol

from derive.algebra.build import substitute
from derive.algebra.expressions import Apply, Expression, Variable
from derive.algebra.generic import Generic, Kronecker
from derive.algebra.names import Function
from derive.algebra.shapes import SCALAR, Shape, is_column, is_scalar
from derive.algebra.symbols import index
from derive.models.model import variables, walk
from derive.reader.naming import index_expression
from derive.reader.surface import Big, Brackets, Fraction, Node, Relation, Row, Scripted
from derive.repair.page import Page
from derive.repair.parts import Factor
from derive.repair.relabel import Stock, relabelled, shaped


def steps(page: Page) -> tuple[Expr, ...]:
    """The steps of which a formula speaks, letters and numbers."""
    found: list[Expr] = [index(letter) for letter in page.letters if letter != "T"]
    for parts in page.each:
        found += [slot.value for node in parts.names for slot in page.slots(node)]
    return tuple(dict.fromkeys(found))


def stock(page: Page) -> Iterator[Stock]:
    """Factors that a formula may lack: its own, the slopes of the network, each quantity at each step, transposed."""
    seen: set[str] = set()
    for text, shape, weight in sorted(_stock(page), key=lambda item: item[2]):
        if text not in seen:
            seen.add(text)
            yield text, shape, weight


def _stock(page: Page) -> Iterator[Stock]:
    for parts in page.each:
        for product in parts.products:
            for factor in product.values:
                text = page.of(factor.span)
                shape = page.shape(text)
                if shape is not None and len(text) > 1:
                    yield text, shape, 2.0
                    yield from relabelled(page, factor.span, parts.names)
    for text, shape in slopes(page):
        yield text, shape, 2.0
        if not is_scalar(shape):
            yield rf"{page.writing.diag}\bigl({text}\bigr)", (shape[0], shape[0]), 1.9
    for text, shape, weight in quantities(page):
        yield text, shape, weight
        if not is_scalar(shape):
            yield turned(page, text), shape[::-1], weight
    yield from runs_of(page)
    yield from misses_of(page)
    yield from _ends(page)


def misses_of(page: Page) -> Iterator[Stock]:
    """o_t - ō_t: by how much the network misses what its loss compares it with."""
    columns = [s for s in page.writing.spellings if len(s.slots) == s.name.arity == 1 and is_column(s.shape)]
    rules = page.writing.session.found.network.rules
    losses = [rule for s in page.writing.spellings if is_scalar(s.shape) for rule in rules.get(s.name, ())]
    read = {variable.name for rule in losses for variable in variables(rule.right)}
    for output in columns:
        for target in columns:
            if target.name in read - set(rules) and output.name in rules and output.shape == target.shape:
                for step in steps(page):
                    text = f"({output.at([step])} - {target.at([step])})"
                    yield text, output.shape, 2.1
                    yield turned(page, text), output.shape[::-1], 2.1


def runs_of(page: Page) -> Iterator[Stock]:
    """J_t ⋯ J_{k+1} for each matrix of a step, and its transpose."""
    letters = [index(letter) for letter in page.letters if letter != "T"]
    for spelling in page.writing.spellings:
        shape = spelling.shape
        if len(spelling.slots) == 1 and len(shape) == 2 and shape[0] == shape[1] and not is_scalar(shape):
            for late, early in permutations(letters, 2):
                ends = [spelling.at([step]) for step in (late, early + 1)]
                yield r" \cdots ".join(ends), shape, 2.2
                yield r" \cdots ".join(turned(page, text) for text in reversed(ends)), shape, 2.2


def _ends(page: Page) -> Iterator[Stock]:
    """∂⁺s_k/∂W: what ends a path, where the left side is a derivative by W; ∂z_t/∂V."""
    bottom = half(page, page.sides[0], bottom=True)
    network = page.writing.session.found.network
    by = page.writing.spelling(bottom) if bottom else None
    for spelling in page.writing.spellings if by is not None and not by.name.arity else ():
        if len(spelling.slots) == 1 and spelling.name in network.rules:
            tops = [rf"{sign} {spelling.at([step])}" for step in steps(page) for sign in (r"\partial^{+}", r"\partial")]
            yield from shaped(page, (rf"\frac{{{top}}}{{\partial {bottom}}}" for top in tops), 1.9)


def quantities(page: Page) -> Iterator[Stock]:
    """Each quantity of the network at the steps of which the formula speaks, and at those beside them."""
    own = steps(page)
    beside = [other for step in own for other in (step - 1, step + 1) if other not in own]
    times, letters = _places(page)
    for spelling in page.writing.spellings:
        arity, entries = spelling.name.arity, len(spelling.slots) - spelling.name.arity
        if not spelling.slots:
            yield spelling.text, spelling.shape, 2.1
        elif not entries and arity == 1:
            yield from ((spelling.at([step]), spelling.shape, 2.2) for step in own)
            yield from ((spelling.at([step]), spelling.shape, 2.5) for step in beside)
        elif entries > 0 and arity <= 1:
            for place in permutations(letters, entries):
                yield from ((spelling.at([*time, *place]), SCALAR, 2.3) for time in (times if arity else [()]))
                near = [(time + by,) for (time,) in times for by in (-1, 1)] if arity else []
                yield from ((spelling.at([*time, *place]), SCALAR, 2.6) for time in near if time not in times)


def _places(page: Page) -> tuple[list[tuple[Expr, ...]], list[Expr]]:
    """The steps of the entries in a formula, and the letters that count them: t, and j, l of [δ]_{jl} and δ_{t,j}."""
    times: list[tuple[Expr, ...]] = []
    letters: list[Expr] = []
    whole = page.sides[0]
    if isinstance(whole, Scripted) and isinstance(whole.base, Brackets):
        letters += [slot.value for slot in page.slots(whole)]
    for parts in page.each:
        for node in parts.names:
            spelling = page.spelling(node)
            if spelling is not None and len(spelling.slots) > spelling.name.arity:
                values = [slot.value for slot in spelling.slots]
                letters += values[spelling.name.arity :]
                times += [tuple(values[: spelling.name.arity])] if spelling.name.arity == 1 else []
    return list(dict.fromkeys(times)), [letter for letter in dict.fromkeys(letters) if letter.is_Symbol]


def turned(page: Page, text: str) -> str:
    """A name transposed in the author's way."""
    sign = page.writing.transpose
    return f"{text}^{{{sign}}}" if len(sign) > 1 else f"{text}^{sign}"


def applications(page: Page) -> Iterator[tuple[Variable, Apply]]:
    """Where the network applies a function to a column, with the quantity in whose equation."""
    for rules in page.writing.session.found.network.rules.values():
        for rule in rules:
            for node in walk(rule.right):
                known = not any(isinstance(below, Generic | Kronecker) for below in walk(node))
                if isinstance(node, Apply) and isinstance(rule.left.time, Symbol) and known:
                    yield rule.left, node


def slopes(page: Page) -> Iterator[tuple[str, Shape]]:
    """f'(a_k) at each step of which the formula speaks, and 1 - s_k^2."""
    for left, node in applications(page):
        for step in steps(page):
            argument = _at(node.body, left, step)
            yield page.printed(Apply(Function(node.function.name, 1), argument)), node.shape
            value = page.printed(_at(left, left, step))
            if node.function.name == "tanh":
                yield f"1 - {value}^2", node.shape
            if node.function.name == "sigmoid":
                yield rf"{value} \odot (1 - {value})", node.shape


def _at(expression: Expression, left: Variable, step: Expr) -> Expression:
    moved = substitute(expression, {left.time: step})
    assert isinstance(moved, Expression)
    return moved


def pre_activations(page: Page) -> tuple[str, ...]:
    """What the network applies its functions to, at each step of which the formula speaks."""
    own = steps(page)
    around = dict.fromkeys([*own, *(other for step in own for other in (step - 1, step + 1))])
    found = (page.printed(_at(node.body, left, step)) for step in around for left, node in applications(page))
    return tuple(dict.fromkeys(found))


def between(page: Page, before: Factor | None, after: Factor | None) -> Iterator[str]:
    """The derivative that leads from the one before to the one after: ∂o_t/∂s_t between ∂L_t/∂o_t and ∂s_t/∂s_k."""
    left = page.sides[0]
    top = half(page, before.node if before else left, bottom=before is not None)
    bottom = half(page, after.node if after else left, bottom=after is None)
    if before is None and bottom and after is not None:  # a path begins at the loss of its step
        losses = [s for s in page.writing.spellings if len(s.slots) == s.name.arity == 1 and is_scalar(s.shape)]
        yield from (
            rf"\frac{{\partial {loss.at([step])}}}{{\partial {bottom}}}" for loss in losses for step in steps(page)
        )
    if top and bottom and top != bottom and (before is not None or after is not None):
        yield rf"\frac{{\partial {top}}}{{\partial {bottom}}}"
        yield rf"\frac{{\partial^{{+}} {top}}}{{\partial {bottom}}}"


def half(page: Page, node: Node, *, bottom: bool) -> str:
    """What is differentiated, or by what; nothing where there is no derivative."""
    if isinstance(node, Scripted):
        node = node.base
    if not isinstance(node, Fraction):
        inner = [child for child in node.walk() if isinstance(child, Fraction)]
        if len(inner) != 1:
            return ""
        node = inner[0]
    half = node.bottom if bottom else node.top
    if not isinstance(half, Row) or len(half.items) < 2:
        return ""
    return page.of(half.items[1].span.to(half.items[-1].span))


def headers(page: Page) -> Iterator[tuple[str, str, Expr, Expr]]:
    """The heads of the sums in the text, `\\sum_{t=1}^{T}`, each with its letter and its bounds; of the steps, too."""
    letters = page.writing.letters | {str(size) for size in page.writing.session.found.context.sizes}
    seen: set[str] = set()
    for statement in page.writing.survey.statements:
        for node in statement.node.walk() if statement.node is not None else ():
            match node:
                case Scripted(base=Big(name="sum"), sub=Relation(sides=(letter, low)), sup=high) if high is not None:
                    text = statement.source.text[node.span.start : node.span.end]
                    ends = [index_expression(end, letters) for end in (low, high)]
                    if text not in seen and ends[0] is not None and ends[1] is not None:
                        seen.add(text)
                        own = statement.source.text[letter.span.start : letter.span.end].strip().lstrip("\\")
                        yield text, own, ends[0], ends[1]
    for free in dict.fromkeys((str(page.writing.session.found.network.time), *page.letters)):
        text = rf"\sum_{{{free}=1}}^{{T}}"
        if free not in page.bound and free != "T" and text not in seen:
            yield text, free, Integer(1), index("T")
    new = next(letter for letter in "kjitsr" if letter not in page.letters)
    for size in sorted(page.writing.session.found.context.sizes, key=str):
        text = rf"\sum_{{{new}=1}}^{{{size}}}"
        if size.is_Symbol and text not in seen:
            yield text, new, Integer(1), size
    for last in page.letters:
        text = rf"\sum_{{{new}=1}}^{{{last}}}"
        if last != "T" and text not in seen:
            yield text, new, Integer(1), index(last)
