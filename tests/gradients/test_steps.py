"""The steps between the forms: they lead from the derivative to each form without a gap, each by a law, each judged.

`explained` gives them; a step of the whole rewrites the gradient, a step of a part says what one factor is.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from sympy import Integer

from derive.algebra.build import negate, transpose
from derive.algebra.equation import Equation
from derive.algebra.expressions import (
    Add,
    Chain,
    Derivative,
    Diag,
    Entry,
    Expression,
    Identity,
    State,
    Sum,
    Transpose,
    Variable,
)
from derive.algebra.shapes import is_scalar
from derive.calculus.laws import LAWS
from derive.calculus.pullback import sections
from derive.errors import CheckFailed, ShapeError
from derive.evaluate.arithmetic import Floats
from derive.evaluate.derivatives import ComplexStep, Derivatives
from derive.evidence import draws
from derive.evidence.bench import Bench
from derive.evidence.claims import LONGEST, instances
from derive.evidence.judge import judge, relative
from derive.gradients.chain import STAGES
from derive.gradients.expand import write_out
from derive.gradients.explain import explained
from derive.gradients.form import Cited, Form, Formula, Question, Step
from derive.gradients.makers import FORMS, MAKERS, derived
from derive.gradients.manner import Manner, slopes_by_value, with_diagonals, with_entrywise_products
from derive.gradients.steps import cited
from derive.models.model import walk
from tests.gradients.asked import everything, some
from tests.networks import names, network

EACH_NETWORK = pytest.mark.parametrize("name", names())
OF = pytest.mark.parametrize("whole", [True, False], ids=["of L", "of L_t"])
STEPS = 3


def question(name: str, by: Variable, *, whole: bool, steps: int | None = None) -> Question:
    model = network(name).model
    return Question(model, by, model.loss.left if whole else model.summand, steps)


@cache
def forms(name: str, *, whole: bool, steps: int | None = None) -> tuple[Form, ...]:
    """The five forms with their steps by one quantity of each role, another one of L_t than of L."""
    model = network(name).model
    asked = some(model, 1, turn=names().index(name) + (0 if whole else 1))
    return tuple(explained(f) for f in derived([question(name, by, whole=whole, steps=steps) for by in asked], FORMS))


def in_fives(found: tuple[Form, ...]) -> Iterator[tuple[Form, ...]]:
    """The forms of one gradient after the other."""
    return (found[i : i + len(FORMS)] for i in range(0, len(found), len(FORMS)))


def turned(expression: Expression) -> Expression | None:
    """The transpose, where there is one: not of an array with three indices."""
    try:
        return transpose(expression)
    except ShapeError:
        return None


class Reached:
    """What the steps have led to so far, beginning at what is asked for."""

    def __init__(self, start: set[Expression]) -> None:
        self.found = set(start)

    def __contains__(self, expression: Expression) -> bool:
        """Also an entry of what was reached, and a row as a column."""
        whole = expression.body if isinstance(expression, Entry) else expression
        return whole in self.found or any(turned(found) == whole for found in self.found)

    def go(self, step: Step) -> None:
        if step.before in self:
            self.found.add(step.after)


def at_number(general: Iterable[Form], steps: int) -> Reached:
    """All that the steps for the symbol T lead to, with a number put in for T."""
    reached = Reached(set())
    for form in general:
        equations = [form.result.equation, *(step.formula.equation for step in form.steps if not step.part)]
        values = {form.question.model.horizon: Integer(steps)}
        reached.found |= {side for equation in equations for side in equation.at(values).sides}
    return reached


@EACH_NETWORK
@OF
def test_the_steps_of_the_whole_are_a_path_from_the_derivative_to_each_form(name, whole):
    for five in in_fives(forms(name, whole=whole)):
        reached = Reached({five[0].question.derivative})
        for form in five:
            steps = [step for step in form.steps if not step.part]
            for step, following in pairwise(steps):
                assert following.before == step.after, f"{form.kind}: a gap before {following.laws[0].name}"
            for step in form.steps:
                reached.go(step)
            assert not steps or steps[0].before in reached, f"{form.kind} begins elsewhere"
            assert not steps or steps[-1].after == form.result.equation.right, f"{form.kind} ends elsewhere"
            assert form.result.equation.right in reached, f"nothing leads to the {form.kind} form"


@EACH_NETWORK
def test_the_chain_form_begins_at_the_derivative(name):
    """A derivative that is a chain form already (∂L_t/∂o_t) needs no step."""
    for whole in (True, False):
        for chain, *_ in in_fives(forms(name, whole=whole)):
            first = chain.steps[0].before if chain.steps else chain.result.equation.right
            assert first == chain.question.derivative
            assert not any(step.part for step in chain.steps)


@EACH_NETWORK
def test_for_a_number_the_sums_are_written_out(name):
    """The last step of a form takes from Σ and ∏ with that number as a bound, which the general form has, to terms."""
    both = zip(in_fives(forms(name, whole=True)), in_fives(forms(name, whole=True, steps=STEPS)), strict=True)
    for general, five in both:
        reached = at_number(general, STEPS)
        reached.found.add(five[0].question.derivative)
        for form in five:
            for step in form.steps:
                assert step.part or step.before in reached, f"{form.kind}: {step.laws[0].name} begins elsewhere"
                reached.go(step)
            assert form.result.equation.right in reached, f"nothing leads to the {form.kind} form"


@EACH_NETWORK
def test_nothing_is_left_to_write_out(name):
    for five in in_fives(forms(name, whole=True, steps=STEPS)):
        for form in five:
            for formula in form.formulas if form.question.written_out else ():
                left, right = formula.equation.sides
                assert write_out(right) == right, f"{form.kind} form: {left}"
                bounds = [node.args[3] for node in walk(right) if isinstance(node, Chain | Sum)]
                assert not any(bound.is_Integer for bound in bounds), f"{form.kind} form: {left}"


@EACH_NETWORK
@OF
def test_each_step_holds(name, whole, monkeypatch):
    """Both oracles, and never without an instance: of L by one of each role, of L_t by one of them.

    At T = 1 … 4, to be quick; the program itself goes on to 6.
    """
    monkeypatch.setattr("derive.evidence.claims.LONGEST", 4)
    found = forms(name, whole=whole)
    if not whole:
        found = found[len(FORMS) * (names().index(name) % (len(found) // len(FORMS))) :][: len(FORMS)]
    for form, evidence in zip(found, judge([replace(form, formulas=()) for form in found]), strict=True):
        for step, one in zip(form.steps, evidence, strict=True):
            assert one.sampled.points > 0, f"{step.laws[0].name} was not tested"
            assert (one.exact is None) == (name == "norm")


@EACH_NETWORK
def test_each_step_for_a_number_holds(name):
    found = forms(name, whole=True, steps=STEPS)[: 2 * len(FORMS)]  # by a parameter and by a start
    for form, evidence in zip(found, judge([replace(form, formulas=()) for form in found]), strict=True):
        assert len(evidence) == len(form.steps)
        assert all(one.sampled.points > 0 for one in evidence)


@EACH_NETWORK
@OF
def test_each_step_cites_a_law_and_changes_something(name, whole):
    for form in forms(name, whole=whole):
        claims = [step.formula for step in form.steps]
        assert len(set(claims)) == len(claims), "a step is said twice"
        for step in form.steps:
            assert step.laws
            assert step.before != step.after, f"{step.laws[0].name} changes nothing"
            for law in step.laws:
                assert law.name
                assert law.statement.endswith(".")
                assert law.conditions


def test_a_step_without_a_law_is_none():
    (form,) = derived([network("elman").question("W")], ["chain"])
    with pytest.raises(ValueError, match="laws"):
        Step((), form.result)


REWRITINGS = {cited(law).name: law for law in (write_out, slopes_by_value, with_diagonals, with_entrywise_products)}


@EACH_NETWORK
def test_a_rewriting_gives_what_its_step_says(name):
    """Where the law that is cited is a function of the expression, its value is what the step ends at."""
    model = network(name).model
    of, asked = model.loss.left, some(model, 1, turn=names().index(name))[:3]
    manners = [(Manner("value", "hadamard"), None), (Manner("prime", "diag"), None), (Manner("value"), 2)]
    questions = [Question(model, by, of, steps, manner) for by in asked for manner, steps in manners]
    for form in map(explained, derived(questions, FORMS)):
        for step in form.steps:
            law = REWRITINGS.get(step.laws[0].name)
            if law is not None:
                after = law(step.before, model) if law is slopes_by_value else law(step.before)
                assert after == step.after, f"{form.kind} form: {step.laws[0].name}"


def test_every_law_can_be_cited():
    for law in (*(law for _, law in LAWS), *STAGES, *REWRITINGS.values()):
        said = cited(law)
        assert said == Cited(said.name, sections(law)["Statement"], said.latex, said.conditions)
        assert said.statement.endswith(".")
        assert "_" not in said.name


def test_the_steps_of_elman_by_name():
    """In the order in which a lecture has them."""
    gradient = network("elman").question("W")
    said = [
        [step.laws[0].name for step in explained(form).steps if not step.part] for form in derived([gradient], FORMS)
    ]
    assert said == [
        ["sum of losses", "through the state", "every use", "step by step", "along the equations"],
        ["putting in"],
        ["handing back"],
        ["collecting later losses", "naming adjoints"],
        ["entry"],
    ]


# A planted fault.


def spots(node: Expression, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Expression]]:
    """Every node that a value depends on as it stands; what a derivative symbol names is none."""
    yield path, node
    if not isinstance(node, Derivative | State):
        for i, argument in enumerate(node.args):
            if isinstance(argument, Expression):
                yield from spots(argument, (*path, i))


def put(node: Expression, path: tuple[int, ...], new: Expression) -> Expression:
    """The expression with another node at that place."""
    if not path:
        return new
    first, *rest = path
    return node.func(*[put(a, tuple(rest), new) if i == first else a for i, a in enumerate(node.args)])


def faults(right: Expression) -> Iterator[tuple[str, Expression]]:
    """A right side with one error in it, of each kind at each place."""
    yield "sign", negate(right)
    for path, node in spots(right):
        match node:
            case Add(args=terms):
                for lost in range(len(terms)):
                    rest = terms[:lost] + terms[lost + 1 :]
                    yield "a lost term", put(right, path, rest[0] if len(rest) == 1 else Add(*rest))
            case Sum(args=(body, index, lower, upper)):
                yield "a lost summand", put(right, path, Sum(body, index, lower + 1, upper))
            case Diag():
                yield "a lost factor", put(right, path, Identity(node.shape[0]))
            case Variable() if node.time is not None:
                yield "a shifted index", put(right, path, node.at(node.time + 1))
            case Variable() if node.shape[0] == node.shape[1] and not is_scalar(node.shape):
                yield "a transposed factor", put(right, path, Transpose(node))


def planted(form: Form, source: random.Random) -> Iterator[tuple[Expression, Form]]:
    """A right side, and the form with that step wrong: at two steps an error of each kind that there is room for."""
    for step in source.sample(form.steps, min(2, len(form.steps))):
        kinds: dict[str, list[Expression]] = {}
        for kind, right in faults(step.after):
            kinds.setdefault(kind, []).append(right)
        for found in kinds.values():
            claim = replace(step.formula, equation=Equation(step.before, source.choice(found)))
            yield step.after, replace(form, formulas=(), steps=(replace(step, formula=claim),))


@EACH_NETWORK
@OF
def test_a_planted_fault_is_refuted(name, whole):
    """At two steps of five forms; a fault that changes no value (y_{t+1} for y_t in 𝟏ᵀ y_t = 1) is none."""
    source = random.Random(f"{name} {whole}")
    there = forms(name, whole=whole)
    found = [p for form in source.sample(there, len(FORMS)) for p in planted(form, source) if matters(*p)]
    for _, wrong in found:
        assert refuted(wrong), f"{wrong.kind} form: {wrong.steps[0].after}"
    assert len(found) >= len(FORMS)


def matters(right: Expression, wrong: Form) -> bool:
    """Whether a wrong right side has another value than the right one, at some instance of six steps in floats."""
    model, claim, source = wrong.question.model, wrong.steps[0].formula, random.Random(3)
    floats = Floats({function: draws.Wave.drawn(source) for function in model.functions})
    sizes = draws.sizes(model, source, smallest=2)
    point = draws.point(model, sizes, LONGEST, draws.normal(source, 1.0), floats.rational)
    base = point.forward(floats, until=LONGEST + model.longest)
    bench = Bench(point, floats, Derivatives(point, ComplexStep(floats), base), base, wrong.meanings)
    both = replace(claim, equation=Equation(right, claim.equation.right))
    return any(relative(*bench.sides(both, i)) > 1e-6 for i in instances(both, model, LONGEST, sizes))


def refuted(form: Form) -> bool:
    try:
        judge([form])
    except CheckFailed:
        return True
    return False


def test_each_kind_of_fault_is_planted():
    rights = [step.after for name in ("elman", "lstm") for form in forms(name, whole=True) for step in form.steps]
    kinds = ("sign", "a lost term", "a lost summand", "a lost factor", "a shifted index", "a transposed factor")
    assert {kind for right in rights for kind, _ in faults(right)} == set(kinds)


@pytest.mark.parametrize("form", FORMS)
def test_a_wrong_step_stops_the_program(form):
    """The form itself is right; a wrong step beside it is enough."""
    (right,) = (explained(f) for f in derived([network("elman").question("W")], [form]))
    assert judge([right])
    step = right.steps[-1]
    claim = Formula(Equation(step.before, negate(step.after)), "step", step.formula.ranges)
    with pytest.raises(CheckFailed):
        judge([replace(right, steps=(*right.steps[:-1], replace(step, formula=claim)))])


def test_everything_has_its_turn():
    """Over the networks the samples reach every role, and of the LSTM other parameters than of the next one."""
    for name in names():
        model = network(name).model
        asked = {by for turn in range(len(everything(model))) for by in some(model, 1, turn)}
        assert asked == set(everything(model))
    assert set(MAKERS) == set(FORMS)
