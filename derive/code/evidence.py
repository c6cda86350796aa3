"""A program is run before it is shown: its loss against the network's own equations, its gradients against the complex
step through these, which knows nothing of the program nor of any law of differentiation."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np

from derive.algebra.expressions import Variable
from derive.algebra.functions import is_abstract
from derive.algebra.names import Name
from derive.algebra.shapes import is_column
from derive.code.storage import identifier
from derive.errors import CheckFailed
from derive.evaluate.arithmetic import Floats, Value
from derive.evaluate.point import Point, Values
from derive.evidence import draws
from derive.models.model import Model

STEPS, SEQUENCES, SEED = 5, 2, 0
TINY = 1e-30
"""The complex step: an imaginary part of this size disturbs no digit of a real one."""
TOLERANCE = 1e-9
SCALE = 0.7


def check(
    text: str,
    model: Model,
    named: Mapping[Name, str],
    arguments: Mapping[str, Sequence[Variable]],
    own: Callable[[Any], Any],
    reach: int | None = None,
) -> float:
    """The largest relative error of a module. Error: CheckFailed where it computes something else than the network.

    `arguments` are the inputs by the argument in which they are given; `named` are the names in the module, and `own`
    makes an array of NumPy one of its library. `reach` is by how many steps its gradients go back, if not by all.
    """
    source = random.Random(SEED)
    waves = {name: draws.Wave.drawn(source) for name in model.functions if is_abstract(name)}
    points = _points(model, source)
    module = ModuleType("program")
    exec(compile(text, "<program>", "exec"), module.__dict__)  # noqa: S102 -- our own; a user's words are in comments
    for name, wave in waves.items():
        module.__dict__[identifier(name)] = lambda a, wave=wave: wave(a, 0)
        module.__dict__[f"{identifier(name)}_slope"] = lambda a, wave=wave: wave(a, 1)
    params = {named[p.name]: own(_array(points[0].given[p.name, ()], p)) for p in model.parameters}
    given = [_argument(points, group, named, own) for group in arguments.values()]
    starts = [start.variable for start in model.starts if start.value is None]
    state0 = {str(v): own(np.stack([p.given[v.name, (int(v.time),)][:, 0] for p in points])) for v in starts}
    loss, grads = module.gradients(params, *given, *([state0] if starts else []))
    floats = Floats(waves)
    worst = _error(loss, sum(_loss(point, floats) for point in points), "its loss")
    for parameter in model.parameters:
        found = np.asarray(grads[named[parameter.name]])
        for _ in range(2):
            way = draws.normal(source, 1.0)(points[0].given[parameter.name, ()].shape)
            if reach is None:
                slope = sum(_slope(point, parameter, way, floats) for point in points)
            else:
                slope = sum(_truncated_slope(point, parameter, way, floats, reach) for point in points)
            worst = max(worst, _error(np.sum(found * _array(way, parameter)), slope, f"its gradient by {parameter}"))
    return worst


def _points(model: Model, source: random.Random) -> list[Point]:
    """One point for each sequence; the parameters are those of the first."""
    numbers = draws.sizes(model, source, smallest=3)
    draw = draws.normal(source, SCALE)
    found = [draws.point(model, numbers, STEPS, draw, _number) for _ in range(SEQUENCES)]
    shared: Values = {(parameter.name, ()): found[0].given[parameter.name, ()] for parameter in model.parameters}
    return [replace(point, given={**point.given, **shared}) for point in found]


def _number(value: Any) -> Value:
    return np.array([[float(value)]])


def _array(value: Value, quantity: Variable) -> Any:
    """A value as the module has it: a column as one axis, a number as none."""
    if value.shape == (1, 1):
        return value[0, 0]
    return value[:, 0] if is_column(quantity.shape) else value


def _argument(
    points: Sequence[Point], group: Sequence[Variable], named: Mapping[Name, str], own: Callable[[Any], Any]
) -> Any:
    arrays = {
        named[quantity.name]: own(
            np.array([[point.given[quantity.name, (t,)][:, 0] for point in points] for t in range(1, STEPS + 1)])
        )
        for quantity in group
    }
    return next(iter(arrays.values())) if len(arrays) == 1 else arrays


def _loss(point: Point, floats: Floats) -> complex:
    values = point.forward(floats)
    return complex(values[point.model.loss.left.name, ()][0, 0])


def _slope(point: Point, parameter: Variable, way: Value, floats: Floats) -> float:
    """How the loss changes as a parameter goes one way."""
    moved = {**point.given, (parameter.name, ()): point.given[parameter.name, ()] + 1j * TINY * way}
    return _loss(replace(point, given=moved), floats).imag / TINY


def _truncated_slope(point: Point, parameter: Variable, way: Value, floats: Floats, reach: int) -> float:
    """How the losses change as a parameter goes one way, each only through the last `reach` steps and its own."""
    key = parameter.name, ()
    moved: Values = {key: point.given[key] + 1j * TINY * way}
    base, found = point.forward(floats), 0.0
    for t in range(1, point.steps + 1):
        steps = range(max(1, t - reach), t + 1)
        loss = point.perturbed(floats, base, moved, steps=steps).get((point.model.summand.name, (t,)))
        found += 0.0 if loss is None else complex(loss[0, 0]).imag / TINY
    return found


def _error(found: Any, wanted: complex, what: str) -> float:
    error = abs(complex(found) - wanted) / max(1.0, abs(wanted))
    if not error <= TOLERANCE:
        raise CheckFailed(f"the program computes {what} otherwise than the network; it is not shown",
                          hint="report this network")  # fmt: skip
    return float(error)
