r"""Tidying: a visible tuple of laws that bring what the pullback gives into the form that a person writes.

Each rule takes a node and returns an equal one, or None where it does not apply; `tidy` applies them from the leaves up
until none does. `assuming` adds the equations that a model states about its inputs (1ᵀ ō_t = 1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sympy import Integer

from derive.algebra.build import MINUS, add, hadamard, is_number, negate, ones, product, quotient, transpose
from derive.algebra.expressions import (
    Add,
    Derivative,
    Diag,
    Expression,
    Hadamard,
    Identity,
    Number,
    Product,
    Quotient,
    Transpose,
    Variable,
)
from derive.algebra.shapes import is_column, is_scalar

Rule = Callable[[Expression], Expression | None]
Told = Callable[[Rule, Expression, Expression], None]
"""Hears of each rule that was applied: the rule, what it was applied to, what came of it."""


def diagonal_on_column(node: Expression) -> Expression | None:
    r"""diag(u) v = u ⊙ v for a column v at the end of a product."""
    if isinstance(node, Product) and len(node.args) > 1 and isinstance(node.args[-2], Diag):
        *head, diag, column = node.args
        if is_column(column.shape) and not is_scalar(column.shape):
            return product(*head, hadamard(diag.args[0], column))
    return None


def diagonal_in_front(node: Expression) -> Expression | None:
    r"""diag(u) A v = u ⊙ (A v) for a column A v."""
    if (
        isinstance(node, Product)
        and isinstance(node.args[0], Diag)
        and is_column(node.shape)
        and not is_scalar(node.shape)
    ):
        return hadamard(node.args[0].args[0], product(*node.args[1:]))
    return None


def quotient_meets_its_denominator(node: Expression) -> Expression | None:
    r"""u ⊙ (w ⊘ u) = w, wherever w ⊘ u is defined."""
    if isinstance(node, Hadamard):
        for i, over in enumerate(node.args):
            for j, factor in enumerate(node.args):
                if isinstance(over, Quotient) and i != j and over.args[1] == factor:
                    rest = [f for k, f in enumerate(node.args) if k not in (i, j)]
                    return hadamard(over.args[0], *rest)
    return None


def quotient_as_factor(node: Expression) -> Expression | None:
    r"""(1 ⊘ u) ⊙ w = w ⊘ u."""
    if isinstance(node, Hadamard):
        for i, over in enumerate(node.args):
            if isinstance(over, Quotient) and isinstance(over.args[0], Number) and over.args[0].value == 1:
                return quotient(hadamard(*node.args[:i], *node.args[i + 1 :]), over.args[1])
    return None


def diagonals_multiply(node: Expression) -> Expression | None:
    r"""diag(u) diag(v) = diag(u ⊙ v)."""
    return _pair(
        node,
        lambda left, right: (
            Diag(hadamard(left.args[0], right.args[0])) if isinstance(left, Diag) and isinstance(right, Diag) else None
        ),
    )


def diagonals_add(node: Expression) -> Expression | None:
    r"""diag(u) - diag(v) = diag(u - v)."""
    if not isinstance(node, Add):
        return None
    bodies = [_diagonal(term) for term in node.args]
    return None if None in bodies else Diag(add(*bodies))  # type: ignore[arg-type]


def _diagonal(term: Expression) -> Expression | None:
    """What stands on the diagonal of a summand diag(u) or -diag(u)."""
    if isinstance(term, Diag):
        return term.args[0]
    if isinstance(term, Product) and len(term.args) == 2 and term.args[0] == MINUS and isinstance(term.args[1], Diag):
        return negate(term.args[1].args[0])
    return None


def row_meets_its_quotient(node: Expression) -> Expression | None:
    r"""uᵀ (w ⊘ u) = 1ᵀ w for columns, wherever w ⊘ u is defined."""
    return _pair(
        node,
        lambda left, right: (
            product(transpose(ones(right.shape[0])), right.args[0])
            if isinstance(right, Quotient)
            and isinstance(left, Transpose)
            and right.args[1] == left.args[0]
            and is_column(right.shape)
            else None
        ),
    )


def numbers_in_front(node: Expression) -> Expression | None:
    r"""u ⊙ (c v) = c (u ⊙ v), and (c u) ⊘ v = c (u ⊘ v)."""
    if isinstance(node, Hadamard):
        for i, factor in enumerate(node.args):
            if isinstance(factor, Product) and is_number(factor.args[0]):
                return product(factor.args[0], hadamard(*node.args[:i], product(*factor.args[1:]), *node.args[i + 1 :]))
    if isinstance(node, Quotient) and isinstance(node.args[0], Product) and is_number(node.args[0].args[0]):
        return product(node.args[0].args[0], quotient(product(*node.args[0].args[1:]), node.args[1]))
    return None


def like_terms(node: Expression) -> Expression | None:
    r"""c u + d u = (c + d) u."""
    if not isinstance(node, Add):
        return None
    counts: dict[Expression, object] = {}
    for term in node.args:
        number, rest = _coefficient(term)
        counts[rest] = counts.get(rest, 0) + number  # type: ignore[operator]
    if len(counts) == len(node.args):
        return None
    return add(*(product(Number(count), rest) for rest, count in counts.items()))


def _coefficient(term: Expression) -> tuple[object, Expression]:
    """A summand as a number times the rest."""
    if isinstance(term, Product) and is_number(term.args[0]):
        return term.args[0].value, product(*term.args[1:])
    return Integer(1), term


def common_last_factor(node: Expression) -> Expression | None:
    r"""u ⊙ w - v ⊙ w = (u - v) ⊙ w."""
    if not isinstance(node, Add):
        return None
    signed = [
        (is_negative(t), t.args[1] if is_negative(t) and t.args[0] == MINUS and len(t.args) == 2 else t)
        for t in node.args
    ]
    if all(isinstance(t, Hadamard) and t.args[-1] == signed[0][1].args[-1] for _, t in signed):
        rest = [negate(hadamard(*t.args[:-1])) if minus else hadamard(*t.args[:-1]) for minus, t in signed]
        return hadamard(add(*rest), signed[0][1].args[-1])
    return None


def scalar_in_front(node: Expression) -> Expression | None:
    r"""v (uᵀ w) = (uᵀ w) v for a column v."""
    if isinstance(node, Product) and is_column(node.shape) and not is_scalar(node.shape):
        *head, last = node.args
        if isinstance(last, Product) and is_scalar(last.shape) and not any(is_scalar(factor.shape) for factor in head):
            return product(last, *head)
    return None


def positive_first(node: Expression) -> Expression | None:
    r"""-b + a is written a - b."""
    if isinstance(node, Add) and is_negative(node.args[0]):
        for i, term in enumerate(node.args):
            if not is_negative(term):
                return add(term, *node.args[:i], *node.args[i + 1 :])
    return None


RULES: tuple[Rule, ...] = (
    diagonals_add,
    diagonals_multiply,
    diagonal_on_column,
    diagonal_in_front,
    numbers_in_front,
    quotient_meets_its_denominator,
    quotient_as_factor,
    row_meets_its_quotient,
    like_terms,
    common_last_factor,
    scalar_in_front,
    positive_first,
)


def assuming(equations: Sequence[tuple[Expression, Expression]]) -> Rule:
    r"""The rule that puts the right side of a stated equation for its left side, also within a longer product."""

    def assumption(node: Expression) -> Expression | None:
        """What is stated of the inputs is put in."""
        for left, right in equations:
            if node == left:
                return right
            size = len(left.args)
            if isinstance(node, Product) and isinstance(left, Product) and size < len(node.args):
                for i in range(len(node.args) - size + 1):
                    if node.args[i : i + size] == left.args:
                        return product(*node.args[:i], right, *node.args[i + size :])
        return None

    return assumption


def tidy(expression: Expression, extra: tuple[Rule, ...] = (), told: Told | None = None) -> Expression:
    """Apply the rules from the leaves up until none applies; `told` hears of each. The value never changes."""
    if not isinstance(expression, Expression) or isinstance(expression, Number | Identity | Variable | Derivative):
        return expression
    node = _again(expression, [tidy(a, extra, told) if isinstance(a, Expression) else a for a in expression.args])
    for rule in (*RULES, *extra):
        changed = rule(node)
        if changed is not None:
            if told is not None:
                told(rule, node, changed)
            return tidy(changed, extra, told)
    return node


def is_negative(expression: Expression) -> bool:
    """Whether a summand is written with a minus."""
    first = expression.args[0] if isinstance(expression, Product) else expression
    return isinstance(first, Number) and first.value < 0


def without_sign(term: Expression) -> Expression:
    """A summand that is written with a minus, without it."""
    if isinstance(term, Number):
        return Number(-term.value, term.shape)
    number, *rest = term.args
    kept = rest if number.value == -1 else [Number(-number.value), *rest]
    return kept[0] if len(kept) == 1 else Product(*kept)


def _again(node: Expression, arguments: list[Expression]) -> Expression:
    """The node with other arguments, through the constructors that leave out what says nothing."""
    makers: dict[type, Callable[..., Expression]] = {Add: add, Product: product, Hadamard: hadamard, Quotient: quotient}
    return (makers.get(type(node)) or node.func)(*arguments)


def _pair(node: Expression, join: Callable[[Expression, Expression], Expression | None]) -> Expression | None:
    """`join` on the first two neighbours in a product for which it has an answer."""
    if isinstance(node, Product):
        for i in range(len(node.args) - 1):
            joined = join(node.args[i], node.args[i + 1])
            if joined is not None:
                return product(*node.args[:i], joined, *node.args[i + 2 :])
    return None
