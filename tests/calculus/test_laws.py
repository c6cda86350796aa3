r"""Every law in LAWS, by its own example and in random company: ⟨g, dy⟩ = Σ ⟨received, dx⟩ for any directions dx.

dy comes from dual numbers over a prime field (exact) and from the complex step: neither knows any law.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derive.algebra.expressions import Expression, Norm, Variable
from derive.algebra.names import Name
from derive.algebra.shapes import is_column
from derive.calculus.laws import LAWS
from derive.calculus.pullback import governing, jacobian, pullback, sections
from derive.errors import DeriveError
from derive.evaluate.arithmetic import Floats
from derive.evaluate.derivatives import ComplexStep, DualStep
from derive.evaluate.evaluator import Evaluator
from derive.evaluate.field import NotExact
from derive.evidence.draws import Wave
from derive.models.model import variables, walk
from tests import expressions
from tests.calculus.examples import example

SECTIONS = ("Statement", "Law", "Shapes", "Conditions", "Source", "Example")
EACH_LAW = pytest.mark.parametrize(("kind", "law"), LAWS, ids=[law.__name__ for _, law in LAWS])
SEEDS = st.integers(0, 2**32 - 1).map(random.Random)
HAS_NO_EXACT_FORM = {Norm}
"""A square root does not exist modulo a prime: for these the complex step alone speaks."""


@EACH_LAW
def test_each_law_says_what_it_states(kind, law):
    found = sections(law)
    assert tuple(found) == SECTIONS
    assert all(text.strip() for text in found.values())
    assert found["Statement"].endswith(".")
    assert "\\Rightarrow" in found["Law"], "what is given, and what follows from it"


def test_each_operation_has_one_law():
    kinds = [kind for kind, _ in LAWS]
    assert len(set(kinds)) == len(kinds)
    assert len({law.__name__ for _, law in LAWS}) == len(LAWS)


@EACH_LAW
def test_each_law_governs_something_in_its_example(kind, law):
    assert any(type(node) is kind and governing(node) is law for node in walk(example(law).right))


def test_what_no_law_governs_is_refused():
    with pytest.raises(DeriveError, match="no law"):
        pullback(Norm(expressions.variable("u")), expressions.variable("c"), laws=LAWS[:1])


@EACH_LAW
@given(source=SEEDS)
@settings(max_examples=15, deadline=None)
def test_by_its_example_exactly(kind, law, source):
    right = example(law).right
    if kind in HAS_NO_EXACT_FORM:
        bench = ExactBench(right, source)
        with pytest.raises(NotExact):
            Evaluator(bench.field, bench.sizes, lambda name, _: next(v for x, v in bench.at.items() if x.name == name))(
                right, {}
            )
    else:
        left, received = exact_sides(right, source)
        assert left == received


@EACH_LAW
@given(source=SEEDS)
@settings(max_examples=15, deadline=None)
def test_by_its_example_in_floats(kind, law, source):
    left, received, scale = float_sides(example(law).right, source)
    assert abs(left - received) <= 1e-11 * scale


@EACH_LAW
@given(source=SEEDS)
@settings(max_examples=5, deadline=None)
def test_the_jacobian_of_its_example(kind, law, source):
    """∂y/∂x for each column x: times a direction it is what the perturbation shows."""
    right = example(law).right
    pairs = [x for x in variables(right) if is_column(x.shape) and is_column(right.shape)]
    assert pairs, "no column by a column here: choose another example"
    for x in dict.fromkeys(pairs):
        bench = FloatBench(right, source)
        found = bench.value(jacobian(right, x)) @ bench.direction[x]
        np.testing.assert_allclose(found, bench.moved(x), rtol=1e-10, atol=1e-12, err_msg=f"by {x}")


@pytest.mark.parametrize("shape", [expressions.SCALAR, expressions.COLUMN, expressions.SQUARE], ids=str)
@given(source=SEEDS)
@settings(max_examples=60, deadline=None)
def test_in_company_exactly(shape, source):
    """The laws one after the other, from the root of a random expression down to its names."""
    right = expressions.expression(source, shape, 3)
    assume(any(variables(right)))  # not the identity alone
    left, received = exact_sides(right, source)
    assert left == received


@given(source=SEEDS)
@settings(max_examples=60, deadline=None)
def test_each_occurrence_is_one_use(source):
    """In the order in which they are written: what a path through the graph is counted by."""
    right = expressions.expression(source, expressions.COLUMN, 3)
    uses = pullback(right, expressions.variable("u"))
    assert [use.variable for use in uses] == list(variables(right))
    assert all(use.received.shape == use.variable.shape for use in uses)


class ExactBench:
    """An expression over a prime field, each of its variables with a random direction."""

    def __init__(self, right: Expression, source: random.Random) -> None:
        self.right, self.field = right, expressions.field(source)
        self.step = DualStep(self.field)
        self.sizes = sizes_of(right, source)
        self.at = {x: self.field.draw(self.shape(x)) for x in variables(right)}
        self.direction = {x: self.field.draw(self.shape(x)) for x in self.at}

    def shape(self, expression: Expression) -> tuple[int, ...]:
        return tuple(int(size.xreplace(self.sizes)) for size in expression.shape)


def exact_sides(right: Expression, source: random.Random) -> tuple[int, int]:
    """⟨g, dy⟩ and Σ ⟨received, dx⟩ modulo a prime."""
    bench = ExactBench(right, source)
    cotangent = Variable(Name("g'"), (), right.shape)
    g = bench.field.draw(bench.shape(right))
    seeded = {x.name: bench.step.seed(value, bench.direction[x]) for x, value in bench.at.items()}
    perturbed = Evaluator(bench.step.arithmetic, bench.sizes, lambda name, _: seeded[name])
    tangent = bench.step.tangent(perturbed(right, {}))
    left = 0 if tangent is None else int(np.sum(np.broadcast_to(tangent, g.shape) * g)) % bench.field.prime
    plain = {x.name: value for x, value in bench.at.items()} | {cotangent.name: g}
    evaluate = Evaluator(bench.field, bench.sizes, lambda name, _: plain[name])
    total = sum(
        int(np.sum(evaluate(use.received, {}) * bench.direction[use.variable])) for use in pullback(right, cotangent)
    )
    return left, total % bench.field.prime


class FloatBench:
    """The same in floats, where the direction is the imaginary part."""

    def __init__(self, right: Expression, source: random.Random) -> None:
        self.right = right
        self.sizes = sizes_of(right, source)
        self.floats = Floats({"f": Wave.drawn(source)})
        self.step = ComplexStep(self.floats)
        self.at = {x: expressions.numbers(source, self.sizes, x.shape) for x in variables(right)}
        self.direction = {x: expressions.numbers(source, self.sizes, x.shape) for x in self.at}
        self.extra: dict[Name, np.ndarray] = {}

    def value(self, expression: Expression) -> np.ndarray:
        plain = {x.name: value for x, value in self.at.items()} | self.extra
        return Evaluator(self.floats, self.sizes, lambda name, _: plain[name])(expression, {})

    def moved(self, *by: Variable) -> np.ndarray:
        """How much the expression changes when these variables move in their directions."""
        seeded = {x.name: self.step.seed(v, self.direction[x]) if x in by else v for x, v in self.at.items()}
        changed = Evaluator(self.floats, self.sizes, lambda name, _: seeded[name])(self.right, {})
        return np.asarray(self.step.tangent(changed))


def float_sides(right: Expression, source: random.Random) -> tuple[float, float, float]:
    """⟨g, dy⟩, Σ ⟨received, dx⟩, and the size that rounding is measured by."""
    bench = FloatBench(right, source)
    cotangent = Variable(Name("g'"), (), right.shape)
    bench.extra[cotangent.name] = g = expressions.numbers(source, bench.sizes, right.shape)
    terms = [np.sum(bench.value(use.received) * bench.direction[use.variable]) for use in pullback(right, cotangent)]
    return float(np.sum(g * bench.moved(*bench.at))), float(sum(terms)), 1 + float(sum(map(abs, terms)))


def sizes_of(right: Expression, source: random.Random) -> dict:
    """A size for each letter in the shapes of an expression, all different, 1 among them at times."""
    letters = sorted({s for node in walk(right) for size in node.shape for s in size.free_symbols}, key=str)
    return dict(zip(letters, source.sample(range(1, 7), len(letters)), strict=True))
