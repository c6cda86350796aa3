"""Cost against T, and against what is printed: neither may grow faster than what there is to do."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from sympy.core.cache import clear_cache

from benchmarks.measure import SHOWN, heading, peak, say, seconds, table, worked
from benchmarks.peers import whole
from derive import Network, load
from derive.gradients.delta import delta_form
from derive.gradients.makers import MAKERS
from derive.render.forms import form_latex

WRITTEN = ("chain", "jacobian", "closed", "delta")
LENGTHS = (10, 20, 40, 80)


def written_out(runs: int) -> None:
    """The time for each character of a form in which every step is written out."""
    heading("Forms of ∂L/∂W of elman written out: time for what is printed")
    say(
        "Deriving and printing as LaTeX. The first three have T(T + 1)/2 terms of up to T factors, so that what is "
        "printed grows like T³. In line with what is printed, the ratio of the time per character is 1; it is below 1 "
        "where what is done once, whatever T is, is the larger part of a short formula's time."
    )
    rows = []
    for kind in WRITTEN:
        _printed(kind, 5)  # once unmeasured: what is imported or built at first use
        found = [_cost(kind, steps, runs if steps <= LENGTHS[1] else 1) for steps in LENGTHS]
        characters, total = found[-1]
        each = [10**6 * time / length for length, time in found]
        ratios = [f"{each[-1] / each[0]:.2f}", f"{each[-1] / each[1]:.2f}"]
        rows.append([kind, *(f"{figure:.2f}" for figure in each), *ratios, whole(characters), seconds(total)])
    last = LENGTHS[-1]
    head = [*(f"T = {steps}, µs each" for steps in LENGTHS), f"{last} to {LENGTHS[0]}", f"{last} to {LENGTHS[1]}"]
    table(["form", *head, f"characters, T = {last}", "s"], rows)


def _cost(kind: str, steps: int, runs: int) -> tuple[int, float]:
    """Characters and seconds; nothing that SymPy remembers of an earlier run is used."""
    texts, times = [], []
    for _ in range(runs):
        clear_cache()
        times.append(worked(lambda: texts.append(_printed(kind, steps))))
    return len(texts[0]), median(times)


def _printed(kind: str, steps: int) -> str:
    return form_latex(MAKERS[kind](load("elman").question("W", steps=steps), expanded=True))


def against_steps(runs: int, short: int, long: int) -> None:
    """Does the cost grow in line with T? Each measurement has a network of its own, so that nothing is remembered."""
    heading(f"Cost against T: in line with T, a ratio is {long / short:g}")

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
            times: dict[int, list[float]] = {short: [], long: []}
            for _ in range(runs):
                for steps, measured in times.items():
                    measured.append(worked(task, load(cell), parameter, steps))
            milliseconds = [1000 * median(measured) for measured in times.values()]
            peaks = [peak(task, load(cell), parameter, steps) / 2**20 for steps in times]
            growth = [f"{large / small:.1f}" for small, large in (milliseconds, peaks)]
            shown = [[f"{figure:.2f}" for figure in pair] for pair in (milliseconds, peaks)]
            rows.append([f"{cell}: {name}", *shown[0], growth[0], *shown[1], growth[1]])
    head = [f"T = {short}, ms", f"T = {long}, ms", "ratio", f"T = {short}, MiB", f"T = {long}, MiB", "ratio"]
    table(["(MiB at the peak)", *head], rows)
