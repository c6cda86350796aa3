"""What speaks for a formula, with figures. The documentation defines the four words and what each can establish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@dataclass(frozen=True)
class Exact:
    """Evaluated without rounding modulo `primes` primes drawn from [2⁶⁰, 2⁶¹], at every T in `steps`.

    `bound`: the probability that a false formula passes; `degree` and `calls` are what it is computed from.
    """

    steps: tuple[int, ...]
    sizes: Mapping[str, int]
    primes: int
    points: int
    degree: int
    calls: int
    bound: float

    def __str__(self) -> str:
        chance = f", a false one passes with probability below {_power_of_ten(self.bound)}"
        return f"exact at random points: T = {_runs(self.steps)}, {self.primes} primes, {_sizes(self.sizes)}{chance}"


@dataclass(frozen=True)
class Sampled:
    """Evaluated in floats against the complex step: the largest relative error over `draws` draws at each T."""

    steps: tuple[int, ...]
    sizes: Mapping[str, int]
    draws: int
    points: int
    error: float
    share: float

    def __str__(self) -> str:
        return (
            f"sampled: T = {_runs(self.steps)}, {self.draws} draws, {_sizes(self.sizes)}, "
            f"largest relative error {_scientific(self.error)}"
        )


@dataclass(frozen=True)
class Evidence:
    """What both oracles say of one formula; `exact` is None where the formula has what no prime field has (a norm)."""

    exact: Exact | None
    sampled: Sampled

    @property
    def word(self) -> str:
        return "exact at random points" if self.exact is not None else "sampled"

    def lines(self) -> tuple[str, ...]:
        """One line for each oracle."""
        return tuple(str(part) for part in (self.exact, self.sampled) if part is not None)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        exact = None if self.exact is None else asdict(self.exact)
        return {"word": self.word, "exact": exact, "sampled": asdict(self.sampled)}


def summary(evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The evidence of several formulas in one line for each oracle, the weakest figure of each."""
    exact = [e.exact for e in evidence if e.exact is not None]
    lines = []
    if exact:
        lines.append(
            str(max(exact, key=lambda e: e.bound)) + ("" if len(exact) == len(evidence) else " (not all formulas)")
        )
    return (*lines, str(max((e.sampled for e in evidence), key=lambda s: s.error)))


def _runs(steps: tuple[int, ...]) -> str:
    return str(steps[0]) if len(steps) == 1 else f"{steps[0]}…{steps[-1]}"


def _sizes(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {size}" for name, size in sizes.items()) or "scalars"


def _scientific(value: float) -> str:
    mantissa, _, exponent = f"{value:.0e}".partition("e")
    return "0" if value == 0 else f"{mantissa}·{_power(int(exponent))}"


def _power_of_ten(value: float) -> str:
    exponent = 0
    while value < 10.0**exponent and exponent > -300:
        exponent -= 1
    return _power(exponent + 1)


def _power(exponent: int) -> str:
    return "10" + str(exponent).translate(RAISED)
