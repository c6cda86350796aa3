"""What a text assumes: conditions, and formulas that only say what a letter is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from derive.algebra.expressions import Apply, Derivative, Expression, Norm, Number, Softmax, Variable
from derive.algebra.names import Name
from derive.errors import DeriveError
from derive.models.model import walk
from derive.verify.bounds_letters import BOUNDS, STEEPEST, Meaning, key, letters_of, lone
from derive.verify.bounds_parts import Fact
from derive.verify.bounds_points import LetterKey, Point, compared
from derive.verify.bounds_read import Inequality, inequalities
from derive.verify.bounds_text import Goal, goals
from derive.verify.bounds_words import governs, is_assumption, is_condition, together
from derive.verify.claims import names_of
from derive.verify.readings import PLAIN, Reading
from derive.verify.session import Session
from derive.verify.survey import ORDERED, Formula

FAR = 4
"""How many conditions before a formula are looked at."""


def said_letters(session: Session) -> Mapping[LetterKey, Meaning]:
    if "letters" not in session.points:
        session.points["letters"] = letters_of(session.formulas, session.context(PLAIN))
    found: Mapping[LetterKey, Meaning] = session.points["letters"]
    return found


def is_assumed(formula: Formula, wanted: Sequence[Goal], session: Session) -> bool:
    """Whether a formula is a condition, or says what a letter bounds."""
    if is_condition(formula) or any(_explains(goal, formula, session) for goal in wanted):
        return True
    return all(_of_parameters(goal, formula, session) for goal in wanted)


def _explains(goal: Goal, formula: Formula, session: Session) -> bool:
    """Whether a formula says what the letter on its right bounds."""
    reading = lone(goal.large, session.context(PLAIN), formula)
    meaning = said_letters(session).get(key(reading)) if reading is not None else None
    if meaning is None:
        return False
    return meaning.kind == STEEPEST or (meaning.kind == BOUNDS and meaning.bounded[0][1] is formula)


def _of_parameters(goal: Goal, formula: Formula, session: Session) -> bool:
    """Whether parameters alone are compared with a number or a letter: nothing that a network makes true or false."""
    context = session.context(PLAIN)
    for found in inequalities(goal, formula, context, PLAIN, said_letters(session)):
        if isinstance(found, DeriveError):
            continue
        names = names_of(found.claim)
        given = all(name not in context.network.rules for name in names)
        compares = any(not _matrices(side, found, session) for side in (found.claim.left, found.claim.right))
        if names and given and compares and not found.arguments and not found.functions and not _has_function(found):
            return True
    return False


def _has_function(found: Inequality) -> bool:
    return any(
        isinstance(node, Apply | Derivative | Softmax)
        for side in (found.claim.left, found.claim.right) for node in walk(side)
    )  # fmt: skip


def _matrices(side: Expression, found: Inequality, session: Session) -> frozenset[Name]:
    """The names of the network in a side, and the spectral radii of its matrices."""
    shapes = session.context(PLAIN).network.shapes
    inside = [node for node in walk(side) if isinstance(node, Variable)]
    return frozenset(node.name for node in inside if node.name in shapes or node in found.radii)


@dataclass(frozen=True)
class Condition:
    """What the text may assume before a formula; a proof may use it only if it `governs` that formula."""

    words: str
    inequality: Inequality
    governs: bool

    def holds(self, point: Point) -> bool:
        point.letters_here.update(self.inequality.letters)
        found = list(compared(self.inequality.claim, point))
        return bool(found) and not any(
            c.apart(False) or (self.inequality.strict and c.ratio >= 1 and c.worst[1] > 0) for c in found
        )

    def fact(self) -> Fact | None:
        """What a proof may use of it: the norm of something is below a number."""
        small, large = self.inequality.claim.left, self.inequality.claim.right
        return (
            Fact(small, large, strict=self.inequality.strict)
            if isinstance(small, Norm) and isinstance(large, Number) and large.value > 0
            else None
        )


def conditions_of(formula: Formula, session: Session, reading: Reading) -> list[Condition]:
    """The conditions before a formula, the nearest first."""
    context = session.context(reading)
    found: list[Condition] = []
    position = next(i for i, other in enumerate(session.formulas) if other is formula)
    for other in reversed(session.formulas[:position]):
        if len(found) >= FAR:
            break
        if other.link.relation not in ORDERED:
            continue
        for goal in goals(other):
            if not (together(other, formula, session.formulas) or is_assumption(other)) or _explains(
                goal, other, session
            ):
                continue
            if not (is_condition(other) or _of_parameters(goal, other, session)):
                continue
            for way in inequalities(goal, other, context, reading, said_letters(session)):
                if not isinstance(way, DeriveError) and names_of(way.claim):
                    found.append(
                        Condition(
                            other.link.statement.text(other.link.span), way, governs(other, formula, session.formulas)
                        )
                    )
                    break
    return found


def satisfiable(conditions: Sequence[Condition], at: Sequence[Point]) -> list[Condition]:
    """The conditions that can hold together, the nearest first."""
    kept: list[Condition] = []
    left = list(at)
    for condition in conditions:
        still = [point for point in left if condition.holds(point)]
        if still:
            kept.append(condition)
            left = still
    return kept
