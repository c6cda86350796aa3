"""How each form is reached from the one before it, step by step: the laws that were applied, and what they changed.

A step of the whole rewrites the gradient; a step of a part says what one factor is by law. Each is an equation between
expressions, and is judged as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sympy import Integer

from derive.algebra.build import product, transpose
from derive.algebra.equation import Equation
from derive.algebra.expressions import Derivative, Expression, Variable
from derive.calculus.laws import multiplication
from derive.calculus.pullback import laws_between
from derive.calculus.rewrite import tidy
from derive.gradients import chain, local
from derive.gradients.closed import closed_sum
from derive.gradients.component import component_steps
from derive.gradients.expand import write_out
from derive.gradients.form import Cited, Form, Formula, Question, Range, Step, conditioned
from derive.gradients.jacobian import Local, jacobian_sum, local_to
from derive.gradients.jacobians import others
from derive.gradients.recursion import delta_steps
from derive.gradients.steps import cited, in_order, manners, whole
from derive.gradients.unfold import past_the_state, through_state

ALONG = Cited("chain rule", "The Jacobians along each way are multiplied, and all ways added.")
PUT_IN = Cited("putting in", "What is equal may stand for each other.")
HAND_BACK = Cited(
    "handing back", "A row times what the state is of a parameter is, by the law of the product, an outer product."
)
TRANSPOSED = Cited("transposition", "The transpose of a product is the product of the transposes in reverse.")


def explained(form: Form) -> Form:
    """The form with the steps that lead to it."""
    question = form.question
    here = local_to(question.model)
    own = {here.name: here.meaning} if here.name is not None else {}
    in_sums = question.written_out and form.kind not in ("delta", "component")
    steps = _written_out(form) if in_sums else STEPS[form.kind](form)
    return replace(form, steps=tuple(_each_once(steps)), meanings={**own, **form.meanings})


def _each_once(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps without those that claim what an earlier one has claimed."""
    seen: set[Formula] = set()
    for step in steps:
        if step.formula not in seen:
            seen.add(step.formula)
            yield step


def _written_out(form: Form) -> tuple[Step, ...]:
    """For a number of steps: the formula with Σ and ∏ over that number is its terms and factors."""
    question = form.question
    here = local_to(question.model)
    sums = {"chain": lambda: chain.along_the_equations(question), "jacobian": lambda: jacobian_sum(question, here),
            "closed": lambda: closed_sum(question, here)}  # fmt: skip
    right = Formula(Equation(form.result.equation.left, sums[form.kind]()))
    general = right if form.kind == "chain" else right.written(question, usual="diag")
    return in_order(question, general.equation.right, [(write_out, form.result.equation.right)])


def jacobian_steps(form: Form) -> Iterator[Step]:
    """From the chain form: each factor by law, then all of them put in, then slopes by value."""
    question, here = form.question, local_to(form.question.model)
    yield from factors_by_law(question, here)
    before, raw = chain.along_the_equations(question), jacobian_sum(question, here)
    if before != raw:
        yield whole(question, PUT_IN, before, raw)
    yield from manners(form, raw, usual="diag")


def closed_steps(form: Form) -> Iterator[Step]:
    """From the jacobian form: rows are turned into columns, and ∂⁺S_k/∂W into an outer product."""
    question, here = form.question, local_to(form.question.model)
    model, by = question.model, question.by
    before, raw = jacobian_sum(question, here), closed_sum(question, here)
    if form.result.equation.left != question.derivative:
        if transpose(before) != raw:
            yield whole(question, TRANSPOSED, transpose(before), raw)
    elif before != raw:
        for step in local.users(model, by):
            if through_state(model, by):
                yield from _by_law(question, model.state(model.time), step.left)
        yield Step((HAND_BACK, cited(multiplication)), whole(question, HAND_BACK, before, raw).formula)
    yield from manners(form, raw, usual="diag")


def factors_by_law(question: Question, here: Local) -> Iterator[Step]:
    """What each factor of the chain form is by law."""
    model, by = question.model, question.by
    t = model.time
    if through_state(model, by):
        ends = local.parts(model.state(t))
        yield from _passes(question, model.summand, ends)
        yield part(question, (ALONG,), product(*chain.along_readout(model, t)), here.readout)
        before = model.state(t - 1)
        for component in local.parts(model.state(t)):
            if component.time == t:
                yield from _passes(question, component, local.parts(before))
        yield part(question, (ALONG,), Derivative(model.state(t), before), here.state)
    if past_the_state(model, by) and by.time is None:
        for step in local.users(model, by):
            stops = local.parts(model.state(t)) if model.carried else ()
            if step.left not in (*stops, model.summand):
                yield from _passes(question, model.summand, (step.left, *stops))


def _by_law(question: Question, top: Expression, bottom: Variable) -> Iterator[Step]:
    """(∂top/∂bottom)ᵀ within the step by law, where there is more than the identity to say."""
    model = question.model
    if top == bottom:
        return
    for component in local.parts(top):
        if component.time == model.time and component != bottom:
            yield from _passes(question, component, (bottom,))
    found = local.transposed_jacobian(model, top, bottom, local_to(model).laws)
    if found is not None:
        yield part(question, (ALONG,), transpose(Derivative(top, bottom)), found)


def _passes(question: Question, top: Variable, ends: Iterable[Variable]) -> list[Step]:
    """One equation after the other, from `top` down to `ends`: what the law gives, and how it is tidied."""
    model = question.model
    steps: list[Step] = []

    def told(step: Equation, variable: Variable, cotangent: Expression, amount: Expression) -> None:
        edge = transpose(Derivative(step.left, variable, others(model, step, variable)))
        laws = tuple(map(cited, laws_between(step.right, variable)))
        steps.append(part(question, laws or (PUT_IN,), product(edge, cotangent), amount))
        tidy(amount, local.stated(model), lambda rule, a, b: steps.append(part(question, (cited(rule),), a, b)))

    local.through(model, top, ends, local_to(model).laws, told)
    return steps


def part(question: Question, laws: Sequence[Cited], before: Expression, after: Expression) -> Step:
    """A step about a factor, at every step of time."""
    ranges = (Range(question.model.time, Integer(1), question.horizon),)
    return Step(tuple(laws), conditioned(Formula(Equation(before, after), "step", ranges), question.model), part=True)


STEPS: Mapping[str, Callable[[Form], Iterable[Step]]] = {
    "chain": lambda form: chain.stages(form.question),
    "jacobian": jacobian_steps,
    "closed": closed_steps,
    "delta": delta_steps,
    "component": component_steps,
}
