"""The habits of a document, by which its formulas are brought into one way of writing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Habits:
    """What a document does throughout.

    `letters`: what counts steps, layers or entries; `above`: letters that stand above without brackets, h^t;
    `timed`: names written as functions of time, h(t); `functions`: what is applied to something;
    `called`: quantities that name what they depend on, L(ŷ, y); `gradients`: letters before a name, dW for ∂L/∂W;
    `stated`: the called ones that have an equation, with or without an index; `horizon` counts the steps;
    `classes`: letters for the class of a target, c in log ŷ_{t,c}.
    """

    letters: frozenset[str]
    above: frozenset[str] = frozenset()
    timed: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()
    gradients: frozenset[str] = frozenset()
    bold: bool = False
    stated: frozenset[tuple[str, bool]] = frozenset()
    horizon: str = "T"
    classes: frozenset[str] = frozenset()
