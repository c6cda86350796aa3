"""The letters in an expression: those that are free, and those that name an entry."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Symbol

from derive.algebra.expressions import (
    Chain,
    Derivative,
    Entry,
    Expression,
    MatrixPower,
    State,
    Sum,
    Variable,
)
from derive.algebra.generic import Generic, Kronecker


def free(node: Expression) -> set[Symbol]:
    """The index letters that are not bound by Σ or ∏."""
    match node:
        case Sum(args=(body, index, lower, upper)) | Chain(args=(body, index, lower, upper, _)):
            return (free(body) - {index}) | _letters(lower) | _letters(upper)
        case Variable(indices=indices):
            return {s for index in indices for s in _letters(index)}
        case Entry(args=(body, *indices)):
            return free(body).union(*map(_letters, indices))
        case Kronecker(args=indices):
            return set().union(*map(_letters, indices))
        case MatrixPower(args=(body, exponent)):
            return free(body) | _letters(exponent)
        case Derivative(top=top, bottom=bottom):  # what is held has no other letters
            return free(top) | free(bottom)
        case Generic():
            inside = set().union(*(free(argument) for argument in node.arguments))
            return inside.union(*map(_letters, node.indices))
        case State(args=(_, time, *_)):
            return _letters(time)
    return set().union(*(free(argument) for argument in node.args if isinstance(argument, Expression)))


def _letters(index: Expr) -> set[Symbol]:
    return {symbol for symbol in index.free_symbols if isinstance(symbol, Symbol)}


def counted(node: Expression) -> Iterator[tuple[Symbol, Expr]]:
    """The letters that name an entry here, with the number of entries."""
    if isinstance(node, Entry):
        sizes = (
            [size for size in node.body.shape if size != 1]
            if len(node.args) - 1 < len(node.body.shape)
            else list(node.body.shape)
        )
        for index, size in zip(node.args[1:], sizes, strict=False):
            for letter in index.free_symbols:
                yield letter, size
