"""Inequalities: what the laws give, tried where it would break first. A violation stops the program.

Trying establishes nothing: a bound is shown only if the laws give it and no point refutes it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from derive.algebra.equation import Equation
from derive.algebra.expressions import Apply
from derive.algebra.functions import ELEMENTARY, is_abstract
from derive.calculus.bounds import supremum_of_the_slope
from derive.calculus.estimate import Inequality
from derive.errors import CheckFailed
from derive.evaluate.evaluator import Indices
from derive.evidence.claims import instances
from derive.evidence.evidence import ByLaw, Evidence
from derive.evidence.trials import STEPS, Trial, trials
from derive.gradients.bounds import Bound, Reason, state_bound
from derive.gradients.form import Formula, Range

SLACK = 1e-9
"""How far beyond its right side, relatively, rounding may carry a left side."""
NOTHING = 1e-12
"""A norm below this, where the bound grows, shows that growth is possible and not certain."""


@dataclass(frozen=True)
class Witness:
    """A point at which the rate is above 1, and the norm over `gap` steps is nothing all the same."""

    place: str
    rate: float
    gap: int
    norm: float


@dataclass(frozen=True)
class JudgedBound:
    """A bound with its evidence. The witness, where one was found, shows that a rate above 1 does not make it grow."""

    bound: Bound
    evidence: Evidence
    witness: Witness | None


def judge_bound(bound: Bound, seed: int = 0) -> JudgedBound:
    """The evidence for a bound. Error: CheckFailed where a point refutes it, or the laws do not give it."""
    tried = [trial for trial in trials(bound.model, dict(bound.suprema), random.Random(seed)) if _holds(bound, trial)]
    found = [refute(bound.claim, bound.ranges, trial) for trial in tried]
    for trial in tried:
        _try_estimates(bound, trial)
    if not sum(one.points for one in found):
        raise CheckFailed(f"the bound of {bound.claim.left} has a value at no point; it is not shown")
    given = state_bound(bound.model)
    if isinstance(given, Reason) or (given.claim, given.conditions) != (bound.claim, bound.conditions):
        raise CheckFailed(f"no law gives the bound of {bound.claim.left}, though no point refutes it; it is not shown")
    worst, at = max(zip(found, tried, strict=True), key=lambda pair: round(pair[0].ratio, 9))  # the first of equals
    special = sum(trial.special for trial in tried)
    by_law = ByLaw(
        laws=tuple(law.name for law in bound.laws),
        steps=(STEPS,),
        sizes={str(size): number for size, number in tried[0].bench.point.sizes.items()},
        special=special,
        draws=len(tried) - special,
        points=sum(one.points for one in found),
        ratio=worst.ratio,
        place=at.name,
    )
    return JudgedBound(bound, Evidence(by_law=by_law), _witness(bound, tried))


@dataclass(frozen=True)
class Tried:
    """The largest ratio of left and right side where t > k, and the number of instances."""

    ratio: float
    points: int


def refute(claim: Inequality, ranges: Sequence[Range], trial: Trial) -> Tried:
    """The claim, an equality or ≤, at a trial, t = k first. Error: CheckFailed where it is false."""
    t, k = (free.index for free in ranges)
    formula = Formula(Equation(claim.left, claim.right), "bound", tuple(ranges))
    at = sorted(instances(formula, trial.bench.point.model, STEPS), key=lambda indices: indices[t] - indices[k])
    ratios = [(_ratio(claim, trial, indices), indices[t] > indices[k]) for indices in at]
    known = [(ratio, apart) for ratio, apart in ratios if ratio is not None]
    return Tried(max((ratio for ratio, apart in known if apart), default=0.0), len(known))


def _ratio(claim: Inequality, trial: Trial, indices: Indices) -> float | None:
    """Left over right, None where one of them has no value. Error: CheckFailed where the claim is false."""
    try:
        with np.errstate(all="ignore"):
            left, right = (float(trial.bench.evaluate(side, indices).item()) for side in (claim.left, claim.right))
    except ValueError:  # a power with a negative exponent
        raise _refuted(claim, trial, indices) from None
    if np.isnan(left) or np.isnan(right):
        return None
    above, below = left > right * (1 + SLACK), left < right * (1 - SLACK)
    if above or (below and claim.relation == "="):
        raise _refuted(claim, trial, indices)
    return 0.0 if left == 0 else left / right


def _try_estimates(bound: Bound, trial: Trial) -> None:
    """Every application of a law on the way to the bound, at every step."""
    (t, k), steps = (free.index for free in bound.ranges), range(1, STEPS + 1)
    for estimate in bound.estimates:
        letters = (estimate.claim.left.free_symbols | estimate.claim.right.free_symbols) - set(trial.bench.point.sizes)
        for step in steps:
            _ratio(estimate.claim, trial, {**dict.fromkeys(letters, step), t: STEPS, k: 0})


def _holds(bound: Bound, trial: Trial) -> bool:
    """Whether the slopes in the bound exist at the trial: no entry of the argument of a function of pieces is 0."""
    for estimate in bound.estimates:
        if estimate.law is not supremum_of_the_slope:
            continue
        for slope in estimate.claim.left.atoms(Apply):
            name = slope.function.name
            if is_abstract(name) or ELEMENTARY[name].slope is not None:
                continue
            for step in range(1, STEPS + 1):
                indices = dict.fromkeys(slope.body.free_symbols - set(trial.bench.point.sizes), step)
                if np.any(trial.bench.evaluate(slope.body, indices) == 0):
                    return False
    return True


def _witness(bound: Bound, tried: Sequence[Trial]) -> Witness | None:
    """The first trial at which the rate is above 1 and the norm over all steps is nothing."""
    (t, k) = (free.index for free in bound.ranges)
    for trial in tried:
        rate = trial.bench.evaluate(bound.rate, {}).item()
        norm = trial.bench.evaluate(bound.claim.left, {t: STEPS, k: 0}).item()
        if rate > 1 and norm < NOTHING:
            return Witness(trial.name, rate, STEPS, norm)
    return None


def _refuted(claim: Inequality, trial: Trial, indices: Indices) -> CheckFailed:
    where = ", ".join([trial.name, *(f"{name} = {value}" for name, value in indices.items())])
    return CheckFailed(
        f"the bound of {claim.left} is refuted ({where}); it is not shown",
        hint="this is a fault of the program: please report the network",
    )
