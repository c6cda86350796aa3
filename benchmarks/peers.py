"""The gradients of one network by `derive` and by others, T by T, side by side; each as far as it gets in a minute."""

from __future__ import annotations

import time
from decimal import Decimal
from multiprocessing import get_context
from multiprocessing.connection import Connection

from benchmarks.measure import NONE, heading, say, seconds, table
from benchmarks.systems import SYSTEMS, Answer, System

STEPS = (*range(1, 11), 100, 1000)
BUDGET = 60.0
"""Seconds for all T of one system."""

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["benchmarks.systems"])  # each child starts with everything imported, nothing remembered

WHAT = (
    "What is compared: derive writes structured matrix formulas in five forms, for any sizes; SymPy and SymEngine "
    "differentiate one scalar expression, by each of the 12 entries, at the sizes 2, 2 and 2, and write no formula of "
    "a paper. tanh, softmax, cross-entropy summed over the steps. Times are those of differentiation alone, without "
    "reading, building the loss, or printing; in processor time. Each comes from a process of its own, in which "
    "nothing is remembered."
)
COLUMNS = (
    "derive: as its API does it, up to T = 6 written out, beyond for the symbol T with the number put in. "
    "checked: the same with the check of every formula, which the others do not have. written out: every step, "
    "asked to T = 10; single forms go further in a table below."
)
OPERATIONS = (
    "Operations in what was derived, as `written out : with equal parts counted once`. For derive those of all five "
    "forms together. SymEngine shares equal parts in memory, and so is fast; written out, its answer doubles with "
    "each step like SymPy's. tensorgrad: terms."
)


def peers() -> None:
    """Two tables: seconds, and how much there is to read."""
    heading("Gradients by U, W and V of elman over T steps")
    say(WHAT)
    found = ask_all()
    names = [system.name for system in SYSTEMS]
    say("Seconds. " + COLUMNS)
    table(["T", *names], [[str(t), *(_seconds(found.get((name, t))) for name in names)] for t in STEPS])
    say(f"Reached within {BUDGET:g} s: " + "; ".join(_reached(system, found) for system in SYSTEMS) + ".")
    say(OPERATIONS)
    counted = [name for name in names if any(a.operations for (n, _), a in found.items() if n == name)]
    table(["T", *counted], [[str(t), *(_operations(found.get((name, t))) for name in counted)] for t in STEPS])


def ask_all() -> dict[tuple[str, int], Answer]:
    """Every system at every T, in turn, as long as its budget lasts."""
    found = {}
    left = dict.fromkeys(SYSTEMS, BUDGET)
    for steps in STEPS:
        for system in SYSTEMS:
            if not system.installed or left[system] <= 0 or steps > (system.most or steps):
                continue
            start = time.perf_counter()
            answer = ask(system, steps, left[system])
            spent = time.perf_counter() - start
            if answer is not None:
                found[system.name, steps] = answer
            left[system] = remaining(left[system], spent, answer)
    return found


def remaining(left: float, spent: float, answer: Answer | None) -> float:
    """The budget after an answer; nothing if there was none, or if another as long would exceed it."""
    after = left - spent
    return after if answer is not None and spent < after else 0.0


def ask(system: System, steps: int, allowed: float) -> Answer | None:
    """The answer of a child process, which is killed if it takes longer than `allowed` seconds."""
    receiver, sender = CONTEXT.Pipe(duplex=False)
    child = CONTEXT.Process(target=_send, args=(system, steps, sender))
    child.start()
    sender.close()
    try:
        return receiver.recv() if receiver.poll(allowed) else None
    except EOFError:  # it failed, and said why on the standard error
        return None
    finally:
        child.kill()
        child.join()
        receiver.close()


def _send(system: System, steps: int, sender: Connection) -> None:
    sender.send(system.answer(steps))


def _seconds(answer: Answer | None) -> str:
    return NONE if answer is None else seconds(answer.seconds)


def _operations(answer: Answer | None) -> str:
    if answer is None or answer.operations is None:
        return NONE
    return " : ".join(whole(count) for count in (answer.operations, answer.distinct) if count is not None)


def whole(number: int) -> str:
    """In groups of three digits, or as a power of ten where there are more than seven."""
    return f"{number:,}".replace(",", " ") if number < 10**7 else f"{Decimal(number):.1e}"


def _reached(system: System, found: dict[tuple[str, int], Answer]) -> str:
    last = max((steps for name, steps in found if name == system.name), default=None)
    if last is None:
        return f"{system.name} {'none' if system.installed else 'is not installed'}"
    return f"{system.name} T = {last}{' (asked for no more)' if last == system.most else ''}"
