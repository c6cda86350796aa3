"""The degree that the bound is computed from is never too small: else a false formula passes more often than is said.

On a random line an expression is P(s) / Q(s), entry by entry. Whether there are such P and Q with the degrees that are
claimed is a question of linear algebra modulo a prime: exact.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derive.algebra.expressions import Add, Hadamard, Number, Power, Product, Quotient, Transpose
from derive.evaluate.evaluator import Evaluator
from derive.evaluate.field import PrimeField, Vanishes
from derive.evidence.degrees import LINEAR, Degree, Degrees
from tests import expressions
from tests.expressions import SCALAR, VARIABLES, variable

SEEDS = st.integers(0, 2**32 - 1).map(random.Random)
c, d, u, v = (variable(letter) for letter in "cduv")


def degree(root, sizes) -> Degree:
    return Evaluator(Degrees(max(sizes.values())), sizes, lambda name, _: LINEAR)(root, {})


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (c, (1, 0)),
        (Number(3), (0, 0)),
        (Product(c, c, d), (3, 0)),
        (Add(c, Product(c, d)), (2, 0)),
        (Product(Transpose(u), v), (2, 0)),
        (Power(c, 4), (4, 0)),
        (Power(c, -2), (0, 2)),
        (Quotient(c, d), (1, 1)),
        (Add(Quotient(c, d), Quotient(d, c)), (2, 2)),
        (Hadamard(u, v, u), (3, 0)),
    ],
)
def test_degrees_by_hand(root, expected):
    """With sizes of 1, where a common denominator gathers nothing."""
    assert degree(root, {expressions.N: 1, expressions.M: 1}) == Degree(*expected)


def test_a_denominator_with_several_entries_is_their_product():
    """1/u₁, 1/u₂ over one denominator: u₂/(u₁u₂), u₁/(u₁u₂); of a matrix it gathers n² entries."""
    sizes = {expressions.N: 2, expressions.M: 1}
    column, square = (degree(Quotient(Number(1, x.shape), x), sizes) for x in (u, variable("A")))
    assert (column.top, column.bottom) >= (1, 2)
    assert (square.top, square.bottom) >= (3, 4)


@pytest.mark.parametrize("shape", [SCALAR, expressions.COLUMN], ids=str)
@given(source=SEEDS)
@settings(max_examples=60, deadline=None)
def test_no_degree_is_too_small(shape, source):
    root = expressions.expression(source, shape, 3, functions=())
    sizes = {expressions.N: 2, expressions.M: 1}
    claimed = degree(root, sizes)
    assume(claimed.top + claimed.bottom <= 24)
    field = expressions.field(source)
    line = {x.name: [field.draw(tuple(int(s.xreplace(sizes)) for s in x.shape)) for _ in range(2)] for x in VARIABLES}
    points = [source.randrange(field.prime) for _ in range(claimed.top + claimed.bottom + 3)]
    try:
        values = [along(root, line, s, field, sizes) for s in points]
    except Vanishes:
        assume(False)
    for entry in range(len(values[0])):
        rows = [
            [pow(s, i, field.prime) for i in range(claimed.top + 1)]
            + [-value[entry] * pow(s, i, field.prime) % field.prime for i in range(claimed.bottom + 1)]
            for s, value in zip(points, values, strict=True)
        ]
        assert rank(rows, field.prime) < len(rows[0]), f"{root} is of a higher degree than {claimed}"


def along(root, line, s: int, field: PrimeField, sizes) -> list[int]:
    at = {name: (a + s * b) % field.prime for name, (a, b) in line.items()}
    value = Evaluator(field, sizes, lambda name, _: at[name])(root, {})
    return [int(x) for x in (np.asarray(value) % field.prime).ravel()]


def rank(rows: list[list[int]], prime: int) -> int:
    """By elimination modulo a prime."""
    rows, found = [row[:] for row in rows], 0
    for column in range(len(rows[0])):
        pivot = next((i for i in range(found, len(rows)) if rows[i][column] % prime), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        inverse = pow(rows[found][column], -1, prime)
        rows[found] = [x * inverse % prime for x in rows[found]]
        for i in range(found + 1, len(rows)):
            factor = rows[i][column]
            rows[i] = [(x - factor * y) % prime for x, y in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found


def test_the_elimination_itself():
    assert rank([[1, 2], [2, 4], [3, 6]], 7) == 1
    assert rank([[1, 2], [2, 5], [3, 6]], 7) == 2
