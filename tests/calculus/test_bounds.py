r"""Every law of norms, by its own example: what it gives is what the norm equals, or is not below it, at any point.

Points are random matrices and those at which a law is attained or breaks: 0, orthogonal, nilpotent, all entries alike.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Interval, Rational
from sympy.calculus.util import maximum, minimum

from derive.algebra import symbols
from derive.algebra.build import descending
from derive.algebra.expressions import (
    Add,
    Apply,
    Blocks,
    Chain,
    Diag,
    Expression,
    Identity,
    MatrixPower,
    Norm,
    Number,
    Product,
    Quotient,
    Transpose,
    Variable,
)
from derive.algebra.functions import ELEMENTARY, VALUE
from derive.algebra.names import Function, Name
from derive.algebra.shapes import is_column, is_scalar
from derive.calculus.bounds import BOUNDS, Facts, constant, equal_factors, homogeneity, values
from derive.calculus.estimate import Bounded, Inequality, Unbounded, bound, relation
from derive.calculus.pullback import sections
from derive.evaluate.arithmetic import ELEMENTARY as NUMERIC
from derive.evaluate.arithmetic import Floats
from derive.evaluate.evaluator import Evaluator
from derive.evidence.families import gaussian, orthogonal, permutation, shift, zeros
from derive.evidence.trials import LINE, wave
from derive.models.model import walk
from tests.calculus.examples import example

SECTIONS = ("Statement", "Law", "Shapes", "Conditions", "Source", "Example")
LAWS = tuple(dict.fromkeys(law for _, law in BOUNDS))
EACH_LAW = pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
SEEDS = st.integers(0, 2**32 - 1).map(random.Random)
FAMILIES = (gaussian, zeros, orthogonal, permutation, shift)
SIZE = 4
n, T = symbols.size("n"), symbols.HORIZON
t, k, j = map(symbols.index, "tkj")
GAMMA = Variable(Name("gamma"))
FACTS = Facts(suprema={"f": GAMMA})


def matrix(letter: str, *indices: object) -> Variable:
    return Variable(Name(letter, arity=len(indices)), indices, (n, n))


def column(letter: str, *indices: object) -> Variable:
    return Variable(Name(letter, arity=len(indices)), indices, (n, Integer(1)))


def scalar(letter: str, *indices: object) -> Variable:
    return Variable(Name(letter, arity=len(indices)), indices)


W, Z, v, c = matrix("W"), matrix("Z"), column("v"), scalar("c")
a_t, s_t, s_before = column("a", t), column("s", t), column("s", t - 1)


def slopes(name: str, of: Expression = a_t) -> Apply:
    return Apply(Function(name, 1), of)


def subjects(law: object) -> list[Expression]:
    """What a law has something to say of in its example: the parts of it, and the diagonal matrices of its columns."""
    if sections(law)["Example"] == "none":
        return [Blocks(2, W, Z, Number(0, (n, n)), Product(Z, W))]
    parts = list(walk(example(law).right))
    found = [*parts, *(Diag(part) for part in parts if is_column(part.shape) and not is_scalar(part.shape))]
    kinds = tuple(kind for kind, other in BOUNDS if other is law)
    return [node for node in found if isinstance(node, kinds) and law(node, FACTS) is not None]


class Bench:
    """Expressions at a point at which every matrix is of one family."""

    def __init__(self, source: random.Random, family: object = gaussian, size: float = 1.0) -> None:
        self.source, self.family, self.size = source, family, size
        activation = wave(source) if family is gaussian else LINE
        self.known = {(GAMMA.name, ()): np.full((1, 1), activation.steepest)}
        self.floats = Floats({"f": activation.function})

    def value(self, expression: Expression, indices: dict | None = None) -> float:
        sizes = {letter: SIZE for node in walk(expression) for size in node.shape for letter in size.free_symbols}
        shapes = {node.name: node.shape for node in walk(expression) if isinstance(node, Variable)}

        def quantity(name: Name, at: tuple[int, ...]) -> np.ndarray:
            if (name, at) not in self.known:
                shape = tuple(int(size.xreplace(sizes)) for size in shapes[name])
                self.known[name, at] = self.size * self.family(shape, self.source)
            return self.known[name, at]

        return Evaluator(self.floats, sizes, quantity)(expression, indices or {}).item()


@EACH_LAW
def test_each_law_says_what_it_states(law):
    found = sections(law)
    assert tuple(found) == SECTIONS
    assert all(text.strip() for text in found.values())
    assert found["Statement"].endswith(".")
    assert relation(law) == ("<=" if r"\le " in found["Law"] else "=")


@EACH_LAW
def test_each_law_has_something_to_say_in_its_example(law):
    assert subjects(law)


@EACH_LAW
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
@given(source=SEEDS, size=st.sampled_from([1e-3, 0.5, 1.0, 30.0]))
@settings(max_examples=4, deadline=None)
def test_by_its_example(law, family, source, size):
    for node in subjects(law):
        bench = Bench(source, family, size)
        left, right = bench.value(Norm(node)), bench.value(law(node, FACTS))
        assert left <= right * (1 + 1e-12) + 1e-300
        if relation(law) == "=":
            assert left == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize("law", [law for law in LAWS if relation(law) == "<="], ids=lambda law: law.__name__)
def test_an_inequality_turned_round_is_refuted(law):
    """Each inequality is strict somewhere: it could not be stated the other way."""
    pairs = [(Bench(random.Random(seed), size=2.0), node) for seed in range(20) for node in subjects(law)]
    assert any(bench.value(Norm(node)) < 0.999 * bench.value(law(node, FACTS)) for bench, node in pairs)


@given(source=SEEDS, steps=st.integers(1, 5))
@settings(max_examples=20, deadline=None)
def test_equal_factors(source, steps):
    chain = Chain(Norm(W), j, k + 1, t, True)
    bench = Bench(source)
    at = {k: 0, t: steps}
    assert bench.value(chain, at) == pytest.approx(bench.value(equal_factors(chain, FACTS), at), rel=1e-12)


def test_factors_that_differ_have_no_power():
    assert equal_factors(Chain(Norm(matrix("W", j)), j, k + 1, t, True), FACTS) is None


# From the outside inwards.


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (W, Norm(W)),
        (Transpose(W), Norm(W)),
        (Identity(n), Number(1)),
        (Number(Rational(-1, 2)), Number(Rational(1, 2))),
        (Product(Number(-3), c, W), Product(Number(3), Norm(c), Norm(W))),
        (Quotient(Product(Diag(slopes("tanh")), W), c), Product(Norm(Quotient(Number(1), c)), Norm(W))),
        (Add(W, Z), Norm(Add(W, Z))),
        (Product(Diag(slopes("f")), W), Product(GAMMA, Norm(W))),
        (Product(Diag(slopes("sigmoid")), W), Product(Number(Rational(1, 4)), Norm(W))),
        (Product(Diag(slopes("relu")), W), Norm(W)),
        (Diag(Apply(Function("tanh"), s_before)), Number(1)),
        (Diag(Add(Number(1, (n, Integer(1))), Product(Number(-1), Apply(Function("sigmoid"), s_t)))), Number(1)),
        (Product(slopes("sigmoid", scalar("x", t)), c), Product(Number(Rational(1, 4)), Norm(c))),
        (descending(Product(Diag(slopes("tanh", column("a", j))), W), j, k + 1, t), MatrixPower(Norm(W), t - k)),
        (descending(Diag(Apply(Function("sigmoid"), column("a", j))), j, k + 1, t), Number(1)),
    ],
    ids=str,
)
def test_a_bound(expression, expected):
    found = bound(expression, FACTS)
    assert isinstance(found, Bounded)
    assert found.value == expected


def test_the_estimates_lead_from_the_norm_to_the_bound():
    product = Product(Diag(slopes("f")), W)
    found = bound(product, FACTS)
    assert [(e.law.__name__, e.claim) for e in found.estimates] == [
        ("submultiplicativity", Inequality(Norm(product), "<=", Product(Norm(product.args[0]), Norm(W)))),
        ("supremum_of_the_slope", Inequality(Norm(product.args[0]), "<=", GAMMA)),
    ]


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        (Product(Diag(s_before), W), Diag(s_before)),
        (Diag(Apply(Function("exp"), a_t)), Diag(Apply(Function("exp"), a_t))),
        (Diag(Apply(Function("relu"), a_t)), Diag(Apply(Function("relu"), a_t))),
        (Product(Diag(slopes("exp")), W), Diag(slopes("exp"))),
        (Product(Diag(slopes("g")), W), Diag(slopes("g"))),
        (Product(Diag(slopes("f")), matrix("W", t)), matrix("W", t)),
    ],
    ids=str,
)
def test_what_no_law_bounds_is_named(expression, part):
    assert bound(expression, FACTS) == Unbounded(part)


def test_a_power_of_a_matrix_does_not_stand_for_itself():
    """‖W^{t-k}‖ does depend on the step, though W does not."""
    assert bound(MatrixPower(W, t - k), FACTS).value == MatrixPower(Norm(W), t - k)


def test_factors_whose_bound_depends_on_their_index_have_none():
    chain = Chain(MatrixPower(W, j), j, k + 1, t, True)
    assert bound(chain, FACTS) == Unbounded(Chain(MatrixPower(Norm(W), j), j, k + 1, t, True))


def test_a_named_quantity_is_in_the_range_of_its_equation_at_its_own_step_alone():
    """g_{t-1} may be a start, of which nothing is known."""
    facts = Facts({s_t: Apply(Function("sigmoid"), a_t)})
    assert bound(Diag(s_t), facts).value == Number(1)
    assert isinstance(bound(Diag(s_before), facts), Unbounded)


def test_without_a_law_there_is_no_bound():
    slopes_of_f, scaled = Product(Diag(slopes("f")), W), Product(c, W)
    assert isinstance(bound(slopes_of_f, FACTS, [pair for pair in BOUNDS if pair[1] is not constant]), Unbounded)
    assert bound(scaled, FACTS, [pair for pair in BOUNDS if pair[1] is not homogeneity]).value == Norm(scaled)


def test_an_inequality_is_of_scalars_and_has_a_relation():
    with pytest.raises(ValueError, match="scalars"):
        Inequality(W, "<=", Norm(W))
    with pytest.raises(ValueError, match="relations"):
        Inequality(Norm(W), "~", Norm(W))


# What the table of functions says.


@pytest.mark.parametrize("function", [f for f in ELEMENTARY.values() if f.values], ids=lambda f: f.name)
def test_the_range_of_a_function_is_exact(function):
    """Its values lie within, come as near to both ends as floats tell, and at 0 are far from them."""
    found = NUMERIC[function.name](np.linspace(-30, 30, 10_001))
    low, high = float(function.values.inf), float(function.values.sup)
    assert low <= found.min() < low + 1e-9
    assert high - 1e-9 < found.max() <= high
    assert function.values.left_open
    assert function.values.right_open


@pytest.mark.parametrize(
    "function", [f for f in ELEMENTARY.values() if f.steepest and f.slope is not None], ids=lambda f: f.name
)
def test_the_steepest_slope_is_exact(function):
    """By the slope as a polynomial in the value: its extremes over the range."""
    over = Interval(function.values.inf, function.values.sup) if function.values else Interval(-1, 1)
    assert max(maximum(function.slope, VALUE, over), -minimum(function.slope, VALUE, over)) == function.steepest


def test_the_steepest_slope_of_relu_is_attained():
    assert Floats({}).function("relu", 1, np.array([[-2.0], [3.0]])).max() == float(ELEMENTARY["relu"].steepest)


def test_what_is_not_bounded_has_no_figure():
    assert {f.name for f in ELEMENTARY.values() if f.values is None} == {"exp", "log", "relu", "identity", "sqrt"}
    assert {f.name for f in ELEMENTARY.values() if f.steepest is None} == {"exp", "log", "sqrt"}


@given(source=SEEDS)
@settings(max_examples=30, deadline=None)
def test_a_range_of_sums_and_products_holds_every_value(source):
    one = Number(1, (n, Integer(1)))
    gate, content = Apply(Function("sigmoid"), a_t), Apply(Function("tanh"), v)
    for node in (Add(one, Product(Number(-2), gate)), Product(Number(3), content), Add(gate, content, gate)):
        found = values(node, FACTS)
        assert Bench(source, size=5.0).value(Norm(Diag(node)), {t: 1}) <= max(abs(found.inf), abs(found.sup))
