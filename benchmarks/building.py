"""Where the time of `make site` goes: deriving, checking and rendering of each network, MkDocs, and the start.

Run as a program it builds the site once, `python -m benchmarks.building OUT CACHE`, and prints its seconds as JSON.
"""

from __future__ import annotations

import inspect
import json
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks.measure import NONE, heading, run, say, seconds, table

STAGES = {"derive.gradients": "derive", "derive.evidence": "check", "derive.book.site": "MkDocs"}
"""What goes on below a module; anything else of a build is rendering."""

COLUMNS = ("derive", "check", "render", "MkDocs")
PAGE = "derive.book.views"  # below it, the page of one network is in the making
SHARED = "the rest of all pages"
REACH = 1 / 3
"""Deriving, checking and rendering are to take less than this share of the whole."""
EVERY = 0.005

Spent = dict[str, dict[str, float]]
"""Seconds by part and stage."""


def building() -> None:
    """The site built from nothing, and again with what the first build kept."""
    heading("The parts of `make site`, in seconds")
    say(
        f"Whole processes, each built once. What runs is looked at every {1000 * EVERY:g} ms. To reach: derive, check "
        "and render take less than a third of the whole."
    )
    with tempfile.TemporaryDirectory() as folder:
        out, cache = Path(folder, "public"), Path(folder, "cache")
        shares = [_build("nothing kept", out, cache)]
        if keeps():
            shares.append(_build("with the cache of the first build", out, cache))
    say("Share of derive, check and render in the whole:")
    table(["build", "derive + check + render, s", "whole, s", "share", "to reach"], shares)


def keeps() -> bool:
    """Whether pages are kept between builds."""
    from derive.book.build import build_book

    return "cache" in inspect.signature(build_book).parameters


def _build(title: str, out: Path, cache: Path) -> list[str]:
    """A table of one build; its row in the table of shares."""
    start = time.perf_counter()
    spent: Spent = json.loads(run([sys.executable, "-m", "benchmarks.building", str(out), str(cache)]).stdout)
    whole = time.perf_counter() - start
    say(f"{title.capitalize()}:")
    table(["part", *COLUMNS, "all"], [*rows(spent), *_ends(spent, whole)])
    work = sum(stages.get(stage, 0.0) for stages in spent.values() for stage in COLUMNS[:3])
    return [title, f"{work:.2f}", f"{whole:.2f}", f"{work / whole:.2f}", f"< {REACH:.2f}"]


def rows(spent: Spent) -> list[list[str]]:
    """Each part with its stages."""
    return [
        [part, *(seconds(stages[stage]) if stage in stages else NONE for stage in COLUMNS), seconds(_sum(stages))]
        for part, stages in spent.items()
    ]


def _ends(spent: Spent, whole: float) -> list[list[str]]:
    """The start of the process with its imports, which is what is left; and the sums."""
    totals = {stage: sum(stages.get(stage, 0.0) for stages in spent.values()) for stage in COLUMNS}
    left = ["start and imports", *[NONE] * len(COLUMNS), seconds(whole - _sum(totals))]
    return [left, ["all", *(seconds(total or None) for total in totals.values()), seconds(whole)]]


def _sum(stages: dict[str, float]) -> float:
    return sum(stages.values())


def build_once(out: Path, cache: Path) -> Spent:
    """The site as `derive build` makes it, and where the time went."""
    from derive.book.build import build_book
    from derive.cli import parser

    offered = inspect.signature(build_book).parameters
    wanted: dict[str, Any] = {"cache": cache, "parser": parser()}
    options = {name: value for name, value in wanted.items() if name in offered}
    return watched(lambda report: build_book(out, 3, report, **options))


def watched(build: Callable[[Callable[[str], None]], None]) -> Spent:
    """Seconds by what `build` reports that it does, and by stage; time between two looks goes to the second."""
    spent: dict[str, defaultdict[str, float]] = {}
    reported, last = "networks from the cache", time.perf_counter()

    def look(_: int, frame: FrameType | None) -> None:
        nonlocal last
        now = time.perf_counter()
        part, stage = place(modules(frame), reported)
        spent.setdefault(part, defaultdict(float))[stage] += now - last
        last = now

    def report(line: str) -> None:
        nonlocal reported
        reported = line

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, EVERY, EVERY)
    try:
        build(report)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return {part: dict(stages) for part, stages in spent.items()}


def modules(frame: FrameType | None) -> list[str]:
    """The modules whose functions are running, the outermost first."""
    found = []
    while frame is not None:
        found.append(frame.f_globals.get("__name__", ""))
        frame = frame.f_back
    return found[::-1]


def place(running: list[str], reported: str) -> tuple[str, str]:
    """The part and the stage of a build by the modules that are running, the outermost first."""
    stages = (stage for module in running for start, stage in STAGES.items() if f"{module}.".startswith(f"{start}."))
    stage = next(stages, "render")
    return reported if PAGE in running or stage == "MkDocs" else SHARED, stage


if __name__ == "__main__":
    print(json.dumps(build_once(Path(sys.argv[1]), Path(sys.argv[2]))))
