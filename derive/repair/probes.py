"""Places where a candidate is looked at first."""

from __future__ import annotations

from collections.abc import Iterator

from derive.algebra.expressions import Variable
from derive.models.model import walk
from derive.verify.claims import Claim
from derive.verify.places import Instance
from derive.verify.session import Session


def probes(claim: Claim, session: Session) -> Iterator[Instance]:
    """Places for a first look: few steps, letters all different."""
    letters = list(claim.ranges)
    order = {letter: rank for rank, letter in enumerate(letters)}
    for top, bottom in claim.pairs:
        if top in order and bottom in order and order[top] > order[bottom]:
            order[top], order[bottom] = order[bottom], order[top]
    steps = session.found.network.steps or max(4, _spoken(claim))
    counting = sorted((x for x in letters if claim.ranges[x] is None), key=order.__getitem__)
    values = {letter: max(1, steps - 1 - rank) for rank, letter in enumerate(counting)}
    places = {letter: 1 + rank % 2 for rank, letter in enumerate(x for x in letters if claim.ranges[x] is not None)}
    early = {letter: len(counting) - rank for rank, letter in enumerate(counting)}
    for times in (values, early, dict.fromkeys(values, 1)):
        yield Instance(steps, {letter: {**times, **places}[letter] for letter in letters})


def _spoken(claim: Claim) -> int:
    """A step later than every number that stands at an index."""
    found = [
        int(i)
        for side in (claim.left, claim.right)
        for v in walk(side)
        if isinstance(v, Variable)
        for i in v.indices
        if i.is_Integer
    ]
    return max(found, default=0) + 1
