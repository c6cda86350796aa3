"""The evaluator against NumPy written a second time, and its two ways to differentiate against each other."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Integer, false, true

from derive.algebra.expressions import (
    Add,
    Apply,
    Blocks,
    Chain,
    Diag,
    Entry,
    Expression,
    Hadamard,
    Identity,
    MatrixPower,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Softmax,
    Sum,
    Transpose,
    Variable,
)
from derive.algebra.functions import ELEMENTARY
from derive.algebra.names import Name
from derive.algebra.symbols import index
from derive.evaluate.arithmetic import Floats
from derive.evaluate.derivatives import ComplexStep
from derive.evaluate.dual import Dual, Duals
from derive.evaluate.evaluator import RULES, Evaluator, whole
from derive.evidence.draws import Wave
from derive.models.model import walk
from tests import expressions
from tests.expressions import VARIABLES, M, N, variable

LARGE = 500
"""Beyond this, rounding in what cancels would be taken for an error, and exp overflows."""
SEEDS = st.integers(0, 2**32 - 1).map(random.Random)
EACH_SHAPE = pytest.mark.parametrize("shape", expressions.SHAPES, ids=str)
NUMPY = {
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "relu": lambda x: np.maximum(x, 0),
    "identity": lambda x: x,
}


def by_numpy(node: Expression, at: dict, sizes: dict, f) -> np.ndarray:
    """The value of an expression, case by case, with arrays of two axes."""
    kind, args = type(node), [by_numpy(a, at, sizes, f) for a in node.args if isinstance(a, Expression)]
    if kind is Variable:
        return at[node.name]
    if kind is Number:
        return np.full([int(s.xreplace(sizes)) for s in node.shape], float(node.value))
    if kind is Identity:
        return np.eye(int(node.shape[0].xreplace(sizes)))
    if kind is Add:
        return sum(args[1:], start=args[0])
    if kind is Hadamard:
        return np.prod(args, axis=0)
    if kind is Product:
        result = args[0]
        shape = node.args[0].shape
        for factor, value in zip(node.args[1:], args[1:], strict=True):
            scalar = shape == (1, 1) or factor.shape == (1, 1)
            result = result * value if scalar else np.einsum("ij,jk->ik", result, value)
            shape = factor.shape if shape == (1, 1) else shape if scalar else (shape[0], factor.shape[1])
        return result
    if kind is Quotient:
        return args[0] * (1 / args[1])
    if kind is Power:
        return args[0] ** float(node.args[1])
    if kind is Transpose:
        return args[0].T
    if kind is Diag:
        return np.diag(args[0][:, 0])
    if kind is Softmax:
        return np.exp(args[0] - args[0].max()) / np.sum(np.exp(args[0] - args[0].max()))
    assert kind is Apply
    return NUMPY.get(node.function.name, f)(args[0])


def drawn(source: random.Random) -> tuple[dict, dict]:
    sizes = expressions.sizes(source)
    return sizes, {x.name: expressions.numbers(source, sizes, x.shape) for x in VARIABLES}


@EACH_SHAPE
@given(source=SEEDS)
@settings(max_examples=60, deadline=None)
def test_against_numpy(shape, source):
    root = expressions.expression(source, shape, 4)
    sizes, at = drawn(source)
    wave = Wave.drawn(source)
    parts = [by_numpy(node, at, sizes, lambda x: wave(x, 0)) for node in walk(root)]
    assume(all(np.all(np.abs(part) < LARGE) for part in parts))
    found = Evaluator(Floats({"f": wave}), sizes, lambda name, _: at[name])(root, {})
    np.testing.assert_allclose(found, parts[0], rtol=1e-8, atol=1e-8)


@EACH_SHAPE
@given(source=SEEDS)
@settings(max_examples=60, deadline=None)
def test_the_complex_step_against_dual_numbers(shape, source):
    """Both over floats; they share the slopes of f and nothing else."""
    root = expressions.expression(source, shape, 3)
    sizes, at = drawn(source)
    floats = Floats({"f": Wave.drawn(source)})
    directions = {x.name: expressions.numbers(source, sizes, x.shape) for x in VARIABLES}
    wave = floats.functions["f"]
    parts = [by_numpy(node, at, sizes, lambda x: wave(x, 0)) for node in walk(root)]
    assume(all(np.all(np.abs(part) < LARGE) for part in parts))
    duals = Evaluator(Duals(floats), sizes, lambda name, _: Dual(at[name], directions[name]))(root, {})
    step = ComplexStep(floats)
    value = Evaluator(floats, sizes, lambda name, _: step.seed(at[name], directions[name]))(root, {})
    expected = 0 * duals.value if duals.tangent is None else duals.tangent
    scale = 1 + float(np.max(np.abs(expected)))
    np.testing.assert_allclose(step.tangent(value) * np.ones_like(expected), expected, rtol=1e-8, atol=1e-8 * scale)
    np.testing.assert_allclose(np.real(value), duals.value, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", [*ELEMENTARY, "f"])
@pytest.mark.parametrize("order", [0, 1])
def test_slopes_against_differences(name, order):
    """f' is the slope of f, f'' that of f'."""
    floats = Floats({"f": Wave.drawn(random.Random(1))})
    x, h = np.array([[0.4], [1.3], [2.1]]), 1e-5
    slope = (floats.function(name, order, x + h) - floats.function(name, order, x - h)) / (2 * h)
    np.testing.assert_allclose(floats.function(name, order + 1, x) * np.ones_like(x), slope, rtol=1e-7, atol=1e-8)
    if order == 0 and name in NUMPY:
        np.testing.assert_allclose(floats.function(name, 0, x), NUMPY[name](x), rtol=1e-14)


def test_relu_takes_its_branch_on_the_real_part():
    floats = Floats({})
    x = np.array([[-1.0 + 1e-30j], [2.0 + 1e-30j]])
    np.testing.assert_array_equal(np.imag(floats.function("relu", 0, x)), [[0.0], [1e-30]])


# Σ, ∏, powers and what else runs over an index.


def stepwise(letter: str, shape: tuple, count: int, source: random.Random, sizes: dict) -> tuple[Variable, dict]:
    """A quantity with a time, and values for its steps."""
    t = index("t")
    quantity = Variable(Name(letter, (), "", 1), (t,), shape)
    return quantity, {i: expressions.numbers(source, sizes, shape) for i in range(-1, count)}


@pytest.mark.parametrize(("lower", "upper"), [(1, 4), (2, 2), (3, 2), (0, 3)])
def test_sums_and_products_over_an_index(lower, upper):
    source = random.Random(3)
    sizes, t = {N: 3}, index("t")
    J, values = stepwise("J", (N, N), 6, source, sizes)
    evaluate = Evaluator(Floats({}), sizes, lambda name, indices: values[indices[0]])
    inside = [values[i] for i in range(lower, upper + 1)]
    bounds = (t, Integer(lower), Integer(upper))
    np.testing.assert_allclose(evaluate(Sum(J, *bounds), {}), sum(inside, start=np.zeros((3, 3))))
    rising = np.linalg.multi_dot([np.eye(3), *inside, np.eye(3)])
    falling = np.linalg.multi_dot([np.eye(3), *inside[::-1], np.eye(3)])
    np.testing.assert_allclose(evaluate(Chain(J, *bounds, false), {}), rising)
    np.testing.assert_allclose(evaluate(Chain(J, *bounds, true), {}), falling)
    shifted = Chain(J.at(t - 1), *bounds, true)
    moved = [values[i - 1] for i in range(lower, upper + 1)]
    np.testing.assert_allclose(evaluate(shifted, {}), np.linalg.multi_dot([np.eye(3), *moved[::-1], np.eye(3)]))


def test_matrix_powers_norms_and_stacks():
    source = random.Random(4)
    sizes, at = drawn(source)
    sizes = {symbol: int(symbol == N) + 2 for symbol in sizes}
    at = {x.name: expressions.numbers(source, sizes, x.shape) for x in VARIABLES}
    evaluate = Evaluator(Floats({}), sizes, lambda name, _: at[name])
    A, u, p, k = variable("A"), variable("u"), variable("p"), index("k")
    for exponent in range(4):
        found = evaluate(MatrixPower(A, k - 1), {k: exponent + 1})
        np.testing.assert_allclose(found, np.linalg.matrix_power(at[A.name], exponent))
    with pytest.raises(ValueError, match="negative"):
        evaluate(MatrixPower(A, k), {k: -1})
    np.testing.assert_allclose(evaluate(Norm(u), {}), [[np.linalg.norm(at[u.name])]])
    np.testing.assert_allclose(evaluate(Norm(A), {}), [[np.linalg.norm(at[A.name], 2)]])
    np.testing.assert_allclose(evaluate(Blocks(1, u, p), {}), np.concatenate([at[u.name], at[p.name]]))


def at_numbers(seed: int):
    """Values of the names, with m = 2 and n = 3, and what evaluates there."""
    sizes = {N: 3, M: 2}
    at = {x.name: expressions.numbers(random.Random(seed), sizes, x.shape) for x in VARIABLES}
    return at, Evaluator(Floats({}), sizes, lambda name, _: at[name])


def test_blocks_stand_beside_and_below_each_other():
    at, evaluate = at_numbers(6)
    A, C, u, p = (variable(letter) for letter in "ACup")
    beside = np.block([[at[A.name], at[u.name]], [at[C.name], at[p.name]]])
    np.testing.assert_array_equal(evaluate(Blocks(2, A, u, C, p), {}), beside)
    filled = np.block([[at[A.name], np.zeros((3, 2))], [at[C.name], np.eye(2)]])
    np.testing.assert_array_equal(evaluate(Blocks(2, A, Number(0, (N, M)), C, Identity(M)), {}), filled)


@pytest.mark.parametrize(("row", "column"), [(1, 1), (1, 3), (2, 1), (2, 3)])
def test_entries_are_counted_from_one(row, column):
    at, evaluate = at_numbers(7)
    i, j, C, u = index("i"), index("j"), variable("C"), variable("u")
    values = {i: row, j: column}
    assert evaluate(Entry(C, i, j), values) == at[C.name][row - 1, column - 1]
    assert evaluate(Entry(Transpose(C), j, i), values) == at[C.name][row - 1, column - 1]
    assert evaluate(Entry(u, j), values) == evaluate(Entry(Transpose(u), j), values) == at[u.name][column - 1, 0]


def test_a_sum_of_entries_is_a_product_of_matrices():
    at, evaluate = at_numbers(8)
    i, between, C, u = index("i"), index("l"), variable("C"), variable("u")
    entries = Sum(Product(Entry(C, i, between), Entry(u, between)), between, Integer(1), N)
    rows = [{**evaluate.sizes, i: row} for row in (1, 2)]  # a size is a bound like any other index
    found = [evaluate(entries, indices)[0, 0] for indices in rows]
    np.testing.assert_allclose(found, (at[C.name] @ at[u.name])[:, 0])


@given(
    st.lists(st.integers(-4, 4), min_size=3, max_size=3),
    st.integers(-9, 9),
    st.lists(st.integers(-9, 9), min_size=3, max_size=3),
)
def test_index_expressions(factors, constant, values):
    letters = [index(x) for x in "tkT"]
    expression = sum((a * x for a, x in zip(factors, letters, strict=True)), Integer(constant))
    expected = constant + sum(a * v for a, v in zip(factors, values, strict=True))
    assert whole(expression, dict(zip(letters, values, strict=True))) == expected


def test_every_kind_of_expression_has_its_rule():
    pending, kinds = [Expression], set()
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        kinds.add(kind)
    ours = {kind for kind in kinds if kind.__module__.startswith("derive.")} - {Expression}
    assert ours == set(RULES)


def test_a_softmax_sums_to_one_in_any_arithmetic():
    source = random.Random(5)
    field = expressions.field(source)
    at = {variable("u").name: field.draw((4, 1))}
    value = Evaluator(field, {N: 4}, lambda name, _: at[name])(Softmax(variable("u")), {})
    assert value.sum() % field.prime == 1
