"""Slips in a product: factors missing, too many, exchanged; diag, a prime, an argument, ⊙."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from derive.algebra.shapes import Shape, is_column, is_scalar
from derive.errors import Span
from derive.reader.surface import Brackets, Fraction, Letter, Node, Number, Scripted, Word
from derive.repair.page import Edit, Page
from derive.repair.parts import Factor, Product
from derive.repair.relabel import Stock
from derive.repair.runs import repeated
from derive.repair.stock import between, pre_activations, runs_of, slopes, stock

ENTRYWISE = ("odot", "circ")


def diagonals(page: Page) -> Iterator[Edit]:
    """diag missing, or too much."""
    for product, factor in _values(page):
        text = page.of(factor.span)
        head = factor.node
        if isinstance(head, Word) and head.text.lower() == "diag" and factor.is_call:
            inner = page.of(factor.nodes[1].span)
            alone = len(product.factors) == 1
            bare = _inside(page, factor.nodes[1])
            yield page.instead(factor.span, bare if alone or bare.isalnum() else inner, "diag", 1.4)
            continue
        shape = page.shape(text)
        if shape is None or (is_column(shape) and not is_scalar(shape)):
            wrapped = text if isinstance(head, Brackets) and not factor.is_call else rf"\bigl({text}\bigr)"
            short = f"({text})" if len(text) < 12 and "(" not in text else wrapped
            words = f"diag is missing around {text}"
            yield page.edit(factor.span, page.writing.diag + short, "diag", words, 1.4)
    columns = [p.span for p in products(page) if len(p.values) > 1 and any(map(_is_entrywise, p.factors))]
    for span in (*columns, *(terms.span for parts in page.each for terms in parts.sums)):
        shape, text = page.shape(page.of(span)), page.of(span)
        if shape is None or (is_column(shape) and not is_scalar(shape)):
            words = f"diag is missing around {text}"
            yield page.edit(span, rf"{page.writing.diag}\bigl({text}\bigr)", "diag", words, 2.3)


def primes(page: Page) -> Iterator[Edit]:
    """f where f' is needed, and the reverse."""
    for _, factor in _values(page):
        if not factor.is_call or _is_diag(factor):
            continue
        head = factor.node
        if isinstance(head, Scripted) and head.primes:
            core = page.of(head.base.span)
            new = core + page.of(head.span)[len(core) :].replace("'", "", 1).replace(r"^{\prime}", "", 1)
            yield page.instead(head.span, new, "prime", 1.4)
        elif not (isinstance(head, Scripted) and head.sup is not None):
            base = head.base if isinstance(head, Scripted) else head
            at = base.span.end
            new = page.text[head.span.start : at] + "'" + page.text[at : head.span.end]
            yield page.instead(head.span, new, "prime", 1.4)


def functions(page: Page) -> Iterator[Edit]:
    """A function where another one of the text is meant."""
    for _, factor in _values(page):
        if factor.is_call and not _is_diag(factor):
            head = factor.node
            core = head.base if isinstance(head, Scripted) else head
            for text in page.writing.functions:
                if text != page.of(core.span):
                    yield page.instead(core.span, text, "function", 1.8)


def arguments(page: Page) -> Iterator[Edit]:
    """A function at another argument than the pre-activation."""
    for _, factor in _values(page):
        if not factor.is_call or _is_diag(factor) or not isinstance(factor.nodes[1], Brackets):
            continue
        own = _inside(page, factor.nodes[1])
        name = page.of(factor.node.span)
        for text in pre_activations(page):
            if text != own:
                span = factor.nodes[1].body.span
                yield page.edit(span, text, "argument", f"{name} needs the pre-activation {text}", 1.7)


def superfluous(page: Page) -> Iterator[Edit]:
    """A factor, or a Σ, too many."""
    for product in products(page):
        factors = product.factors
        for i, factor in enumerate(factors):
            if len(factors) > 1 and not factor.is_dots:
                span = _with_gap(product, i)
                words = f"{page.of(factor.span)} is too much"
                weight = 1.0 if _is_number(factor.node) and span.start < page.split else 1.8
                yield page.edit(span, "", "superfluous", words, weight, factor.span)
        run = repeated(page, product)
        if run is not None:
            span = run[0][0].span.to(run[1][-1].span)
            yield page.edit(span, "", "superfluous", f"{page.of(span)} is too much", 1.9)


def _is_number(node: Node) -> bool:
    if isinstance(node, Fraction):
        return isinstance(node.top, Number) and isinstance(node.bottom, Number)
    return isinstance(node, Number)


def _with_gap(product: Product, i: int) -> Span:
    """A factor with the space behind it; one with a sign, and the last one, with what stands before it."""
    factors = product.factors
    if 0 < i < len(factors) - 1 and factors[i].operator is None and factors[i + 1].operator is None:
        return Span(factors[i].span.start, factors[i + 1].span.start)
    if i:
        return Span(factors[i - 1].span.end, factors[i].span.end)
    return Span(factors[0].span.start, factors[1].span.start)


def missing(page: Page) -> Iterator[Edit]:
    """A factor that is missing: one that the formula or the text has elsewhere, where its shape fits."""
    known = list(stock(page))
    for product in products(page):
        if any(_is_entrywise(factor) for factor in product.factors):
            yield from _missing_entrywise(page, product, known)
        lacking = page.lacking(product.span)
        for i in range(len(product.factors) + 1):
            before, after = _neighbours(product, i)
            numbers = [f for f in (before, after) if f is not None and isinstance(f.node, Number)]
            if (before is None and after is None) or numbers:
                continue  # a number is the first of its factors, and 1 is none
            yield from (inserted(page, product, i, text, 1.5) for text in between(page, before, after))
            if before is not None and len(product.factors) > 1 and _is_number_like(page, before):  # o (1 - o) beside o
                yield from (inserted(page, product, i, text, 1.9) for text in _complements(page.of(before.span)))
            wide = None if before is None else page.shape(page.of(before.span))
            high = None if after is None else page.shape(page.of(after.span))
            for text, shape, weight in known:
                if _fits(wide, shape) and _fits(shape, high):
                    helps = -0.6 if page.writing.indices(text) >= lacking else 1.0
                    yield inserted(page, product, i, text, weight + (helps if lacking else 0.0))


def _neighbours(product: Product, i: int) -> tuple[Factor | None, Factor | None]:
    """The factors on either side of a gap; none beyond the ends, beside Σ and beside ⋯."""
    factors = product.factors
    before = factors[i - 1] if i and factors[i - 1].is_value else None
    after = factors[i] if i < len(factors) and factors[i].is_value else None
    return before, after


def _fits(one: Shape | None, other: Shape | None) -> bool:
    """Whether two shapes may stand side by side, as far as they are known."""
    if one is None or other is None or is_scalar(one) or is_scalar(other):
        return True
    return one[-1] == other[0]


def inserted(page: Page, product: Product, i: int, text: str, weight: float, sign: str = "") -> Edit:
    """A factor that is missing before the one at a place, or at the end."""
    factors = product.factors
    words = f"{text} is missing"
    if i == len(factors):
        at = factors[-1].span.end
        return page.edit(Span(at, at), f" {sign}{text}", "missing", words, weight, factors[-1].span)
    at = factors[i].span.start
    return page.edit(Span(at, at), f"{text} {sign}", "missing", words, weight, factors[i].span)


def _missing_entrywise(page: Page, product: Product, known: Sequence[Stock]) -> Iterator[Edit]:
    """Beside ⊙: another column, or 1 - u beside u; and a matrix before a column, (W v) for v."""
    signs = [page.of(f.operator.span) for f in product.factors if f.operator is not None and _is_entrywise(f)]
    sign = signs[0] + " "
    first = product.values[0] if product.values else None
    shape = page.shape(page.of(first.span)) if first is not None else None
    for factor in product.values:
        text = page.of(factor.span)
        own = page.shape(text)
        if own is not None and is_column(own):
            for complement in _complements(text):
                yield inserted(page, product, len(product.factors), complement, 1.9, sign)
            for matrix, other, weight in known:
                if (
                    other[-1] == own[0]
                    and not is_column(other)
                    and (shape is None or factor is first or other[0] == shape[0])
                ):
                    words = f"{matrix} is missing"
                    yield page.edit(factor.span, f"({matrix} {text})", "missing", words, weight, factor.span)
    for text, other, weight in known:
        if shape is not None and other == shape:
            yield inserted(page, product, len(product.factors), text, weight, sign)


def _complements(text: str) -> tuple[str, str]:
    """The slopes of σ and tanh beside their values u: 1 - u, 1 - u^2."""
    return f"(1 - {text})", f"(1 - {text}^2)"


def _is_number_like(page: Page, factor: Factor) -> bool:
    """Whether a factor is a number at every step, an entry or a scalar that has a name."""
    shape = page.shape(page.of(factor.span))
    return shape is not None and is_scalar(shape) and isinstance(factor.nodes[-1], Scripted)


def operations(page: Page) -> Iterator[Edit]:
    """⊙ for the product of matrices, and the product for ⊙."""
    for product in products(page):
        for before, factor in zip(product.factors, product.factors[1:], strict=False):
            if not (before.is_value and factor.is_value):
                continue
            span = Span(before.span.end, factor.span.start)
            if _is_entrywise(factor):
                yield page.edit(span, " ", "operation", "a product of matrices where ⊙ is written", 1.4)
            else:
                yield page.edit(span, r" \odot ", "operation", "⊙ is needed, entry by entry", 1.4,
                                before.span.to(factor.span))  # fmt: skip
        entrywise = [f.operator for f in product.factors if f.operator is not None and _is_entrywise(f)]
        if len(entrywise) > 1:
            text = page.of(product.span)
            for operator in reversed(entrywise):
                at = operator.span.start - product.span.start
                text = text[:at] + text[operator.span.end - product.span.start :]
            yield page.edit(product.span, text, "operation", "a product of matrices where ⊙ is written", 1.8)
        elif len(product.values) > 2 and all(f.is_value for f in product.factors):
            text = r" \odot ".join(page.of(f.span) for f in product.factors)
            yield page.edit(product.span, text, "operation", "⊙ is needed, entry by entry", 1.9)


def numbers(page: Page) -> Iterator[Edit]:
    """A number that is another, an exponent missing or too much."""
    summands = {term.span for parts in page.each for terms in parts.sums for term in terms.summands}
    for product, factor in _values(page):
        node = factor.nodes[-1]
        in_sum = product.span in summands  # there a 0 is no term, and a 1 elsewhere no factor
        if isinstance(factor.node, Number) and not factor.is_call:
            for new in ("1", "2", "0"):
                if new != factor.node.text and (new == "2" or (len(product.values) == 1 and not in_sum)):
                    yield page.instead(factor.span, new, "number", 1.8)
            continue
        if isinstance(node, Scripted) and isinstance(node.sup, Number):
            at = page.text.rfind("^", node.span.start, node.sup.span.start)
            bare = page.text[factor.span.start : at].rstrip()
            yield page.instead(factor.span, bare, "number", 1.8)
            if node.sup.text != "2":
                yield page.instead(node.sup.span, "2", "number", 1.6)
        head = factor.node
        if factor.is_call and isinstance(head, Scripted) and isinstance(head.sup, Number):
            base = page.of(head.base.span) + "'" * head.primes
            yield page.instead(head.span, base, "number", 1.8)
            if head.sup.text != "2":
                yield page.instead(head.sup.span, "2", "number", 1.6)
        elif factor.is_call and not _is_diag(factor):
            yield page.instead(head.span, page.of(head.span) + "^2", "number", 2.4)
        elif not factor.is_call and (not isinstance(node, Scripted) or node.sup is None):
            yield page.instead(factor.span, page.of(factor.span) + "^2", "number", 2.4)
        if isinstance(factor.node, Letter) and factor.node.text == "I":
            continue
        if factor is product.factors[0] and not isinstance(factor.node, Number):
            for new in ("2", r"\tfrac{1}{2}"):
                front = Span(product.span.start, product.span.start)
                yield page.edit(front, f"{new} ", "number", f"the factor {new} is missing", 2.6, product.span)


def nothings(page: Page) -> Iterator[Edit]:
    """I where a product with ⋯ is needed; 1 beside ⊙ where a slope is, 1 - u beside u."""
    for product, factor in _values(page):
        text = page.of(factor.span)
        shape = page.shape(text)
        if shape is not None and len(product.factors) > 1 and re.fullmatch(r"I(_\w|_\{\w*\})?", text):
            fitting = (run for run, other, _ in runs_of(page) if other == shape)
            yield from (page.instead(factor.span, run, "factor", 1.6) for run in fitting)
        if text == r"\mathbf{1}" and any(map(_is_entrywise, product.factors)):
            beside = [f"(1 - {page.of(other.span)})" for other in product.values if other is not factor]
            whole = page.shape(page.of(product.span))
            steep = [f"({slope})" if " - " in slope[:4] else slope for slope, other in slopes(page) if other == whole]
            yield from (page.instead(factor.span, new, "factor", 1.2) for new in (*beside, *steep))


def _values(page: Page) -> Iterator[tuple[Product, Factor]]:
    for product in products(page):
        for factor in product.values:
            yield product, factor


def products(page: Page) -> Iterator[Product]:
    for parts in page.each:
        yield from parts.products


def _is_entrywise(factor: Factor) -> bool:
    return factor.operator is not None and factor.operator.name in ENTRYWISE


def _is_diag(factor: Factor) -> bool:
    return isinstance(factor.node, Word) and factor.node.text.lower() == "diag"


def _inside(page: Page, node: Node) -> str:
    """What stands in brackets, or the node itself."""
    core = node.base if isinstance(node, Scripted) else node
    return page.of(core.body.span) if isinstance(core, Brackets) else page.of(node.span)
