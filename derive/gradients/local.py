"""Derivatives within one step by law: what a quantity hands back to others through the equations between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from derive.algebra.build import UNIT, add, is_zero, product, substitute, transpose, zero
from derive.algebra.equation import Equation
from derive.algebra.expressions import Blocks, Expression, Identity, State, Variable
from derive.algebra.shapes import is_column, is_scalar
from derive.calculus.pullback import Laws, pullback
from derive.calculus.rewrite import Rule, assuming, tidy
from derive.models.model import Model, variables

Pass = Callable[[Equation, Variable, Expression, Expression], None]
"""Told of each equation that a cotangent passes: the equation, the argument, the cotangent, what the argument gets."""


def stated(model: Model) -> tuple[Rule, ...]:
    """The equations that the model states about its inputs, as rules."""
    return (assuming([(e.left, e.right) for e in model.assumptions]),)


def parts(state: Expression) -> tuple[Variable, ...]:
    """The components of a state."""
    return state.parts if isinstance(state, State) else (state,)


def through(
    model: Model, top: Variable, ends: Iterable[Variable], laws: Laws, told: Pass | None = None
) -> dict[Variable, Expression]:
    """(∂top/∂end)ᵀ for each of `ends` that `top` depends on within the step; an end is not passed through.

    All stand at the generic step; an end may be a parameter, or stand at an earlier step. Shapes: end p×1, top m×1:
    p×m.
    """
    wanted = set(ends)
    received: dict[Variable, list[Expression]] = {top: [UNIT if is_scalar(top.shape) else Identity(top.shape[0])]}
    for step in reversed(model.steps):
        if step.left not in received or (step.left in wanted and step.left != top):
            continue
        cotangent = tidy(add(*received.pop(step.left)), stated(model))
        for variable in dict.fromkeys(variables(step.right)):
            if is_column(variable.shape) and _leads(model, variable, wanted):
                amount = given(model, step, variable, cotangent, laws)
                if told is not None:
                    told(step, variable, cotangent, amount)
                received.setdefault(variable, []).append(tidy(amount, stated(model)))
    return {v: tidy(add(*amounts), stated(model)) for v, amounts in received.items() if v in wanted}


def given(model: Model, step: Equation, variable: Variable, cotangent: Expression, laws: Laws) -> Expression:
    """What a variable receives from one equation, summed over its occurrences, untidied."""
    tidied = Equation(step.left, tidy(step.right))  # diag(u) v is u ⊙ v: no matrix stands between the root and a column
    amounts = [use.received for use in pullback(tidied.right, cotangent, laws, variable)]
    return substitute(add(*amounts), {tidied.right: step.left})


def _leads(model: Model, variable: Variable, wanted: set[Variable]) -> bool:
    """Whether one of `wanted` is found by going down from `variable` within the step."""
    if variable in wanted:
        return True
    if variable.time != model.time or variable.name not in model.definitions:
        return False
    return any(_leads(model, used, wanted) for used in variables(model.definitions[variable.name].right))


def jacobian(model: Model, top: Expression, bottom: Expression, laws: Laws, told: Pass | None = None) -> Expression:
    """∂top/∂bottom by law, as a matrix of blocks where one of the two is a state of several components.

    `top` stands at the generic step, or is the state there; `bottom` there, at the step before, or nowhere in time.
    """
    columns = parts(bottom)
    blocks = [block for part in parts(top) for block in _row(model, part, columns, laws, told)]
    return blocks[0] if len(blocks) == 1 else Blocks(len(columns), *blocks)


def selection(state: Expression, part: Variable) -> Expression:
    """∂state/∂part where the components do not depend on each other: the identity for the part, 0 for the others."""
    size = part.shape[0]
    blocks = [Identity(size) if p == part else zero((p.shape[0], size)) for p in parts(state)]
    return blocks[0] if len(blocks) == 1 else Blocks(1, *blocks)


def _row(
    model: Model, top: Variable, columns: Sequence[Variable], laws: Laws, told: Pass | None
) -> Iterator[Expression]:
    """∂top/∂column for each column; an older component of a state is a copy and depends on itself alone."""
    is_copy = top.time != model.time or top in columns
    found = {} if is_copy else through(model, top, columns, laws, told)
    for column in columns:
        if column == top:
            yield UNIT if is_scalar(top.shape) else Identity(top.shape[0])
        else:
            block = tidy(transpose(found[column])) if column in found else None
            yield block if block is not None else zero((top.shape[0], column.shape[0]))


def users(model: Model, parameter: Variable) -> list[Equation]:
    """The equations that use a parameter directly."""
    return [step for step in model.steps if parameter in set(variables(step.right))]


def handed_back(
    model: Model, top: Expression, by: Variable, cotangent: Expression, laws: Laws, past: Expression | None = None
) -> Expression:
    """The gradient of ⟨cotangent, top⟩ by a parameter within the step, in the parameter's shape; 0 where there is none.

    Each use in an equation for y receives by law from (∂top/∂y)ᵀ times the cotangent. With `past` only what does not
    lead through that state counts.
    """
    amounts = []
    for step in users(model, by):
        received = transposed_jacobian(model, top, step.left, laws, past)
        if received is not None:
            amount = given(model, step, by, product(received, cotangent), laws)
            amounts.append(tidy(amount, stated(model)))
    return add(*amounts) if amounts else zero(by.shape)


def transposed_jacobian(
    model: Model, top: Expression, bottom: Variable, laws: Laws, past: Expression | None = None
) -> Expression | None:
    """(∂top/∂bottom)ᵀ within the step, with what is older held fixed; None where it is 0."""
    stops = () if past is None else parts(past)
    blocks = []
    for part in parts(top):
        size = part.shape[0]
        if part == bottom:
            blocks.append(UNIT if is_scalar(part.shape) else Identity(size))
        elif part.time != model.time or bottom in stops:
            blocks.append(zero((bottom.shape[0], size)))
        else:
            found = through(model, part, (bottom, *stops), laws)
            blocks.append(found.get(bottom, zero((bottom.shape[0], size))))
    if all(map(is_zero, blocks)):
        return None
    return blocks[0] if len(blocks) == 1 else Blocks(len(blocks), *blocks)
