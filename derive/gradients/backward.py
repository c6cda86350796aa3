"""One backward pass through the equations of a step: what each quantity receives, by the laws of `calculus`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from derive.algebra.build import UNIT, add, is_zero, substitute, zero
from derive.algebra.equation import Equation
from derive.algebra.expressions import Add, Expression, Number, Product, Variable
from derive.algebra.names import Name
from derive.calculus.laws import LAWS
from derive.calculus.pullback import Laws, pullback
from derive.calculus.rewrite import Rule, assuming, tidy
from derive.models.model import Model, variables

ADJOINTS = ("delta", "gamma", "lambda", "eta", "xi", "zeta")
"""The letter for adjoints; the first that the network does not use."""


@dataclass(frozen=True)
class Received:
    """What a quantity receives from an equation `lag` steps later, written for the quantity at the generic step."""

    lag: int
    amount: Expression


@dataclass(frozen=True)
class Backward:
    """`adjoints` in the order in which they are computed, latest first; `received` by name, parameters included.

    `named` gives the quantities whose adjoint has a name. The others are written out where they are used. `later` says
    that there are later steps, from which something is received.
    """

    adjoints: Mapping[Name, Expression]
    received: Mapping[Name, tuple[Received, ...]]
    named: Mapping[Name, Name]
    later: bool


def backward(
    model: Model, named: Mapping[Name, Name], laws: Laws = LAWS, *, source: bool = True, later: bool = True
) -> Backward:
    """The pass at a generic step: with `source` its own loss counts, with `later` there are later steps."""
    rule = assuming([(e.left, e.right) for e in model.assumptions])
    received: dict[Name, list[Received]] = {}
    if later:
        for step in model.steps:
            if step.left.name in named:
                for name, amount in _given(model, step, adjoint(model, named, step.left), laws, rule):
                    if amount.lag:
                        received.setdefault(name, []).append(amount)
    adjoints: dict[Name, Expression] = {}
    for step in reversed(model.steps):
        name = step.left.name
        amounts = _own_step_first(received.get(name, ()))
        adjoints[name] = tidy(add(*amounts), (rule,)) if amounts else zero(step.left.shape)
        if name == model.summand.name:
            adjoints[name] = UNIT if source else zero(step.left.shape)
        if not is_zero(adjoints[name]):
            cotangent = adjoint(model, named, step.left) if name in named else adjoints[name]
            for variable, amount in _given(model, step, cotangent, laws, rule):
                if not amount.lag:
                    received.setdefault(variable, []).append(amount)
    return Backward(adjoints, {name: tuple(amounts) for name, amounts in received.items()}, named, later)


def _own_step_first(received: Iterable[Received]) -> list[Expression]:
    """What comes from the same step, then what comes from later ones."""
    return [r.amount for r in sorted(received, key=lambda r: r.lag)]


def adjoint(model: Model, named: Mapping[Name, Name], variable: Variable) -> Expression:
    """The named adjoint of a quantity, a column of its shape at its step."""
    return Variable(named[variable.name], (model.time,), variable.shape)


def plan(model: Model, laws: Laws = LAWS) -> dict[Name, Name]:
    """Which adjoints get a name: those of quantities that depend on an earlier step, and those that are used more than
    once and are more than a difference of names."""
    taken = {v.name.base for v in (*model.parameters, *model.inputs, *(step.left for step in model.steps))}
    letter = next(a for a in ADJOINTS if a not in taken)
    latest_first = [step.left for step in reversed(model.steps)]
    chosen = {v: _provisional(letter, v) for v in latest_first if _needs_earlier(model, v)}
    while True:
        found = backward(model, {v.name: name for v, name in chosen.items()}, laws)
        new = next((v for v in latest_first if v not in chosen and _wants_name(model, v, found)), None)
        if new is None:
            break
        chosen[new] = _provisional(letter, new)
    ordered = [v for v in latest_first if v in chosen]
    if len(ordered) == 1:
        return {ordered[0].name: Name(letter, (), "", 1)}
    return {v.name: Name(letter, (), label, 1, raised=True) for v, label in _labelled(model, ordered)}


def _provisional(letter: str, variable: Variable) -> Name:
    return Name(letter, (), variable.name.plain, 1)


def _needs_earlier(model: Model, variable: Variable) -> bool:
    """Whether the equation of a quantity has a state of an earlier step in it."""
    used = variables(model.definitions[variable.name].right)
    return any(v.time is not None and v.time != model.time for v in used)


def _wants_name(model: Model, variable: Variable, found: Backward) -> bool:
    if variable == model.summand or _is_simple(found.adjoints[variable.name]):
        return False
    uses = [v for v in variables(model.definitions[variable.name].right) if _matters(model, v)]
    return len(uses) > 1


def _matters(model: Model, variable: Variable) -> bool:
    """Whether a derivative by the variable is part of a gradient: not so for inputs."""
    return variable.name not in {v.name for v in model.inputs}


def _is_simple(amount: Expression) -> bool:
    """A name, a number, or a difference of names: as short as a name for it would be."""
    terms = amount.args if isinstance(amount, Add) else (amount,)
    parts = [part for term in terms for part in (term.args if isinstance(term, Product) else (term,))]
    return len(terms) <= 2 and len(parts) <= 3 and all(isinstance(part, Variable | Number) for part in parts)


def _labelled(model: Model, chosen: list[Variable]) -> Iterator[tuple[Variable, str]]:
    """A label for each, all different: of a pre-activation the name of what it is for, of anything else its own."""
    introduced = {equation.left.name for equation in model.introduced}
    own = {v: v.name.letter + (f",{v.name.label}" if v.name.label else "") for v in chosen}
    given_up = {own[v] for v in chosen if v.name not in introduced}
    for variable in chosen:
        label = variable.name.label
        short = variable.name in introduced and label and label not in given_up
        yield variable, label if short else own[variable]


def _given(
    model: Model, step: Equation, cotangent: Expression, laws: Laws, rule: Rule
) -> Iterator[tuple[Name, Received]]:
    """What the variables of one equation receive, each written for its own step."""
    for variable, received in pullback(step.right, cotangent, laws):
        lag = 0 if variable.time is None else int(model.lag(variable))
        clean = tidy(substitute(received, {step.right: step.left}), (rule,))
        yield variable.name, Received(lag, substitute(clean, {model.time: model.time + lag}) if lag else clean)
