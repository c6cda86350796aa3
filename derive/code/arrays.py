"""Expressions as code for arrays: a column of a step is a row of an array, so that many sequences are one array.

A column v or a row vᵀ of one step is an array (…, n) whose last axis has its entries, a scalar of a step (…, 1); what
stands before are sequences, or steps and sequences. A matrix is a parameter: W v is `v @ W.T` then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sympy import Rational

from derive.algebra import shapes
from derive.algebra.expressions import (
    Add,
    Apply,
    Diag,
    Expression,
    Hadamard,
    Identity,
    Number,
    Power,
    Product,
    Quotient,
    Softmax,
    SquaredNorm,
    Transpose,
    Variable,
)
from derive.calculus.rewrite import is_negative, without_sign
from derive.errors import DeriveError

SUM, FACTOR, SIGNED, ATOM = range(4)
"""How tightly a piece of code holds together: a + b, a * b, -a, and what needs no brackets anywhere."""


class NoCode(DeriveError):
    """Something for which no array code is written."""


@dataclass(frozen=True)
class Code:
    """A piece of code and how tightly it holds together."""

    text: str
    level: int = ATOM

    def within(self, level: int) -> str:
        """The text, in brackets where it stands within something that holds more tightly."""
        return self.text if self.level >= level else f"({self.text})"


@dataclass(frozen=True)
class Arrays:
    """Writes expressions as code. `named` spells a quantity where it is used; `known` is code for whole expressions.

    `functions` spells the functions of a library, by name and order: `np.tanh({})`.
    """

    named: Callable[[Variable], str]
    functions: Mapping[tuple[str, int], str]
    known: Mapping[Expression, Code] = field(default_factory=dict)

    def __call__(self, expression: Expression) -> str:
        """The code of a column, a row or a scalar. Error: NoCode for what has none."""
        return self._code(expression).text

    def outer(self, expression: Expression) -> tuple[str, str]:
        """The column u and the row v of a matrix u v, as code: what a parameter receives at a step.

        Error: NoCode for a matrix that is no such product.
        """
        factors = expression.args if isinstance(expression, Product) else (expression,)
        for cut in range(1, len(factors)):
            left, right = _product(factors[:cut]), _product(factors[cut:])
            if shapes.is_column(left.shape) and right.shape[0] == 1:
                return self(left), self(right)
        raise NoCode(f"no code is written for this matrix: {expression}")

    def _code(self, node: Expression) -> Code:
        if node in self.known:
            return self.known[node]
        match node:
            case Variable():
                return Code(self.named(node))
            case Number():
                return _number(node.value)
            case Add(args=terms):
                return self._sum(terms)
            case Transpose(args=(body,)) if not _is_matrix(node):
                return self._code(body)
            case Hadamard(args=factors):
                return self._times([self._code(factor) for factor in factors])
            case Product(args=factors):
                return self._product(factors)
            case Quotient(args=(top, bottom)):
                return Code(f"{self._code(top).within(FACTOR)} / {self._code(bottom).within(ATOM)}", FACTOR)
            case Power(args=(base, exponent)):
                text = f"{self._code(base).within(ATOM)}**{abs(int(exponent))}"
                return Code(text, SIGNED) if exponent > 0 else Code(f"1 / {text}", FACTOR)
            case Apply():
                return self._applied(node)
            case Softmax(args=(body,)):
                return Code(f"softmax({self._code(body).text})")
            case SquaredNorm(args=(body,)):
                return Code(f"inner({self._code(body).text}, {self._code(body).text})")
        raise NoCode(f"no code is written for {type(node).__name__.lower()}: {node}")

    def _sum(self, terms: tuple[Expression, ...]) -> Code:
        text = ""
        for term in terms:
            negative = bool(text) and is_negative(term)
            code = self._code(without_sign(term) if negative else term)
            sign = " - " if negative else " + "
            text += (sign if text else "") + code.within(FACTOR if negative else SUM)
        return Code(text, SUM)

    def _times(self, factors: list[Code]) -> Code:
        first, *rest = factors
        return Code(" * ".join([first.within(FACTOR), *(code.within(SIGNED) for code in rest)]), FACTOR)

    def _applied(self, node: Apply) -> Code:
        key = node.function.name, node.function.order
        if key not in self.functions:
            raise NoCode(f"{node.function} is any function: code needs one that is named", hint="--activation tanh")
        return Code(self.functions[key].format(self._code(node.body).text))

    def _product(self, factors: tuple[Expression, ...]) -> Code:
        """A product from its last column on, or from its first row on; scalars scale."""
        if len(factors) == 1:
            return self._code(factors[0])
        if isinstance(factors[0], Number) and factors[0].value == -1:
            return Code(f"-{self._code(_product(factors[1:])).within(SIGNED)}", FACTOR)
        first, last = factors[0], factors[-1]
        head, tail = _product(factors[:-1]), _product(factors[1:])
        if shapes.is_scalar(first.shape) or (shapes.is_column(first.shape) and shapes.is_scalar(tail.shape)):
            return self._times([self._code(first), self._code(tail)])
        if shapes.is_scalar(last.shape) or (last.shape[0] == 1 and shapes.is_scalar(head.shape)):
            return self._times([self._code(head), self._code(last)])
        if _is_matrix(first) and shapes.is_column(tail.shape):
            return self._applied_to(first, tail)
        if _is_matrix(last) and head.shape[0] == 1:
            return self._applied_to(_turned(last), head)
        if first.shape[0] == 1 and shapes.is_column(tail.shape):
            return Code(f"inner({self._code(first).text}, {self._code(tail).text})")
        raise NoCode(f"no code is written for this product: {_product(factors)}")

    def _applied_to(self, matrix: Expression, vector: Expression) -> Code:
        """M v, or the row vᵀ Mᵀ: both are one array."""
        match matrix:
            case Identity():
                return self._code(vector)
            case Diag(args=(diagonal,)):
                return self._times([self._code(diagonal), self._code(vector)])
            case Variable(indices=indices) if not indices:
                return Code(f"{self._code(vector).within(SIGNED)} @ {self.named(matrix)}.T", FACTOR)
            case Transpose(args=(Variable(indices=indices) as body,)) if not indices:
                return Code(f"{self._code(vector).within(SIGNED)} @ {self.named(body)}", FACTOR)
        raise NoCode(f"no code is written for this matrix: {matrix}")


def _number(value: Rational) -> Code:
    if value.q == 1:
        return Code(str(value.p), ATOM if value.p >= 0 else FACTOR)
    decimal = str(float(value))
    exact = Rational(decimal) == value
    return Code(decimal if exact else f"{value.p} / {value.q}", ATOM if exact and value > 0 else FACTOR)


def _product(factors: tuple[Expression, ...]) -> Expression:
    return factors[0] if len(factors) == 1 else Product(*factors)


def _is_matrix(node: Expression) -> bool:
    return len(node.shape) == 2 and 1 not in node.shape


def _turned(matrix: Expression) -> Expression:
    match matrix:
        case Transpose(args=(body,)):
            return body
        case Diag() | Identity():
            return matrix
    return Transpose(matrix)
