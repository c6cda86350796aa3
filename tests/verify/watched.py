"""`derive.check` in a process of its own, which is ended when it takes too long: what hangs does not hang the tests."""

from __future__ import annotations

import faulthandler
import json
import multiprocessing
import tempfile
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Self

ANSWERED, REFUSED, CRASHED, HUNG = KINDS = ("answered", "refused", "crashed", "hung")
SECONDS = 30.0
MEGABYTES = 2048
"""Address space of the process; a text that needs more makes it raise MemoryError, which counts as a crash."""
_GRACE = 5.0
"""Seconds between the note where it hangs and its end."""


@dataclass(frozen=True)
class Answer:
    """What became of a text: `report` is its JSON, `text` and `html` are as people see it, `why` an error or a place."""

    kind: str
    seconds: float
    why: str = ""
    report: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    html: str = ""

    @property
    def formulas(self) -> list[dict[str, Any]]:
        return [formula for file in self.report.get("files", ()) for formula in file["formulas"]]

    @property
    def verdicts(self) -> list[str | None]:
        return [formula["verdict"] for formula in self.formulas]


def asked(text: str, kind: str | None = None) -> Answer:
    """The answer to a text, in this process: judged, and shown in each of the ways in which a report is shown."""
    from derive import DeriveError, check

    start = time.perf_counter()
    try:
        report = check(text, kind=kind)
        written = json.loads(json.dumps(report.as_dict(), allow_nan=False))
        shown, html = report.text(explain=True), report._repr_html_()
    except DeriveError as error:
        return Answer(REFUSED, time.perf_counter() - start, str(error))
    except Exception:  # any other is what is looked for
        return Answer(CRASHED, time.perf_counter() - start, traceback.format_exc(limit=-8))
    return Answer(ANSWERED, time.perf_counter() - start, "", written, shown, html)


class Watched:
    """Asks one text after the other; a process that hangs or dies is replaced by a new one. A context manager."""

    def __init__(self, seconds: float = SECONDS, megabytes: int = MEGABYTES) -> None:
        self.seconds, self.megabytes = seconds, megabytes
        self._context = multiprocessing.get_context("spawn")
        self._trace = tempfile.NamedTemporaryFile("w+", suffix=".trace")  # noqa: SIM115  # closed by __exit__

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._trace.close()

    def ask(self, text: str, kind: str | None = None) -> Answer:
        """The answer; `why` of one that hangs is the place where it is after `seconds`."""
        start = time.perf_counter()
        with suppress(BrokenPipeError):  # a process that has died answers below
            self._pipe.send((text, kind))
        try:
            if self._pipe.poll(self.seconds + _GRACE):
                return self._pipe.recv()
            answer = Answer(HUNG, time.perf_counter() - start, self._place())
        except (EOFError, ConnectionError):
            self._process.join()
            answer = Answer(
                CRASHED, time.perf_counter() - start, f"the process died: {self._process.exitcode}\n{self._place()}"
            )
        self._end()
        self._start()
        return answer

    def _start(self) -> None:
        self._trace.truncate(0)
        self._pipe, other = self._context.Pipe()
        arguments = (other, self.seconds, self.megabytes, self._trace.name)
        self._process = self._context.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()
        other.close()
        self._pipe.recv()  # it has imported what it needs

    def _end(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def _place(self) -> str:
        """The calls that were under way when the time was over, the last one last."""
        self._trace.seek(0)
        frames = [line.strip() for line in self._trace.read().splitlines() if line.startswith("  File")]
        return "\n".join(frames[11::-1])


def _serve(pipe: Connection, seconds: float, megabytes: int, trace: str) -> None:
    """What the process does: it answers until its pipe is closed."""
    with suppress(ImportError):  # no such module on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
    asked("$1 = 1$")
    pipe.send(None)
    with open(trace, "w", encoding="utf-8") as file:  # noqa: PTH123
        while True:
            try:
                text, kind = pipe.recv()
            except EOFError:
                return
            faulthandler.enable(file)
            faulthandler.dump_traceback_later(seconds, file=file)
            answer = asked(text, kind)
            faulthandler.cancel_dump_traceback_later()
            pipe.send(answer)
