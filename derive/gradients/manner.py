"""How a formula is written where there is a choice: slopes by value or with a prime, ⊙ or diag."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Basic

from derive.algebra.build import add, hadamard, product, quotient, substitute, summation
from derive.algebra.expressions import (
    Add,
    Apply,
    Diag,
    Expression,
    Hadamard,
    Number,
    Power,
    Product,
    Sum,
    Variable,
)
from derive.algebra.functions import ARGUMENT, VALUE, is_abstract, slope
from derive.algebra.names import Function
from derive.algebra.shapes import is_column, is_scalar
from derive.models.model import Model, walk

SLOPES, ENTRYWISE = ("value", "prime"), ("diag", "hadamard")


@dataclass(frozen=True)
class Manner:
    """`slopes`: "value" writes tanh'(a_t) as 1 - s_t², "prime" as it stands. `entrywise`: "diag" or "hadamard"; None
    leaves it to the form."""

    slopes: str = "value"
    entrywise: str | None = None

    def __post_init__(self) -> None:
        if self.slopes not in SLOPES or self.entrywise not in (None, *ENTRYWISE):
            raise ValueError(f"slopes are one of {SLOPES}, entrywise one of {ENTRYWISE}")


USUAL = Manner()


def written(expression: Expression, manner: Manner, model: Model, *, usual: str) -> Expression:
    """The expression in that manner; `usual` is the form's own choice between ⊙ and diag."""
    changed = by_choice(manner, usual)(expression)
    return slopes_by_value(changed, model) if manner.slopes == "value" else changed


def by_choice(manner: Manner, usual: str) -> Callable[[Expression], Expression]:
    """What writes ⊙ with diag, or diag with ⊙."""
    return with_diagonals if (manner.entrywise or usual) == "diag" else with_entrywise_products


def slopes_by_value(expression: Expression, model: Model) -> Expression:
    r"""The slope of a named function is written by the function's value, and that by its name.

    Law: \tanh' = 1 - \tanh^2, \quad \sigma' = \sigma \odot (1 - \sigma)
    Conditions: none
    Source: the derivatives of the elementary functions
    """
    found = {node for node in walk(expression) if isinstance(node, Apply) and _known(node.function)}
    return _replaced(expression, {node: _value_of_slope(node, model) for node in found}) if found else expression


def _known(function: Function) -> bool:
    return function.order > 0 and not is_abstract(function.name) and slope(function.name, function.order) is not None


def _value_of_slope(node: Apply, model: Model) -> Expression:
    value = _named(Apply(Function(node.function.name), node.body), model)
    return _expression(slope(node.function.name, node.function.order), {VALUE: value, ARGUMENT: node.body}, node)


def _named(value: Apply, model: Model) -> Expression:
    """f(a_k) by its name, where an equation s_t = f(a_t) gives it one."""
    if isinstance(value.body, Variable) and value.body.time is not None:
        for step in model.steps:
            if substitute(step.right, {model.time: value.body.time}) == value:
                return substitute(step.left, {model.time: value.body.time})
    return value


def _expression(rational: Any, values: dict[Any, Expression], like: Expression) -> Expression:
    """A rational expression of SymPy in values as one of ours, entry by entry, of the shape of `like`."""
    if rational in values:
        return values[rational]
    if rational.is_Number:
        return Number(rational, like.shape)
    if rational.is_Add:
        ordered = sorted(rational.args, key=lambda term: (not term.is_Number, str(term)))
        return add(*(_expression(term, values, like) for term in ordered))
    if rational.is_Mul:
        number, rest = rational.as_coeff_mul()
        ordered = sorted(rest, key=lambda factor: (factor.is_Add, str(factor)))
        return product(Number(number), hadamard(*(_expression(factor, values, like) for factor in ordered)))
    base, exponent = _expression(rational.base, values, like), int(rational.exp)
    power = base if abs(exponent) == 1 else Power(base, abs(exponent))
    return power if exponent > 0 else quotient(Number(1, like.shape), power)


def with_diagonals(expression: Expression) -> Expression:
    r"""u ⊙ v = diag(u) v for columns: the last factor of ⊙ is what is carried back, the others scale it."""
    match expression:
        case Add():
            return add(*map(with_diagonals, expression.args))
        case Sum(args=(body, *bounds)):
            return summation(with_diagonals(body), *bounds)
        case Product(args=(*before, last)) if is_column(last.shape):
            return product(*before, with_diagonals(last))
        case Product(args=(first, *others)) if is_column(first.shape) and not is_scalar(first.shape):
            return product(with_diagonals(first), *others)
        case Hadamard(args=(*scales, last)) if is_column(last.shape):
            return product(Diag(hadamard(*scales)), with_diagonals(last))
    return expression


def with_entrywise_products(expression: Expression) -> Expression:
    r"""diag(u) A v = u ⊙ (A v), also where a row follows the column A v."""
    match expression:
        case Add():
            return add(*map(with_entrywise_products, expression.args))
        case Sum(args=(body, *bounds)):
            return summation(with_entrywise_products(body), *bounds)
        case Product(args=(Diag() as scale, *others)):
            for count in range(1, len(others) + 1):
                column = product(*others[:count])
                if is_column(column.shape) and not is_scalar(column.shape):
                    return product(hadamard(scale.args[0], with_entrywise_products(column)), *others[count:])
    return expression


def _replaced(expression: Basic, values: dict[Expression, Expression]) -> Any:
    """Like `substitute`, with products opened again."""
    if isinstance(expression, Expression) and expression in values:
        return values[expression]
    if not isinstance(expression, Expression) or isinstance(expression, Variable):
        return expression
    arguments = [_replaced(argument, values) for argument in expression.args]
    makers: dict[type, Callable[..., Expression]] = {Add: add, Product: product, Hadamard: hadamard}
    return (makers.get(type(expression)) or expression.func)(*arguments)
