"""The figures that the README and the pages quote, measured side by side in one run; Markdown tables on stdout.

`make bench`, or `.venv/bin/python benchmarks/run.py --quick` for fewer runs.
"""

from __future__ import annotations

import argparse
import gc
import platform
import re
import subprocess
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median

DERIVE = str(Path(sys.executable).with_name("derive"))
SHOWN = {"elman": "W", "lstm": "W_f"}  # the parameter of each cell whose gradient is timed


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="3 runs of each in place of 7, and 300 steps, not 1000")
    quick = arguments.parse_args().quick
    runs = 3 if quick else 7

    print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}; medians of {runs} runs\n")
    whole_processes(runs)
    in_process(runs, short=100, long=300 if quick else 1000)
    imports(runs)


def whole_processes(runs: int) -> None:
    """What a user waits for, beside the import of SymPy, which no program that uses it can avoid."""
    commands = {"`import sympy`": [sys.executable, "-c", "import sympy"]}
    for cell, parameter in SHOWN.items():
        show = ["show", cell, parameter, "--steps", "T", "--form", "delta"]
        commands[f"`derive {' '.join(show)}`"] = [DERIVE, *show]

    for command in commands.values():  # once unmeasured: files in the cache, bytecode on disk
        run(command)
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):  # interleaved, so that a slow moment of the machine falls on all of them
        for name, command in commands.items():
            seconds[name].append(timed(run, command))

    base = median(seconds["`import sympy`"])
    rows = [[name, f"{median(s):.3f}", f"{min(s):.3f}", f"{median(s) / base:.2f}"] for name, s in seconds.items()]
    table("Whole processes", ["command", "median, s", "fastest, s", "ratio"], rows)


def in_process(runs: int, short: int, long: int) -> None:
    """Does the cost grow in line with T? Each measurement has a network of its own, so that nothing is remembered."""
    from derive import Network, load
    from derive.gradients.delta import delta_form

    def unroll(net: Network, parameter: str, steps: int) -> int:
        graph = net.unroll(steps)
        return len(graph.nodes) + len(graph.edges)

    tasks: dict[str, Callable[..., object]] = {
        "graph, every node and edge": unroll,
        "delta form, every step written out": lambda net, parameter, steps: delta_form(
            net.question(parameter, steps=steps), expanded=True
        ),
        "delta form as shown, checked": lambda net, parameter, steps: net.gradient(parameter, steps=steps).delta,
    }
    rows = []
    for cell, parameter in SHOWN.items():
        for name, task in tasks.items():
            task(load(cell), parameter, 2)  # once unmeasured: what is imported or built at first use
            seconds: dict[int, list[float]] = {short: [], long: []}
            for _ in range(runs):
                for steps, measured in seconds.items():
                    measured.append(timed(task, load(cell), parameter, steps))
            times = [1000 * median(measured) for measured in seconds.values()]
            peaks = [peak(task, load(cell), parameter, steps) / 2**20 for steps in seconds]
            growth = [f"{large / small:.1f}" for small, large in (times, peaks)]
            shown = [[f"{figure:.2f}" for figure in pair] for pair in (times, peaks)]
            rows.append([f"{cell}: {name}", *shown[0], growth[0], *shown[1], growth[1]])
    head = ["", f"T = {short}, ms", f"T = {long}, ms", "ratio", f"T = {short}, MiB", f"T = {long}, MiB", "ratio"]
    table(f"Cost against T: MiB at the peak; in line with T, a ratio is {long / short:g}", head, rows)


def imports(runs: int) -> None:
    """Where the time of starting goes: each top-level package's own modules, without what they import in turn."""
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
    table("Imports of `derive show elman W`", ["package", "own time, ms"], rows)


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")


def timed(task: Callable[..., object], *arguments: object) -> float:
    """Seconds on the wall clock."""
    gc.collect()
    start = time.perf_counter()
    task(*arguments)
    return time.perf_counter() - start


def peak(task: Callable[..., object], *arguments: object) -> int:
    """Bytes in Python objects at the worst moment; measured apart from the time, because tracing slows."""
    gc.collect()
    tracemalloc.start()
    task(*arguments)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def table(title: str, head: list[str], rows: list[list[str]]) -> None:
    """A Markdown table, its figures aligned to the right."""
    print(f"## {title}\n")
    for row in [head, ["---", *["---:"] * (len(head) - 1)], *rows]:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


if __name__ == "__main__":
    main()
