"""The two sides of a claim at places: how far apart they are, and where they say nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from derive.algebra.expressions import Expression
from derive.errors import Absent, DeriveError, NoEntry
from derive.evaluate.arithmetic import Value
from derive.verify.claims import Claim
from derive.verify.places import Instance
from derive.verify.run import Run, Undefined

TOLERANCE = 1e-8
"""Relative difference up to which floats agree."""


APART = 1e-5
"""Relative difference from which on two sides are different; between the two another point decides."""


NOTHING = 1e-12
"""What is smaller than this beside the largest value of a formula is rounding."""


class Untested(DeriveError):
    """A claim that says something at fewer than two places."""


class NoStep(Untested, Absent):
    """A formula that has a value at no step."""


class Independent(Untested):
    """A derivative by what nothing says to be depended on."""


@dataclass(frozen=True)
class Measured:
    """An instance, the relative difference of the two sides there, and how large the larger is."""

    instance: Instance
    error: float
    scale: float


def at_places(claim: Claim, run: Run, places: Sequence[Instance]) -> Iterator[Measured]:
    for instance in places:
        found = sides(claim, run, instance)
        if found is not None:
            yield Measured(instance, *difference(*found))


def difference(left: Value, right: Value) -> tuple[float, float]:
    """‖left − right‖ over the larger norm, and that norm."""
    scale = max(float(np.linalg.norm(left)), float(np.linalg.norm(right)))
    return (0.0 if scale == 0 else float(np.linalg.norm(left - right)) / scale), scale


def error_of(claim: Claim, run: Run, instance: Instance, nothing: float = 0.0) -> float | None:
    """The relative difference of the sides, none where both are `nothing` or less; None where they say nothing."""
    found = sides(claim, run, instance)
    if found is None:
        return None
    error, scale = difference(*found)
    return error if scale > nothing else 0.0


def sides(claim: Claim, run: Run, instance: Instance) -> tuple[Value, Value] | None:
    """The values of both sides at an instance; None where one of them says nothing there."""
    found = [value(side, run, instance) for side in (claim.left, claim.right)]
    if found[0] is None or found[1] is None:
        return None
    return found[0], found[1]


def value(side: Expression, run: Run, instance: Instance) -> Value | None:
    """The value of one side at an instance; None where it says nothing there."""
    run.steps, run.terms = instance.steps, 0
    try:
        with np.errstate(all="ignore"):
            found = run.evaluate(side, {**run.letters, **instance.letters})
    except (Undefined, ValueError):
        return None
    except IndexError:
        raise NoEntry(f"an entry that does not exist is asked for, at {instance}") from None
    except KeyError as error:
        raise Untested(f"{error.args[0]} has no value here") from None
    return found if run.draw.modulus or np.all(np.isfinite(found)) else None
