"""What a user waits for, beside the import of SymPy, which no program that uses it can avoid."""

from __future__ import annotations

import re
import sys
from collections import Counter
from functools import partial
from statistics import median

from benchmarks.measure import DERIVE, NONE, heading, paired, ratio, run, say, table
from derive.gradients.makers import FORMS

WITHIN = 2
"""The ratio that `derive show elman W` in one form is to keep within."""

IMPORT = (sys.executable, "-c", "import sympy")
COMMANDS = (
    *((f"show elman W --form {form} --steps T", f"{WITHIN}") for form in FORMS),
    ("show lstm W_f --form delta", NONE),
    ("--help", NONE),
)
"""Each with the ratio to be reached, if there is one."""


def processes(runs: int) -> None:
    """Each command in turn with an import of its own."""
    heading("Whole processes: how many times `import sympy`")
    say(f"Medians of {runs} pairs, in which the import and the command alternate; the ratio is taken in each pair.")
    rows = []
    for command, limit in COMMANDS:
        pairs = paired(partial(run, [DERIVE, *command.split()]), partial(run, IMPORT), runs)
        base, task = (median(times) for times in zip(*pairs, strict=True))
        rows.append([f"derive {command}", f"{base:.2f}", f"{task:.2f}", f"{ratio(pairs):.2f}", limit])
    table(["command", "import sympy, s", "command, s", "ratio", "to reach"], rows)


def imports(runs: int) -> None:
    """Where the time of starting goes: each top-level package's own modules, without what they import in turn."""
    heading("Imports of `derive show elman W --form delta`")
    command = [sys.executable, "-X", "importtime", DERIVE, "show", "elman", "W", "--steps", "T", "--form", "delta"]
    samples = []
    for _ in range(runs):
        found: Counter[str] = Counter()
        for own, module in re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", run(command).stderr, re.MULTILINE):
            package = module.partition(".")[0]
            found["standard library" if package in sys.stdlib_module_names else package] += int(own)
        samples.append(found)

    milliseconds = {name: median(sample[name] for sample in samples) / 1000 for name in set().union(*samples)}
    ranked = sorted(milliseconds.items(), key=lambda item: -item[1])
    rows = [[name, f"{ms:.1f}"] for name, ms in ranked[:8]]
    rows += [["others", f"{sum(ms for _, ms in ranked[8:]):.1f}"], ["all", f"{sum(milliseconds.values()):.1f}"]]
    table(["package", "own time, ms"], rows)
