"""What speaks for a formula, with figures. The documentation defines the four words and what each can establish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
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
class ByLaw:
    """An inequality that `laws` give. At `special` points and `draws` it was tried, which never establishes it.

    `ratio` is the largest quotient of left and right side for t > k, found at `place`; `points` counts the instances.
    """

    laws: tuple[str, ...]
    steps: tuple[int, ...]
    sizes: Mapping[str, int]
    special: int
    draws: int
    points: int
    ratio: float
    place: str

    def __str__(self) -> str:
        return (
            f"by law: {', '.join(self.laws)}; not refuted at {self.special} special points and {self.draws} draws, "
            f"largest ratio {self.ratio:.2f} ({self.place})"
        )


@dataclass(frozen=True)
class Evidence:
    """What speaks for one formula: both oracles, or for an inequality the laws that it follows from.

    `exact` is None where the formula has what no prime field has (a norm); an inequality has neither of the two.
    """

    exact: Exact | None = None
    sampled: Sampled | None = None
    by_law: ByLaw | None = None

    def __post_init__(self) -> None:
        if (self.sampled is None) == (self.by_law is None):
            raise ValueError("a formula is sampled, or it follows by law")

    @property
    def word(self) -> str:
        if self.by_law is not None:
            return "by law"
        return "exact at random points" if self.exact is not None else "sampled"

    def lines(self) -> tuple[str, ...]:
        """One line for each oracle, or for the laws."""
        return tuple(str(part) for part in (self.by_law, self.exact, self.sampled) if part is not None)

    def _repr_html_(self) -> str:
        return lines_html(self.lines())

    def _repr_latex_(self) -> str:
        return rf"$\text{{{self.word}}}$"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        if self.by_law is not None:
            return {"word": self.word, "by_law": asdict(self.by_law)}
        parts = {"exact": self.exact, "sampled": self.sampled}
        return {"word": self.word, **{name: None if part is None else asdict(part) for name, part in parts.items()}}


def lines_html(lines: Sequence[str]) -> str:
    """Lines as a list for a notebook."""
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def summary(evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The evidence of several formulas in one line for each oracle and each set of laws, the weakest figure of each."""
    by_law = [e.by_law for e in evidence if e.by_law is not None]
    exact = [e.exact for e in evidence if e.exact is not None]
    sampled = [e.sampled for e in evidence if e.sampled is not None]
    lines = [
        str(max((e for e in by_law if e.laws == laws), key=lambda e: e.ratio))
        for laws in dict.fromkeys(e.laws for e in by_law)
    ]
    if exact:
        lines.append(
            str(max(exact, key=lambda e: e.bound)) + ("" if len(exact) == len(evidence) else " (not all formulas)")
        )
    if sampled:
        lines.append(str(max(sampled, key=lambda s: s.error)))
    return tuple(lines)


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
