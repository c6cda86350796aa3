"""Slips in a sum: a sign, a bound, a term missing or too many, brackets closed too early, a Σ forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sympy import Expr, Integer

from derive.algebra.symbols import index
from derive.errors import Span
from derive.reader.naming import index_expression
from derive.reader.surface import Brackets, Node, Relation, Scripted, Terms
from derive.repair.names import core
from derive.repair.page import Edit, Page
from derive.repair.parts import Product
from derive.repair.stock import headers, misses_of
from derive.repair.terms import earlier, terms_of
from derive.repair.writing import PRINTER, filled, in_script, index_text

SIGNS = {1: "+", -1: "-"}


def signs(page: Page) -> Iterator[Edit]:
    """A sign."""
    for parts in page.each:
        summed = set()
        for terms in parts.sums:
            for i, (sign, term) in enumerate(zip(terms.signs, terms.summands, strict=True)):
                summed.add(term.span)
                at = _sign_span(page, terms, i)
                new = SIGNS[-sign] if i else "" if sign < 0 else "-"
                words = f"the sign of {page.of(term.span)}"
                needless = not i and sign < 0 and at.start < page.split  # rather than a sign on the right
                yield page.edit(at, new, "sign", words, 0.7 if needless else 1.2, at.to(term.span))
        for product in parts.products:
            if product.span not in summed:
                at = Span(product.span.start, product.span.start)
                yield page.edit(at, "-", "sign", f"the sign of {page.of(product.span)}", 1.6, product.span)
        for terms in parts.sums:
            at = terms.span
            yield page.edit(at, f"-({page.of(at)})", "sign", f"the sign of {page.of(at)}", 1.7)


def _sign_span(page: Page, terms: Terms, i: int) -> Span:
    """Where the sign of a term stands, perhaps nowhere before the first."""
    term = terms.summands[i]
    if i == 0:
        return Span(terms.span.start, term.span.start)
    before = terms.summands[i - 1].span.end
    found = [at for at in range(before, term.span.start) if page.text[at] in "+-−"]
    return Span(found[0], found[-1] + 1) if found else Span(term.span.start, term.span.start)


def bounds(page: Page) -> Iterator[Edit]:
    """A bound of Σ or ∏ off by one, or another letter in it."""
    for parts in page.each:
        for big in parts.bounds:
            name = "the product" if page.of(big.base.span) == r"\prod" else "the sum"
            match big.sub:
                case Relation(sides=(letter, low)):
                    yield from _bound(page, low, big.sup, page.of(letter.span), f"{name} starts")
                    if big.sup is not None:
                        yield from _bound(page, big.sup, low, page.of(letter.span), f"{name} ends")


def _bound(page: Page, node: Node, other: Node | None, letter: str, words: str) -> Iterator[Edit]:
    """Another bound; not the one at the other end, for a sum of one term is none."""
    value = index_expression(node, page.writing.letters)
    end = None if other is None else index_expression(other, page.writing.letters)
    if value is None:
        return
    sizes = sorted(page.writing.session.found.context.sizes, key=str) if words.endswith("ends") else ()
    for new, weight in _other_bounds(value, page.letters, letter.strip().lstrip("\\"), sizes):
        step = new - value
        if new == end:
            continue
        how = f"at {PRINTER.index(value)} where {PRINTER.index(new)} is needed"
        if step.is_Integer and abs(step) == 1:
            how = f"one step {'early' if step > 0 else 'late'}"
        text = in_script(page.text, node.span.start, index_text(page.of(node.span), value, new))
        yield page.edit(node.span, text, "bound", f"{words} {how}", weight)


def _other_bounds(
    value: Expr, letters: tuple[str, ...], own: str, sizes: Iterable[Expr]
) -> Iterator[tuple[Expr, float]]:
    """Bounds beside one, and others: of steps, and at the upper end the sizes of what has entries."""
    seen = {value}
    others = [index(letter) for letter in letters if letter != own]
    candidates: list[tuple[Expr, float]] = [(value + 1, 0.9), (value - 1, 0.9)]
    candidates += [(Integer(1), 1.5), (index("T"), 1.5), (index("T") - 1, 2.0), (Integer(0), 2.0)]
    candidates += [(letter, 1.5) for letter in others] + [(size, 1.6) for size in sizes]
    candidates += [(letter + step, 1.9) for letter in others for step in (-1, 1)]
    for new, weight in candidates:
        if new not in seen:
            seen.add(new)
            yield new, weight


def superfluous_terms(page: Page) -> Iterator[Edit]:
    """A term too many."""
    for parts in page.each:
        for terms in parts.sums:
            for i, term in enumerate(terms.summands):
                words = f"{page.of(term.span)} is too much"
                if i:
                    span = Span(terms.summands[i - 1].span.end, term.span.end)
                    yield page.edit(span, "", "superfluous", words, 1.8, term.span)
                elif len(terms.summands) > 1:
                    span = Span(terms.span.start, terms.summands[1].span.start)
                    new = "-" if terms.signs[1] < 0 else ""
                    yield page.edit(span, new, "superfluous", words, 1.8, term.span)


def missing_terms(page: Page) -> Iterator[Edit]:
    """A term that is missing: one that the text has elsewhere, where its shape fits."""
    for parts in page.each:
        inner = {term.span for terms in parts.sums for term in terms.summands}
        known, first = list(terms_of(page, parts)), list(earlier(page, parts))
        places = [terms.span for terms in parts.sums]
        places += [product.span for product in parts.products if product.span not in inner]
        for span in places:
            yield page.edit(Span(span.start, span.start), "1 - " if not page.of(span).startswith("-") else "1 ",
                            "missing", "1 is missing", 1.9, span)  # fmt: skip
            shape = page.shape(page.of(span))
            before, behind = Span(span.start, span.start), Span(span.end, span.end)
            negative = page.of(span).startswith("-")
            for text, other, weight in (*first, *known):
                if shape is None or other == shape:
                    words = f"{text} is missing"
                    if negative or (text, other, weight) in first:
                        yield page.edit(
                            before, f"{text} " if negative else f"{text} + ", "missing", words, weight + 0.2, span
                        )
                    else:
                        yield page.edit(behind, f" + {text}", "missing", f"+ {words}", weight + 0.2, span)
                    yield page.edit(behind, f" - {text}", "missing", f"- {words}", weight + 0.2, span)


def missing_within(page: Page) -> Iterator[Edit]:
    """A term that is missing within a factor: o^⊤ where (o - ō)^⊤ is needed."""
    misses = {text for text, *_ in misses_of(page)}
    yield from (edit for edit in _with_another(page) if edit.new not in misses)


def missed_targets(page: Page) -> Iterator[Edit]:
    """o where o - ō is needed, what the loss compares it with."""
    misses = {text for text, *_ in misses_of(page)}
    yield from (replace(edit, weight=1.7) for edit in _with_another(page) if edit.new in misses)


def _with_another(page: Page) -> Iterator[Edit]:
    """A name where it and another of the same shape are needed, at the same step."""
    for parts in page.each:
        for node in parts.names:
            span = core(page.text, node)
            own = page.writing.spelling(page.of(span))
            if own is None:
                continue
            values = [slot.value for slot in own.slots]
            for other in page.writing.spellings:
                if other.name != own.name and other.shape == own.shape and len(other.slots) == len(values):
                    for sign in "-+":
                        text = other.at(values)
                        words = f"{sign} {text} is missing"
                        new = f"({page.of(span)} {sign} {text})"
                        yield page.edit(span, new, "missing", words, 2.4)


def brackets(page: Page) -> Iterator[Edit]:
    """Brackets closed too early, a b + c for a (b + c), and too many."""
    for parts in page.each:
        products = {product.span: product for product in parts.products}
        for terms in parts.sums:
            for i, term in enumerate(terms.summands[:-1]):
                product = products.get(term.span)
                if product is not None and len(product.factors) > 1:
                    yield from _bracketed(page, terms, i, product)
        for product in parts.products:
            for i, factor in enumerate(product.factors):
                if i and isinstance(factor.node, Brackets) and not factor.is_call and len(product.factors) > 1:
                    body = page.of(factor.node.body.span)
                    if body.lstrip()[:1].isdigit():
                        continue  # a 1 beside a factor is none
                    yield page.instead(factor.span, body, "brackets", 2.2)


def _bracketed(page: Page, terms: Terms, i: int, product: Product) -> Iterator[Edit]:
    for factor in product.factors[1:]:
        if not factor.is_dots:
            for last in range(i + 1, len(terms.summands)):
                span = factor.span.to(terms.summands[last].span)
                new = rf"\bigl({page.of(span)}\bigr)" if "(" in page.of(span) else f"({page.of(span)})"
                yield page.instead(span, new, "brackets", 1.7)


def unsummed(page: Page) -> Iterator[Edit]:
    """A Σ that is missing, in front of a term that stands for one of its steps or entries."""
    for parts in page.each:
        inner = {term.span for terms in parts.sums for term in terms.summands}
        spans = [product.span for product in parts.products if product.span in inner or len(product.values) > 1]
        spans += [side.span for side in page.sides[1:]]
        spans += [_behind_sums(product) for product in parts.products if product.factors[0].is_big]
        for span in dict.fromkeys(spans):
            names = [node for node in parts.names if span.start <= node.span.start < span.end]
            for header, letter, low, high in headers(page):
                yield from _summed(page, span, names, parts.bounds, header, letter, low, high)


def _summed(
    page: Page, span: Span, names: list[Node], bounds: Sequence[Node], header: str, letter: str, low: Expr, high: Expr
) -> Iterator[Edit]:
    symbol = index(letter)
    sizes = page.writing.session.found.context.sizes
    found = [(node, page.slots(node)) for node in names]
    if high in sizes:  # a sum over entries
        found = [(node, tuple(slot for slot in slots if page.counts_entries(node, slot))) for node, slots in found]
    found += [(node, page.ends(node)[not _is_product(page, node) :])
              for node in bounds if span.start <= node.span.start < span.end]  # fmt: skip
    for end in (symbol, low, high):
        if not any(end == slot.value or (end.free_symbols and end.free_symbols <= slot.value.free_symbols)
                   for _, slots in found for slot in slots):  # fmt: skip
            continue
        text = page.with_new(
            span,
            (
                (node.span, filled(page.of(node.span), slots, [_moved(slot.value, end, symbol) for slot in slots]))
                for node, slots in found
            ),
        )
        words = f"{header} is missing before {page.of(span)}"
        yield page.edit(span, f"{header} {text}", "missing", words, 1.6 if end == symbol else 2.0)


def _behind_sums(product: Product) -> Span:
    """A product without the Σ with which it begins."""
    start = next((i for i, factor in enumerate(product.factors) if not factor.is_big), 0)
    return product.factors[start].span.to(product.factors[-1].span)


def _is_product(page: Page, node: Node) -> bool:
    return isinstance(node, Scripted) and page.of(node.base.span) == r"\prod"


def _moved(value: Expr, end: Expr, letter: Expr) -> Expr:
    """An index at one end of a sum as it is within."""
    if end.free_symbols:
        (old,) = end.free_symbols
        return value.subs(old, letter + (old - end))
    near = value.is_Integer and abs(value - end) <= 1
    return letter + value - end if near else value
