"""A planted error is stopped by each oracle by itself: in each law in turn, and in every part of a sum over paths.

What is planted must change a formula, and the formula without it must pass: so no test here can pass by accident.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from sympy import Basic, Tuple, false, true

from derive.algebra.build import negate
from derive.algebra.expressions import Add, Chain, Derivative, Expression, Norm, Sum, Transpose, Variable
from derive.calculus.laws import LAWS, Law
from derive.calculus.pullback import Laws
from derive.errors import CheckFailed
from derive.evidence.claims import Case
from derive.evidence.claims import tested_steps as steps_of  # pytest would take it for a test
from derive.evidence.judge import exactly, in_floats
from derive.gradients.chain import chain_form
from derive.gradients.delta import delta_form
from derive.gradients.form import Form, Formula, Question
from derive.gradients.jacobians import local_jacobians, state_jacobian
from derive.models.model import Model, walk
from tests.calculus.examples import example
from tests.networks import names, network

Oracle = Callable[[Case], object]
HAS_NO_EXACT_FORM = {Norm}


def exact(case: Case) -> object:
    return exactly(case, steps_of(case), random.Random(1))


def sampled(case: Case) -> object:
    return in_floats(case, steps_of(case), random.Random(1))


EACH_ORACLE = pytest.mark.parametrize("oracle", [exact, sampled])


def case_of(form: Form, formulas: Sequence[Formula] | None = None, model: Model | None = None) -> Case:
    """A form as the oracles take it, perhaps with other formulas or at another network."""
    question = form.question
    return Case(model or question.model, question.steps, tuple(formulas or form.formulas), form.meanings)


def refutes(oracle: Oracle, case: Case) -> bool:
    try:
        oracle(case)
    except CheckFailed:
        return True
    return False


# In a law.


def operands() -> list[tuple[type[Expression], Law, int]]:
    """Each law with each of its operands that its example differentiates by."""
    found = []
    for kind, law in LAWS:
        node = next(node for node in walk(example(law).right) if type(node) is kind)
        found += [
            (kind, law, i)
            for i, operand in enumerate(node.args)
            if isinstance(operand, Expression) and any(isinstance(part, Variable) for part in walk(operand))
        ]
    return found


def planted(kind: type[Expression], operand: int) -> Laws:
    """The laws, of which one gives one operand the negative of what it receives."""

    def wrong(law: Law) -> Law:
        def law_with_a_wrong_sign(node: Expression, position: int, cotangent: Expression) -> Expression:
            received = law(node, position, cotangent)
            return negate(received) if position == operand else received

        return law_with_a_wrong_sign

    return tuple((k, wrong(law) if k is kind else law) for k, law in LAWS)


def where_it_matters(kind: type[Expression], laws: Laws) -> tuple[Form, Form]:
    """The first gradient (of the shipped networks, then of the written ones) that the planted law changes."""
    for name in names():
        model = network(name).model
        if not any(type(node) is kind for step in model.steps for node in walk(step.right)):
            continue
        for parameter in model.parameters:
            question = Question(model, parameter, model.loss.left)
            right, wrong = (delta_form(question, used, expanded=False) for used in (LAWS, laws))
            if right.formulas != wrong.formulas:
                return right, wrong
    raise AssertionError("no network makes use of this law: write one into tests/networks.py")


@EACH_ORACLE
@pytest.mark.parametrize(("kind", "law", "operand"), operands(), ids=lambda x: getattr(x, "__name__", x))
def test_a_wrong_sign_in_a_law(kind, law, operand, oracle):
    right, wrong = where_it_matters(kind, planted(kind, operand))
    assert not refutes(oracle, case_of(right))
    if oracle is exact and kind in HAS_NO_EXACT_FORM:
        assert exact(case_of(wrong)) == [None] * len(wrong.formulas), "it must not speak of what it cannot decide"
    else:
        assert refutes(oracle, case_of(wrong))


@EACH_ORACLE
@pytest.mark.parametrize("make", [local_jacobians, state_jacobian])
def test_a_wrong_sign_in_a_jacobian(make, oracle):
    model = network("lstm").model
    changed = 0
    for kind, _, operand in operands():
        right, wrong = make(model), make(model, planted(kind, operand))
        for before, after in zip(right.formulas, wrong.formulas, strict=True):
            if before != after:
                changed += 1
                assert refutes(oracle, case_of(wrong, [after])), f"{kind.__name__}, {after.equation.left}"
    assert changed >= 5


# In the sum over paths.


def elman(make: Callable[..., Form], steps: int | None = None, by: str = "W") -> Form:
    return make(network("elman").question(by, steps=steps), expanded=steps is not None)


def rewritten(formula: Formula, change: Callable[[Basic], Basic]) -> Formula:
    """The formula with `change` made at every node of its right side, from the leaves up."""

    def visit(node: Basic) -> Basic:
        if isinstance(node, Expression | Tuple) and node.args:
            node = node.func(*map(visit, node.args))
        return change(node)

    right = visit(formula.equation.right)
    return replace(formula, equation=replace(formula.equation, right=right))


def ascending(node: Basic) -> Basic:
    return Chain(*node.args[:4], false) if isinstance(node, Chain) and node.args[4] == true else node


def total_for_immediate(node: Basic) -> Basic:
    return Derivative(node.top, node.bottom) if isinstance(node, Derivative) else node


def bounds(kind: type[Expression], lower: int, upper: int) -> Callable[[Basic], Basic]:
    """Shift the bounds of each ∏, or of each Σ that has no other Σ within it."""

    def shift(node: Basic) -> Basic:
        if not isinstance(node, kind) or any(isinstance(part, Sum) for part in walk(node.args[0])):
            return node
        body, index, low, high, *rest = node.args
        return kind(body, index, low + lower, high + upper, *rest)

    return shift


def untransposed(letter: str) -> Callable[[Basic], Basic]:
    def change(node: Basic) -> Basic:
        return node.args[0] if isinstance(node, Transpose) and str(node.args[0]) == letter else node

    return change


def one_step_off(node: Basic) -> Basic:
    """δ_t in the place of δ_{t+1}."""
    t = network("elman").model.time
    if isinstance(node, Variable) and node.name.base == "delta" and node.time == t + 1:
        return node.at(t)
    return node


CHAIN = {
    "the product of Jacobians in the other order": ascending,
    "∂ in the place of ∂⁺": total_for_immediate,
    "a sum that begins one step late": bounds(Sum, 1, 0),
    "a sum that ends one step early": bounds(Sum, 0, -1),
    "a product that begins one step late": bounds(Chain, 1, 0),
    "a product that ends one step early": bounds(Chain, 0, -1),
    "a product that begins one step early": bounds(Chain, -1, 0),
}
DELTA = {
    "W in the place of Wᵀ": untransposed("W"),
    "δ_t in the place of δ_{t+1}": one_step_off,
}


@EACH_ORACLE
@pytest.mark.parametrize("steps", [None, 4])
@pytest.mark.parametrize("mistake", CHAIN)
def test_a_mistake_in_the_chain_form(mistake, steps, oracle):
    form = chain_form(network("elman").question("W", steps=steps), expanded=False)
    wrong = rewritten(form.result, CHAIN[mistake])
    assert wrong != form.result
    assert not refutes(oracle, case_of(form))
    assert refutes(oracle, case_of(form, [wrong]))


@EACH_ORACLE
@pytest.mark.parametrize("mistake", DELTA)
def test_a_mistake_in_the_delta_form(mistake, oracle):
    form = elman(delta_form)
    wrong = [rewritten(formula, DELTA[mistake]) for formula in form.formulas]
    assert tuple(wrong) != form.formulas
    assert not refutes(oracle, case_of(form))
    assert refutes(oracle, case_of(form, wrong))


@EACH_ORACLE
@pytest.mark.parametrize("name", ["elman", "lstm"])
@pytest.mark.parametrize("make", [chain_form, delta_form])
def test_a_dropped_summand(make, name, oracle):
    """Each summand of each formula that is written out over three steps, one at a time."""
    question = network(name).question("W" if name == "elman" else "U_f", steps=3)
    form = make(question, expanded=True)
    dropped = 0
    for formula in form.formulas:
        right = formula.equation.right
        for i in range(len(right.args)) if isinstance(right, Add) and formula.kind != "definition" else ():
            rest = [*right.args[:i], *right.args[i + 1 :]]
            equation = replace(formula.equation, right=rest[0] if len(rest) == 1 else Add(*rest))
            dropped += 1
            assert refutes(oracle, case_of(form, [replace(formula, equation=equation)])), str(right.args[i])
    assert dropped >= 3
    assert not refutes(oracle, case_of(form))


@EACH_ORACLE
def test_targets_that_do_not_sum_to_one(oracle):
    """1ᵀ ō_t = 1 makes ∂L_t/∂z_t = (o_t - ō_t)ᵀ: without it the formula is false, and no draw hides that."""
    form = elman(delta_form)
    model = network("elman").model
    assert model.assumptions
    assert not refutes(oracle, case_of(form))
    assert refutes(oracle, case_of(form, model=replace(model, assumptions=())))


@EACH_ORACLE
@pytest.mark.parametrize("make", [chain_form, delta_form])
def test_the_gradient_of_another_loss(make, oracle):
    """L_t in the place of L, and a network of another length."""
    model = network("elman").model
    whole, one = (
        make(Question(model, model.parameters[1], of), expanded=False) for of in (model.loss.left, model.summand)
    )
    swapped = replace(one.result, equation=replace(one.result.equation, right=whole.result.equation.right))
    assert refutes(oracle, replace(case_of(one, [swapped]), meanings=whole.meanings))
    shorter = make(Question(model, model.parameters[1], model.loss.left, 2), expanded=True)
    longer = replace(case_of(shorter, [shorter.result]), steps=3)
    assert refutes(oracle, longer)


def test_the_oracles_say_where():
    form = elman(chain_form)
    for oracle in (exact, sampled):
        with pytest.raises(CheckFailed, match=r"failed its (exact|sampled) check at T = \d") as caught:
            oracle(case_of(form, [rewritten(form.result, ascending)]))
        assert "it is not shown" in str(caught.value)
        assert "n = " in str(caught.value), "the sizes at which it failed"


def test_the_numbers_are_drawn_anew_for_every_seed():
    """Passing twice at one point would be one piece of evidence, told twice."""
    form = elman(chain_form, steps=2)
    first, second = (in_floats(case_of(form), (2,), random.Random(seed)) for seed in (1, 2))
    assert first[0].error != second[0].error or first[0].share != second[0].share
