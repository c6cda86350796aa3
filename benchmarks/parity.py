"""The gradients of PyTorch's and JAX's own networks against ours: the programs that are written, and the formulas.

    python -m benchmarks.parity

prints a table, and ends with 1 where a difference is too large. `make parity` runs it with both installed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.frameworks import KNOWN, Given, Known, OfTorch, Sizes, given
from benchmarks.measure import heading, say, table
from benchmarks.of_jax import jax_gradients
from derive.algebra.shapes import is_column
from derive.code.targets import TARGETS
from derive.evaluate.arithmetic import Floats
from derive.evaluate.derivatives import ComplexStep, Derivatives
from derive.evaluate.point import Point, Values
from derive.evidence.bench import Bench
from derive.gradients.makers import FORMS, derived

SIZES: tuple[Sizes, ...] = ((3, 7, 5, 2), (1, 12, 4, 6), (8, 3, 2, 2), (4, 20, 16, 8))
FOR_FORMULAS: tuple[Sizes, ...] = ((2, 4, 3, 2), (1, 6, 2, 3))
"""Formulas are sums over paths, and evaluated as they stand."""
MOST = 1e-10
Gradients = Mapping[str, Any]


def main() -> int:
    heading("Gradients in float64, beside those of PyTorch and JAX")
    say(
        "The largest relative difference of a gradient, over all parameters and sizes. PyTorch: its own network, with "
        "its own weights, and autograd. JAX: a forward pass by hand, jax.grad. Formulas: each form of each "
        f"gradient, evaluated as it is printed. At most {MOST:g}, or this ends with 1."
    )
    rows, worst = [], 0.0
    for name, known in KNOWN.items():
        found = {**_programs(known), **_formulas(known)}
        rows.append([name, known.cell, *(f"{error:.0e}" for error in found.values())])
        worst = max(worst, *found.values())
    table(["network", "cell", *_columns()], rows)
    print(f"\nThe largest of all: {worst:.1e}")
    return int(not worst < MOST)


def _columns() -> list[str]:
    return [*TARGETS, "jax.grad", *FORMS]


def _programs(known: Known) -> dict[str, float]:
    """Each program beside PyTorch's network, and jax.grad beside it, too."""
    worst = dict.fromkeys((*TARGETS, "jax.grad"), 0.0)
    for sizes in SIZES:
        at = given(known, sizes, "float64")
        wanted = _of_torch(known, sizes, at)
        for target in TARGETS:
            worst[target] = max(worst[target], _difference(_of_program(known, target, at), wanted))
        worst["jax.grad"] = max(worst["jax.grad"], _difference(jax_gradients(known, at), wanted))
    return worst


def _formulas(known: Known) -> dict[str, float]:
    worst = dict.fromkeys(FORMS, 0.0)
    for sizes in FOR_FORMULAS:
        at = given(known, sizes, "float64")
        wanted = _of_torch(known, sizes, at)
        for form in FORMS:
            worst[form] = max(worst[form], _difference(_of_formulas(known, form, at), wanted))
    return worst


def _of_torch(known: Known, sizes: Sizes, at: Given) -> Gradients:
    theirs = OfTorch(known, sizes, "float64", at)
    theirs.loss()
    return theirs.gradients()


def _of_program(known: Known, target: str, at: Given) -> Gradients:
    program = ModuleType("program")
    exec(known.network.code(target), program.__dict__)  # noqa: S102 -- the program that is compared
    own = TARGETS[target].arrays()
    params = {name: own(value) for name, value in at.params.items()}
    state0 = {name: own(value) for name, value in at.state0.items()}
    _, found = program.gradients(params, own(at.xs), own(at.ys), state0)
    return {name: np.asarray(value) for name, value in found.items()}


def _of_formulas(known: Known, form: str, at: Given) -> Gradients:
    """One form of each gradient, evaluated for each sequence, and summed."""
    network = known.network
    questions = [network.question(parameter) for parameter in network.parameters]
    found: dict[str, Any] = {}
    for point in _points(known, at):
        floats = Floats({})
        base = point.forward(floats, until=point.steps + point.model.longest)
        for answer in derived(questions, [form]):
            bench = Bench(point, floats, Derivatives(point, ComplexStep(floats), base), base, answer.meanings)
            formulas = [formula for formula in answer.formulas if formula.kind == "gradient"]
            value = _value(bench, formulas[0], answer.question.by, point)
            name = str(answer.question.by)
            found[name] = found.get(name, 0.0) + value
    return found


def _value(bench: Bench, formula: Any, by: Any, point: Point) -> Any:
    """The right side of a formula; of formulas for entries, the array of them."""
    numbers = {**point.sizes, point.model.horizon: point.steps}
    if not formula.ranges:
        value = np.real(bench.sides(formula, numbers)[1])
    else:
        shape = [int(size.subs(point.sizes)) for size in by.shape[: len(formula.ranges)]]
        value = np.empty(shape)
        letters = [free.index for free in formula.ranges]
        for place in np.ndindex(*shape):
            at = {letter: i + 1 for letter, i in zip(letters, place, strict=True)}
            value[place] = np.real(bench.sides(formula, {**numbers, **at})[1][0, 0])
    return value.ravel() if is_column(by.shape) else value


def _points(known: Known, at: Given) -> Iterator[Point]:
    """One point for each sequence, with a step more than there are: of what lies beyond, 0 is taken."""
    model = known.network.model
    steps, sequences, _ = at.xs.shape
    numbers = {
        size: length
        for p in model.parameters
        for size, length in zip(p.shape, _column(at.params[str(p)]).shape, strict=True)
        if size.is_Symbol
    }
    for sequence in range(sequences):
        values: Values = {(p.name, ()): _column(at.params[str(p)]) for p in model.parameters}
        for start in model.starts:
            values[start.variable.name, (int(start.variable.time),)] = _column(at.state0[str(start.variable)][sequence])
        for t in range(1, steps + model.longest + 1):
            for quantity, array in zip(model.inputs, (at.xs, at.ys), strict=True):
                values[quantity.name, (t,)] = _column(array[min(t, steps) - 1, sequence])
        yield Point(model, numbers, steps, values)


def _column(value: Any) -> Any:
    return value[:, None] if value.ndim == 1 else value


def _difference(found: Gradients, wanted: Gradients) -> float:
    """The largest difference of a gradient beside the largest of its entries."""
    if found.keys() != wanted.keys():
        raise AssertionError(f"{sorted(found)} and {sorted(wanted)}")
    sides: Callable[[str], float] = lambda name: float(  # noqa: E731
        np.max(np.abs(found[name] - wanted[name])) / np.max(np.abs(wanted[name]))
    )
    return max(sides(name) for name in wanted)


if __name__ == "__main__":
    sys.exit(main())
