"""Who is what in a network: the loss, the state, the parameters, the inputs; and what is wrong where one is missing."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Integer, Symbol

from derive.algebra import shapes
from derive.algebra.build import substitute
from derive.algebra.equation import Equation
from derive.algebra.expressions import Expression, Identity, Norm, Number, Sum, Variable
from derive.algebra.names import Name
from derive.calculus.laws import LAWS
from derive.models.draft import Draft
from derive.models.model import Start, variables, walk
from derive.models.statements import Definition
from derive.reader.surface import Node

MOST_LAG = 8
"""How many steps back an equation may reach; every one of them makes the state larger."""
LOSS_EXAMPLE = "L = \\sum_{t=1}^{T} L_t"
LAST_EXAMPLE = "L = L_T"


def split_loss(
    equations: Sequence[Equation], time: Symbol, horizon: Symbol, draft: Draft
) -> tuple[Equation, tuple[Equation, ...]]:
    """The loss (the one quantity without a step) and the equations of a step."""
    whole = [equation for equation in equations if not equation.left.indices]
    steps = tuple(equation for equation in equations if equation.left.indices)
    context = draft.context
    if not whole:
        end = len(context.source.text.rstrip())
        raise context.error(draft.definitions[-1].node if draft.definitions else _nowhere(end),
                            "the network has no loss", f"a line such as {LOSS_EXAMPLE}")  # fmt: skip
    loss = whole[-1]
    place = draft.place(loss.left.name)
    if len(whole) > 1:
        raise context.error(draft.place(whole[0].left.name),
                            f"{whole[0].left} has no step, and neither has {loss.left}",
                            "one quantity without a step, the loss")  # fmt: skip
    whole_sum = isinstance(loss.right, Sum) and loss.right.args[1:] == (time, Integer(1), horizon)
    if not whole_sum and {v.time for v in variables(loss.right) if v.time is not None} != {horizon}:
        raise context.error(place, "the loss is neither a sum over the steps nor that of the last one",
                            f"{LOSS_EXAMPLE}, or {LAST_EXAMPLE}")  # fmt: skip
    if not shapes.is_scalar(loss.left.shape):
        raise context.error(place, f"the loss is {shapes.show(loss.left.shape)}", "a scalar")
    return loss, steps


def summand(
    steps: tuple[Equation, ...], loss: Equation, time: Symbol, horizon: Symbol
) -> tuple[tuple[Equation, ...], Equation, Variable]:
    """The loss of one step as a name, the author's or one made of the loss's letter; the whole loss by that name."""
    summed = isinstance(loss.right, Sum)
    body = loss.right.args[0] if summed else substitute(loss.right, {horizon: time})
    assert isinstance(body, Expression)
    used = {v.name for step in steps for v in variables(step.right)}
    if isinstance(body, Variable) and any(step.left == body for step in steps) and body.name not in used:
        return steps, loss, body
    name = loss.left.name
    new = Variable(Name(name.base, name.accents, name.label, 1, raised=name.raised), (time,))
    whole = Sum(new, *loss.right.args[1:]) if summed else new.at(horizon)
    return (*steps, Equation(new, body)), Equation(loss.left, whole), new


def check_laws(equations: Sequence[Equation], draft: Draft) -> None:
    """Every operation in an equation has a law; Σ over the steps is the loss's own."""
    known = (Variable, Number, Sum, Identity, *(kind for kind, _ in LAWS))
    for equation in equations:
        for node in walk(equation.right):
            if isinstance(node, Norm) and not shapes.is_column(node.args[0].shape):
                place = draft.place(equation.left.name)
                raise draft.context.error(place, "no law differentiates the norm of a matrix", "the norm of a column")
            if not isinstance(node, known):
                found, there_are = (", ".join(k.__name__.lower() for k in kinds) for kinds in ([type(node)], known[4:]))
                place = draft.place(equation.left.name)
                raise draft.context.error(place, f"no law differentiates what is in this equation: {found}", there_are)


def check_lags(steps: Sequence[Equation], time: Symbol, draft: Draft) -> None:
    """Every quantity in an equation for step t stands at t or a whole number of steps before."""
    defined = {step.left.name for step in steps}
    for step in steps:
        for used in variables(step.right):
            if used.time is None:
                continue
            lag = time - used.time
            place = draft.place(step.left.name)
            if len(used.indices) > 1 or not lag.is_Integer:
                raise draft.context.error(place,
                                          f"{used} in the equation of {step.left} stands at no step relative to {time}",
                                          f"an index such as {time} or {time}-1")  # fmt: skip
            if lag > MOST_LAG:
                raise draft.context.error(place, f"{used} stands more than {MOST_LAG} steps before {step.left}")
            if used.name in defined and lag < 0:
                raise draft.context.error(place, f"{step.left} needs {used}, which comes after it")


def in_order(steps: Sequence[Equation], time: Symbol, draft: Draft) -> tuple[Equation, ...]:
    """The equations of a step, each after those it needs. Error: DeriveError for a cycle, naming it."""
    defined = {step.left: step for step in steps}
    ordered: list[Equation] = []
    done: set[Variable] = set()
    for step in steps:
        stack: list[tuple[Variable, list[Variable]]] = [(step.left, _needs(step, defined))]
        path = {step.left}
        while stack and step.left not in done:
            current, needs = stack[-1]
            following = next((need for need in needs if need not in done), None)
            if following is None:
                ordered.append(defined[current])
                done.add(current)
                path.discard(current)
                stack.pop()
            elif following in path:
                names = [str(v) for v, _ in stack]
                circle = " → ".join([*names[names.index(str(following)) :], str(following)])
                raise draft.context.error(draft.place(following.name),
                                          f"these need each other within one step: {circle}",
                                          hint=f"an index {time}-1 on one of them")  # fmt: skip
            else:
                path.add(following)
                stack.append((following, _needs(defined[following], defined)))
    return tuple(ordered)


def _needs(step: Equation, defined: dict[Variable, Equation]) -> list[Variable]:
    return [used for used in dict.fromkeys(variables(step.right)) if used in defined]


def carried(steps: Sequence[Equation], summand: Variable, time: Symbol) -> tuple[Variable, ...]:
    """The components of the state S_t: what later steps use, at every age that they need, in the order of the steps.

    What the loss of a step needs of earlier steps without going through these is added, so that L_t is a function of
    S_t, the inputs and the parameters.
    """
    defined = {step.left: step for step in steps}
    names = {step.left.name for step in steps}
    age: dict[Name, int] = {}
    for step in steps:
        for used in variables(step.right):
            if used.name in names and used.time != time:
                age[used.name] = max(age.get(used.name, 0), int(time - used.time))
    pending, seen = [summand], set()
    while pending:
        current = pending.pop()
        if current in seen or current.name in age:
            continue
        seen.add(current)
        needed = list(variables(defined[current].right))
        if any(used.name in names and used.time != time for used in needed):
            age[current.name] = 1
        pending.extend(used for used in needed if used in defined)
    return tuple(
        step.left.at(time - back) for step in steps if step.left.name in age for back in range(age[step.left.name])
    )


def starts(
    carried: Sequence[Variable], steps: Sequence[Equation], time: Symbol, draft: Draft, given: Sequence[Start]
) -> tuple[Start, ...]:
    """A start for every component of the state that a first step uses. Error: DeriveError where one is missing."""
    needed = []
    for step in steps:
        for used in variables(step.right):
            if used.name in {part.name for part in carried} and used.time != time:
                needed += [used.at(Integer(1 - back)) for back in range(1, int(time - used.time) + 1)]
    known = {start.variable: start for start in given}
    for variable in dict.fromkeys(needed):
        if variable not in known:
            raise draft.context.error(
                draft.place(variable.name),
                f"{variable.name} is used at an earlier step and has no start",
                hint=f"{variable} \\in \\mathbb{{R}}^{{n}}, or {variable} = 0",
            )
    return tuple(known[variable] for variable in dict.fromkeys(needed))


def start_value(value: Expression, variable: Variable, start: Definition, draft: Draft) -> Expression:
    """The value of a start: a number, filled to the shape of the state."""
    if isinstance(value, Number):
        return Number(value.value, variable.shape)
    raise draft.context.error(start.right, f"the start {variable} is not a number", "0, or a declaration as a constant")


def externals(
    steps: Sequence[Equation], time: Symbol, draft: Draft
) -> tuple[tuple[Variable, ...], tuple[Variable, ...]]:
    """Parameters (never defined, without a step; in the author's order) and inputs (never defined, with one)."""
    defined = {step.left.name for step in steps}
    used = [v for step in steps for v in variables(step.right) if v.name not in defined]
    parameters = {v.name: v for v in used if v.time is None}
    inputs = {v.name: v.at(time) for v in used if v.time is not None}
    listed = [name for _, name in draft.listed]
    for place, name in draft.listed:
        if name not in parameters:
            raise draft.context.error(place, f"{name} is listed as a parameter and no equation uses it")
    declared = [d.reading.name for d in draft.declarations]
    order = list(dict.fromkeys([*listed, *declared]))
    names = sorted(parameters, key=order.index)
    return tuple(parameters[name] for name in names), tuple(inputs.values())


def check_used(
    draft: Draft,
    steps: Sequence[Equation],
    loss: Equation,
    parameters: Sequence[Variable],
    summand: Variable,
) -> None:
    """Error: DeriveError for a declared name that nothing uses, and a parameter that the loss does not depend on."""
    used = {v.name for e in (*steps, loss) for v in (e.left, *variables(e.right))}
    for declaration in draft.declarations:
        if declaration.reading.name not in used:
            raise draft.context.error(declaration.node, f"{declaration.reading.name} is declared and nothing uses it")
    right_sides = {step.left.name: step.right for step in steps}
    reached: set[Name] = set()
    pending = [summand.name]
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending.extend(v.name for v in variables(right_sides[name]) if v.name in right_sides)
            reached |= {v.name for v in variables(right_sides[name]) if v.name not in right_sides}
    for variable in (*parameters, *(step.left for step in steps)):
        if variable.name not in reached:
            kind = "parameter" if variable in parameters else "quantity"
            raise draft.context.error(
                draft.place(variable.name), f"the loss does not use the {kind} {variable.name}",
                hint="take it out, or use it",
            )  # fmt: skip


def _nowhere(end: int) -> Node:
    from derive.errors import Span
    from derive.reader.surface import Empty

    return Empty(Span(end, end))
