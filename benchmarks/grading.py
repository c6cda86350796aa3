"""How long `derive grade` takes over a class, on one job and on two."""

from __future__ import annotations

import filecmp
import os
import tempfile
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.measure import DERIVE, heading, run, say, table, waited
from benchmarks.submissions import write_class


def grading(count: int, runs: int) -> None:
    """One table: seconds on one job and on two, in pairs that alternate, and whether both say the same."""
    heading(f"derive grade: {count} submissions")
    say("Made of the README's derivation and of derived formulas with slips in them. Whole processes, on the wall clock.")
    rows = []
    with tempfile.TemporaryDirectory(prefix="derive-") as name:
        folder = Path(name, "class")
        folder.mkdir()
        write_class(folder, count)
        for _ in range(runs):
            load = os.getloadavg()[0]
            one, two = (waited(partial(_graded, folder, jobs)) for jobs in (1, 2))
            alike = filecmp.cmp(f"{folder}-1/formulas.csv", f"{folder}-2/formulas.csv", shallow=False)
            rows.append((one, two, load, alike))
    for one, two, load, alike in rows:
        assert alike, "what is said depends on the number of jobs"
    columns = [f"{one:.0f}" for one, *_ in rows], [f"{two:.0f}" for _, two, *_ in rows]
    table(
        ["", *(f"run {number}" for number in range(1, runs + 1))],
        [
            ["one job, s", *columns[0]],
            ["two jobs, s", *columns[1]],
            ["ratio", *(f"{one / two:.2f}" for one, two, *_ in rows)],
            ["load before", *(f"{load:.1f}" for *_, load, _ in rows)],
        ],
    )
    say(f"A submission takes {median(one for one, *_ in rows) / count:.2f} s on one job.")


def _graded(folder: Path, jobs: int) -> None:
    command = [DERIVE, "grade", str(folder), "--jobs", str(jobs), "--out", f"{folder}-{jobs}"]
    try:
        run(command)
    except Exception as error:
        if getattr(error, "returncode", None) not in (0, 1, 3):
            raise
