"""The figures that the README and the pages quote, measured side by side in one run; plain text on stdout.

`make bench`, or `.venv/bin/python -m benchmarks.run [TABLE …] [--quick]` for some of it.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable

from benchmarks.building import building
from benchmarks.checking import checking
from benchmarks.grading import grading
from benchmarks.growth import against_steps, written_out
from benchmarks.mending import mending
from benchmarks.peers import peers
from benchmarks.processes import imports, processes
from benchmarks.programs import programs

TABLES = ("peers", "processes", "checking", "mending", "grading", "written", "building", "steps", "imports", "programs")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("tables", nargs="*", metavar="TABLE", help=f"{', '.join(TABLES)}; all if left out")
    arguments.add_argument("--quick", action="store_true", help="3 runs of each in place of 5, and 300 steps, not 1000")
    options = arguments.parse_args()
    unknown = set(options.tables) - set(TABLES)
    if unknown:
        arguments.error(f"no table {', '.join(sorted(unknown))}; there are {', '.join(TABLES)}")

    runs = 3 if options.quick else 5
    start = time.perf_counter()
    print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    measured: dict[str, Callable[[], None]] = {
        "peers": peers,
        "processes": lambda: processes(runs),
        "checking": lambda: checking(3 if options.quick else 9),
        "mending": mending,
        "grading": lambda: grading(12 if options.quick else 60, 1),
        "written": lambda: written_out(3),
        "building": building,
        "steps": lambda: against_steps(3, short=100, long=300 if options.quick else 1000),
        "imports": lambda: imports(3),
        "programs": programs,
    }
    for name in options.tables or TABLES:
        measured[name]()
    print(f"\nMeasured in {time.perf_counter() - start:.0f} s.")


if __name__ == "__main__":
    main()
