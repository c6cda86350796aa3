"""The ways in which a whole text may be read: what ∂ holds fixed, how derivatives are laid out, which way ∏ runs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

TOTAL, ROLE, STATE = PARTIALS = ("total", "role", "state")
ROW, COLUMN, DENOMINATOR = LAYOUTS = ("row", "column", "denominator")

SAID = {
    ROLE: "∂ keeps the state before fixed at the end of a path (∂⁺)",
    STATE: "∂ keeps the rest of the state before fixed (∂⁺)",
    COLUMN: "the gradient of a scalar is a column",
    DENOMINATOR: "derivatives are laid out by the denominator, ∂y/∂x has a row for each entry of x",
    "falling": "∏ runs down from its upper bound",
}


@dataclass(frozen=True)
class Reading:
    """One way to read a text; the plain one is all defaults."""

    partial: str = TOTAL
    layout: str = ROW
    falling: bool = False

    @property
    def departures(self) -> int:
        """In how many ways it is not the plain one."""
        return (self.partial != TOTAL) + (self.layout != ROW) + self.falling

    def said(self) -> tuple[str, ...]:
        """What it takes, in words; nothing for the plain one."""
        words = [self.partial, self.layout, "falling" if self.falling else ""]
        return tuple(SAID[word] for word in words if word in SAID)


PLAIN = Reading()
READINGS: tuple[Reading, ...] = tuple(
    sorted(
        (
            Reading(partial, layout, falling)
            for partial, layout, falling in product(PARTIALS, LAYOUTS, (False, True))
            if not (partial == STATE and layout == DENOMINATOR)
        ),
        key=lambda reading: reading.departures,
    )
)
"""Sixteen, those with the fewest departures from the plain one first."""
