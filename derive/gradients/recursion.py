"""The steps from the closed form to the delta form: later losses collected, and one adjoint for each quantity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sympy import Basic, Dummy, Expr, Integer

from derive.algebra.build import UNIT, add, is_zero, product, substitute, summation, transpose
from derive.algebra.equation import Equation
from derive.algebra.expressions import Derivative, Expression, Variable
from derive.calculus.laws import LAWS
from derive.calculus.pullback import laws_between
from derive.calculus.rewrite import tidy
from derive.gradients import local
from derive.gradients.backward import Backward, adjoint
from derive.gradients.closed import closed_sum, direct, handed_to
from derive.gradients.delta import Recursion
from derive.gradients.form import Cited, Form, Formula, Question, Range, Step, conditioned
from derive.gradients.jacobian import local_to
from derive.gradients.jacobians import others
from derive.gradients.steps import cited, manners, whole
from derive.gradients.unfold import over_losses, through_state
from derive.models.model import Model, variables

COLLECTED = Cited(
    "collecting later losses",
    "All that a state hands on reaches the loss through it: the sum over later losses of their derivatives by the "
    "state is the derivative of the whole loss by the state.",
    r"\sum_{t=k}^{T} \frac{\partial L_t}{\partial S_t} \frac{\partial S_t}{\partial S_k} "
    r"= \frac{\partial L}{\partial S_k}",
)
NAMED = Cited("naming adjoints", "An adjoint is the transposed derivative of the loss by the quantity it is named for.")
BEYOND = Cited("after the last step", "Nothing comes after the last step: the adjoints beyond it are 0.")
SAME = Cited("order of terms", "A sum does not depend on the order of its terms.")
EVERY_USE = Cited("chain rule", "A quantity reaches the loss through each equation that uses it.")


def delta_steps(form: Form) -> Iterator[Step]:
    """From the closed form: what comes from later losses is collected, then bears a name; then each name by law."""
    question = form.question
    recursion = Recursion(question, LAWS)
    raw = recursion.gradient(expanded=False).equation.right
    yield from _gradient(question, raw)
    written = manners(form, raw, usual="hadamard")
    yield from written
    reached, right = written[-1].after if written else raw, form.result.equation.right
    if reached != right:
        yield whole(question, BEYOND, reached, right)
    if not question.written_out:
        yield from _adjoints(form, recursion)


def _gradient(question: Question, raw: Expression) -> Iterator[Step]:
    model, by = question.model, question.by
    here = local_to(model)
    before = closed_sum(question, here)
    if through_state(model, by) and by != model.state(_step(question)):
        collected = _collected(question)
        if collected != before:
            yield whole(question, COLLECTED, before, collected)
        before = collected
    if before != raw:
        yield whole(question, NAMED, before, raw)


def _step(question: Question) -> Expr:
    """The step at whose state what one differentiates by is used; the generic one for a parameter."""
    if question.by_start:
        return Integer(0)
    return question.model.time if question.by.time is None else question.by.time


def _collected(question: Question) -> Expression:
    """What each S_k hands to its use, with ∂L/∂S_k in the place of the sum over later losses."""
    model, by = question.model, question.by
    here = local_to(model)

    def at(k: Expr) -> Expression:
        received = transpose(Derivative(question.of, model.state(k)))
        return handed_to(question, here, received, k)

    if by.time is not None:
        past = at(_step(question))
        reached = question.whole or question.of.time == by.time
        return add(direct(question, here, by.time), past) if reached and not question.by_start else past
    if question.whole:
        return over_losses(question, lambda t: add(direct(question, here, t), at(t)), Integer(1))
    k = Recursion(question, LAWS).index
    return add(direct(question, here, question.of.time), summation(at(k), k, Integer(1), question.of.time))


def _adjoints(form: Form, recursion: Recursion) -> Iterator[Step]:
    """For each quantity its adjoint by its uses, at every step that the recursion runs over."""
    question = form.question
    time, index, end = question.model.time, recursion.index, recursion.end
    if question.whole:
        yield from _each(form, recursion.before, {time: index}, (Range(index, Integer(1), end),))
        return
    outer = tuple(free for free in question.ranges if free.index in end.free_symbols)
    yield from _each(form, recursion.last, {time: end}, outer)
    yield from _each(form, recursion.before, {time: index}, (*outer, Range(index, Integer(1), end - 1)))


def _each(form: Form, at: Backward, here: Mapping[Basic, Basic], ranges: tuple[Range, ...]) -> Iterator[Step]:
    """For each quantity: the sum over its uses, what the laws make of that, and how it is tidied."""
    question, model = form.question, form.question.model
    apart = {i: Dummy(integer=True) for i in question.of.free_symbols}  # L_t stays L_t where the running step is named
    of, back = substitute(question.of, apart), {dummy: i for i, dummy in apart.items()}
    for quantity in (step.left for step in reversed(model.steps)):
        amount = at.adjoints[quantity.name]
        if quantity == model.summand or is_zero(amount) or not _speaks_of(form, at, amount):
            continue
        uses = [use for step in model.steps for use in _uses(step, quantity) if _counts(question, at, *use)]
        uses.sort(key=lambda use: int(model.lag(use[1])))  # of the same step first
        for laws, before, after in _rewritten(model, at, of, quantity, uses):
            said = Equation(before, after).at(here).at(back)
            if laws and said.left != said.right:
                yield Step(laws, conditioned(Formula(said, "step", ranges), model), part=True)


Rewriting = tuple[tuple[Cited, ...], Expression, Expression]


def _rewritten(
    model: Model, at: Backward, of: Variable, quantity: Variable, uses: Sequence[tuple[Equation, Variable]]
) -> Iterator[Rewriting]:
    """From the adjoint of a quantity, by its uses and their laws, to what the recursion says."""
    terms = add(*(_term(model, of, step, used) for step, used in uses))
    raw = add(*(_by_law(model, at, step, used) for step, used in uses))
    laws = dict.fromkeys(law for step, used in uses for law in laws_between(step.right, used))
    yield (EVERY_USE,), transpose(Derivative(of, quantity)), terms
    yield tuple(map(cited, laws)), terms, raw
    rules: list[Rewriting] = []
    tidied = tidy(raw, local.stated(model), lambda rule, a, b: rules.append(((cited(rule),), a, b)))
    yield from rules
    yield (SAME,), tidied, at.adjoints[quantity.name]


def _speaks_of(form: Form, at: Backward, amount: Expression) -> bool:
    """Whether the form says what each adjoint in an amount stands for."""
    own = set(at.named.values())
    return {v.name for v in variables(amount)} & own <= set(form.meanings)


def _uses(step: Equation, quantity: Variable) -> Iterator[tuple[Equation, Variable]]:
    """An equation, with a quantity as it stands there, perhaps at an earlier step."""
    for used in dict.fromkeys(variables(step.right)):
        if used.name == quantity.name:
            yield step, used


def _counts(question: Question, at: Backward, step: Equation, used: Variable) -> bool:
    """Whether what uses a quantity reaches a loss that is asked for."""
    if used.time != question.model.time:
        return at.later and step.left.name in at.named
    return not is_zero(at.adjoints[step.left.name])


def _term(model: Model, of: Variable, step: Equation, used: Variable) -> Expression:
    """What one use contributes: the edge's own Jacobian, transposed, times the adjoint of what uses it."""
    edge = transpose(Derivative(step.left, used, others(model, step, used)))
    own_loss = step.left == model.summand and used.time == model.time
    above = UNIT if own_loss else transpose(Derivative(of, step.left))
    return substitute(product(edge, above), {model.time: model.time + model.lag(used)})


def _by_law(model: Model, at: Backward, step: Equation, used: Variable) -> Expression:
    """The same by the laws, with the name of the adjoint above, or with that written out."""
    if step.left.name in at.named:
        above = adjoint(model, at.named, step.left)
    else:
        above = at.adjoints[step.left.name]
    received = local.given(model, step, used, above, LAWS)
    return substitute(received, {model.time: model.time + model.lag(used)})
