"""Arithmetic modulo a prime, and the opaque functions in it."""

from __future__ import annotations

import random

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.algebra.functions import ELEMENTARY, SPELLINGS, is_abstract
from derive.evaluate.dual import Dual, Duals
from derive.evaluate.field import NotExact, PrimeField, Vanishes, is_prime, random_prime
from tests import expressions

SEEDS = st.integers(0, 2**32 - 1).map(random.Random)
ROOTS = {"sqrt"}
"""What has no value modulo a prime."""
NAMED = [name for name in ELEMENTARY if name not in ROOTS]


@given(st.integers(-5, 2**62) | st.integers(-5, 5000))
@settings(max_examples=600, deadline=None)
def test_primes_are_those_of_sympy(number):
    assert is_prime(number) == sympy.isprime(number)


@pytest.mark.parametrize(
    "number", [561, 3215031751, 3825123056546413051, 318665857834031151167461, 2**61 - 1, 2**60 + 33]
)
def test_numbers_that_deceive(number):
    """A Carmichael number, the smallest strong pseudoprimes to 4, 9 and 12 prime bases, and the ends of our range."""
    assert is_prime(number) == sympy.isprime(number)


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_a_random_prime_is_large(source):
    assert 2**60 <= (prime := random_prime(source)) <= 2**61
    assert sympy.isprime(prime)


@given(SEEDS, st.fractions(), st.fractions())
@settings(max_examples=100, deadline=None)
def test_rationals_are_kept(source, left, right):
    """The field takes sums, products and quotients of rationals to those of their residues; ½ is 2⁻¹."""
    field = expressions.field(source)

    def residue(q):
        return field.constant(q.numerator, q.denominator, (1, 1))

    assert field.add(residue(left), residue(right)) == residue(left + right)
    assert field.multiply(residue(left), residue(right)) == residue(left * right)
    if right:
        assert field.divide(residue(left), residue(right)) == residue(left / right)
    assert (residue(left) == residue(right)) == (left == right)


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_matrices_multiply_as_whole_numbers_do(source):
    field = expressions.field(source)
    a, b, c = (field.draw(shape) for shape in ((2, 3), (3, 4), (4, 2)))
    assert np.array_equal(field.matmul(field.matmul(a, b), c), field.matmul(a, field.matmul(b, c)))
    assert np.array_equal(field.transpose(field.matmul(a, b)), field.matmul(field.transpose(b), field.transpose(a)))
    assert np.array_equal(field.matmul(a, field.identity(3)), a)
    row, array = field.draw((1, 3)), field.draw((3, 2, 4))
    expected = sum(row[0, i] * array[i] for i in range(3)) % field.prime
    assert np.array_equal(field.contract(row, array), expected)


@pytest.mark.parametrize("name", ["f", "g", *NAMED])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_a_function_is_a_function(name, order):
    """Equal arguments, equal values, however often it is asked; and not the same value everywhere."""
    field = expressions.field(random.Random(1))
    argument = field.draw((3, 2))
    argument[2, 1] = argument[0, 0]
    first = field.function(name, order, argument)
    assert np.array_equal(first, field.function(name, order, argument.copy()))
    assert first[2, 1] == first[0, 0]
    constant = {("identity", 1), ("identity", 2), ("relu", 2)}
    assert (len({int(x) for x in first.ravel()}) > 1) == ((name, order) not in constant)
    assert all(0 <= int(x) < field.prime for x in first.ravel())


def test_an_opaque_function_knows_nothing_of_its_derivative_nor_of_another():
    field = expressions.field(random.Random(2))
    argument = field.draw((1, 1))
    assert is_abstract("f")
    values = [
        int(field.function(*asked, argument)[0, 0]) for asked in (("f", 0), ("f", 1), ("f", 2), ("g", 0), ("exp", 0))
    ]
    assert len(set(values)) == 5
    other = expressions.field(random.Random(3))
    assert int(other.function("f", 0, argument)[0, 0]) not in values


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_named_functions_keep_the_law_that_they_declare(source):
    """tanh' = 1 - tanh², σ' = σ (1 - σ), exp' = exp, log' = 1/x, relu = relu' · x, and second derivatives."""
    field = expressions.field(source)
    x = field.draw((4, 1))
    one = field.constant(1, 1, (1, 1))

    def value(name, order=0):
        return field.function(name, order, x)

    def minus(a, b):
        return (a - b) % field.prime

    tanh, sigmoid = value("tanh"), value("sigmoid")
    assert np.array_equal(value("tanh", 1), minus(one, tanh * tanh))
    assert np.array_equal(value("tanh", 2), minus(0, 2 * tanh * value("tanh", 1)))
    assert np.array_equal(value("sigmoid", 1), sigmoid * minus(one, sigmoid) % field.prime)
    assert np.array_equal(value("exp", 2), value("exp"))
    assert np.array_equal(value("log", 1), field.divide(one, x))
    assert np.array_equal(value("relu"), value("relu", 1) * x % field.prime)
    assert np.array_equal(value("identity"), x)


def test_what_is_outside_says_so():
    field = PrimeField(2**61 - 1, random.Random(4))
    with pytest.raises(NotExact):
        field.norm(field.draw((2, 1)))
    for name in ROOTS:
        with pytest.raises(NotExact):
            field.function(name, 0, field.draw((1, 1)))
    with pytest.raises(Vanishes):
        field.divide(field.identity(1), field.constant(0, 1, (1, 1)))
    assert set(NAMED) | ROOTS == set(ELEMENTARY) >= set(SPELLINGS.values())


def test_calls_are_counted_once():
    field = expressions.field(random.Random(5))
    x = field.draw((3, 1))
    for _ in range(2):
        field.function("f", 0, x)
    assert field.calls == 3
    field.function("f", 1, x)
    assert field.calls == 6


# Dual numbers over the field.


@given(SEEDS)
@settings(max_examples=40, deadline=None)
def test_products_and_quotients_of_dual_numbers(source):
    """(a + εa')(b + εb') and (a + εa') / (b + εb'), against the schoolbook rules."""
    field = expressions.field(source)
    duals = Duals(field)
    a, b, da, db = (field.draw((2, 2)) for _ in range(4))
    product = duals.multiply(Dual(a, da), Dual(b, db))
    assert np.array_equal(product.tangent, (a * db + da * b) % field.prime)
    matrix = duals.matmul(Dual(a, da), Dual(b, db))
    assert np.array_equal(matrix.tangent, (a @ db + da @ b) % field.prime)
    back = duals.multiply(duals.divide(Dual(a, da), Dual(b, db)), Dual(b, db))
    assert np.array_equal(back.value, a)
    assert np.array_equal(back.tangent, da)
    assert np.array_equal(duals.add(Dual(a, da), Dual(b)).tangent, da)
    assert np.array_equal(duals.transpose(Dual(a, da)).tangent, da.T)
    assert duals.multiply(Dual(a), Dual(b)).tangent is None


@pytest.mark.parametrize("name", ["f", *NAMED])
def test_the_chain_rule_of_dual_numbers(name):
    field = expressions.field(random.Random(6))
    duals = Duals(field)
    x, dx = field.draw((3, 1)), field.draw((3, 1))
    found = duals.function(name, 0, Dual(x, dx))
    assert np.array_equal(found.tangent, field.function(name, 1, x) * dx % field.prime)
    twice = duals.function("g", 0, found)
    slope = field.function("g", 1, found.value)
    assert np.array_equal(twice.tangent, slope * found.tangent % field.prime)


def test_a_stack_of_dual_numbers_fills_in_zeros():
    field = expressions.field(random.Random(7))
    duals = Duals(field)
    a, b, da = field.draw((2, 1)), field.draw((1, 1)), field.draw((5, 2, 1))
    stacked = duals.stack([Dual(a, da), Dual(b)])
    assert np.array_equal(stacked.value, np.concatenate([a, b]))
    assert stacked.tangent.shape == (5, 3, 1)
    assert np.array_equal(stacked.tangent[:, :2], da)
    assert not stacked.tangent[:, 2:].any()
