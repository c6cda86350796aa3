"""Where inequalities are tried: special points first, at which a bound is attained or breaks, then random ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from derive.algebra.expressions import Variable
from derive.algebra.names import Name
from derive.evaluate.arithmetic import Floats
from derive.evaluate.derivatives import ComplexStep, Derivatives
from derive.evaluate.point import Point
from derive.evidence import draws
from derive.evidence.bench import Bench
from derive.evidence.special import FLATTENING, LINE, SPECIAL, Activation, Special, line, wave
from derive.gradients.bounds import recurrent_parameters
from derive.gradients.paths import reaches
from derive.models.model import Model

STEPS, DRAWS = 6, 20


@dataclass(frozen=True)
class Trial:
    """A network at a point in floats; symbols of sup |f'| have their values there."""

    name: str
    bench: Bench
    special: bool


def trials(model: Model, suprema: Mapping[str, Variable], source: random.Random) -> Iterator[Trial]:
    """The network at every special point, then at random ones; a point where something is not finite is left out."""
    numbers = draws.sizes(model, source, smallest=3)
    recurrent = {parameter.name for parameter in recurrent_parameters(model)}
    kept = _kept(model)
    for kind in SPECIAL:
        at = draws.point(model, numbers, STEPS, draws.normal(source, 1.0, positive=kind.positive), Floats({}).rational)
        for (name, indices), value in at.given.items():
            if name in recurrent:
                at.given[name, indices] = kind.size * kind.family(value.shape, source)
            elif name not in kept:
                at.given[name, indices] = kind.rest * value
        yield from _trial(kind.name, at, dict.fromkeys(model.functions, kind.activation), suprema, special=True)
    for number in range(1, DRAWS + 1):
        scale = source.choice((0.3, 1.0, 2.0))
        at = draws.point(model, numbers, STEPS, draws.normal(source, scale), Floats({}).rational)
        waves = {name: wave(source) for name in model.functions}
        yield from _trial(f"draw {number}", at, waves, suprema, special=False)


def _kept(model: Model) -> set[Name]:
    """What has values of its own to keep: inputs of which something is stated, starts that are given."""
    stated = {variable.name for equation in model.assumptions for variable in equation.left.atoms(Variable)}
    return stated | {start.variable.name for start in model.starts if start.value is not None}


def _trial(
    name: str, at: Point, activations: Mapping[str, Activation], suprema: Mapping[str, Variable], *, special: bool
) -> Iterator[Trial]:
    """The trial at a point, if all that the state is made of is finite there."""
    floats = Floats({function: activation.function for function, activation in activations.items()})
    with np.errstate(all="ignore"):
        base = at.forward(floats, until=STEPS + at.model.longest)
    states = {part.name for part in at.model.carried}
    behind = {step.left.name for step in at.model.steps if any(reaches(at.model, s, step.left.name) for s in states)}
    if not all(np.all(np.isfinite(value)) for (quantity, _), value in base.items() if quantity in behind):
        return
    for function, symbol in suprema.items():
        base[symbol.name, ()] = np.full((1, 1), activations[function].steepest)
    yield Trial(name, Bench(at, floats, Derivatives(at, ComplexStep(floats), base), base, {}), special)


__all__ = [
    "DRAWS", "FLATTENING", "LINE", "SPECIAL", "STEPS", "Activation", "Special", "Trial", "line", "trials", "wave",
]  # fmt: skip
