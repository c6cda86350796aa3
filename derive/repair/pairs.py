"""Two slips at once: where their effects add up, and the likeliest two that stand apart."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from derive.evaluate.arithmetic import Value
from derive.repair.misfits import leaves
from derive.repair.orders import STEPS
from derive.repair.search import Search
from derive.repair.slips import Candidate

LIKELY = 70
"""So many single candidates are combined with each other."""
NEARNESS = 1e-9


def on_the_right(search: Search, singles: Sequence[Candidate]) -> list[Candidate]:
    """Those that leave the left side as it is: two slips are looked for on one side."""
    return [made for made in singles if all(edit.start >= search.page.split for edit in made)]


def pairs(search: Search, singles: Sequence[Candidate], missing: Sequence[Candidate] = ()) -> Iterator[Candidate]:
    """Two candidates in one, the likeliest first; where the formula does not fit, one of them makes it fit.

    That may also be one of what is `missing`.
    """
    right = on_the_right(search, singles)
    scaling = [made for made in singles if made not in right and made[0].kind in ("sign", "superfluous")]
    both = [*scaling, *right]
    firsts = both[:LIKELY]
    unfit = search.rest(()) is None
    if unfit:
        firsts = [made for made in (*both, *missing) if made in search.fitting][:LIKELY]
        if not firsts:
            firsts = [made for made in both if not leaves(made, search.misfits()[:1])][:LIKELY]
    found = ((one, other) for one in firsts for other in both[: LIKELY * 2] if _apart(one, other))
    for one, other in sorted(found, key=lambda pair: pair[0][0].weight + pair[1][0].weight):
        if unfit:
            search.firsts[one + other] = one
        yield one + other


def turned_round(
    search: Search, singles: Sequence[Candidate], missing: Callable[[], Sequence[Candidate]]
) -> Iterator[Candidate]:
    """The chain rule the wrong way round, and what is missing: ∂s_{t-1}/∂s_t = W for ∂s_t/∂s_{t-1} = diag(f') W.

    Where that is the idea, one side is 0: no step depends on a later one.
    """
    base = search.base
    rounds = [made for made in singles if made[0].kind == STEPS]
    if rounds and base is not None and not (np.any(base.left) and np.any(base.right)):
        others = on_the_right(search, missing())
        yield from (one + other for one in rounds for other in others if _apart(one, other))


def multiplying_up(search: Search, singles: Sequence[Candidate]) -> Iterator[Candidate]:
    """Slips of which each multiplies a side entry by entry: a sign and a factor, two factors of a product of numbers.

    The logarithms of what they multiply by are two numbers with a given sum.
    """
    base = search.base
    if base is None or not np.all(base.left) or not np.all(base.right):
        return
    right = base.right
    known: list[tuple[Candidate, Value]] = []
    for made in singles:
        rest = search.rests.get(made)
        if rest is not None and rest.shape == right.shape:
            on_the_left = made[0].start < search.page.split
            with np.errstate(all="ignore"):
                by = base.left / (right + rest) if on_the_left else (base.left - rest) / right
            if np.all(np.isfinite(by)) and np.all(by):
                known.append((made, by))
    whole = base.left / right
    direction = np.random.default_rng(0).normal(size=right.shape)
    number = [float(np.sum(np.log(np.abs(by)) * direction)) for _, by in known]
    wanted = float(np.sum(np.log(np.abs(whole)) * direction))
    for i, j in _summing_to(wanted, number, NEARNESS * 100):
        (one, first), (other, second) = known[i], known[j]
        if _apart(one, other) and np.allclose(first * second, whole, rtol=1e-6):
            yield one + other


def _summing_to(wanted: float, numbers: Sequence[float], within: float) -> Iterator[tuple[int, int]]:
    """The pairs of numbers, by their places, with a given sum."""
    order = sorted(range(len(numbers)), key=numbers.__getitem__)
    rising = [numbers[k] for k in order]
    for i, number in enumerate(numbers):
        at = bisect_left(rising, wanted - number - within)
        while at < len(rising) and rising[at] <= wanted - number + within:
            if i < order[at]:
                yield i, order[at]
            at += 1


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
    numbers = [float(np.sum((rest - wrong) * direction)) for _, rest in known]
    for i, j in _summing_to(-float(np.sum(wrong * direction)), numbers, NEARNESS * scale):
        (one, first), (other, second) = known[i], known[j]
        nothing = min(abs(numbers[i]), abs(numbers[j])) <= NEARNESS * scale  # an edit that changes nothing
        if not nothing and _apart(one, other) and _is_nothing(first + second - wrong, scale):
            yield one + other


def _is_nothing(rest: Value, scale: float) -> bool:
    return float(np.linalg.norm(rest)) <= 1e-7 * scale


def _apart(one: Candidate, other: Candidate) -> bool:
    """Whether both can be made; the same symbol in two places, or two things put in, say something else."""
    kind = one[0].kind
    if kind == other[0].kind and (kind == "missing" or (kind == "symbol" and one[0].new == other[0].new)):
        return False
    return not any(first.overlaps(second) for first in one for second in other)
