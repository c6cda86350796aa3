"""How long a program that `derive code` writes takes, beside PyTorch's own network where torch is installed.

    python -m benchmarks.programs

is the process that measures: it must limit the libraries to one thread before they are imported.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from statistics import median
from types import ModuleType
from typing import Any

from benchmarks.frameworks import KNOWN, OfTorch, Sizes, given
from benchmarks.measure import NONE, heading, paired, ratio, say, table

SIZES: tuple[Sizes, ...] = ((32, 100, 128, 64), (1, 50, 16, 8))
KINDS = ("LSTM", "GRU", "RNN")
DIGITS = ("float64", "float32")
RUNS = 15
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def programs() -> None:
    """One table: the loss and all gradients, once through a batch."""
    heading("derive code: a program in NumPy beside torch.nn")
    say(
        "The loss and the gradient of every parameter, a softmax with cross-entropy on top; one thread, the same "
        f"weights, alternating, the median of {RUNS}. A ratio above 1 says that the program was faster. In float32 "
        "PyTorch's LSTM has a fused kernel. Without torch (pip install torch) there is nothing to compare with."
    )
    command = [sys.executable, "-m", "benchmarks.programs"]
    run = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **ONE_THREAD})
    table(["network", "B, T, n, d", "digits", "ms", "torch ms", "ratio", "difference"], json.loads(run.stdout))


def main() -> None:
    rows = [_row(kind, sizes, digits) for kind in KINDS for digits in DIGITS for sizes in SIZES]
    print(json.dumps(rows))


def _row(kind: str, sizes: Sizes, digits: str) -> list[str]:
    known = KNOWN[kind]
    at = given(known, sizes, digits)
    program = ModuleType("program")
    exec(known.network.code(), program.__dict__)  # noqa: S102 -- the program that is measured
    ours: Callable[[], Any] = lambda: program.gradients(at.params, at.xs, at.ys, at.state0)  # noqa: E731
    named = [kind, ", ".join(map(str, sizes)), digits]
    if find_spec("torch") is None:
        ours()
        times = [own for own, _ in paired(lambda: None, ours, RUNS)]
        return [*named, f"{1000 * median(times):.2f}", NONE, NONE, NONE]
    import torch  # type: ignore[import-not-found]

    torch.set_num_threads(1)
    theirs = OfTorch(known, sizes, digits, at).loss
    pairs = paired(theirs, ours, RUNS)
    loss, wanted = float(ours()[0]), float(theirs())
    return [*named, f"{1000 * median(own for own, _ in pairs):.2f}", f"{1000 * median(t for _, t in pairs):.2f}",
            f"{ratio(pairs):.2f}", f"{abs(loss - wanted) / abs(wanted):.0e}"]  # fmt: skip


if __name__ == "__main__":
    main()
