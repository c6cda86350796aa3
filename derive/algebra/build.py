"""Constructors that omit what says nothing: factors 1, terms 0, a transpose of a transpose. No term is ever moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sympy import Basic, Expr, Integer, Symbol, Tuple, true

from derive.algebra import shapes
from derive.algebra.expressions import (
    Add,
    Blocks,
    Chain,
    Derivative,
    Diag,
    Expression,
    Hadamard,
    Identity,
    MatrixPower,
    Number,
    Product,
    Quotient,
    Sum,
    Transpose,
)
from derive.algebra.shapes import ONE, SCALAR, Shape
from derive.errors import DeriveError

UNIT = Number(1)
MINUS = Number(-1)


def zero(shape: Shape) -> Number:
    return Number(0, shape)


def ones(size: Expr) -> Number:
    """The column of ones."""
    return Number(1, (size, ONE))


def is_zero(expression: Expression) -> bool:
    return isinstance(expression, Number) and expression.value == 0


def add(*terms: Expression) -> Expression:
    """A sum without its zeros, nested sums opened."""
    flat = [t for term in terms for t in (term.args if isinstance(term, Add) else (term,)) if not is_zero(t)]
    if not flat:
        return zero(terms[0].shape)
    return flat[0] if len(flat) == 1 else Add(*flat)


def negate(expression: Expression) -> Expression:
    if isinstance(expression, Add):
        return Add(*map(negate, expression.args))
    return product(MINUS, expression)


def product(*factors: Expression) -> Expression:
    """A product with its numbers in front, ones and identities left out, nested products opened where they may."""
    coefficient, kept = Integer(1), []
    for factor in _opened(factors):
        if isinstance(factor, Number) and shapes.is_scalar(factor.shape):
            coefficient *= factor.value
        elif not isinstance(factor, Identity):
            kept.append(factor)
    whole = Product(*factors).shape  # checks the shapes, and is the shape of a product that vanishes
    kept = grouped(kept)
    if coefficient == 0 or any(map(is_zero, kept)):
        return zero(whole)
    if len(kept) == 1 and isinstance(kept[0], Number):
        return Number(coefficient * kept[0].value, kept[0].shape)
    if coefficient != 1:
        kept.insert(0, Number(coefficient))
    if Product(*kept).shape != whole:  # nothing left but identities
        kept.append(Identity(whole[0]))
    if not kept:
        return UNIT
    return kept[0] if len(kept) == 1 else Product(*kept)


def grouped(factors: Sequence[Expression]) -> list[Expression]:
    """The factors with each number made of vectors at the beginning as one, (uᵀ v) w: any part is then a product."""
    count = scalar_of_vectors(factors)
    if 0 < count < len(factors):
        return [Product(*factors[:count]), *grouped(factors[count:])]
    return list(factors)


def scalar_of_vectors(factors: Sequence[Expression]) -> int:
    """How many factors at the beginning make a number of vectors, as in (uᵀ v) w; 0 if none do."""
    shape, vectors = SCALAR, False
    for count, factor in enumerate(factors, 1):
        vectors = vectors or not shapes.is_scalar(factor.shape)
        shape = shapes.product(shape, factor.shape)
        if vectors and shapes.is_scalar(shape):
            return count
    return 0


def _opened(factors: Iterable[Expression], before: Shape = SCALAR) -> Iterable[Expression]:
    """The factors, nested products opened, except a scalar of vectors behind a matrix: W (xᵀ y) is not W xᵀ y.

    `before` is the shape of the product of all that stands before them.
    """
    for factor in factors:
        inner = [part for part in factor.args if isinstance(part, Expression)]
        of_vectors = shapes.is_scalar(factor.shape) and not all(shapes.is_scalar(part.shape) for part in inner)
        if isinstance(factor, Product) and (shapes.is_scalar(before) or not of_vectors):
            yield from _opened(inner, before)
        elif isinstance(factor, Product) and factor.args[0] == MINUS:
            yield MINUS
            yield product(*factor.args[1:])
        else:
            yield factor
        before = shapes.product(before, factor.shape)


def hadamard(*factors: Expression) -> Expression:
    """An entrywise product; of scalars, the product."""
    if all(shapes.is_scalar(factor.shape) for factor in factors):
        return product(*factors)
    flat = [f for factor in factors for f in (factor.args if isinstance(factor, Hadamard) else (factor,))]
    kept = [f for f in flat if not (isinstance(f, Number) and f.value == 1)]
    if any(map(is_zero, kept)):
        return zero(factors[0].shape)
    if not kept:
        return flat[0]
    return kept[0] if len(kept) == 1 else Hadamard(*kept)


def quotient(top: Expression, bottom: Expression) -> Expression:
    return top if bottom == UNIT or is_zero(top) else Quotient(top, bottom)


def scale(by: Expression, what: Expression) -> Expression:
    """`by`, entry by entry, on what is right of it: diag(v) G for a column v, v G for a scalar, V ⊙ G for a matrix."""
    if shapes.is_scalar(by.shape):
        return product(by, what)
    return product(Diag(by), what) if shapes.is_column(by.shape) else hadamard(by, what)


def transpose(expression: Expression) -> Expression:
    """The transpose, carried to the names; a product of scalars is turned round too, as the product of matrices is."""
    if isinstance(expression, Product) and all(shapes.is_scalar(factor.shape) for factor in expression.args):
        return product(*reversed(expression.args))
    if shapes.is_scalar(expression.shape) or isinstance(expression, Diag | Identity):
        return expression
    if isinstance(expression, Transpose):
        return expression.args[0]
    if isinstance(expression, Add) and not shapes.is_column(expression.shape):
        return Add(*map(transpose, expression.args))
    if isinstance(expression, Blocks):
        columns = zip(*expression.rows, strict=True)
        return Blocks(len(expression.rows), *(transpose(part) for column in columns for part in column))
    if isinstance(expression, Product):
        return product(*map(transpose, reversed(expression.args)))
    if isinstance(expression, Chain):
        body, index, lower, upper, descending = expression.args
        return Chain(transpose(body), index, lower, upper, ~descending)
    if isinstance(expression, MatrixPower):
        return MatrixPower(transpose(expression.args[0]), expression.args[1])
    if isinstance(expression, Number):
        return Number(expression.value, expression.shape[::-1])
    return Transpose(expression)


def inner(left: Expression, right: Expression) -> Expression:
    """⟨left, right⟩: for columns leftᵀ right; for matrices 1ᵀ (left ⊙ right) 1."""
    if shapes.is_column(left.shape):
        return product(transpose(left), right)
    rows, columns = left.shape
    return product(transpose(ones(rows)), hadamard(left, right), ones(columns))


def summation(body: Expression, index: Symbol, lower: Expr, upper: Expr) -> Expression:
    return zero(body.shape) if is_zero(body) else Sum(body, index, lower, upper)


def descending(body: Expression, index: Symbol, lower: Expr, upper: Expr) -> Expression:
    """body(upper) ⋯ body(lower); of what is the same for every index, the power."""
    if index not in body.free_symbols:
        return MatrixPower(body, upper - lower + 1)
    return Chain(body, index, lower, upper, true)


class Captured(DeriveError, ValueError):
    """An index that would come to mean another's, since a Σ around it binds the same letter."""


def substitute(expression: Basic, values: Mapping[Basic, Basic]) -> Basic:
    """Replace free index symbols or whole subexpressions; an index bound by Σ or ∏ is left alone within it."""
    if expression in values:
        return values[expression]
    if isinstance(expression, Sum | Chain):
        body, index, lower, upper, *rest = expression.args
        inside = {old: new for old, new in values.items() if old != index}
        bounds = (substitute(lower, values), substitute(upper, values))
        if any(index in new.free_symbols for new in inside.values()):
            raise Captured(f"the index {index} would be captured")
        return expression.func(substitute(body, inside), index, *bounds, *rest)
    if isinstance(expression, Expression | Tuple):
        args = [substitute(argument, values) for argument in expression.args]
        return expression if all(a is b for a, b in zip(args, expression.args, strict=True)) else expression.func(*args)
    return expression.xreplace(values)


def total(top: Expression, bottom: Expression) -> Derivative:
    """∂top/∂bottom with nothing held fixed."""
    return Derivative(top, bottom)


def is_number(expression: Expression) -> bool:
    return isinstance(expression, Number) and expression.shape == SCALAR
