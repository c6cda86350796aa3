"""How long `derive grade` takes over a class, on one job and on two."""

from __future__ import annotations

import filecmp
import os
import subprocess
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.measure import DERIVE, heading, say, table, waited
from benchmarks.submissions import write_class


def grading(count: int, runs: int) -> None:
    """One table: seconds on one job and on two, in pairs that follow each other; both have to say the same."""
    heading(f"derive grade: {count} submissions")
    say(
        "Made of the README's derivation and of derived formulas with slips in them; whole processes on the wall clock."
    )
    columns = []
    with tempfile.TemporaryDirectory(prefix="derive-") as name:
        folder = Path(name, "class")
        folder.mkdir()
        write_class(folder, count)
        for number in range(1, runs + 1):
            load = os.getloadavg()[0]
            two, one = (waited(partial(_graded, folder, jobs)) for jobs in (2, 1))
            if not filecmp.cmp(f"{folder}-1/formulas.csv", f"{folder}-2/formulas.csv", shallow=False):
                raise SystemExit("what is said depends on the number of jobs")
            columns.append((f"run {number}", f"{one:.0f}", f"{two:.0f}", f"{one / two:.2f}", f"{load:.1f}"))
    head, *rows = zip(("", "one job, s", "two jobs, s", "ratio", "load before"), *columns, strict=True)
    table(head, rows)


def _graded(folder: Path, jobs: int) -> None:
    """Some formulas fail, so that the exit code is not 0."""
    command = [DERIVE, "grade", str(folder), "--jobs", str(jobs), "--out", f"{folder}-{jobs}"]
    subprocess.run(command, check=False, capture_output=True)
