"""Where claims are evaluated: a network at random points, in floats and modulo primes."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from derive.evaluate.arithmetic import Floats, Value
from derive.evaluate.derivatives import ComplexStep, DualStep
from derive.evaluate.field import PrimeField, random_prime
from derive.evidence.draws import Wave
from derive.limits import Clock, untimed
from derive.verify.degrees import DegreeRun
from derive.verify.network import Network
from derive.verify.run import Run, numbers

DRAWS = 2


PRIMES = 2


SCALES = (1.0, 0.5)


class Floating:
    """Draws floats."""

    modulus = 0

    def __init__(self, seed: int, scale: float) -> None:
        self.seed, self.scale = seed, scale

    def __call__(self, shape: Sequence[int], source: random.Random) -> Value:
        width = shape[1] if shape[1] > 1 else 1
        entries = [source.gauss(0.0, self.scale / width**0.5) for _ in range(math.prod(shape))]
        return np.array(entries).reshape(tuple(shape))


class Residues:
    """Draws residues modulo a prime."""

    def __init__(self, seed: int, modulus: int) -> None:
        self.seed, self.modulus = seed, modulus

    def __call__(self, shape: Sequence[int], source: random.Random) -> Value:
        entries = [source.randrange(self.modulus) for _ in range(math.prod(shape))]
        return np.array(entries, dtype=object).reshape(tuple(shape))


class Waves(dict[str, Wave]):
    """A random analytic function for each name that is asked for."""

    def __init__(self, seed: float) -> None:
        super().__init__()
        self.seed = seed

    def __missing__(self, name: str) -> Wave:
        self[name] = wave = Wave.drawn(random.Random(f"{self.seed}|{name}"))
        return wave


@dataclass
class Bench:
    """Runs of one network, made when they are needed and kept: a claim finds what others computed."""

    network: Network
    functions: tuple[str, ...]
    seed: int = 0
    clock: Clock = field(default_factory=untimed)
    _floats: dict[int, Run] = field(default_factory=dict)
    _degrees: DegreeRun | None = None
    _exact: dict[int, Run] = field(default_factory=dict)

    def floats(self, draw: int) -> Run:
        if draw not in self._floats:
            source = random.Random(f"{self.seed}|{draw}")
            waves = Waves(source.random())
            step = ComplexStep(Floats(waves, seed=self.seed + draw))
            self._floats[draw] = self._run(step, Floating(self.seed + draw, SCALES[draw % len(SCALES)]), 3)
        return self._floats[draw]

    def exact(self, number: int) -> Run:
        if number not in self._exact:
            source = random.Random(f"{self.seed}|{number}|prime")
            prime = random_prime(source)
            step = DualStep(PrimeField(prime, source))
            self._exact[number] = self._run(step, Residues(self.seed + number, prime), 2)
        return self._exact[number]

    def degrees(self) -> DegreeRun:
        """The same network with the degree of each value in its place."""
        if self._degrees is None:
            sizes = numbers(list(self.network.shapes.values()), 2)
            self._degrees = DegreeRun(self.network, sizes, dict.fromkeys(self.network.classes, 1))
        return self._degrees

    def _run(self, step: Any, draw: Any, smallest: int) -> Run:
        sizes = numbers(list(self.network.shapes.values()), smallest)
        return Run(self.network, step, sizes, draw, dict.fromkeys(self.network.classes, 1), self.clock)
