"""The places at which a claim is tried: T and its free letters, and the edges at which it may be excused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from sympy import Expr, Symbol

from derive.algebra.expressions import Variable
from derive.evaluate.evaluator import whole
from derive.limits import Limits
from derive.models.model import variables, walk
from derive.verify.claims import Claim
from derive.verify.network import Network

LONGEST = 6


@dataclass(frozen=True)
class Instance:
    """A claim at numbers: T, and the values of its free letters."""

    steps: int
    letters: Mapping[Symbol, int]

    def __str__(self) -> str:
        return ", ".join(f"{name} = {value}" for name, value in {"T": self.steps, **self.letters}.items())


def is_inside(place: Instance, claim: Claim) -> bool:
    """Whether no step is the first or the last, or the same as another."""
    steps = [value for letter, value in place.letters.items() if claim.ranges[letter] is None]
    return all(1 < value < place.steps for value in steps) and len(set(steps)) == len(steps)


def instances(claim: Claim, network: Network, sizes: Mapping[Symbol, int]) -> Iterator[Instance]:
    """T and the free letters at all values where the claim may say something, up to Limits.PLACES."""
    letters = list(claim.ranges)
    count = 0
    pairs, lowest = claim.pairs, _lowest(claim)
    for steps in tested_steps(claim, network):
        spans = [
            range(1, steps + 1) if size is None else range(1, whole(size, sizes) + 1)
            for size in (claim.ranges[letter] for letter in letters)
        ]
        for values in product(*spans):
            found = dict(zip(letters, values, strict=True))
            if any(
                found.get(top, 0) < found.get(bottom, 0) for top, bottom in pairs if top in found and bottom in found
            ):
                continue
            if any(whole(index, found) < 0 for index in lowest):
                continue  # a step before the first start
            count += 1
            if count > Limits.PLACES:
                return
            yield Instance(steps, found)


def tested_steps(claim: Claim, network: Network) -> tuple[int, ...]:
    """The T at which a claim is tried: every one that matters to it, from the steps it speaks of up."""
    if network.steps is not None:
        return (network.steps,)
    spoken, constants = _spoken(claim)
    first = max([1, *spoken])
    last = max(LONGEST, 2 + sum(constants), first + 1)
    if _speaks_of_end(claim, network):
        return tuple(range(first, min(last, 12) + 1))
    return (max(first, min(last, LONGEST)),)


def _spoken(claim: Claim) -> tuple[list[int], list[int]]:
    """The steps that a claim speaks of by number, and the whole numbers in its indices."""
    spoken, constants = [], []
    for side in (claim.left, claim.right):
        for node in walk(side):
            if isinstance(node, Variable):
                for index in node.indices:
                    if index.is_Integer:
                        spoken.append(int(index))
                    else:
                        constants.append(abs(int(index.as_coeff_Add()[0])))
    return spoken, [max(constants, default=0)]


def _speaks_of_end(claim: Claim, network: Network) -> bool:
    for side in (claim.left, claim.right):
        if network.horizon in side.free_symbols:
            return True
        for node in walk(side):
            if isinstance(node, Variable) and node.name in network.ends:
                return True
            if hasattr(node, "top") and any(isinstance(v, Variable) and v.name in network.ends for v in walk(node.top)):
                return True
    return False


def _lowest(claim: Claim) -> frozenset[Expr]:
    """The first indices of all that a claim speaks of, if its free letters say what they are."""
    used = (v.indices[0] for side in (claim.left, claim.right) for v in variables(side) if v.indices)
    return frozenset(index for index in used if index.free_symbols <= set(claim.ranges))
