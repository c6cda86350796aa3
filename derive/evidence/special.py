"""The kinds of points at which a bound is attained or breaks, and what an abstract function is there."""

from __future__ import annotations

import random
from dataclasses import dataclass

from derive.evaluate.arithmetic import AnalyticFunction, Floats, Value
from derive.evidence.draws import Wave
from derive.evidence.families import Family, gaussian, orthogonal, permutation, rank_one, shift, zeros


@dataclass(frozen=True)
class Activation:
    """What an abstract function is at a point, and sup |f'|."""

    function: AnalyticFunction
    steepest: float


def line(argument: Value, order: int) -> Value:
    """x ↦ 0.8 x: as steep everywhere as anywhere."""
    return 0.8 * argument if order == 0 else (0.8 if order == 1 else 0.0) + 0.0 * argument


def flattening(argument: Value, order: int) -> Value:
    """tanh: flat far from 0."""
    return Floats({}).function("tanh", order, argument)


LINE, FLATTENING = Activation(line, 0.8), Activation(flattening, 1.0)


def wave(source: random.Random) -> Activation:
    """x ↦ a sin(b x + c) + d x, steepest where the cosine is 1."""
    drawn = Wave.drawn(source)
    return Activation(drawn, drawn.a * drawn.b + drawn.d)


@dataclass(frozen=True)
class Special:
    """A kind of point: `size` times a matrix of `family` for each recurrent parameter.

    `rest` scales all else that is given; with 0 the network is at rest, where tanh is steepest.
    """

    name: str
    family: Family
    size: float = 1.0
    rest: float = 0.0
    positive: bool = False
    activation: Activation = LINE


SPECIAL: tuple[Special, ...] = (
    Special("recurrent parameters 0", zeros, rest=1.0),
    Special("orthogonal, at rest", orthogonal),
    Special("orthogonal and small, at rest", orthogonal, 0.5),
    Special("orthogonal and large, at rest", orthogonal, 2.0),
    Special("orthogonal and tiny, at rest", orthogonal, 1e-3),
    Special("nilpotent, at rest", shift, 2.0),
    Special("nilpotent, at work", shift, 2.0, rest=1.0),
    Special("rank one", rank_one, 1.5, rest=0.5),
    Special("permutation, all positive", permutation, rest=1.0, positive=True),
    Special("tiny values", gaussian, 1e-3, rest=1e-3),
    Special("large values", gaussian, 10.0, rest=10.0),
    Special("saturated", orthogonal, 2.0, rest=1e3, activation=FLATTENING),
)
