"""Tidying never changes a value: each rule in RULES at every place where it applies, and all of them together."""

from __future__ import annotations

import random
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.algebra.build import add, negate, ones, product, transpose
from derive.algebra.expressions import Diag, Expression, Hadamard, Number, Product, Softmax, Sum, Transpose
from derive.algebra.names import Name
from derive.algebra.symbols import index
from derive.calculus.pullback import pullback
from derive.calculus.rewrite import RULES, assuming, tidy
from derive.evaluate.evaluator import Evaluator
from derive.evaluate.field import PrimeField
from derive.models.model import walk
from tests import expressions
from tests.expressions import COLUMN, VARIABLES, N, Variable, variable

EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
SEEDS = st.integers(0, 2**32 - 1).map(random.Random)
TREES = 4000
"""Enough trees that every rule finds dozens of places; `test_each_rule_has_places` says so if not."""


def values(source: random.Random) -> tuple[dict[Name, np.ndarray], PrimeField, dict]:
    """Residues for every name."""
    sizes, field = expressions.sizes(source), expressions.field(source)
    return {x.name: field.draw(tuple(int(s.xreplace(sizes)) for s in x.shape)) for x in VARIABLES}, field, sizes


def same(left: Expression, right: Expression, source: random.Random) -> bool:
    """Whether two expressions have one shape and one value modulo a random prime."""
    at, field, sizes = values(source)
    evaluate = Evaluator(field, sizes, lambda name, _: at[name])
    return left.shape == right.shape and np.array_equal(
        evaluate(left, {}) % field.prime, evaluate(right, {}) % field.prime
    )


def untidy(source: random.Random) -> Expression:
    """What a law leaves behind, or a random expression as it is written."""
    if source.random() < 0.05:  # what two uses of a gate leave behind
        columns = [expressions.expression(source, COLUMN, 2) for _ in range(2)]
        return add(Diag(columns[0]), negate(Diag(columns[1])))
    shape = source.choice(expressions.SHAPES)
    root = expressions.expression(source, shape, source.choice((2, 3, 4)))
    if source.random() < 0.5 or not any(isinstance(node, Variable) for node in walk(root)):
        return root
    try:
        uses = pullback(root, expressions.expression(source, shape, 1, functions=()))
    except Exception:  # the laws have tests of their own
        return root
    return add(*(use.received for use in uses if use.received.shape == uses[0].received.shape))


@cache
def places() -> dict[str, list[tuple[Expression, Expression]]]:
    """For each rule, the nodes that it changed in a fixed crowd of trees, with what it made of them."""
    source = random.Random(2)
    found: dict[str, list[tuple[Expression, Expression]]] = {rule.__name__: [] for rule in RULES}
    for _ in range(TREES):
        for node in walk(untidy(source)):
            for rule in RULES:
                changed = rule(node)
                if changed is not None and len(found[rule.__name__]) < 60:
                    found[rule.__name__].append((node, changed))
    return found


@EACH_RULE
def test_each_rule_has_places(rule):
    assert len(places()[rule.__name__]) >= 20, "the crowd of trees does not call for this rule: widen it"


@EACH_RULE
def test_each_rule_keeps_the_value(rule):
    source = random.Random(3)
    for before, after in places()[rule.__name__]:
        assert before != after, "a rule that changes nothing is applied for ever"
        assert same(before, after, source), f"{before}  became  {after}"


@given(source=SEEDS)
@settings(max_examples=300, deadline=None)
def test_tidy_keeps_the_value_and_is_done_at_once(source):
    before = untidy(source)
    after = tidy(before)
    assert same(before, after, source), f"{before}  became  {after}"
    assert tidy(after) == after
    assert not any(rule(node) is not None for rule in RULES for node in walk(after))


@given(source=SEEDS)
@settings(max_examples=300, deadline=None)
def test_the_constructors_keep_the_value(source):
    """`transpose`, `add`, `product` and `negate` leave out what says nothing, and nothing else."""
    root = untidy(source)
    assert same(transpose(root), Transpose(root), source), str(root)
    assert same(transpose(transpose(root)), root, source), str(root)
    assert same(negate(root), Product(Number(-1), root), source), str(root)
    if root.shape[::-1] in expressions.SHAPES:
        other = expressions.expression(source, root.shape[::-1], 2)
        assert same(product(root, other), Product(root, other), source), f"{root}  times  {other}"


def test_an_assumption_is_used_also_within_a_longer_product():
    u, v, square = variable("u"), variable("v"), variable("A")
    row = transpose(ones(N))
    rule = assuming([(Product(row, u), Number(1))])
    assert tidy(Product(row, u), (rule,)) == Number(1)
    assert tidy(Product(square, v, row, u), (rule,)) == Product(square, v)
    assert tidy(Product(row, v), (rule,)) == Product(row, v), "nothing is stated of v"


@given(source=SEEDS)
@settings(max_examples=100, deadline=None)
def test_an_assumption_keeps_the_value_where_it_holds(source):
    """The stated equation may be any that is true: here v names what 1ᵀ u is."""
    u, c = variable("u"), variable("c")
    rule = assuming([(Product(transpose(ones(N)), u), c)])
    body = Product(expressions.expression(source, COLUMN, 2), transpose(ones(N)), u)
    after = tidy(body, (rule,))
    at, field, sizes = values(source)
    at[c.name] = at[u.name].sum(axis=(0, 1), keepdims=True) % field.prime
    evaluate = Evaluator(field, sizes, lambda name, _: at[name])
    assert np.array_equal(evaluate(body, {}) % field.prime, evaluate(after, {}) % field.prime)


def test_tidying_reaches_into_what_has_no_rule():
    """Σ and softmax stand where they stood, and are tidied within."""
    u, v, t = variable("u"), variable("v"), index("t")
    untidied, tidied = Product(Diag(u), v), Hadamard(u, v)
    assert tidy(Softmax(untidied)) == Softmax(tidied)
    assert tidy(Sum(untidied, t, t, t)) == Sum(tidied, t, t, t)
