"""Judging in processes of their own, which can be ended: a text that takes too long or too much stops nothing else."""

from __future__ import annotations

import gc
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection

from derive.errors import DeriveError
from derive.limits import Limits, limit_memory
from derive.serve.question import Question
from derive.verify.report import FileReport

MEGABYTES = 4096
"""Address space of a process, where the system can limit it."""
STARTING = 60.0
"""Seconds that a process may take to begin; on a busy machine that is slow."""

Judge = Callable[[Question], FileReport]


class Overtaken(DeriveError):
    """A text that was given up for a newer one."""


class Workers:
    """One process judges and another stands ready, so that a newer text need not wait for an older one's end."""

    def __init__(self, judge: Judge, limit: float) -> None:
        self.judge, self.limit = judge, limit
        self._lock = threading.Lock()
        self._idle = [Worker(judge)]
        self._busy: Worker | None = None
        self._closed = False

    def ask(self, question: Question) -> str:
        """The answer as JSON. Error: DeriveError if it takes too long or its process dies; Overtaken."""
        worker = self._take()
        try:
            answer = worker.ask(question, self.limit)
        except (EOFError, OSError) as error:
            newest = self._give_up(worker)
            raise self._why(error) if newest else Overtaken("a newer text took the place of this one") from None
        with self._lock:
            if self._busy is worker:
                self._busy = None
                self._idle.append(worker)
        return answer

    def close(self) -> None:
        """Ends all processes."""
        with self._lock:
            self._closed = True
            for worker in (*self._idle, *([self._busy] if self._busy else ())):
                worker.end()

    def _take(self) -> Worker:
        """The process for the newest text; the one that is still at an older text is ended."""
        with self._lock:
            if self._closed:
                raise _died()
            if self._busy is not None:
                self._busy.end()
            self._busy = self._idle.pop() if self._idle else Worker(self.judge)
            if not self._idle:
                self._idle.append(Worker(self.judge))
            return self._busy

    def _give_up(self, worker: Worker) -> bool:
        """Ends a process; whether its text was the newest."""
        with self._lock:
            newest = self._busy is worker
            worker.end()
            if newest:
                self._busy = None
            return newest

    def _why(self, error: Exception) -> DeriveError:
        if isinstance(error, TimeoutError):
            hint = "less of it at a time, or `derive serve --limit SECONDS`"
            return DeriveError(f"judging this text was ended after {self.limit:g} seconds", hint=hint)
        return _died()


class Worker:
    """A process that judges one text after the other."""

    def __init__(self, judge: Judge) -> None:
        context = get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_work, args=(other, judge), daemon=True)
        with _deaf_to_ctrl_c():
            self._process.start()
        other.close()
        self._ready = False

    def ask(self, question: Question, limit: float) -> str:
        """The answer. Error: TimeoutError after `limit` seconds, EOFError or OSError if the process ends."""
        if not self._ready:
            self._receive(STARTING)
            self._ready = True
        self._pipe.send(question)
        return self._receive(limit)

    def _receive(self, limit: float) -> str:
        if not self._pipe.poll(limit):
            raise TimeoutError
        answer: str = self._pipe.recv()
        return answer

    def end(self) -> None:
        """Ends the process, whatever it does; one that waits for its answer gets an EOFError."""
        self._process.kill()
        self._process.join()


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """A process that begins within this is deaf from its first moment on: the server hears Ctrl-C, and ends it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which would unblock the signal if it began within this
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _died() -> DeriveError:
    hint = "less of it at a time; `derive check FILE` says more"
    return DeriveError("judging this text broke off, perhaps for want of memory", hint=hint)


def _work(pipe: Connection, judge: Judge) -> None:
    """What the process does: it answers until its pipe is closed, and ends at what it cannot answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the arrays are small, and each thread takes address space
    from derive import verdicts  # noqa: F401 - what takes long to import is there when the first text comes
    from derive.serve.answers import answer

    gc.freeze()
    limit_memory(Limits(megabytes=MEGABYTES))
    with suppress(Exception):
        pipe.send("")
        while True:
            pipe.send(json.dumps(answer(pipe.recv(), judge)))


def _end_with_the_server() -> None:
    server = parent_process()
    if server is not None:
        server.join()
        os._exit(0)
