"""Random expressions over a few names, and their values: what the properties of the algebra are tested on.

Few names and shallow trees, so that the coincidences on which a rule waits (uᵀ (w ⊘ u)) do come up.
"""

from __future__ import annotations

import random

import numpy as np
from sympy import Symbol

from derive.algebra import shapes, symbols
from derive.algebra.expressions import (
    Add,
    Apply,
    Diag,
    Expression,
    Hadamard,
    Identity,
    Number,
    Power,
    Product,
    Quotient,
    Softmax,
    Transpose,
    Variable,
)
from derive.algebra.names import Function, Name
from derive.algebra.shapes import ONE, SCALAR, Shape
from derive.evaluate.field import PrimeField, random_prime

N, M = symbols.size("n"), symbols.size("m")
COLUMN, OTHER, ROW, SQUARE, WIDE = (N, ONE), (M, ONE), (ONE, N), (N, N), (M, N)
SHAPES = (SCALAR, COLUMN, OTHER, ROW, SQUARE, WIDE)
NAMES: dict[Shape, tuple[str, ...]] = {
    SCALAR: ("c", "d"),
    COLUMN: ("u", "v"),
    OTHER: ("p", "q"),
    SQUARE: ("A", "B"),
    WIDE: ("C", "D"),
}
FUNCTIONS = ("f", "tanh", "sigmoid", "exp")


def variable(letter: str) -> Variable:
    """One of the names above, in its shape."""
    return Variable(Name(letter), (), next(shape for shape, letters in NAMES.items() if letter in letters))


VARIABLES = tuple(variable(letter) for letters in NAMES.values() for letter in letters)


def expression(source: random.Random, shape: Shape, depth: int, functions: tuple[str, ...] = FUNCTIONS) -> Expression:
    """An expression of that shape, as an author or a law might leave it: nothing in it is tidied."""

    def some(wanted: Shape) -> Expression:
        return expression(source, wanted, depth - 1, functions)

    if depth <= 0 or source.random() < 0.15:
        return _leaf(source, shape)
    kinds = ["add", "hadamard", "minus", "product"]
    if not shapes.is_scalar(shape):
        kinds += ["hadamard", "quotient", "number"]
    else:
        kinds += ["quotient", "power", "inner", "inner"]
    if functions:
        kinds.append("apply")
    if shapes.is_column(shape) and not shapes.is_scalar(shape):
        kinds += ["diag", "softmax", "power", "outer"] if functions else ["diag", "power", "outer"]
    if shape == SQUARE:
        kinds += ["diagonal", "transpose", "identity"]
    if shape == ROW:
        kinds = ["transpose"]
    kind = source.choice(kinds)
    if kind == "add":
        return Add(*(some(shape) for _ in range(source.choice((2, 2, 3)))))
    if kind == "hadamard":
        return Hadamard(*(some(shape) for _ in range(source.choice((2, 2, 3)))))
    if kind == "minus":
        return Product(Number(source.choice((-1, -1, 2, -3))), some(shape))
    if kind == "number":
        return Add(Number(source.choice((1, -1)), shape), some(shape))
    if kind == "quotient":
        bottom = _leaf(source, source.choice((shape, SCALAR)))
        return Quotient(source.choice((some(shape), Number(1, shape))), bottom)
    if kind == "power":
        return Power(_leaf(source, shape), source.choice((-1, 1, 2, 3)))
    if kind == "apply":
        return Apply(Function(source.choice(functions)), some(shape))
    if kind == "softmax":
        return Softmax(some(shape))
    if kind == "transpose":
        return Transpose(some(shape[::-1]))
    if kind == "identity":
        return Identity(shape[0])
    if kind == "diagonal":
        return Diag(some(COLUMN))
    if kind == "diag":
        return Product(Diag(some(shape)), some(shape))
    if kind == "inner" and source.random() < 0.3:
        shared = _leaf(source, COLUMN)
        return Product(Transpose(shared), Quotient(some(COLUMN), shared))
    if kind == "inner":
        return Product(Transpose(some(COLUMN)), some(COLUMN))
    if kind == "outer":
        return Product(some(shape), Product(Transpose(some(COLUMN)), some(COLUMN)))
    return _product(source, shape, some)


def _product(source: random.Random, shape: Shape, some) -> Expression:
    scaled = (SCALAR, shape)
    ways = {
        SCALAR: [(SCALAR, SCALAR)],
        COLUMN: [scaled, (SQUARE, COLUMN), (SQUARE, SQUARE, COLUMN)],
        OTHER: [scaled, (WIDE, COLUMN), (WIDE, SQUARE, COLUMN)],
        SQUARE: [scaled, (SQUARE, SQUARE), (COLUMN, ROW)],
        WIDE: [scaled, (WIDE, SQUARE), (OTHER, ROW)],
    }
    return Product(*(some(factor) for factor in source.choice(ways[shape])))


def _leaf(source: random.Random, shape: Shape) -> Expression:
    if shape == ROW:
        return Transpose(_leaf(source, COLUMN))
    return variable(source.choice(NAMES[shape]))


def sizes(source: random.Random) -> dict[Symbol, int]:
    """Two sizes that differ."""
    n, m = source.sample(range(1, 5), 2)
    return {N: n, M: m}


def field(source: random.Random) -> PrimeField:
    """The residues modulo a random prime."""
    return PrimeField(random_prime(source), source)


def numbers(source: random.Random, at: dict[Symbol, int], shape: Shape) -> np.ndarray:
    """Floats well away from 0, of either sign."""
    size = tuple(int(s.xreplace(at)) for s in shape)
    drawn = [source.choice((-1, 1)) * source.uniform(0.4, 1.4) for _ in range(int(np.prod(size)))]
    return np.array(drawn).reshape(size)
