"""A sheet of exercises: which formulas stand on it and which of them are spoiled, all drawn by a seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from derive.errors import DeriveError
from derive.exercise.looking import Display, look
from derive.exercise.slips import Slip, known, planted
from derive.exercise.topics import Definition, Derived, Topic, topics
from derive.models.model import Model
from derive.render.forms import equation_latex, space_latex
from derive.render.printer import latex

MORE = (2, 3)
"""So many formulas of an exercise are right, at least and at most."""
OWN = 2
"""So many formulas at least are about what the title says."""
MOST = 40
"""Exercises on a sheet, and formulas that are wrong in one."""
SUBSETS = 3
"""So often other formulas of a topic are drawn before it is given up."""


@dataclass(frozen=True)
class Part:
    """A formula of an exercise: what is right, and the slip if it is spoiled."""

    right: str
    slip: Slip | None = None

    @property
    def shown(self) -> str:
        """As it stands on the sheet."""
        return self.right if self.slip is None else self.slip.wrong


@dataclass(frozen=True)
class Exercise:
    """A derivation with slips. `by` is the parameter that it is about, as LaTeX; empty where it is about none."""

    title: str
    by: str
    parts: tuple[Part, ...]
    definitions: tuple[Definition, ...]


@dataclass(frozen=True)
class Network:
    """What is given, as LaTeX: spaces, equations, what is taken for granted, and what further names stand for."""

    parameters: tuple[str, ...]
    inputs: tuple[str, ...]
    equations: tuple[str, ...]
    assumptions: tuple[str, ...]
    definitions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it as a text to be checked."""
        every = (*self.parameters, *self.inputs, *self.equations, *self.assumptions, *self.definitions)
        return "".join(f"$$\n{each}\n$$\n\n" for each in every)


@dataclass(frozen=True)
class Sheet:
    """Exercises about one network. `wrong` of the formulas of each are wrong."""

    model: Model
    network: Network
    exercises: tuple[Exercise, ...]
    seed: int
    wrong: int


def sheet(model: Model, *, seed: int = 0, count: int = 5, wrong: int = 2, kinds: Collection[str] = ()) -> Sheet:
    """The sheet that belongs to a seed. Error: DeriveError where the network has no such exercises."""
    for what, number in (("exercises", count), ("wrong formulas of an exercise", wrong)):
        if not 1 <= number <= MOST:
            raise DeriveError(f"the number of {what} is from 1 to {MOST}, not {number}")
    draw = Random(f"{seed} {count} {wrong}")  # a text: the same in each process
    maker = _Maker(model, given(model), draw, Counter(dict.fromkeys(known(kinds), 0)), wrong)
    made = tuple(maker.exercises(count))
    definitions = {each.latex: each for exercise in made for each in exercise.definitions}
    return Sheet(model, replace(maker.network, definitions=tuple(definitions)), made, seed, wrong)


def given(model: Model) -> Network:
    """The network as the sheet gives it."""
    inputs = (*model.inputs, *(start.variable for start in model.starts))
    return Network(
        tuple(rf"{latex(v)} \in {space_latex(v)}" for v in model.parameters),
        tuple(rf"{latex(v)} \in {space_latex(v)}" for v in inputs),
        tuple(map(equation_latex, (*model.equations, model.loss))),
        tuple(map(equation_latex, model.assumptions)),
    )


@dataclass(frozen=True)
class _Maker:
    """What all exercises of a sheet have in common. `spent`: how often each kind of slip was made so far."""

    model: Model
    network: Network
    draw: Random
    spent: Counter[str]
    wrong: int

    def exercises(self, count: int) -> Iterator[Exercise]:
        """So many exercises. No formula stands in two of them before the topics are through."""
        found = 0
        while found < count:
            used: set[str] = set()
            before = found
            for topic in self.draw.sample(every := topics(self.model), len(every)):
                exercise = self.exercise(topic, used)
                if exercise is not None:
                    found += 1
                    used.update(part.right for part in exercise.parts)
                    yield exercise
                    if found == count:
                        return
            if found == before:
                raise DeriveError(
                    f"no exercise on {self.model.name} with {self.wrong} formulas wrong was found",
                    expected="fewer of them, or more kinds of slips",
                )

    def exercise(self, topic: Topic, used: Collection[str]) -> Exercise | None:
        """One about a topic, of formulas that are not used yet; None where these are too few, or stay right."""
        derived = topic.derived()
        for _ in range(SUBSETS):
            lines = self.chosen(derived, used)
            if len(lines) < self.wrong + MORE[0]:
                return None
            definitions = derived.needed(line for line in (*derived.before, *derived.own) if line.latex in lines)
            head = replace(self.network, definitions=tuple(each.latex for each in definitions)).text
            parts = self.parts(head, look(head, lines))
            if parts:
                by = "" if topic.by is None else latex(topic.by)
                return Exercise(topic.title, by, parts, definitions)
        return None

    def chosen(self, derived: Derived, used: Collection[str]) -> list[str]:
        """As many formulas as an exercise has, in the order of reading: where its own are few, some before them."""
        before, own = (
            [line.latex for line in lines if line.latex not in used] for lines in (derived.before, derived.own)
        )
        if len(own) < OWN:
            return []
        least, most = (self.wrong + more for more in MORE)
        own = _some(own, min(most, len(own)), self.draw)
        return [*_some(before, min(max(least - len(own), 0), len(before)), self.draw), *own]

    def parts(self, head: str, displays: Sequence[Display]) -> tuple[Part, ...]:
        """The formulas that hold, some of them spoiled; none where not as many as are wanted can be."""
        right = [display for display in displays if display.holds]
        if len(right) < self.wrong + MORE[0]:
            return ()
        slips: dict[str, Slip] = {}
        for display in self.draw.sample(right, len(right)):
            slip = planted(head, display, self.draw, self.spent)
            if slip is not None:
                slips[display.latex] = slip
                self.spent[slip.kind] += 1
            if len(slips) == self.wrong:
                parts = tuple(Part(each.latex, slips.get(each.latex)) for each in right)
                return parts if _as_meant(head, parts) else ()
        return ()


def _some(lines: Sequence[str], number: int, draw: Random) -> list[str]:
    """So many of them, in their order."""
    return [lines[i] for i in sorted(draw.sample(range(len(lines)), number))]


def _as_meant(head: str, parts: Sequence[Part]) -> bool:
    """Whether the check says of the whole exercise what the key will say."""
    looked = look(head, [part.shown for part in parts])
    return all(each.holds if part.slip is None else each.fails for each, part in zip(looked, parts, strict=True))
