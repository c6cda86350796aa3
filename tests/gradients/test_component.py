"""The component form: each formula of the recursion entry by entry, with letters that nothing else is called by."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from sympy import Integer, Symbol

from derive.algebra import symbols
from derive.algebra.expressions import Derivative, Diag, Entry, Expression, Hadamard, Identity, Sum, Transpose
from derive.algebra.shapes import ONE
from derive.api import loads
from derive.errors import ShapeError
from derive.evaluate.derivatives import DualStep
from derive.evaluate.evaluator import Evaluator
from derive.evidence import draws
from derive.gradients.component import LETTERS, entry
from derive.gradients.form import Form, Formula, Question
from derive.gradients.form import names as taken_by
from derive.gradients.makers import MAKERS
from derive.models.model import Model, walk
from derive.render.forms import formula_unicode
from tests import expressions
from tests.gradients.asked import everything
from tests.gradients.printed import Printed
from tests.networks import LOSS, names, network

EACH_NETWORK = pytest.mark.parametrize("name", names())


@cache
def component_forms(name: str) -> tuple[Form, ...]:
    """Of L by everything."""
    model = network(name).model
    return tuple(MAKERS["component"](Question(model, by, model.loss.left), expanded=False) for by in everything(model))


# One entry of any expression.


@pytest.mark.parametrize("seed", range(12))
def test_an_entry_is_what_stands_at_its_place(seed):
    """Of random expressions of every shape, modulo a prime: the formula for an entry, against that of the value."""
    source = random.Random(seed)
    field, sizes = expressions.field(source), expressions.sizes(source)
    values = {v.name: field.draw([int(s.xreplace(sizes)) for s in v.shape]) for v in expressions.VARIABLES}
    evaluate = Evaluator(field, sizes, lambda name, indices: values[name])
    letters = [symbols.index(letter) for letter in LETTERS]
    for shape in expressions.SHAPES * 3:
        tree = expressions.expression(source, shape, depth=3)
        place = tuple(letters[: sum(size != ONE for size in shape)])
        said = entry(tree, place, letters[len(place) :])
        value = evaluate(tree, {})
        for at in np.ndindex(*value.shape):
            count = [number + 1 for number, size in zip(at, shape, strict=True) if size != ONE]
            found = evaluate(said, {**sizes, **dict(zip(place, count, strict=True))})
            assert found.shape == (1, 1)
            assert (found[0, 0] - value[at]) % field.prime == 0, f"entry {at} of {tree}"


def test_an_entry_needs_as_many_indices_as_there_are_ends():
    i, j = symbols.index("i"), symbols.index("j")
    column, square = expressions.variable("u"), expressions.variable("A")
    assert Entry(column, i).place == (i, ONE)
    assert Entry(Transpose(column), i).place == (ONE, i)
    assert Entry(square, i, j).place == (i, j)
    for wrong in ((column, i, j), (square, i), (expressions.variable("c"), i, j)):
        with pytest.raises(ShapeError, match="do not name an entry"):
            Entry(*wrong)


# The form.


@pytest.mark.parametrize("name", [name for name in names() if name != "norm"])
def test_entries_are_those_of_the_delta_form(name):
    """Each formula of the one, and the array that the other gives, by nothing but what is printed."""
    model = network(name).model
    source = random.Random(12)
    field = expressions.field(source)
    at = draws.point(model, draws.sizes(model, source, smallest=2), 3, field.draw, field.rational)
    bench = Printed(at, DualStep(field))
    for by in (*model.parameters, *(start.variable for start in model.starts)):
        question = Question(model, by, model.loss.left)
        entries, arrays = (MAKERS[form](question, expanded=False) for form in ("component", "delta"))
        assert [f.kind for f in entries.formulas] == [f.kind for f in arrays.formulas]
        assert np.array_equal(bench(entries).ravel() % field.prime, bench(arrays).ravel() % field.prime), f"by {by}"


@EACH_NETWORK
def test_every_value_is_a_number(name):
    """What is said is 1×1 on both sides, and nowhere is there a matrix product, a diag, an ⊙ or a Kronecker delta."""
    for form in component_forms(name):
        for formula in form.formulas:
            if formula.kind != "gradient" or not formula.equation.right.args:
                assert all(side.shape == (ONE, ONE) for side in formula.equation.sides)
            outside = list(above_entries(formula.equation.right))
            assert not any(isinstance(n, Identity | Diag | Hadamard | Transpose) for n in outside), str(
                formula.equation
            )
            assert all(node.shape == (ONE, ONE) for node in outside if not isinstance(node, Derivative))


def above_entries(node: Expression) -> Iterator[Expression]:
    """An expression down to the entries that it is made of."""
    yield node
    for argument in node.args if not isinstance(node, Entry) else ():
        if isinstance(argument, Expression):
            yield from above_entries(argument)


@EACH_NETWORK
def test_letters_of_entries_are_called_by_nothing_else(name):
    """Neither a name nor its label, a size, a function, a step; and none is bound within the reach of itself."""
    model = network(name).model
    for form in component_forms(name):
        for formula in form.formulas:
            own = entry_letters(formula, model)
            assert not {str(letter) for letter in own} & taken_by(model)
            steps = {free.index for free in formula.ranges if not free.upper.free_symbols & sizes(model)}
            assert not own & steps
            assert not shadowed(formula.equation.right, {free.index for free in formula.ranges}), str(formula.equation)


def sizes(model: Model) -> set[Symbol]:
    known = (*model.parameters, *model.inputs, *(step.left for step in model.steps))
    return {symbol for variable in known for size in variable.shape for symbol in size.free_symbols}


def entry_letters(formula: Formula, model: Model) -> set[Symbol]:
    """The letters that run over entries, free or bound."""
    bound = {
        n.args[1] for n in walk(formula.equation.right) if isinstance(n, Sum) and n.args[3].free_symbols & sizes(model)
    }
    return bound | {free.index for free in formula.ranges if free.upper.free_symbols & sizes(model)}


def shadowed(node: Expression, outer: set[Symbol]) -> bool:
    """Whether a letter is bound where it stands for something else already."""
    if isinstance(node, Sum):
        body, index, *_ = node.args
        return index in outer or shadowed(body, outer | {index})
    return any(shadowed(argument, outer) for argument in node.args if isinstance(argument, Expression))


MINE = rf"""
x_t \in \mathbb{{R}}^{{i}}, y_t, s_0 \in \mathbb{{R}}^{{j}}
U \in \mathbb{{R}}^{{j \times i}}, W_l \in \mathbb{{R}}^{{j \times j}}
s_t = f(U x_t + W_l s_{{t-1}})
L_t = y_t^{{\top}} s_t
{LOSS}"""


def test_sizes_and_labels_that_are_usual_letters():
    """Of a network whose sizes are i and j and whose matrix has the label l the entries have other letters."""
    answer = loads(MINE).gradient("W_l").component
    gradient, recursion, definition = answer.form.formulas
    letters = {free.index.name for formula in (gradient, recursion, definition) for free in formula.ranges} - {"t"}
    assert letters == {"p", "q"}
    assert answer.evidence[0].exact is not None


def test_the_lstm_has_a_gate_that_is_called_i():
    (gradient, *_) = network("lstm").gradient("W_f").component.form.formulas
    assert [free.index.name for free in gradient.ranges] == ["j", "l"]


@pytest.mark.parametrize(
    ("name", "by", "said"),
    [
        ("elman", "W", "[∂L/∂W]ᵢⱼ = Σ_{t=1}^{T} δ_{t,i} s_{t-1,j},   i = 1, …, n,   j = 1, …, n"),
        ("elman", "U", "[∂L/∂U]ᵢⱼ = Σ_{t=1}^{T} δ_{t,i} x_{t,j},   i = 1, …, n,   j = 1, …, d"),
        ("elman", "s_0", "[∂L/∂s₀]ᵢ = Σ_{j=1}^{n} Wⱼᵢ δ_{1,j},   i = 1, …, n"),
        ("starts_at_zero", "b", "[∂L/∂b]ᵢ = Σ_{t=1}^{T} δ_{t,i},   i = 1, …, n"),
        ("numbers_beside_vectors", "x_t", "∂L/∂xₜ = Σ_{i=1}^{n} uᵢ δ_{t,i},   t = 1, …, T"),
        ("masked_weights", "W", "[∂L/∂W]ᵢⱼ = Σ_{t=1}^{T} Mᵢⱼ δ_{t,i} s_{t-1,j},   i = 1, …, n,   j = 1, …, n"),
        ("diagonal", "v", "[∂L/∂v]ᵢ = Σ_{t=1}^{T} δ_{t,i} Σ_{j=1}^{n} s_{t-1,j} Wᵢⱼ,   i = 1, …, n"),
    ],
)  # fmt: skip
def test_what_is_printed(name, by, said):
    form = MAKERS["component"](network(name).question(by), expanded=False)
    assert "\n".join(formula_unicode(form.formulas[0])) == said


def test_what_runs_over_entries_is_said_beside():
    """δ beyond the last step is 0 in each of its entries."""
    recursion = network("elman").gradient("W").component.form.formulas[1]
    (beyond,) = recursion.boundary
    assert beyond.left == Entry(beyond.left.body, symbols.index("i"))
    assert [str(free.index) for free in recursion.ranges] == ["t", "i"]
    assert recursion.ranges[1].lower == Integer(1)
