"""One slip planted in a formula that holds: the table of the repair search, read backwards.

An edit that would mend some formula spoils a right one. What the key says is the edit that leads back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from random import Random

from derive.errors import DeriveError, shortened
from derive.exercise.looking import Display, look, plain
from derive.exercise.plausible import is_plausible, is_silly, kind_of
from derive.repair.page import Page
from derive.repair.slips import FAR, NEAR, Candidate, candidates
from derive.verify.report import At

KINDS: Mapping[str, str] = {
    "transpose": "a transpose too many or missing",
    "symbol": "a symbol for another",
    "index": "an index off by one, or another letter",
    "diag": "diag missing or too much",
    "prime": "a function for its slope, or the reverse",
    "argument": "a function at another argument",
    "function": "a function for another",
    "order": "two factors in each other's place",
    "operation": "⊙ for the matrix product, or the reverse",
    "number": "a number, an exponent",
    "sign": "a sign",
    "bound": "a bound of a sum",
    "brackets": "brackets closed too early, or too many",
    "superfluous": "a factor, a term or a Σ too many",
    "missing": "a factor, a term or a Σ missing",
}
"""What can be wrong in a sheet, by the names in which `derive check` has them.

∂ for ∂⁺ is none of them: the check takes either, under a reading.
"""
TRIES = 16
"""So many edits of a formula are tried before another formula is taken."""


@dataclass(frozen=True)
class Slip:
    """A formula with something wrong in it: its kind, in words, and the places in `wrong`, two beside ⋯."""

    kind: str
    words: str
    wrong: str
    places: tuple[At, ...]


def known(kinds: Collection[str]) -> tuple[str, ...]:
    """Kinds as asked for; all where none is. Error: DeriveError where there is no such kind."""
    for kind in kinds:
        if kind not in KINDS:
            raise DeriveError(f"there is no kind of slip {shortened(kind)!r}", expected=", ".join(KINDS))
    return tuple(kind for kind in KINDS if kind in kinds) or tuple(KINDS)


def planted(head: str, right: Display, draw: Random, spent: Mapping[str, int]) -> Slip | None:
    """A slip so that the formula fails, of the kind that is `spent` least; None where none is found soon."""
    page = right.page
    if page is None:
        return None
    offered, tried = _by_kind(page, spent), dict(spent)
    for _ in range(TRIES):
        if not offered:
            return None
        kind = min(draw.sample(sorted(offered), len(offered)), key=tried.__getitem__)
        made = offered[kind].pop(draw.randrange(len(offered[kind])))
        if not offered[kind]:
            del offered[kind]
        slip = _slip(head, right, page, made, spent)
        if slip is not None:
            return slip
        tried[kind] += 1
    return None


def _by_kind(page: Page, kinds: Collection[str]) -> dict[str, list[Candidate]]:
    """What can be done to the right side of a formula, in a fixed order, by the kind of slip that this makes."""
    found: dict[str, list[Candidate]] = {}
    for made in chain(candidates(page, NEAR), candidates(page, FAR) if "superfluous" in kinds else ()):
        kind = kind_of(page, made)
        if kind in kinds and is_plausible(page, made):
            found.setdefault(kind, []).append(made)
    return {kind: sorted(every, key=_place) for kind, every in found.items()}


def _place(made: Candidate) -> tuple[tuple[int, int, str], ...]:
    return tuple((edit.start, edit.end, edit.new) for edit in made)


def _slip(head: str, right: Display, page: Page, made: Candidate, kinds: Collection[str]) -> Slip | None:
    """The slip that edits make; None where the formula does not fail then, or no edit of those kinds leads back."""
    wrong = look(head, [right.edited(page, made)])[0]
    spoiled = wrong.page if wrong.fails else None
    if spoiled is None or is_silly(spoiled):
        return None
    back = next((back for back in _back(spoiled, plain(page)) if back[0].kind in kinds), None)
    if back is None:
        return None
    places = (wrong.at(spoiled, (edit,)) for edit in back)
    return Slip(back[0].kind, back[0].words, wrong.latex, tuple(place for place in places if place is not None))


def _back(page: Page, right: str) -> Iterator[Candidate]:
    """What leads from a wrong formula to the right one, the likeliest first."""
    for slips in (NEAR, FAR):
        yield from (made for made in candidates(page, slips) if plain(page, made) == right)
