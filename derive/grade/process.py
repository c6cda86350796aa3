"""A process that judges, from the side that asks it; one that dies is replaced by another."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from derive.grade.worker import BROKEN, OVERTIME, Answer, Terms

PROGRAM = "from derive.grade.worker import main; main()"


class Process:
    """Asks one text after the other. A context manager."""

    def __init__(self, terms: Terms, program: str = PROGRAM) -> None:
        self.terms, self.program = terms, program
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None:
            self._end(self._child)

    def ask(self, path: str) -> Answer:
        """What is said of a text; where the process ends before it says anything, that."""
        start = time.monotonic()
        child = self._child = self._child or self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            pickle.dump(path, child.stdin)
            child.stdin.flush()
            answer: Answer = pickle.load(child.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            child.wait()
            return Answer(None, self._why(self._end(child), time.monotonic() - start))
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        """A new process, in the folder of the texts, from which it imports nothing, and with nothing left to chance."""
        given = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
        paths = [str(Path(__file__).parents[2]), *(str(Path(path).absolute()) for path in given)]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONSAFEPATH": "1",
            "PYTHONHASHSEED": "0",
            "OPENBLAS_NUM_THREADS": "1",  # the arrays are small, and each thread takes address space
        }
        child = subprocess.Popen(
            [sys.executable, "-c", self.program], cwd=self.terms.folder, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert child.stdin is not None
        pickle.dump(self.terms, child.stdin)
        child.stdin.flush()
        return child

    def _end(self, child: subprocess.Popen[bytes]) -> int:
        """How the process ended, now at the latest."""
        self._child = None
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        return child.wait()

    def _why(self, code: int, took: float) -> str:
        if code == -getattr(signal, "SIGKILL", 0):
            return "judging it was ended by the system, perhaps for want of memory"
        most = self.terms.limits.text_seconds
        if took > most and code in (OVERTIME, -getattr(signal, "SIGXCPU", 0)):
            return f"judging it was ended: it takes longer than {most:g} s (limit)"
        if code == BROKEN:
            return "judging it broke off, perhaps for want of memory"
        return f"judging it broke off: the process ended with code {code}"


def ask(paths: Sequence[str], terms: Terms) -> list[Answer]:
    """What is said of each of these texts, by one process after the other."""
    with Process(terms) as process:
        return [process.ask(path) for path in paths]
