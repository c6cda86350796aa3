"""The table of slips: one row for each kind of edit that is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from derive.repair import names, orders, products, relations, runs, sums
from derive.repair.analogy import by_analogy
from derive.repair.orders import steps_exchanged
from derive.repair.page import Edit, Page
from derive.repair.twins import everywhere, twins


@dataclass(frozen=True)
class Slip:
    """A kind of slip: what is said of it, and what finds the edits that would mend it in a formula."""

    words: str
    edits: Callable[[Page], Iterator[Edit]]


NEAR: tuple[Slip, ...] = (
    Slip("a transpose too many or missing", names.transposes),
    Slip("a symbol for another", names.symbols),
    Slip("an index off by one, or another letter", names.indices),
    Slip("one letter for another throughout a factor or a term", names.letters_throughout),
    Slip("∂ for ∂⁺, or the reverse", names.immediates),
    Slip("diag missing or too much", products.diagonals),
    Slip("a function for its slope, or the reverse", products.primes),
    Slip("a function at another argument than the pre-activation", products.arguments),
    Slip("two factors in each other's place, ascending for descending", orders.exchanges),
    Slip("a factor or a Σ too many", products.superfluous),
    Slip("⊙ for the matrix product, or the reverse", products.operations),
    Slip("a number, an exponent", products.numbers),
    Slip("another step beside ⋯", runs.beside_dots),
    Slip("an output where it less its target is needed", sums.missed_targets),
    Slip("I, or 1, where a factor is needed", products.nothings),
    Slip("a function for another", products.functions),
    Slip("a sign", sums.signs),
    Slip("a relation for another", relations.relations),
    Slip("an interval without an end that belongs to it", relations.intervals),
    Slip("a bound of a sum or a product", sums.bounds),
    Slip("a term too many", sums.superfluous_terms),
    Slip("brackets closed too early, or too many", sums.brackets),
)
"""What is wrong where it stands."""

OF_BOUNDS: tuple[Slip, ...] = (
    Slip("a relation for another", relations.relations),
    Slip("an interval without an end that belongs to it", relations.intervals),
    Slip("a symbol for another", names.symbols),
)
"""What is wrong in an inequality; any larger number would do, and mend nothing."""

FAR: tuple[Slip, ...] = (
    Slip("a factor missing that another term has", by_analogy),
    Slip("a factor missing", products.missing),
    Slip("a term missing", sums.missing_terms),
    Slip("a term missing within a factor", sums.missing_within),
    Slip("a Σ missing", sums.unsummed),
)
"""What is not there: looked for after all else."""

Candidate = tuple[Edit, ...]
"""Edits that are made together."""


@dataclass(frozen=True)
class Together:
    """A slip that shows in several places: what is said of it, and what finds the edits, given the single ones."""

    words: str
    candidates: Callable[[Page, Sequence[Edit]], Iterator[Candidate]]


ROUND_DOTS = Together("one slip before ⋯ and behind it", twins)
SEVERAL: tuple[Together, ...] = (
    ROUND_DOTS,
    Together("a symbol for another wherever it stands", everywhere),
    Together("two steps in each other's place throughout: the chain rule the wrong way round", steps_exchanged),
)
"""What is one slip, and more than one edit."""


def candidates(page: Page, slips: Sequence[Slip], several: Sequence[Together] = ()) -> list[Candidate]:
    """What one slip may have been, the likeliest first: an edit, or some that are made together."""
    singles = edits(page, slips)
    both = [(edit,) for edit in singles] + [made for one in several for made in one.candidates(page, singles)]
    return sorted(both, key=lambda made: made[0].weight)


def edits(page: Page, slips: Sequence[Slip]) -> list[Edit]:
    """Every single edit of a formula, the likeliest first, each result once."""
    found: dict[tuple[int, int, str], Edit] = {}
    for slip in slips:
        for edit in page.writing.session.found.context.clock.over(slip.edits(page)):
            key = (edit.start, edit.end, edit.new)
            if key not in found or edit.weight < found[key].weight:
                found[key] = edit
    return sorted(found.values(), key=lambda edit: edit.weight)
