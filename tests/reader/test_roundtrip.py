"""Every formula that is printed reads back in its network's own context: the same expression, or equal in value.

Every cell with every activation, by every parameter and start, of L and of L_t, for any T and for one, two and three
steps, in every form: its formulas, steps, conditions, meanings and what holds beyond the last step. A sample, for the
time that all would take: by other quantities, in other manners of writing, of whole forms as texts.
"""

import random
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import product

import numpy as np
import pytest
from sympy import Integer, Symbol

from derive import api
from derive.algebra.equation import Equation
from derive.algebra.expressions import Expression
from derive.algebra.functions import ACTIVATIONS
from derive.errors import DeriveError, Source
from derive.evaluate.derivatives import Derivatives, DualStep
from derive.evaluate.field import PrimeField, random_prime
from derive.evidence import draws
from derive.evidence.claims import instances
from derive.evidence.judge import Bench
from derive.gradients.bounds import Bound, state_bound
from derive.gradients.explain import explained
from derive.gradients.form import Form, Formula, Question
from derive.gradients.makers import jacobians
from derive.gradients.manner import ENTRYWISE, SLOPES, Manner
from derive.gradients.nested import nested_form
from derive.reader.parse import parse
from derive.reader.statements import read_statements
from derive.reader.surface import Relation
from derive.render.forms import form_latex, model_latex
from derive.render.printer import latex
from tests.networks import CLOSELY
from tests.reader import sexpr
from tests.reader.meaning import meaning, network_context, show
from tests.reader.values import value

STEPS, SAMPLE = (None, 1, 2, 3), (None, 2)
MANNERS = [Manner(*manner) for manner in product(SLOPES, ENTRYWISE)]
MOST = 3
"""T of the point at which values are compared."""


@cache
def network(cell: str, activation: str) -> api.Network:
    return api.load(cell, activation)


def networks() -> Iterator[tuple[str, str]]:
    """The cells with each activation; one without an abstract activation as it is."""
    for cell in CLOSELY:
        replaceable = "f" in network(cell, "f").model.functions
        yield from ((cell, activation) for activation in (ACTIVATIONS if replaceable else ("f",)))


def questions(net: api.Network) -> Iterator[Question]:
    """Everything by parameters and starts; a sample by other quantities, and in other manners of writing."""
    model = net.model
    ends = [*model.parameters, *(start.variable for start in model.starts if start.value is None)]
    others = [step.left for step in model.steps if step.left != model.summand]
    for of in (None, str(model.summand)):
        yield from (net.question(str(by), of=of, steps=steps) for by in ends for steps in STEPS)
        yield from (net.question(str(by), of=of, steps=steps) for by in others for steps in SAMPLE)
    for manner in MANNERS:
        yield from (net.question(str(by), manner=manner) for by in ends)


@cache
def forms(cell: str, activation: str, kind: str) -> tuple[tuple[str, Form], ...]:
    """One form of every question, but for those that the program refuses to answer."""
    found = []
    for question in questions(network(cell, activation)):
        title = f"{question.of} by {question.by}, T = {question.horizon}, {question.manner}"
        with suppress(DeriveError):
            form = api.MAKERS[kind](question, expanded=question.steps is not None and not question.ranges)
            found.append((title, explained(form)))
    return tuple(found)


CASES = [pytest.param(*pair, kind, id=f"{'-'.join(pair)}-{kind}") for pair in networks() for kind in api.FORMS]
NETWORKS = [pytest.param(*pair, id="-".join(pair)) for pair in networks()]


@cache
def point(cell: str, activation: str):
    """A network at random values modulo a prime, and its derivatives there."""
    model, source = network(cell, activation).model, random.Random(1)
    field = PrimeField(random_prime(source), source)
    sizes = draws.sizes(model, source, smallest=2)

    def fill(q):
        return field.constant(int(q.p), int(q.q), (1, 1))

    at = draws.point(model, sizes, MOST, field.draw, fill)
    base = at.forward(field, until=MOST + 1)
    return at, field, Derivatives(at, DualStep(field), base), base


def context_of(form: Form, *expressions: Expression):
    """The network's names, the names that the form introduces, and the index letters of the formulas."""
    introduced = [stands.left for stands in form.meanings.values()]
    return network_context(form.question.model, introduced, letters_of(*expressions))


def letters_of(*expressions: Expression) -> set[str]:
    """The index letters; sizes are positive."""
    return {str(s) for e in expressions for s in e.atoms(Symbol) if not s.is_positive}


def assert_same(network: tuple[str, str], form: Form, formula: Formula, printed: Expression) -> None:
    """What is printed of one side of a formula, or of a formula beside it, reads as what was meant."""
    read = meaning(latex(printed), context_of(form, printed), printed.shape)
    assert read.shape == printed.shape
    if read == printed or show(read) == show(printed):
        return
    at, field, derivatives, base = point(*network)
    for indices in instances(formula, form.question.model, MOST, at.sizes):
        bench = Bench(at, field, derivatives, base, form.meanings, dict(indices))
        left, right = (bench.evaluate(side, indices) for side in (read, printed))
        assert np.array_equal(left % field.prime, right % field.prime), f"{show(read)} is not {show(printed)}"


def said(form: Form) -> Iterator[tuple[Formula, Equation]]:
    """Every equation of a form, with the formula whose indices it has."""
    for formula in (*form.formulas, *(step.formula for step in form.steps)):
        yield from ((formula, equation) for equation in (formula.equation, *formula.conditions, *formula.boundary))


@pytest.mark.parametrize(("cell", "activation", "kind"), CASES)
def test_a_form_reads_back(cell, activation, kind):
    seen = set()
    for _, form in forms(cell, activation, kind):
        for formula, equation in said(form):
            for side in (equation.left, equation.right):
                if (formula.ranges, side) not in seen:
                    seen.add((formula.ranges, side))
                    assert_same((cell, activation), form, formula, side)
    assert seen


@pytest.mark.parametrize(("cell", "activation", "kind"), CASES)
def test_what_a_name_stands_for_reads_back(cell, activation, kind):
    seen = set()
    for title, form in forms(cell, activation, kind):
        for side in {side for stands in form.meanings.values() for side in (stands.left, stands.right)} - seen:
            seen.add(side)
            assert show(meaning(latex(side), context_of(form, side))) == show(side), title


@pytest.mark.parametrize(("cell", "activation"), NETWORKS)
def test_the_jacobians_read_back(cell, activation):
    """On the left too: ∂⁺ holds the state before, a bar at the foot what stands beside it."""
    for form in jacobians(network(cell, activation).model):
        for formula in form.formulas:
            assert_same((cell, activation), form, formula, formula.equation.right)
            left = formula.equation.left
            assert show(meaning(latex(left), context_of(form, left))) == show(left)


@pytest.mark.parametrize(("cell", "activation"), NETWORKS)
def test_the_nested_forward_pass_reads_back(cell, activation):
    model = network(cell, activation).model
    quantities = [step.left.at(Integer(number)) for step in model.equations for number in (1, 2, 3)]
    for quantity in quantities:
        try:
            form = nested_form(model, quantity)
        except DeriveError:  # more names than anybody could read
            continue
        for _, equation in said(form):
            for side in (equation.left, equation.right):
                assert show(meaning(latex(side), context_of(form, side))) == show(side)


@pytest.mark.parametrize(("cell", "activation"), NETWORKS)
def test_the_bound_of_the_jacobians_reads_back(cell, activation):
    """Norms have no value modulo a prime: in floats."""
    bound = state_bound(network(cell, activation).model)
    if not isinstance(bound, Bound):
        return
    names = [name for _, name in bound.suprema]
    for claim in (bound.claim, bound.factor, *(estimate.claim for estimate in bound.estimates)):
        for side in (claim.left, claim.right):
            read = meaning(latex(side), network_context(bound.model, names, letters_of(side)))
            np.testing.assert_allclose(value(read), value(side), rtol=1e-9)


@cache
def tree(text: str) -> str:
    return sexpr.show(parse(Source("side", text)))


@pytest.mark.parametrize(("cell", "activation", "kind"), CASES)
def test_a_whole_form_is_one_text_of_its_equations(cell, activation, kind):
    """Statement for statement the same trees as each side by itself, whatever stands beside and between the rows.

    A sample: the whole loss by parameters, for any T and two steps.
    """
    for title, form in forms(cell, activation, kind):
        asked = form.question
        if not asked.whole or asked.by.time is not None or asked.steps not in SAMPLE or asked.manner != Manner():
            continue
        found = [s for s in read_statements(Source("form", form_latex(form))).statements if isinstance(s, Relation)]
        read = {tuple(map(sexpr.show, statement.sides[:2])) for statement in found}
        for formula in form.formulas:
            sides = formula.equation.left, formula.equation.right
            assert tuple(tree(latex(side)) for side in sides) in read, title


@pytest.mark.parametrize("cell", api.cells())
def test_the_network_is_read_again_from_what_is_printed_of_it(cell):
    model = network(cell, "f").model
    declared = [line for line in model.source.text.splitlines() if r"\in" in line]
    again = api.loads("\n".join([*declared, model_latex(model)])).model
    assert again.equations == model.equations
    assert again.steps == model.steps
    assert again.loss == model.loss
    assert again.assumptions == model.assumptions
