"""Which edits of a right formula are slips that people make: not each that mends a formula, read backwards, is one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from derive.algebra.shapes import Shape, is_scalar
from derive.reader.surface import Accent, Brackets, Letter, Scripted
from derive.repair.page import Edit, Page
from derive.repair.parts import Factor
from derive.repair.remedy import weight
from derive.repair.slips import Candidate

HEAVIEST: Mapping[str, float] = {"sign": 1.5, "missing": 2.4, "order": 1.7, "bound": 1.5}
"""By the kind of an edit; a larger weight is no likely slip."""
HEAVY = 2.0
UNDONE = {"superfluous": "missing", "missing": "superfluous"}
"""Kinds of edits that are undone by another kind."""
RARE = re.compile(r"\\log|\\exp|softmax|\\cdots|\\sum|\\delta|(?<![A-Za-z])T(?![A-Za-z])|diag")
"""What a slip leaves out rather than puts in; T stands in the bound of a sum only."""
ARGUMENT = re.compile(r"'(?:\\bigl)?\(\Z")
INNER = re.compile(r"(?:'|\}|tanh|sigma)(?:\\bigl)?\(\Z")
BOUND = re.compile(r"\\prod_\{(\w)=")
BY_ITSELF = re.compile(r"\\frac\{\\partial(?:\^\{\+\})? ([^{}]*(?:\{[^{}]*\})?[^{}]*)\}\{\\partial \1\}")


def kind_of(page: Page, made: Candidate) -> str:
    """The kind of slip that edits of a right formula make, as far as one can say before it is looked at."""
    if made[0].kind == "symbol" and ARGUMENT.search(page.text[: made[0].start]):
        return "argument"
    return UNDONE.get(made[0].kind, made[0].kind)


def is_plausible(page: Page, made: Candidate) -> bool:
    """Whether edits of a right formula make a slip that somebody could make, on its right side."""
    return weight(made) <= HEAVIEST.get(made[0].kind, HEAVY) and all(_is_likely(page, edit) for edit in made)


def _is_likely(page: Page, edit: Edit) -> bool:
    old, new = page.text[edit.start : edit.end], edit.new.strip()
    if edit.start < page.split or (edit.kind != "bound" and Counter(RARE.findall(new)) - Counter(RARE.findall(old))):
        return False
    match edit.kind:
        case "missing":
            inside = INNER.search(page.text[: edit.start]) is not None
            return not inside and new in page.text[page.split :] and _is_matrix(page.shape(new))
        case "transpose":
            wrapped = new.startswith((r"\bigl(", r"\left(")) and not old.startswith((r"\bigl(", r"\left("))
            return not wrapped and INNER.search(page.text[: edit.start]) is None
        case "sign":
            return bool(old)  # nobody writes -x for the first x of x - y
        case "number":
            return old != "1"
        case "order":
            return r"\oslash" not in old
        case "bound":
            return (edit.weight <= 1.0 and "T+" not in new) or (old, new) == ("t", "T")
        case "index":
            return not set(BOUND.findall(page.text)) & set(re.findall(r"\w", new)) - set(re.findall(r"\w", old))
    return edit.kind != "argument"  # a symbol for another makes likelier ones


def _is_matrix(shape: Shape | None) -> bool:
    """What is likely to be written once too often."""
    return shape is not None and len(shape) == 2 and 1 not in shape and not is_scalar(shape)


def is_silly(page: Page) -> bool:
    """Whether a formula shows at once that it is wrong: x - x, (x), or ∂x/∂x."""
    factors = (factor for parts in page.parts for product in parts.products for factor in product.values)
    sums = (terms for parts in page.parts for terms in parts.sums)
    texts = ([page.of(term.span) for term in terms.summands] for terms in sums)
    alike = any(len(set(each)) < len(each) for each in texts)
    return alike or any(map(_is_bracketed_name, factors)) or BY_ITSELF.search(page.text) is not None


def _is_bracketed_name(factor: Factor) -> bool:
    node = factor.node.base if isinstance(factor.node, Scripted) else factor.node
    if factor.is_call or not isinstance(node, Brackets):
        return False
    body = node.body.base if isinstance(node.body, Scripted) else node.body
    return isinstance(body, Letter | Accent)
