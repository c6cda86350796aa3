"""The process that judges one text after the other, and can be ended: what hangs, hangs alone.

It reads pickles from its standard input, `Terms` and then the paths of texts, and answers each of these with an
`Answer` on its standard output. It limits itself, so that it ends even when nobody waits for it any more.
"""

from __future__ import annotations

import faulthandler
import gc
import math
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from derive.errors import DeriveError
from derive.limits import GRACE, USUAL, Limits, limit_memory, refusing, ringing
from derive.verify.report import FileReport, Judged, Repair, plain

if TYPE_CHECKING:
    from derive.models.model import Model


@dataclass(frozen=True)
class Terms:
    """How texts are judged. `folder` is where their paths begin; `model` is a name, or a path that begins nowhere."""

    folder: str
    model: str | None = None
    strict: bool = False
    limits: Limits = USUAL


@dataclass(frozen=True)
class Answer:
    """What is said of a text; or None, and why nothing is."""

    report: FileReport | None
    problem: str = ""


BROKEN, OVERTIME = 70, 1
"""The exit codes of the process where an error ended it, and where its time did."""
Judge = Callable[[str, "Model | None", Terms], FileReport]


def judge(path: str, model: Model | None, terms: Terms) -> FileReport:
    """The verdicts on a text. Error: DeriveError if it cannot be read."""
    from derive.texts.files import read_source
    from derive.verdicts import judged

    return judged(read_source(Path(path)), model=model, strict=terms.strict, limits=terms.limits)


def main(judge: Judge = judge) -> None:
    """Answers until there is no more to be asked."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is printed by accident is no answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks hears Ctrl-C, and ends this
    try:
        _answer_all(answers, judge)
    except (EOFError, BrokenPipeError):
        return
    except BaseException:  # above all a MemoryError
        os._exit(BROKEN)


def _answer_all(answers: BinaryIO, judge: Judge) -> NoReturn:
    terms: Terms = pickle.load(sys.stdin.buffer)
    limit_memory(terms.limits)
    from derive.verdicts import network

    model = None if terms.model is None else network(terms.model)
    gc.freeze()
    while True:
        path = pickle.load(sys.stdin.buffer)
        _end_in_time(terms.limits)
        pickle.dump(answer(path, model, terms, judge), answers)
        answers.flush()


def answer(path: str, model: Model | None, terms: Terms, judge: Judge = judge) -> Answer:
    """What is said of a text, whatever comes of it."""
    try:
        with refusing(path), ringing(terms.limits):
            return Answer(sendable(judge(path, model, terms)))
    except DeriveError as error:
        return Answer(None, str(error))
    except Exception as error:  # a fault of the program's is no reason to leave the others unjudged
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        return Answer(None, f"judging it broke off, which is a fault of derive: {type(error).__name__} in {place}")


def sendable(report: FileReport) -> FileReport:
    """The same with evidence of plain numbers, so that who reads it need not import what made it."""
    return replace(report, formulas=tuple(map(_sendable, report.formulas)))


def _sendable(formula: Judged) -> Judged:
    derived = formula.derived
    return replace(
        formula,
        evidence=plain(formula.evidence),
        repair=None if formula.repair is None else _plain(formula.repair),
        others=tuple(map(_plain, formula.others)),
        derived=None if derived is None else replace(derived, evidence=plain(derived.evidence)),
    )


def _plain(repair: Repair) -> Repair:
    return replace(repair, evidence=plain(repair.evidence))


def _end_in_time(limits: Limits) -> None:
    """Ends this process when a text takes longer than it may and no exception stops it: within C code, or asleep."""
    computed = limits.text_seconds + 2 * GRACE
    faulthandler.dump_traceback_later(PATIENCE * computed, exit=True)
    with suppress(ImportError, ValueError, OSError):  # no such module on Windows
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(process_time() + computed), hard))


PATIENCE = 20.0
"""So many times as long as it may compute a text may take on a busy machine."""
