"""Arithmetic modulo a prime, with opaque functions: identities are evaluated without any rounding.

A function is a random table keyed by its whole argument, its derivatives independent ones, unless
`functions.ELEMENTARY` declares the slope in terms of value and argument. ReLU is x times a table, and that table is its
slope.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from derive.algebra.functions import ARGUMENT, VALUE, is_abstract, slope
from derive.evaluate.arithmetic import ArrayArithmetic, NotExact, Value, Which, rational


class Vanishes(ArithmeticError):
    """A denominator is 0 modulo the prime; the draw is to be made again."""


class PrimeField(ArrayArithmetic):
    """Integers modulo `prime`, as object arrays. `calls` counts the distinct opaque values drawn so far."""

    dtype = object

    def __init__(self, prime: int, source: random.Random) -> None:
        self.prime = prime
        self.source = source
        self._tables: dict[tuple[str, int, int], int] = {}
        self._drawn: dict[tuple[Any, ...], Value] = {}

    @property
    def calls(self) -> int:
        return len(self._tables) + len(self._drawn)

    def reduce(self, value: Value) -> Value:
        return value % self.prime

    def constant(self, numerator: int, denominator: int, shape: Sequence[int]) -> Value:
        return np.full(shape, numerator * self._inverse(denominator) % self.prime, dtype=object)

    def rational(self, number: Any) -> Value:
        """A rational number of SymPy as a 1×1 residue."""
        return self.constant(int(number.p), int(number.q), (1, 1))

    def draw(self, shape: Sequence[int]) -> Value:
        """An array of independent uniform residues."""
        size = int(np.prod(shape))
        return np.array([self.source.randrange(self.prime) for _ in range(size)], dtype=object).reshape(shape)

    def divide(self, left: Value, right: Value) -> Value:
        return left * self._each(self._inverse, right) % self.prime

    def function(self, name: str, order: int, argument: Value) -> Value:
        if name == "relu":
            gates = self._each(lambda x: self._opaque("relu", 1, x), argument)
            return gates * argument % self.prime if order == 0 else gates if order == 1 else gates * 0
        if name == "sqrt":
            raise NotExact("a square root")
        if name == "identity":
            return argument if order == 0 else argument * 0 + (order == 1)
        if is_abstract(name) or order == 0:
            return self._each(lambda x: self._opaque(name, order, x), argument)
        value = self.function(name, 0, argument)
        return rational(slope(name, order), {VALUE: value, ARGUMENT: argument}, self)

    def generic(self, key: Which, shape: Sequence[int], arguments: Sequence[Value]) -> Value:
        """A random table keyed by all entries of all arguments."""
        return self._table(("value", *key), arguments, shape)

    def generic_slope(self, key: Which, shape: Sequence[int], arguments: Sequence[Value]) -> Value:
        """Its Jacobian by all entries of all arguments: another table."""
        return self._table(("slope", *key), arguments, (math.prod(shape), sum(a.size for a in arguments)))

    def _table(self, key: Which, arguments: Sequence[Value], shape: Sequence[int]) -> Value:
        whole = (key, *(entry for argument in arguments for entry in argument.ravel()))
        if whole not in self._drawn:
            self._drawn[whole] = self.draw(shape)
        return self._drawn[whole]

    def norm(self, value: Value) -> Value:
        raise NotExact("a norm")

    def _opaque(self, name: str, order: int, argument: int) -> int:
        key = (name, order, argument)
        if key not in self._tables:
            self._tables[key] = self.source.randrange(self.prime)
        return self._tables[key]

    def _inverse(self, residue: int) -> int:
        if residue % self.prime == 0:
            raise Vanishes("a denominator vanishes")
        return pow(residue, -1, self.prime)

    @staticmethod
    def _each(function: Any, value: Value) -> Value:
        flat = [function(x) for x in value.ravel()]
        return np.array(flat, dtype=object).reshape(value.shape)


def random_prime(source: random.Random) -> int:
    """A prime drawn uniformly from [2⁶⁰, 2⁶¹]."""
    while True:
        candidate = source.randrange(2**60, 2**61) | 1
        if is_prime(candidate):
            return candidate


def is_prime(number: int) -> bool:
    """Miller–Rabin with the primes to 41 as bases, deterministic below 3.3·10²⁴ (Sorenson and Webster 2015)."""
    bases = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
    if number < 2 or any(number % b == 0 for b in bases):
        return number in bases
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in bases:
        power = pow(base, odd, number)
        if power in (1, number - 1):
            continue
        if not any((power := power * power % number) == number - 1 for _ in range(twos - 1)):
            return False
    return True
