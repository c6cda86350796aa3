"""`derive.check` in a process of its own, which is ended when it takes too long: what hangs does not hang the tests."""

from __future__ import annotations

import faulthandler
import json
import multiprocessing
import os
import re
import signal
import tempfile
import time
import traceback
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

ANSWERED, REFUSED, CRASHED, HUNG = KINDS = ("answered", "refused", "crashed", "hung")
SECONDS = 30.0
MEGABYTES = 2048
"""Address space of the process; a text that needs more makes it raise MemoryError, which counts as a crash."""
_WITHIN = re.compile(r'File "[^"]*/derive/(?P<path>[^"]*)", line (?P<line>\d+),? in (?P<name>\S+)')


@dataclass(frozen=True)
class Answer:
    """What became of a text: its `report` as JSON, and as people see it; `why` is the error, or where it hangs."""

    kind: str
    seconds: float
    why: str = ""
    report: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    html: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def formulas(self) -> list[dict[str, Any]]:
        return [formula for file in self.report.get("files", ()) for formula in file["formulas"]]

    @property
    def verdicts(self) -> list[str | None]:
        """Those of the claims."""
        return [formula["verdict"] for formula in self.formulas if formula["kind"] == "claim"]

    @property
    def sort(self) -> str:
        """What it has in common with others of its kind: the error's name, and the last place within the package."""
        places = list(_WITHIN.finditer(self.why))
        place = f"{places[-1]['path']}, {places[-1]['name']}" if places else "outside the package"
        error = self.why.strip().rpartition("\n")[2].partition(":")[0] if self.kind == CRASHED else ""
        return ": ".join(filter(None, (self.kind, error, place)))


def asked(text: str, kind: str | None = None, *, repair: bool = True) -> Answer:
    """The answer to a text, in this process: judged, and shown in each of the ways in which a report is shown."""
    from derive import DeriveError, check

    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            report = check(text, kind=kind, repair=repair)
            written = json.loads(json.dumps(report.as_dict(), allow_nan=False))
            shown, html = report.text(explain=True), report._repr_html_()
        except DeriveError as error:
            return Answer(REFUSED, time.perf_counter() - start, str(error))
        except Exception:  # whatever it is, no user may see it
            return Answer(CRASHED, time.perf_counter() - start, _shortened(traceback.format_exc()))
    said = tuple(sorted({f"{Path(one.filename).name}:{one.lineno}: {one.message}" for one in warned}))
    return Answer(ANSWERED, time.perf_counter() - start, "", written, shown, html, said)


class Watched:
    """Asks one text after the other; a process that hangs or dies is replaced by a new one. A context manager."""

    def __init__(self, seconds: float = SECONDS, megabytes: int = MEGABYTES) -> None:
        self.seconds, self.megabytes = seconds, megabytes
        self._context = multiprocessing.get_context("spawn")

    def __enter__(self) -> Self:
        descriptor, name = tempfile.mkstemp(suffix=".trace")
        os.close(descriptor)
        self._trace = Path(name)
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._trace.unlink()

    def ask(self, text: str, kind: str | None = None) -> Answer:
        """The answer to a text; when it takes longer than `seconds`, the place where it is then."""
        start = time.perf_counter()
        try:
            self._pipe.send((text, kind))
            if self._pipe.poll(self.seconds):
                return self._pipe.recv()
            answer = Answer(HUNG, time.perf_counter() - start, self._place())
        except (EOFError, ConnectionError):
            self._process.join()
            died = f"{self._traced()}\nprocess died: {self._process.exitcode}"
            answer = Answer(CRASHED, time.perf_counter() - start, died)
        self._end()
        self._start()
        return answer

    def _start(self) -> None:
        self._trace.write_text("")
        self._pipe, other = self._context.Pipe()
        arguments = (other, self.megabytes, self._trace)
        self._process = self._context.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()
        other.close()
        self._pipe.recv()  # it has imported what it needs

    def _end(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def _place(self) -> str:
        """The calls under way in the process, the last one last."""
        if not hasattr(signal, "SIGUSR1") or self._process.pid is None:
            return ""
        os.kill(self._process.pid, signal.SIGUSR1)
        time.sleep(0.5)  # it writes them down by itself
        return self._traced()

    def _traced(self) -> str:
        frames = [line.strip() for line in self._trace.read_text().splitlines() if line.startswith("  File")]
        return "\n".join(frames[::-1])


def _serve(pipe: Connection, megabytes: int, trace: Path) -> None:
    """What the process does: it answers until its pipe is closed."""
    with suppress(ImportError):  # there is no such module on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
    with trace.open("w") as file, suppress(EOFError):
        faulthandler.enable(file)
        if hasattr(signal, "SIGUSR1"):
            faulthandler.register(signal.SIGUSR1, file)
        asked("$1 = 1$")
        pipe.send(None)
        while True:
            pipe.send(asked(*pipe.recv()))


def _shortened(trace: str, most: int = 3000) -> str:
    """The end of a traceback, whose last line may quote a number of a million digits."""
    *lines, last = trace.strip().split("\n")
    return "\n".join([*(line[:200] for line in lines), last[:500]])[-most:]
