"""Two slips at once: where their effects add up, and the likeliest two that stand apart."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np

from derive.evaluate.arithmetic import Value
from derive.repair.search import Search
from derive.repair.slips import Candidate

LIKELY = 70
"""So many single candidates are combined with each other."""
NEARNESS = 1e-9


def on_the_right(search: Search, singles: Sequence[Candidate]) -> list[Candidate]:
    """Those that leave the left side as it is: two slips are looked for on one side."""
    return [made for made in singles if all(edit.start >= search.page.split for edit in made)]


def pairs(search: Search, singles: Sequence[Candidate]) -> Iterator[Candidate]:
    """Two candidates in one: where nothing fits, one that makes it fit comes first; else the likeliest."""
    fitting = [made for made in singles if search.rest(made) is not None] if search.rest(()) is None else singles
    found = ((one, other) for one in fitting[:LIKELY] for other in singles[:LIKELY] if _apart(one, other))
    yield from (one + other for one, other in sorted(found, key=lambda pair: pair[0][0].weight + pair[1][0].weight))


def adding_up(search: Search, singles: Sequence[Candidate]) -> Iterator[Candidate]:
    """Slips in different terms: what one changes and what the other changes is together what is wrong.

    Left minus right is known for each single candidate at one point; two are found as one finds two numbers with a
    given sum, by a random projection.
    """
    wrong = search.rest(())
    if wrong is None:
        return
    known = [(made, rest) for made in singles if (rest := search.rest(made)) is not None and rest.shape == wrong.shape]
    direction = np.random.default_rng(0).normal(size=wrong.shape)
    scale = float(np.linalg.norm(wrong)) or 1.0
    found = sorted(((float(np.sum((rest - wrong) * direction)), i) for i, (_, rest) in enumerate(known)))
    numbers = [number for number, _ in found]
    whole = -float(np.sum(wrong * direction))
    for number, i in found:
        if abs(number) <= NEARNESS * scale:
            continue  # an edit that changes nothing
        at = bisect_left(numbers, whole - number - NEARNESS * scale)
        while at < len(found) and numbers[at] <= whole - number + NEARNESS * scale:
            j = found[at][1]
            at += 1
            (one, first), (other, second) = known[i], known[j]
            if i < j and _apart(one, other) and _is_nothing(first + second - wrong, scale):
                yield one + other


def _is_nothing(rest: Value, scale: float) -> bool:
    return float(np.linalg.norm(rest)) <= 1e-7 * scale


def _apart(one: Candidate, other: Candidate) -> bool:
    """Whether both can be made; the same symbol put in two places says something else and mends nothing."""
    if one[0].kind == other[0].kind == "symbol" and one[0].new == other[0].new:
        return False
    return not any(first.overlaps(second) for first in one for second in other)
