"""The number of steps as it is typed."""

from __future__ import annotations

from derive.errors import DeriveError, shortened


def number_of_steps(text: str) -> int | None:
    """T as typed: a number, or None for the symbol. Error: DeriveError with a sentence."""
    from derive.models.graph import check_steps

    if text == "T":
        return None
    try:
        steps = int(text)
    except ValueError:
        raise DeriveError(
            f"the number of steps is a whole number or T, not {shortened(text)}", hint="--steps 3, or --steps T"
        ) from None
    check_steps(steps)
    return steps
