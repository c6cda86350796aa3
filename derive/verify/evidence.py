"""What speaks for a claim that holds, as the program's own formulas have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derive.evidence.evidence import Evidence, Exact, Sampled
from derive.verify.bench import DRAWS, PRIMES
from derive.verify.judge import Outcome


def evidence(outcome: Outcome, readings: int) -> Mapping[str, Any]:
    """Ready for JSON."""
    exact = None
    if outcome.exact:
        degree = outcome.degree
        chance = ((degree + outcome.calls * (outcome.calls - 1) / 2 * degree) / 2.0**60) ** PRIMES * readings
        exact = Exact(outcome.steps, outcome.sizes, PRIMES, outcome.instances * PRIMES, degree, outcome.calls, chance)
    sampled = Sampled(outcome.steps, outcome.sizes, DRAWS, outcome.instances * DRAWS, outcome.error, 1.0)
    return Evidence(exact, sampled).as_dict()
