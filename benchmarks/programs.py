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

from benchmarks.measure import NONE, heading, paired, ratio, say, table

SIZES = ((32, 100, 128, 64), (1, 50, 16, 8))
"""Sequences, steps, n and d; the output has CLASSES entries."""
CLASSES = 4
KINDS = {"LSTM": ("lstm", "f"), "RNN": ("elman", "tanh")}
"""PyTorch's name, the cell, and what its activation is."""
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


def _row(kind: str, sizes: tuple[int, int, int, int], digits: str) -> list[str]:
    from derive import api

    cell, activation = KINDS[kind]
    program = ModuleType("program")
    exec(api.load(cell, activation).code(), program.__dict__)  # noqa: S102 -- the program that is measured
    params, given = _arguments(kind, sizes, digits)
    ours: Callable[[], Any] = lambda: program.gradients(params, *given)  # noqa: E731
    named = [kind, ", ".join(map(str, sizes)), digits]
    if find_spec("torch") is None:
        ours()
        times = [own for own, _ in paired(lambda: None, ours, RUNS)]
        return [*named, f"{1000 * median(times):.2f}", NONE, NONE, NONE]
    theirs = _of_torch(kind, sizes, digits, params, given)
    pairs = paired(theirs, ours, RUNS)
    loss, wanted = float(ours()[0]), float(theirs())
    return [*named, f"{1000 * median(own for own, _ in pairs):.2f}", f"{1000 * median(t for _, t in pairs):.2f}",
            f"{ratio(pairs):.2f}", f"{abs(loss - wanted) / abs(wanted):.0e}"]  # fmt: skip


def _arguments(kind: str, sizes: tuple[int, int, int, int], digits: str) -> tuple[dict[str, Any], list[Any]]:
    import numpy as np

    sequences, steps, n, d = sizes
    rng = np.random.default_rng(0)

    def drawn(*shape: int) -> Any:
        return (rng.normal(size=shape) / shape[-1] ** 0.5).astype(digits)

    gates = [f"_{gate}" for gate in "ifco"] if kind == "LSTM" else [""]
    inputs, states = ("W", "U") if kind == "LSTM" else ("U", "W")
    params = {f"{inputs}{gate}": drawn(n, d) for gate in gates} | {f"{states}{gate}": drawn(n, n) for gate in gates}
    if kind == "LSTM":
        params |= {f"b{gate}": drawn(n) for gate in gates}
    params["V"] = drawn(CLASSES, n)
    targets = rng.dirichlet(np.ones(CLASSES), (steps, sequences)).astype(digits)
    start = np.zeros((sequences, n), digits)
    state0 = dict.fromkeys(("c_0", "h_0") if kind == "LSTM" else ("s_0",), start)
    return params, [rng.normal(size=(steps, sequences, d)).astype(digits), targets, state0]


def _of_torch(
    kind: str, sizes: tuple[int, int, int, int], digits: str, params: dict[str, Any], given: list[Any]
) -> Callable[[], Any]:
    """The same with PyTorch's network and autograd."""
    import numpy as np
    import torch  # type: ignore[import-not-found]

    torch.set_num_threads(1)
    _, _, n, d = sizes
    gates = [f"_{gate}" for gate in "ifco"] if kind == "LSTM" else [""]
    inputs, states = ("W", "U") if kind == "LSTM" else ("U", "W")
    network = getattr(torch.nn, kind)(d, n).to(getattr(torch, digits))
    wholes = {"weight_ih_l0": inputs, "weight_hh_l0": states, "bias_ih_l0": "b"}
    with torch.no_grad():
        network.bias_hh_l0.zero_()
        for own, letter in wholes.items():
            parts = [params.get(f"{letter}{gate}", np.zeros(n)) for gate in gates]
            getattr(network, own).copy_(torch.from_numpy(np.concatenate(parts)))
    xs, ys, top = (torch.from_numpy(value) for value in (given[0], given[1], params["V"]))
    top.requires_grad_()

    def once() -> Any:
        network.zero_grad()
        top.grad = None
        hidden, _ = network(xs)
        loss = -(ys * torch.log_softmax(hidden @ top.T, -1)).sum()
        loss.backward()
        return loss.item()

    return once


if __name__ == "__main__":
    main()
