"""Any expression, at sizes and indices that are numbers, in any arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from typing import Any

from sympy import Basic, Expr, Symbol

from derive.algebra import shapes
from derive.algebra.expressions import (
    Add,
    Apply,
    Blocks,
    Chain,
    Derivative,
    Diag,
    Entry,
    Expression,
    Hadamard,
    Identity,
    MatrixPower,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Softmax,
    SquaredNorm,
    State,
    Sum,
    Transpose,
    Variable,
)
from derive.algebra.generic import Generic, Kronecker
from derive.algebra.names import Name
from derive.algebra.shapes import Shape
from derive.evaluate.arithmetic import Arithmetic, Value

Indices = Mapping[Symbol, int]
Quantity = Callable[[Name, tuple[int, ...]], Value]
Differentiate = Callable[[Derivative, Indices], Value]


class Evaluator:
    """Evaluates expressions; `quantity` gives the value of a name, `differentiate` that of a derivative symbol."""

    def __init__(
        self,
        arithmetic: Arithmetic,
        sizes: Mapping[Symbol, int],
        quantity: Quantity,
        differentiate: Differentiate | None = None,
    ) -> None:
        self.arithmetic = arithmetic
        self.sizes = sizes
        self.quantity = quantity
        self.differentiate = differentiate

    def __call__(self, expression: Expression, indices: Indices) -> Value:
        return RULES[type(expression)](self, expression, indices)

    def shape(self, shape: Shape) -> tuple[int, ...]:
        """A shape as numbers."""
        return tuple(whole(size, self.sizes) for size in shape)

    def times(self, left: Value, left_shape: Shape, right: Value, right_shape: Shape) -> Value:
        """A matrix product of values whose symbolic shapes are known."""
        if shapes.is_scalar(left_shape) or shapes.is_scalar(right_shape):
            return self.arithmetic.multiply(left, right)
        if len(right_shape) == 3:
            return self.arithmetic.contract(left, right)
        if len(left_shape) == 3:
            return self.arithmetic.contract(self.arithmetic.transpose(right), left)
        return self.arithmetic.matmul(left, right)


def whole(expression: Expr, values: Mapping[Symbol, int]) -> int:
    """An index or size expression at numbers: a sum of whole multiples of symbols."""
    constant, terms = _affine(expression)
    return constant + sum(factor * values[symbol] for symbol, factor in terms)


@lru_cache(maxsize=4096)
def _affine(expression: Expr) -> tuple[int, tuple[tuple[Symbol, int], ...]]:
    constant, rest = expression.as_coeff_Add()
    return int(constant), tuple(
        (symbol, int(factor)) for symbol, factor in rest.as_coefficients_dict().items() if symbol != 1
    )


def _variable(evaluate: Evaluator, node: Variable, indices: Indices) -> Value:
    return evaluate.quantity(node.name, tuple(whole(index, indices) for index in node.indices))


def _number(evaluate: Evaluator, node: Number, indices: Indices) -> Value:
    return evaluate.arithmetic.constant(int(node.value.p), int(node.value.q), evaluate.shape(node.shape))


def _add(evaluate: Evaluator, node: Add, indices: Indices) -> Value:
    return reduce(evaluate.arithmetic.add, (evaluate(term, indices) for term in node.args))


def _product(evaluate: Evaluator, node: Product, indices: Indices) -> Value:
    first, *rest = node.args
    value, shape = evaluate(first, indices), first.shape
    for factor in rest:
        value = evaluate.times(value, shape, evaluate(factor, indices), factor.shape)
        shape = shapes.product(shape, factor.shape)
    return value


def _hadamard(evaluate: Evaluator, node: Hadamard, indices: Indices) -> Value:
    return reduce(evaluate.arithmetic.multiply, (evaluate(factor, indices) for factor in node.args))


def _quotient(evaluate: Evaluator, node: Quotient, indices: Indices) -> Value:
    return evaluate.arithmetic.divide(evaluate(node.args[0], indices), evaluate(node.args[1], indices))


def _power(evaluate: Evaluator, node: Power, indices: Indices) -> Value:
    base, exponent = evaluate(node.args[0], indices), int(node.args[1])
    one = evaluate.arithmetic.constant(1, 1, evaluate.shape(node.shape))
    result = reduce(evaluate.arithmetic.multiply, [base] * abs(exponent), one)
    return result if exponent >= 0 else evaluate.arithmetic.divide(one, result)


def _matrix_power(evaluate: Evaluator, node: MatrixPower, indices: Indices) -> Value:
    exponent = whole(node.args[1], indices)
    if exponent < 0:
        raise ValueError("a matrix power with a negative exponent")
    identity = evaluate.arithmetic.identity(evaluate.shape(node.shape)[0])
    return reduce(evaluate.arithmetic.matmul, [evaluate(node.args[0], indices)] * exponent, identity)


def _transpose(evaluate: Evaluator, node: Transpose, indices: Indices) -> Value:
    return evaluate.arithmetic.transpose(evaluate(node.args[0], indices))


def _diag(evaluate: Evaluator, node: Diag, indices: Indices) -> Value:
    return evaluate.arithmetic.diag(evaluate(node.args[0], indices))


def _apply(evaluate: Evaluator, node: Apply, indices: Indices) -> Value:
    return evaluate.arithmetic.function(node.function.name, node.function.order, evaluate(node.body, indices))


def _softmax(evaluate: Evaluator, node: Softmax, indices: Indices) -> Value:
    """exp(z) / (1ᵀ exp(z)), written out so that every arithmetic does it by its own operations."""
    arithmetic = evaluate.arithmetic
    exponentials = arithmetic.function("exp", 0, evaluate(node.args[0], indices))
    ones = arithmetic.constant(1, 1, (1, evaluate.shape(node.shape)[0]))
    return arithmetic.divide(exponentials, arithmetic.matmul(ones, exponentials))


def _squared_norm(evaluate: Evaluator, node: SquaredNorm, indices: Indices) -> Value:
    value = evaluate(node.args[0], indices)
    return evaluate.arithmetic.matmul(evaluate.arithmetic.transpose(value), value)


def _state(evaluate: Evaluator, node: State, indices: Indices) -> Value:
    return evaluate.arithmetic.stack([evaluate(part, indices) for part in node.parts])


def _blocks(evaluate: Evaluator, node: Blocks, indices: Indices) -> Value:
    """The parts of each row beside each other, which is their transposes below each other, transposed."""
    arithmetic = evaluate.arithmetic
    rows = [
        arithmetic.transpose(arithmetic.stack([arithmetic.transpose(evaluate(part, indices)) for part in row]))
        for row in node.rows
    ]
    return arithmetic.stack(rows)


def _entry(evaluate: Evaluator, node: Entry, indices: Indices) -> Value:
    row, column = (whole(index, indices) for index in node.place)
    return evaluate.arithmetic.entry(evaluate(node.body, indices), row, column)


def _sum(evaluate: Evaluator, node: Sum, indices: Indices) -> Value:
    values = [evaluate(node.args[0], inner) for inner in over(node, indices)]
    if not values:
        return evaluate.arithmetic.constant(0, 1, evaluate.shape(node.shape))
    return reduce(evaluate.arithmetic.add, values)


def over(node: Sum | Chain, indices: Indices) -> list[dict[Symbol, int]]:
    """The indices under which Σ or ∏ evaluates its body, in rising order of its own."""
    _, index, lower, upper, *_ = node.args
    return [{**indices, index: i} for i in range(whole(lower, indices), whole(upper, indices) + 1)]


def _chain(evaluate: Evaluator, node: Chain, indices: Indices) -> Value:
    inside = over(node, indices)
    if node.args[4]:
        inside.reverse()
    if not inside:
        return evaluate.arithmetic.identity(evaluate.shape(node.shape)[0])
    return reduce(evaluate.arithmetic.matmul, (evaluate(node.args[0], inner) for inner in inside))


def _kronecker(evaluate: Evaluator, node: Kronecker, indices: Indices) -> Value:
    left, right = (whole(index, indices) for index in node.args)
    return evaluate.arithmetic.constant(int(left == right), 1, (1, 1))


def _generic(evaluate: Evaluator, node: Generic, indices: Indices) -> Value:
    key = (node.function.name, *(whole(index, indices) for index in node.indices))
    arguments = [evaluate(argument, indices) for argument in node.arguments]
    return evaluate.arithmetic.generic(key, evaluate.shape(node.shape), arguments)


def _derivative(evaluate: Evaluator, node: Derivative, indices: Indices) -> Value:
    if evaluate.differentiate is None:
        raise TypeError("no derivatives within a forward pass")
    return evaluate.differentiate(node, indices)


RULES: Mapping[type[Basic], Callable[[Evaluator, Any, Indices], Value]] = {
    Variable: _variable,
    Number: _number,
    Identity: lambda evaluate, node, indices: evaluate.arithmetic.identity(evaluate.shape(node.shape)[0]),
    Add: _add,
    Product: _product,
    Hadamard: _hadamard,
    Quotient: _quotient,
    Power: _power,
    MatrixPower: _matrix_power,
    Transpose: _transpose,
    Diag: _diag,
    Apply: _apply,
    Softmax: _softmax,
    Norm: lambda evaluate, node, indices: evaluate.arithmetic.norm(evaluate(node.args[0], indices)),
    SquaredNorm: _squared_norm,
    Blocks: _blocks,
    Entry: _entry,
    Kronecker: _kronecker,
    Generic: _generic,
    State: _state,
    Sum: _sum,
    Chain: _chain,
    Derivative: _derivative,
}
