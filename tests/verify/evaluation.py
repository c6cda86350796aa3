r"""The value of a tree, written from scratch: nothing of the program's own evaluation is used.

In a forward pass arrays may have a first axis of directions (`batched`); in a judgement three axes are a derivative by
a matrix, and shapes are compared at every node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any

import numpy as np
from sympy import Expr, Symbol

from derive.algebra.equation import Equation
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
from derive.algebra.names import Function, Name

Indices = Mapping[Symbol, int]
Key = tuple[Name, int | None]


class Meaningless(Exception):
    """Shapes that do not fit."""


class Nowhere(Exception):
    """An entry outside its array, a negative power, a step or a letter that has no value."""


@cache
def _terms(expression: Expr) -> tuple[int, tuple[tuple[Symbol, int], ...]]:
    terms = expression.as_coefficients_dict()
    return int(terms.pop(1, 0)), tuple((letter, int(factor)) for letter, factor in terms.items())


def number(expression: Expr, indices: Indices) -> int:
    """An index such as `t-1` at numbers. Error: Nowhere for a letter that has none."""
    constant, terms = _terms(expression)
    try:
        return constant + sum(factor * indices[letter] for letter, factor in terms)
    except KeyError as missing:
        raise Nowhere from missing


@dataclass(frozen=True)
class Curve:
    """An entrywise function that is neither odd, bounded nor monotone, with all its derivatives."""

    a: float
    b: float
    c: float
    d: float

    def __call__(self, x: Any, order: int) -> Any:
        wave = self.a * self.b**order * np.sin(self.b * x + self.c + order * np.pi / 2)
        bump = 0.3 * 1.7**order * np.cos(1.7 * x + self.d + order * np.pi / 2)
        return wave + bump + (self.d * x if order == 0 else self.d if order == 1 else 0.0)


def elementary(function: Function, x: Any) -> Any:
    """A named function or its first derivative. Error: Nowhere for any other."""
    match function.name, function.order:
        case "tanh", 0:
            return np.tanh(x)
        case "tanh", 1:
            return 1 / np.cosh(x) ** 2
        case "sigmoid", 0:
            return 1 / (1 + np.exp(-x))
        case "sigmoid", 1:
            return 1 / (2 + np.exp(x) + np.exp(-x))
        case "exp", _:
            return np.exp(x)
        case "log", 0:
            return np.log(x)
        case "log", 1:
            return 1 / x
    raise Nowhere(f"{function} has no value here")


@dataclass(frozen=True)
class Evaluation:
    """Values of trees: `look` gives that of a quantity, `differentiate` that of a derivative, `meanings` of a name.

    `rising`: A_t ⋯ A_k runs in whichever direction leads from t to k, and not only in the one that the tree says.
    """

    sizes: Indices
    curves: Mapping[str, Curve]
    look: Callable[[Key], Any]
    differentiate: Callable[[Sequence[Key], Sequence[Key], Sequence[Key]], Any] | None = None
    meanings: Mapping[Name, Equation] | None = None
    rising: bool = False

    @property
    def batched(self) -> bool:
        return self.differentiate is None

    def __call__(self, node: Expression, at: Indices) -> Any:
        return RULES[type(node)](self, node, at)

    def keys(self, node: Expression, at: Indices) -> tuple[Key, ...]:
        """The quantities that a derivative is of or by."""
        parts = node.parts if isinstance(node, State) else (node,)
        if any(not isinstance(part, Variable) or part.name in (self.meanings or {}) for part in parts):
            raise Nowhere(f"{node} is no quantity of the network")
        return tuple((part.name, number(part.indices[0], at) if part.indices else None) for part in parts)

    def variable(self, node: Variable, at: Indices) -> Any:
        meaning = (self.meanings or {}).get(node.name)
        if meaning is not None:
            return self(meaning.right, {**at, meaning.left.indices[0]: number(node.indices[0], at)})
        return self.look(self.keys(node, at)[0])

    def alike(self, nodes: Sequence[Expression], at: Indices) -> list[Any]:
        """Values of one shape; a bare number fills the shape of what stands beside it."""
        values = [self(node, at) for node in nodes]
        firm = [v for node, v in zip(nodes, values, strict=True) if not isinstance(node, Number)] or values
        if len({v.shape[-2:] if self.batched else v.shape for v in firm}) > 1:
            raise Meaningless(f"{[v.shape for v in firm]} side by side")
        return [np.full(firm[0].shape, float(node.value)) if isinstance(node, Number) else v
                for node, v in zip(nodes, values, strict=True)]  # fmt: skip

    def times(self, left: Any, right: Any) -> Any:
        if self.scalar(left) or self.scalar(right):
            return left * right
        if not self.batched and (left.ndim, right.ndim) != (2, 2):
            if left.ndim != 2 or left.shape[1] != right.shape[0]:
                raise Meaningless(f"{left.shape} times {right.shape}")
            product = np.tensordot(left, right, 1)
            return product[0] if left.shape[0] == 1 else product
        if left.shape[-1] != right.shape[-2]:
            raise Meaningless(f"{left.shape} times {right.shape}")
        return left @ right

    def scalar(self, value: Any) -> bool:
        return value.shape[-2:] == (1, 1) and (self.batched or value.ndim == 2)

    def plain(self, node: Expression, at: Indices, *, square: bool = False) -> Any:
        """A matrix, not a derivative array."""
        value = self(node, at)
        if (not self.batched and value.ndim != 2) or (square and value.shape[-1] != value.shape[-2]):
            raise Meaningless(f"{value.shape} here")
        return value

    def transpose(self, node: Transpose, at: Indices) -> Any:
        return np.swapaxes(self.plain(node.args[0], at), -1, -2)

    def quotient(self, node: Quotient, at: Indices) -> Any:
        top, bottom = (self(part, at) for part in node.args)
        top, bottom = (top, bottom) if self.scalar(bottom) else self.alike(node.args, at)
        return top / bottom

    def matrix_power(self, node: MatrixPower, at: Indices) -> Any:
        base, exponent = self.plain(node.args[0], at, square=True), number(node.args[1], at)
        if exponent < 0:
            raise Nowhere("a negative power")
        return reduce(np.matmul, [base] * exponent, np.eye(base.shape[-1]))

    def column(self, node: Expression, at: Indices) -> Any:
        value = self.plain(node, at)
        if value.shape[-1] != 1:
            raise Meaningless(f"{value.shape} where a column is needed")
        return value

    def diag(self, node: Diag, at: Indices) -> Any:
        value = self.column(node.args[0], at)
        return np.eye(value.shape[-2]) * value

    def apply(self, node: Apply, at: Indices) -> Any:
        curve, body = self.curves.get(node.function.name), self(node.body, at)
        return curve(body, node.function.order) if curve else elementary(node.function, body)

    def softmax(self, node: Softmax, at: Indices) -> Any:
        exponentials = np.exp(self.column(node.args[0], at))
        return exponentials / exponentials.sum(axis=-2, keepdims=True)

    def norm(self, node: Norm, at: Indices) -> Any:
        body = self.plain(node.args[0], at)
        if body.shape[-1] == 1:
            return np.sqrt((body**2).sum(axis=-2, keepdims=True))
        return np.full((1, 1), np.linalg.norm(body, 2))

    def blocks(self, node: Blocks, at: Indices) -> Any:
        rows = [[self.plain(part, at) for part in row] for row in node.rows]
        try:
            return np.concatenate([np.concatenate(row, axis=-1) for row in rows], axis=-2)
        except ValueError as mismatch:
            raise Meaningless("blocks of shapes that do not fit") from mismatch

    def entry(self, node: Entry, at: Indices) -> Any:
        value = self.plain(node.body, at)
        lengths = [size for size in value.shape if size != 1]
        place = [number(index, at) - 1 for index in node.args[1:]]
        if len(place) != len(lengths):
            raise Meaningless(f"{len(place)} indices on {value.shape}")
        if any(not 0 <= i < length for i, length in zip(place, lengths, strict=True)):
            raise Nowhere("an entry outside its array")
        return np.full((1, 1), value.reshape(lengths)[tuple(place)])

    def sum(self, node: Sum, at: Indices) -> Any:
        body, letter, lower, upper = node.args
        steps = range(number(lower, at), number(upper, at) + 1)
        if not steps:
            return np.zeros(tuple(number(size, self.sizes) for size in node.shape))
        return reduce(np.add, (self(body, {**at, letter: i}) for i in steps))

    def chain(self, node: Chain, at: Indices) -> Any:
        body, letter, lower, upper, descending = node.args
        first, last = number(lower, at), number(upper, at)
        steps = list(range(first, last + 1))
        if self.rising and last < first - 1:
            steps = list(range(first, last - 1, -1))
        if not steps:
            return np.eye(number(node.shape[0], self.sizes))
        order = reversed(steps) if descending else steps
        return reduce(self.times, [self.plain(body, {**at, letter: i}, square=True) for i in order])

    def derivative(self, node: Derivative, at: Indices) -> Any:
        """Numerator layout; by a matrix an axis for each of its own, of a scalar by a matrix the matrix's shape."""
        assert self.differentiate is not None, "a forward pass has no derivatives in it"
        tops, bottoms = self.keys(node.top, at), self.keys(node.bottom, at)
        held = tuple(key for part in node.held for key in self.keys(part, at))
        jacobian = self.differentiate(tops, bottoms, held)
        axes = [number(size, self.sizes) for size in node.bottom.shape]
        if axes[1] == 1:
            return jacobian
        return jacobian.reshape(axes if jacobian.shape[0] == 1 else (-1, *axes))


def _filled(run: Evaluation, node: Number, at: Indices) -> Any:
    return np.full(tuple(number(size, run.sizes) for size in node.shape), float(node.value))


RULES: Mapping[type, Callable[[Evaluation, Any, Indices], Any]] = {
    Variable: Evaluation.variable,
    State: lambda run, node, at: np.concatenate([run(part, at) for part in node.parts], axis=-2),
    Number: _filled,
    Identity: lambda run, node, at: np.eye(number(node.args[0], run.sizes)),
    Add: lambda run, node, at: reduce(np.add, run.alike(node.args, at)),
    Hadamard: lambda run, node, at: reduce(np.multiply, run.alike(node.args, at)),
    Product: lambda run, node, at: reduce(run.times, [run(factor, at) for factor in node.args]),
    Quotient: Evaluation.quotient,
    Power: lambda run, node, at: run(node.args[0], at) ** int(node.args[1]),
    MatrixPower: Evaluation.matrix_power,
    Transpose: Evaluation.transpose,
    Diag: Evaluation.diag,
    Apply: Evaluation.apply,
    Softmax: Evaluation.softmax,
    SquaredNorm: lambda run, node, at: (run.column(node.args[0], at) ** 2).sum(axis=-2, keepdims=True),
    Norm: Evaluation.norm,
    Blocks: Evaluation.blocks,
    Entry: Evaluation.entry,
    Sum: Evaluation.sum,
    Chain: Evaluation.chain,
    Derivative: Evaluation.derivative,
}
