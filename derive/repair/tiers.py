"""In which order candidates are tried: one slip where it stands, two that go together, what is missing, any two."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from derive.repair.orders import STEPS
from derive.repair.pairs import adding_up, multiplying_up, on_the_right, pairs, turned_round
from derive.repair.search import MOST_CANDIDATES, Search
from derive.repair.slips import FAR, NEAR, ROUND_DOTS, SEVERAL, Candidate, candidates

LIKELY_PAIRS = 400
"""So many pairs are tried before what may be missing."""
MOST_SINGLE = 1400
"""After so many candidates no more is tried that may be missing alone: the rest is left to two slips at once."""


@dataclass(frozen=True)
class Singles:
    """The single slips of one formula."""

    search: Search

    @cached_property
    def near(self) -> list[Candidate]:
        """What is wrong where it stands."""
        return candidates(self.search.page, NEAR, SEVERAL)

    @cached_property
    def first(self) -> list[Candidate]:
        """Those among them that leave the left side what it is about: that is what the author wants to say."""
        split = self.search.page.split
        return [made for made in self.near if made[0].start >= split or made[0].kind in SAME_LEFT]

    @cached_property
    def kept(self) -> list[Candidate]:
        """Those of the first that leave nothing out: by another reading ∂ may say as much as a whole recursion."""
        return [made for made in self.first if made[0].kind != "superfluous"]

    @cached_property
    def far(self) -> list[Candidate]:
        """What is missing."""
        return candidates(self.search.page, FAR, (ROUND_DOTS,))

    def on_the_right(self, *, far: bool = False) -> list[Candidate]:
        """Those that leave the left side as it is."""
        return on_the_right(self.search, self.near + self.far if far else self.near)


@dataclass(frozen=True)
class Tier:
    """Candidates that are tried one after the other.

    `usual`: read in the usual ways in which nothing else in the text is read; `most`: not after so many were looked at.
    """

    candidates: Callable[[Singles], Iterable[Candidate]]
    usual: bool = False
    most: int = MOST_CANDIDATES


SAME_LEFT = frozenset({"sign", "superfluous", "transpose", "number", "immediate", "diag", "entry", "subject", STEPS})
"""What may be changed on a left side that speaks of the same then, or does not fit the right one otherwise."""
TIERS: tuple[Tier, ...] = (
    Tier(lambda singles: singles.first),
    Tier(lambda singles: singles.kept, usual=True),
    Tier(lambda singles: adding_up(singles.search, singles.on_the_right())),
    Tier(lambda singles: multiplying_up(singles.search, singles.near)),
    Tier(lambda singles: turned_round(singles.search, singles.near, lambda: singles.far)),
    Tier(lambda singles: islice(pairs(singles.search, singles.near), LIKELY_PAIRS)),
    Tier(lambda singles: singles.far, most=MOST_SINGLE),
    Tier(lambda singles: singles.far, usual=True, most=MOST_SINGLE),
    Tier(lambda singles: singles.near),
    Tier(lambda singles: singles.near, usual=True),
    Tier(lambda singles: adding_up(singles.search, singles.on_the_right(far=True))),
    Tier(lambda singles: pairs(singles.search, singles.near, singles.on_the_right(far=True))),
)
"""Each is tried only if none before it had a candidate that holds."""
