"""Every formula that is printed reads back in its network's own context: the same expression, or equal in value."""

import random
from functools import cache

import numpy as np
import pytest
from sympy import Symbol

from derive import api
from derive.algebra.expressions import Expression, Identity
from derive.check import draws
from derive.check.judge import Bench, instances
from derive.errors import Source
from derive.evaluate.derivatives import Derivatives, DualStep
from derive.evaluate.field import PrimeField, random_prime
from derive.gradients.form import Form, Formula
from derive.reader.statements import read_statements
from derive.render.forms import form_latex, model_latex
from derive.render.printer import latex
from tests.reader.meaning import meaning, network_context, show

STEPS = 3


@cache
def network(cell):
    return api.load(cell)


@cache
def forms(cell) -> tuple[tuple[str, Form], ...]:
    """Every form of every parameter and start, of L and of L_t, for any T and for three steps."""
    found = []
    starts = [str(start.variable) for start in network(cell).model.starts if start.value is None]
    for name in (*network(cell).parameters, *starts):
        for of in (None, str(network(cell).model.summand)):
            for steps in (None, STEPS):
                question = network(cell).question(name, of=of, steps=steps)
                for kind in api.FORMS:
                    form = api.MAKERS[kind](question, expanded=steps is not None)
                    found.append((f"{of or 'L'} by {name}, {kind}, T = {steps or 'T'}", form))
    return tuple(found)


CASES = [pytest.param(cell, title, form, id=f"{cell}: {title}") for cell in api.cells() for title, form in forms(cell)]


@cache
def point(cell):
    model, source = network(cell).model, random.Random(1)
    field = PrimeField(random_prime(source), source)
    numbers = draws.sizes(model, source, smallest=2)

    def fill(q):
        return field.constant(int(q.p), int(q.q), (1, 1))

    at = draws.point(model, numbers, STEPS, field.draw, fill)
    base = at.forward(field, until=STEPS + 1)
    return at, field, Derivatives(at, DualStep(field), base), base


def context_of(form: Form, expression: Expression):
    """The network's names, the names that the form introduces, and the index letters that the formula binds."""
    introduced = [meaning.left for meaning in form.meanings.values()]
    letters = {str(s) for s in expression.atoms(Symbol) if not s.is_positive}  # sizes are positive, indices need not be
    return network_context(form.question.model, introduced, letters)


def assert_same(cell, form: Form, formula: Formula, printed: Expression) -> None:
    read = meaning(latex(printed), context_of(form, printed))
    assert read.shape == printed.shape
    if show(read) == show(printed):
        return
    at, field, derivatives, base = point(cell)
    for indices in instances(formula, form.question.model, STEPS):
        bench = Bench(at, field, derivatives, base, form.meanings, dict(indices))
        left, right = (bench.evaluate(side, indices) for side in (read, printed))
        assert np.array_equal(left % field.prime, right % field.prime), f"{show(read)} is not {show(printed)}"


@pytest.mark.parametrize(("cell", "title", "form"), CASES)
def test_a_form_reads_back(cell, title, form):
    for formula in form.formulas:
        assert_same(cell, form, formula, formula.equation.left)
        assert_same(cell, form, formula, formula.equation.right)
        for condition in formula.conditions:
            assert_same(cell, form, formula, condition.left)


@pytest.mark.parametrize(("cell", "title", "form"), CASES)
def test_what_a_name_stands_for_reads_back(cell, title, form):
    for stands in form.meanings.values():
        read = meaning(latex(stands.right), context_of(form, stands.right))
        assert show(read) == show(stands.right)


@pytest.mark.parametrize("cell", api.cells())
def test_the_jacobians_read_back(cell):
    for checked in network(cell).jacobians():
        for formula in checked.form.formulas:
            if not isinstance(formula.equation.right, Identity):  # I alone does not say its size
                assert_same(cell, checked.form, formula, formula.equation.right)


@pytest.mark.parametrize("cell", api.cells())
def test_the_left_sides_of_jacobians_read_back(cell):
    """What is held fixed must be readable: ∂⁺ holds the state before, a bar at the foot what stands beside it."""
    for checked in network(cell).jacobians():
        for formula in checked.form.formulas:
            printed = formula.equation.left
            read = meaning(latex(printed), context_of(checked.form, printed))
            assert show(read) == show(printed)


@pytest.mark.parametrize(("cell", "title", "form"), CASES)
def test_a_whole_form_is_one_text_of_statements(cell, title, form):
    rows = form_latex(form).count(r"\\") + 1
    statements = read_statements(Source("form", form_latex(form))).statements
    assert len(statements) >= rows - form_latex(form).count(r"&\quad") - form_latex(form).count(r"\begin{pmatrix}")


@pytest.mark.parametrize("cell", api.cells())
def test_the_network_is_read_again_from_what_is_printed_of_it(cell):
    model = network(cell).model
    declared = [line for line in model.source.text.splitlines() if r"\in" in line]
    again = api.loads("\n".join([*declared, model_latex(model)])).model
    assert again.equations == model.equations
    assert again.steps == model.steps
    assert again.loss == model.loss
    assert again.assumptions == model.assumptions
