"""Sizes as unknowns: equal where an equation makes them equal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

from sympy import Add, Expr, Symbol

from derive.algebra import symbols
from derive.algebra.shapes import ONE, SCALAR, Shape
from derive.errors import ShapeError

Term = Shape | None
"""The shape of a part of a formula; None for a bare number, which has any."""


class Dims:
    """Unknown sizes and what is known of them. `unify` makes two equal, or says that they cannot be."""

    def __init__(self) -> None:
        self._known: dict[Symbol, Expr] = {}
        self._numbers = count(1)
        self.fixed: frozenset[Expr] = frozenset()

    def new(self) -> Symbol:
        """A size of which nothing is known."""
        return symbols.size(f"q{next(self._numbers)}")

    def find(self, size: Expr) -> Expr:
        """What a size is, as far as is known."""
        while True:
            found = size.xreplace(self._known) if size.free_symbols else size
            if found == size:
                return found
            size = found

    def shape(self, shape: Shape) -> Shape:
        return tuple(map(self.find, shape))

    def unify(self, left: Expr, right: Expr) -> None:
        """Error: ShapeError for two sizes that are known and differ."""
        left, right = self.find(left), self.find(right)
        if left == right:
            return
        if left in self.fixed and right in self.fixed:
            raise ShapeError(f"the sizes {left} and {right} are different")
        if left in self.fixed:
            left, right = right, left
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Symbol) and str(one).startswith("q") and one not in other.free_symbols:
                self._known[one] = other
                return
        ours, theirs = (set(Add.make_args(size)) for size in (left, right))
        if len(ours - theirs) == len(theirs - ours) == 1 and len(ours) > 1:  # n + d and n + q
            self.unify(*(ours - theirs), *(theirs - ours))
            return
        raise ShapeError(f"the sizes {left} and {right} would have to be equal")

    def fix(self, shapes: Iterable[Shape]) -> None:
        """From now on no two of these sizes are made equal: claims may be false."""
        self.fixed = frozenset(self.find(size) for shape in shapes for size in shape) | {ONE}

    def same(self, left: Shape, right: Shape) -> None:
        if len(left) != len(right):
            raise ShapeError("a matrix and an array of three indices")
        for one, other in zip(left, right, strict=True):
            self.unify(one, other)


def is_scalar(shape: Shape) -> bool:
    return all(size == ONE for size in shape)


def product(dims: Dims, terms: Sequence[Term], wanted: Term) -> Term:
    """The shape of a product, with inner sizes made equal."""
    result: Term = None
    for term in terms:
        if term is None or is_scalar(dims.shape(term)) or len(term) != 2:
            result = result if result is not None else term
            continue
        term = dims.shape(term)
        if result is None or is_scalar(dims.shape(result)):
            result = term
            continue
        left = dims.shape(result)
        column, row = left[1] == ONE, left[0] == ONE
        if column and term[1] == ONE:
            dims.unify(left[0], term[0])
            result = SCALAR if wanted is not None and is_scalar(wanted) else term
        elif row and term[0] == ONE and term[1] != ONE:
            dims.unify(left[1], term[1])
            result = SCALAR if wanted is not None and is_scalar(wanted) else term
        elif column and term[0] == ONE:
            result = (left[0], term[1])
        elif column:
            dims.unify(left[0], term[0])
            result = term
        else:
            dims.unify(left[1], term[0])
            result = (left[0], term[1])
    return result
