"""`derive check --watch`: judging again whenever a file changes, until Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import NoReturn

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from derive.commands.files import text_of
from derive.commands.judging import judge, show
from derive.errors import DeriveError, shortened
from derive.render.report_text import printable
from derive.texts.read import read_document

CHANGES = frozenset({"created", "modified", "moved", "deleted", "closed"})
"""The events that matter; reading a file makes events, too."""
QUIET = 0.2
"""Seconds without a change, after which a file is taken to be written."""
PATIENCE = 1.0
"""Seconds of one wait: on some systems Ctrl-C is heard only between two of them."""


def keep_judging(options: argparse.Namespace) -> NoReturn:
    """The same again whenever a file changes that is read. Ctrl-C ends it; an error in a file does not.

    Error: DeriveError for what cannot be watched.
    """
    if "-" in options.files:
        raise DeriveError("standard input cannot be watched", hint="derive check notes.md --watch")
    for folder in (Path(name).parent for name in options.files):
        if not folder.is_dir():
            raise DeriveError(f"{shortened(str(folder))} cannot be watched: there is no such folder")
    watch(lambda changed: judge_again(options, changed), lambda: read_by(options))


def judge_again(options: argparse.Namespace, changed: Collection[Path]) -> None:
    """A line with the time and what has changed, then the report."""
    names = ", ".join(sorted({path.name for path in changed}))
    said = f"{names} changed" if changed else "watching; Ctrl-C stops"
    stream = sys.stdout if options.format == "text" else sys.stderr
    print(f"\n── {datetime.now():%H:%M:%S}  {printable(said)}", file=stream, flush=True)
    try:
        show(judge(options), options)
    except DeriveError as error:
        print(f"derive: {printable(str(error))}", file=sys.stderr)
    sys.stdout.flush()


def read_by(options: argparse.Namespace) -> list[Path]:
    """The files on which verdicts depend: the texts, the network that was given, and those that texts name."""
    paths = [*map(Path, options.files), *([] if options.model is None else [Path(options.model)])]
    for name in options.files:
        with contextlib.suppress(DeriveError):
            named = Path(read_document(text_of(name)).directives.get("model", ""))
            if named.suffix == ".tex" and not named.is_absolute() and not {"..", "\0"} & {*named.parts, *str(named)}:
                paths.append(Path(name).parent / named)
    return paths


class Changes(FileSystemEventHandler):
    """Notes which of `files` change."""

    def __init__(self) -> None:
        self.files: frozenset[Path] = frozenset()
        self.changed: set[Path] = set()
        self.happened = Event()

    def on_any_event(self, event: FileSystemEvent) -> None:
        paths = {Path(os.fsdecode(path)) for path in (event.src_path, event.dest_path)} & self.files
        if paths and event.event_type in CHANGES:
            self.changed |= paths
            self.happened.set()

    def wait(self) -> frozenset[Path]:
        """Waits for a change, and then until nothing changes any more; the files that did."""
        while not self.happened.wait(PATIENCE):
            pass
        while self.happened.is_set():
            self.happened.clear()
            self.happened.wait(QUIET)
        found, self.changed = frozenset(self.changed), set()
        return found


def watch(work: Callable[[Collection[Path]], None], files: Callable[[], Iterable[Path]]) -> NoReturn:
    """Does `work`, and again whenever one of `files` changes; it is told which. KeyboardInterrupt ends it.

    Folders are watched, since editors put a new file in the place of the old one.
    """
    changes, observer, watched = Changes(), Observer(), set[Path]()
    observer.start()
    try:
        changed: Collection[Path] = ()
        while True:
            changes.files = frozenset(place for path in files() for place in (path.absolute(), path.resolve()))
            for folder in {place.parent for place in changes.files} - watched:
                if folder.is_dir():
                    observer.schedule(changes, str(folder))
                    watched.add(folder)
            work(changed)
            changed = changes.wait()
    finally:
        observer.stop()
        observer.join()
