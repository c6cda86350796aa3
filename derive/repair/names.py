"""Slips in a name: a transpose, another symbol, an index."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Integer

from derive.algebra.shapes import is_scalar
from derive.algebra.symbols import index
from derive.errors import Span
from derive.reader.surface import Brackets, Node, Number, Scripted, Terms
from derive.repair.page import Edit, Page
from derive.repair.parts import Factor
from derive.repair.writing import PRINTER, Slot, filled, in_script, index_text, is_transpose


def transposes(page: Page) -> Iterator[Edit]:
    """A transpose too many, or missing."""
    for parts in page.each:
        for product in parts.products:
            for factor in product.values:
                yield from _turned(page, factor)


def _turned(page: Page, factor: Factor) -> Iterator[Edit]:
    node = factor.nodes[-1]
    if isinstance(node, Scripted) and node.sup is not None and is_transpose(node):
        sign = above(page.text, node)
        words = f"{page.of(factor.span)} where {page.text[factor.span.start : sign.start]} is needed"
        yield page.edit(sign, "", "transpose", words, 1.0, factor.span)
        return
    shape = page.shape(page.of(factor.span))
    if isinstance(node, Number) or (shape is not None and (is_scalar(shape) or len(shape) != 2)):
        return
    text, turned = page.of(factor.span), transposed(page, factor)
    words = f"{text} where {turned} is needed"
    if turned.startswith(text):  # what else is wrong in it may be mended beside
        end = Span(factor.span.end, factor.span.end)
        yield page.edit(end, turned.removeprefix(text), "transpose", words, 1.0, factor.span)
    else:
        yield page.edit(factor.span, turned, "transpose", words, 1.0)


def transposed(page: Page, factor: Factor) -> str:
    """The text of a factor with the author's sign of a transpose."""
    node, text = factor.nodes[-1], page.of(factor.span)
    sign = page.writing.transpose
    sign = f"^{{{sign}}}" if len(sign) > 1 else f"^{sign}"
    bare = isinstance(node, Scripted) and node.sup is None and not node.primes
    if factor.is_call or not (bare or isinstance(node, Brackets) or not isinstance(node, Scripted)):
        return rf"\bigl({text}\bigr){sign}"
    if page.of(node.span).startswith((r"\frac", r"\dfrac", r"\tfrac")):
        return rf"\left({text}\right){sign}"
    return text + sign


def symbols(page: Page) -> Iterator[Edit]:
    """A quantity where another is meant, at the same indices; one of the same shape first."""
    said = page.shape(page.of(page.sides[1].span))
    for parts in page.each:
        for node in parts.names:
            span = core(page.text, node)
            own = page.writing.spelling(page.of(span))
            values = [slot.value for slot in (own.slots if own else page.slots(node))]
            for other in page.writing.spellings:
                if len(other.slots) == len(values) and (own is None or other.name != own.name):
                    weight = 2.0 if own is None or other.shape == own.shape else 3.0
                    spoken_of = span.start < page.split and own is not None and own.shape != said == other.shape
                    kind = "subject" if spoken_of else "symbol"
                    yield page.instead(span, other.at(values), kind, 1.4 if spoken_of else weight)


def core(text: str, node: Node) -> Span:
    """A name without what stands above that is no part of it."""
    if isinstance(node, Scripted) and node.sup is not None and (is_transpose(node) or isinstance(node.sup, Number)):
        sign = above(text, node)
        if sign.end >= node.span.end:
            return Span(node.span.start, sign.start)
    return node.span


def above(text: str, node: Scripted) -> Span:
    """What stands above a node, with its ^ and its braces."""
    assert node.sup is not None
    start = text.rfind("^", node.span.start, node.sup.span.start)
    start = node.sup.span.start if start < 0 else start  # a prime
    braced = text[start + 1 :].lstrip().startswith("{")
    end = text.find("}", node.sup.span.end) + 1 if braced else node.sup.span.end
    return Span(start, end)


def indices(page: Page) -> Iterator[Edit]:
    """An index off by one, another letter, or two in each other's place."""
    for parts in page.each:
        for node in (*parts.names, *parts.entries):
            kind = "entry" if node in parts.entries else "index"
            slots = page.slots(node)
            start, text = node.span.start, page.of(node.span)
            for slot in slots:
                place = Span(start + slot.start, start + slot.end)
                for value, weight in _other(slot.value, page, on_the_left=start < page.split):
                    new = in_script(text, slot.start, index_text(page.of(place), slot.value, value))
                    words = f"{text} where {filled(text, slots, [value if s is slot else s.value for s in slots])}"
                    turn = str(value - slot.value)
                    yield page.edit(place, new, kind, f"{words} is needed", weight, turn=turn)
            if len(slots) > 1 and slots[-1].value != slots[-2].value:
                values = [s.value for s in slots[:-2]] + [slots[-1].value, slots[-2].value]
                yield page.instead(node.span, filled(text, slots, values), kind, 1.2)


def _other(value: Expr, page: Page, *, on_the_left: bool) -> Iterator[tuple[Expr, float]]:
    """What an index may be instead; what a formula speaks of is not put at the first or the last step."""
    for new in (value - 1, value + 1):
        beyond = index("T") in value.free_symbols and new != value - 1  # nothing stands beyond the last step
        yield new, 2.6 if beyond else 1.9 if new.is_Integer and new not in page.values else 1.0
    constant, rest = value.as_coeff_Add()
    if constant:
        yield rest, 1.5
    for letter in map(index, page.letters):
        if letter not in value.free_symbols and not (on_the_left and letter == index("T")):
            yield letter + constant if rest else letter, 1.8
            if constant or not rest:
                yield letter, 2.0
            yield letter - 1, 2.4
            yield letter + 1, 2.4
    if rest and not on_the_left:
        yield from ((Integer(number), 2.6) for number in (0, 1, 2, 3))


def letters_throughout(page: Page) -> Iterator[Edit]:
    """One letter for another, or a step earlier or later, in all of a factor, a term or a derivative."""
    for parts in page.each:
        spans = [derivative.span for derivative in parts.derivatives]
        for product in parts.products:
            spans += [factor.span for factor in product.values if len(product.factors) > 1]
            spans.append(product.span)
        for terms in parts.sums:
            spans.append(terms.span)
        for span in dict.fromkeys(spans):
            yield from _relettered(page, span, [n for n in parts.names if span.start <= n.span.start < span.end])


def _relettered(page: Page, span: Span, names: list[Node]) -> Iterator[Edit]:
    found = [(node, slot) for node in names for slot in page.slots(node)]
    counting = {page.counts_entries(node, slot) for node, slot in found}
    for old in sorted({letter for _, slot in found for letter in slot.value.free_symbols}, key=str):
        if sum(old in slot.value.free_symbols for _, slot in found) < 2:
            continue
        for new in (*map(index, page.letters), old - 1, old + 1):
            if new != old:
                words = f"{PRINTER.index(old)} where {PRINTER.index(new)} is needed, in {page.of(span)}"
                for of_entries in (None, True, False) if len(counting) > 1 else (None,):
                    text = _with_letter(page, span, names, old, new, of_entries)
                    yield page.edit(span, text, "index", words, 2.2, turn=str(new - old))


def _with_letter(page: Page, span: Span, names: list[Node], old: Expr, new: Expr, of_entries: bool | None) -> str:
    """A part with another letter, wherever it stands, or only where it counts entries, or steps."""

    def changed(node: Node, slot: Slot) -> Expr:
        return slot.value.subs(old, new) if of_entries in (None, page.counts_entries(node, slot)) else slot.value

    return page.with_indices(span, names, changed)


def immediates(page: Page) -> Iterator[Edit]:
    """∂ for ∂⁺, and ∂⁺ for ∂."""
    for parts in page.each:
        for fraction in parts.derivatives:
            top = next(iter(fraction.top.children()), fraction.top) if not isinstance(fraction.top, Terms) else None
            if top is None:
                continue
            if isinstance(top, Scripted) and top.sup is not None:
                yield page.instead(top.span, page.of(top.base.span), "immediate", 1.3)
            elif page.of(top.span) == r"\partial":
                weight = 1.3 if top.span.start >= page.split else 2.6  # it changes what is claimed
                yield page.instead(top.span, r"\partial^{+}", "immediate", weight)
