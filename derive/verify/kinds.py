"""What a name is by the way it is written and used: a scalar, a column, a matrix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from derive.algebra.names import Name
from derive.errors import Source
from derive.reader.naming import Reading, entry_readings
from derive.reader.surface import (
    Letter,
    Node,
    Scripted,
)
from derive.verify.habits import LOSSES, STEPS
from derive.verify.manner import Habits
from derive.verify.names import occurrences

GREEK = frozenset("alpha beta gamma eta lambda epsilon tau mu kappa rho".split())


@dataclass(frozen=True)
class Equation:
    """A forward equation as it stands: its name, its right side, the text in which the places count."""

    name: Reading
    right: Node
    source: Source
    letters: frozenset[str]


@dataclass
class Uses:
    """How a name stands in the equations."""

    left_of: bool = False  # a factor with something to its right
    right_of_weight: bool = False
    right_of_state: bool = False
    transposed: bool = False
    summand: bool = False
    entrywise: bool = False
    argument: bool = False


def is_loss(name: Name) -> bool:
    """Whether a name is what losses are called."""
    return (name.base in LOSSES or name.base.strip("\\").removeprefix("mathrm{").rstrip("}") in LOSSES) and not (
        set(name.accents) & {"tilde", "hat", "bar"}
    )


def small(name: Name) -> bool:
    return name.base[:1].islower() or name.base in ("alpha", "theta", "phi", "beta")


def is_transpose(script: Node) -> bool:
    return isinstance(script, Letter) and script.text in ("top", "intercal", "T")


def transposes(node: Scripted) -> bool:
    return node.sup is not None and is_transpose(node.sup)


def entry_of(node: Node, equation: Equation, known: set[Name]) -> Reading | None:
    """The entry of a known name that a node is; the o of w_o beside w counts nothing."""
    letters = equation.letters | {part.text for part in node.walk() if isinstance(part, Letter)}
    for reading in entry_readings(node, letters, equation.source, frozenset()):
        letters_of_place = {str(letter) for index in reading.place for letter in index.free_symbols}
        if is_loss(reading.name):  # L_t is one of several, and no entry of L
            continue
        if reading.name in known and (len(reading.place) > 1 or letters_of_place <= equation.letters | STEPS):
            return reading
    return None


def names(equation: Equation, habits: Habits) -> Iterator[tuple[Reading, Node]]:
    """The names on a right side; a letter that counts steps is none."""
    for reading, node in occurrences(equation.right, equation.letters, habits, equation.source):
        if not (isinstance(node, Letter) and node.text in equation.letters):
            yield reading, node
