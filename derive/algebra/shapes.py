"""Shapes: tuples of sizes. Vectors are columns, scalars are 1×1, ∂(vector)/∂(matrix) is an array [i, a, b]."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from sympy import Expr, Integer, Symbol

from derive.errors import ShapeError

Size: TypeAlias = Expr
Shape = tuple[Size, ...]

ONE = Integer(1)
SCALAR: Shape = (ONE, ONE)


def is_scalar(shape: Shape) -> bool:
    return shape == SCALAR


def is_column(shape: Shape) -> bool:
    """A column vector; a scalar counts as one."""
    return len(shape) == 2 and shape[1] == ONE


def is_vector(shape: Shape) -> bool:
    """A column or a row; a scalar counts as one."""
    return len(shape) == 2 and ONE in shape


def length(shape: Shape) -> Size:
    """The number of entries of a column or row."""
    return shape[1] if shape[0] == ONE else shape[0]


def show(shape: Shape) -> str:
    """A shape for people: `n×d`, `n×1`, `scalar`."""
    return "a scalar" if is_scalar(shape) else "×".join(str(size) for size in shape)


def letters_of(shapes: Iterable[Shape]) -> frozenset[Symbol]:
    """The letters that sizes are made of: n and d of n×d and (n + d)×1."""
    return frozenset(letter for shape in shapes for size in shape for letter in size.free_symbols)


def product(left: Shape, right: Shape) -> Shape:
    """The shape of a matrix product in which scalars scale and a row contracts the first index of a derivative array.

    Shapes: (a×b)(b×c) → a×c; (1×m)(m×a×b) → a×b; (k×m)(m×a×b) → k×a×b; in denominator layout (m×a×b)(m×1) → a×b.
    Error: ShapeError where the inner sizes differ.
    """
    if is_scalar(left):
        return right
    if is_scalar(right):
        return left
    if len(left) == 2 and left[1] == right[0]:
        if len(right) == 3:
            return right[1:] if left[0] == ONE else (left[0], *right[1:])
        return (left[0], right[1])
    if len(left) == 3 and right == (left[0], ONE):
        return left[1:]
    raise ShapeError(
        f"these shapes do not multiply: {show(left)} times {show(right)}",
        expected=f"a right factor with {left[-1]} rows",
        between=(left, right),
    )


def same(shapes: list[Shape], operation: str) -> Shape:
    """The one shape that all operands share. Error: ShapeError naming the first two that differ."""
    first = shapes[0]
    for shape in shapes[1:]:
        if shape != first:
            words = f"the operands of {operation} have different shapes: {show(first)} and {show(shape)}"
            raise ShapeError(words, between=(first, shape))
    return first


def shared(sizes: list[Size], what: str, where: str) -> Size:
    """The one size that blocks share. Error: ShapeError naming the first two that differ."""
    for size in sizes[1:]:
        if size != sizes[0]:
            raise ShapeError(f"blocks {where} each other have different numbers of {what}: {sizes[0]} and {size}")
    return sizes[0]


def derivative(top: Shape, bottom: Shape) -> Shape:
    """The shape of ∂y/∂x in numerator layout.

    Shapes: y ∈ ℝᵐ, x ∈ ℝⁿ: m×n, columns and rows alike. y scalar, W ∈ ℝ^{a×b} a matrix: a×b, the shape of W.
    y ∈ ℝᵐ: m×a×b.
    """
    if not is_vector(top):
        raise ShapeError(f"only a scalar or a vector can be differentiated, this is {show(top)}")
    if is_vector(bottom):
        return (length(top), length(bottom))
    return bottom if is_scalar(top) else (length(top), *bottom)
