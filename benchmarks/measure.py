"""What every table needs: time, memory, processes, and plain text in columns."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import textwrap
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

DERIVE = str(Path(sys.executable).with_name("derive"))
SHOWN = {"elman": "W", "lstm": "W_f"}  # the parameter of each cell whose gradient is timed
NONE = "–"
WIDTH = 110


def worked(task: Callable[..., object], *arguments: object) -> float:
    """Seconds of this process at work: what else the machine does is not counted."""
    gc.collect()
    start = time.process_time()
    task(*arguments)
    return time.process_time() - start


def waited(task: Callable[[], object]) -> float:
    """Seconds on the wall clock."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def peak(task: Callable[..., object], *arguments: object) -> int:
    """Bytes in Python objects at the worst moment; measured apart from the time, because tracing slows."""
    gc.collect()
    tracemalloc.start()
    task(*arguments)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """A process that keeps its bytecode, as it does for a user."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8", env=kept)


def paired(task: Callable[[], object], base: Callable[[], object], runs: int) -> list[tuple[float, float]]:
    """Seconds of both, alternating, so that a slow moment of the machine falls on both; once unmeasured before."""
    base()
    task()
    return [(waited(base), waited(task)) for _ in range(runs)]


def ratio(pairs: Sequence[tuple[float, float]]) -> float:
    """How much longer the second took than the first that ran beside it: the median over the pairs."""
    return median(task / base for base, task in pairs)


def heading(title: str) -> None:
    print(f"\n{title}\n{'=' * len(title)}", flush=True)


def say(text: str) -> None:
    """A paragraph."""
    print(f"\n{textwrap.fill(text, WIDTH)}", flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns, the first aligned to the left and the others to the right."""
    print("\n" + "\n".join(aligned([head, ["-" * len(title) for title in head], *rows])), flush=True)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table; rows of different length raise ValueError."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        first, *others = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join([first, *(cell.rstrip().rjust(len(cell)) for cell in others)]))
    return lines


def seconds(figure: float | None) -> str:
    """Three significant digits, never in powers of ten."""
    if figure is None:
        return NONE
    return f"{figure:.5f}" if figure < 0.01 else f"{figure:.3f}" if figure < 10 else f"{figure:.1f}"
