"""Places where a text leaves something open: each way of filling them is tried, the plain one first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from derive.errors import DeriveError
from derive.limits import Limits

Result = TypeVar("Result")


@dataclass
class Script:
    """The choices of one way of reading: `decided` beforehand, `taken` as they come, out of how many each time."""

    decided: tuple[int, ...] = ()
    taken: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def pick(self, count: int) -> int:
        """One of `count` possibilities, 0 unless it is decided otherwise."""
        position = len(self.taken)
        choice = self.decided[position] if position < len(self.decided) else 0
        self.taken.append(choice)
        self.counts.append(count)
        return choice

    def note(self, words: str) -> None:
        """What is to be said of a choice that is not the plain one."""
        if words not in self.notes:
            self.notes.append(words)


def ways(read: Callable[[Script], Result]) -> Iterator[tuple[Result, tuple[str, ...]] | DeriveError]:
    """Each way of reading, or what is wrong with it; at most Limits.WAYS."""
    decided: tuple[int, ...] | None = ()
    for _ in range(Limits.WAYS):
        if decided is None:
            return
        script = Script(decided)
        try:
            result = read(script)
        except DeriveError as error:
            yield error
        else:
            yield result, tuple(script.notes)
        decided = _next(script)


def _next(script: Script) -> tuple[int, ...] | None:
    """The next way: the last choice that has another possibility takes it."""
    taken = list(script.taken)
    while taken:
        if taken[-1] + 1 < script.counts[len(taken) - 1]:
            return (*taken[:-1], taken[-1] + 1)
        taken.pop()
    return None
