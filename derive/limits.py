"""How much of a text from outside is read and computed: every limit that keeps a hostile one from hanging the program.

What is beyond a limit is not understood, and is said to be. None of them is near what people write by hand.
"""

from __future__ import annotations

import math
import signal
import sys
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import current_thread, main_thread
from time import thread_time
from typing import ClassVar, TypeVar

from derive.errors import DeriveError

Item = TypeVar("Item")


@dataclass(frozen=True)
class Limits:
    """The limits that one may choose, as fields; those that are the same for every text, in capitals.

    Seconds are seconds of computing: what else the machine does at that time changes no verdict.
    """

    formula_seconds: float = 5.0
    """For one formula, in all the ways in which it is read. The slowest that people wrote takes a quarter of one."""
    text_seconds: float = 120.0
    """For one text; what is not judged by then is not understood."""
    megabytes: int | None = None
    """Address space of a process that judges, where the system can limit it; None for no limit."""

    BYTES: ClassVar[int] = 2**25
    """Of a file."""
    CHARACTERS: ClassVar[int] = 10_000_000
    """Of a text, once it is decoded."""
    CELL: ClassVar[int] = 1_000_000
    """Characters of a file that gives a network."""
    MARKS: ClassVar[int] = 1_000_000
    """Backslashes, dollars, backticks and `<` in a text: what begins something. A thousand pages have fewer."""
    FORMULAS: ClassVar[int] = 50_000
    """Formulas and definitions of macros in a text."""
    PASSAGE: ClassVar[int] = 200_000
    """Characters between two dollars, or in an environment."""
    FORMULA: ClassVar[int] = 100_000
    """Characters of a formula with its macros put in."""
    DEPTH: ClassVar[int] = 200
    """Nodes from the root of a formula's tree to a leaf, so that walking it by recursion is safe."""
    PARTS: ClassVar[int] = 10_000
    """Of a power of powers of a matrix, which stands for as many factors as it says."""
    DIGITS: ClassVar[int] = 300
    """Of a number."""
    EXPANSIONS: ClassVar[int] = 10_000
    """Macros that are put into one formula."""
    EXPANDED: ClassVar[int] = 200_000
    """Characters that macros put into one formula."""
    WAYS: ClassVar[int] = 16
    """In which one formula is read, where it leaves something open, under each reading."""
    NETWORKS: ClassVar[int] = 4
    """In one text, one after the other."""
    TERMS: ClassVar[int] = 400
    """Of a Σ or ∏, at the steps and sizes that are tried."""
    TERMS_IN_ALL: ClassVar[int] = 30_000
    """Of all Σ and ∏ of one side of a formula together, at one step and one size."""
    STEP: ClassVar[int] = 40
    """The largest that is computed."""
    PLACES: ClassVar[int] = 400
    """Steps and letters at which one formula is tried."""

    def __post_init__(self) -> None:
        if not (self.formula_seconds > 0 and self.text_seconds > 0 and (self.megabytes is None or self.megabytes > 0)):
            raise ValueError("a limit is more than nothing")


USUAL = Limits()


class TooSlow(Exception):
    """The time of a formula or of a text is over. No DeriveError: what catches those must not go on without it."""


class Clock:
    """The time that one text and its formulas have, each formula once, however often it is judged.

    Whoever computes for long asks it at each turn (`check`), in the thread that made it.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._end = thread_time() + limits.text_seconds
        self._stop = self._end
        self._spent: dict[Hashable, float] = {}
        self._inside = False

    def check(self) -> None:
        """Error: TooSlow where the time is over."""
        now = thread_time()
        if now > self._end:
            raise TooSlow(f"the text takes longer than {self.limits.text_seconds:g} s (limit)")
        if now > self._stop:
            raise TooSlow(f"it takes longer than {self.limits.formula_seconds:g} s (limit)")

    def over(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items, as long as there is time."""
        for item in items:
            self.check()
            yield item

    @contextmanager
    def of(self, formula: Hashable) -> Iterator[None]:
        """Within this the time of a formula runs, too; one that is within another shares its time."""
        if self._inside:
            yield
            return
        start, spent = thread_time(), self._spent.get(formula, 0.0)
        self._stop, self._inside = start + self.limits.formula_seconds - spent, True
        try:
            self.check()
            yield
        finally:
            self._spent[formula] = spent + thread_time() - start
            self._stop, self._inside = self._end, False


def untimed() -> Clock:
    """A clock that never stops anything: for what the program's own authors wrote."""
    return Clock(Limits(math.inf, math.inf))


@contextmanager
def refusing(name: str) -> Iterator[None]:
    """What goes beyond a limit as an error, DeriveError, that names the text."""
    try:
        yield
    except TooSlow as slow:
        raise DeriveError(f"{name}: {slow}", hint="less of it at a time, or more time") from None
    except RecursionError:
        raise DeriveError(f"{name}: something in it is nested too deep") from None
    except MemoryError:
        raise DeriveError(f"{name}: it takes more memory than there is", hint="less of it at a time") from None


GRACE = 0.5
"""Seconds after which a clock that was not asked rings by itself."""


@contextmanager
def ringing(limits: Limits) -> Iterator[None]:
    """TooSlow wherever the program is when the time of a text is over, though nothing asked the clock.

    For whoever then throws away what was under way, in the main thread, where the system can.
    """
    if current_thread() is not main_thread() or not hasattr(signal, "setitimer") or math.isinf(limits.text_seconds):
        yield
        return

    def stop(*_: object) -> None:
        raise TooSlow(f"the text takes longer than {limits.text_seconds:g} s (limit)")

    before, told = signal.signal(signal.SIGPROF, stop) or signal.SIG_DFL, sys.unraisablehook
    sys.unraisablehook = _tell_unless_of_a_limit
    signal.setitimer(signal.ITIMER_PROF, limits.text_seconds + GRACE, GRACE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        sys.unraisablehook = told


def _tell_unless_of_a_limit(unraisable: sys.UnraisableHookArgs) -> None:
    """What was raised where nothing can catch it, as at the end of a generator, on stderr, unless a limit raised it:
    that is raised again, by the clock's next ring or by the next thing that needs memory, where it is caught."""
    if unraisable.exc_type not in (TooSlow, MemoryError):
        sys.__unraisablehook__(unraisable)


def limit_memory(limits: Limits) -> None:
    """For all of this process from here on, where the system can: what needs more is a MemoryError."""
    if limits.megabytes is not None:
        with suppress(ImportError, ValueError, OSError):  # not on Windows, not always on macOS
            import resource

            most = limits.megabytes * 2**20
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
            sys.unraisablehook = _tell_unless_of_a_limit
