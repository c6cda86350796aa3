"""A factor that is missing in one term of a sum, and stands in another term that is like it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import permutations

from derive.reader.surface import Node
from derive.repair.page import Edit, Page
from derive.repair.parts import Factor, Product
from derive.repair.products import inserted
from derive.repair.relabel import adapted, labels_in
from derive.repair.runs import bare

_LABEL = re.compile(r"\^\{\([^()]*\)\}")


def by_analogy(page: Page) -> Iterator[Edit]:
    """δ^{(o)} beside U_o^⊤, as there is δ^{(f)} beside U_f^⊤."""
    for parts in page.each:
        products = {product.span: product for product in parts.products}
        for terms in parts.sums:
            found = [products[term.span] for term in terms.summands if term.span in products]
            for term, model in permutations(found, 2):
                for place, factor in _lacking(page, term, model):
                    for text in _as_in(page, factor, term, model, parts.names):
                        yield inserted(page, term, place, text, 1.3)


def _lacking(page: Page, term: Product, model: Product) -> Iterator[tuple[int, Factor]]:
    """What the model has and the term has not, where they are alike otherwise, and the place."""
    own, other = ([_LABEL.sub("", bare(page.of(f.span))) for f in product.factors] for product in (term, model))
    for place, factor in enumerate(model.factors):
        if other[:place] + other[place + 1 :] == own and factor.is_value:
            yield place, factor


def _as_in(page: Page, factor: Factor, term: Product, model: Product, names: Sequence[Node]) -> Iterator[str]:
    """A factor of the model as it stands in the term: with its labels, at its step."""
    own, other = (labels_in(page, product.span, names) for product in (term, model))
    labels = dict(zip(other - own, own - other, strict=True)) if len(other - own) == len(own - other) == 1 else {}
    steps = {0}
    for product, sign in ((term, 1), (model, -1)):
        inside = [n for n in names if product.span.start <= n.span.start < product.span.end]
        numbers = [int(slot.value) for node in inside for slot in page.slots(node) if slot.value.is_Integer]
        steps = {step + sign * number for step in steps for number in numbers} or steps
    for step in sorted(steps, key=abs):
        text = adapted(page, factor.span, names, labels, step)
        if text is not None:
            yield text
