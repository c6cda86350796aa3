"""What values a function of one argument takes, by law: σ(x)(1 - σ(x)) in (0, 1/4], reached at 0.

A named function's value y runs over an interval, and its slope is a rational expression in y: so any such expression
has its range at the ends of the interval or where its own derivative vanishes, and no sampling is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Interval, Poly, Rational, S, Set, Symbol, diff, fraction, limit, oo, together

from derive.algebra.expressions import (
    Add,
    Apply,
    Diag,
    Expression,
    Hadamard,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Softmax,
    Transpose,
    Variable,
)
from derive.algebra.functions import ARGUMENT, ELEMENTARY, VALUE, is_abstract, slope
from derive.algebra.names import Function
from derive.algebra.shapes import is_scalar, is_vector
from derive.verify.network import Network

VALUES: Mapping[str, Set] = {
    "exp": Interval.open(0, oo),
    "relu": Interval(0, oo),
    "identity": Interval.open(-oo, oo),
    "sqrt": Interval(0, oo),
}
"""The values of those functions whose range is not bounded."""
MOST_DEGREE = 8


@dataclass(frozen=True)
class Range:
    """The infimum and the supremum of an expression, and at which value of the function it is reached, if at any."""

    low: Expr
    high: Expr
    low_at: Expr | None
    high_at: Expr | None


@dataclass(frozen=True)
class OneFunction:
    """An expression as a rational one in y = f(argument)."""

    formula: Expr
    values: Set
    function: str
    argument: Expression | None


class _Other(Exception):
    """Not an expression in one function of one argument."""


def one_function(node: Expression, network: Network, said: Mapping[str, str]) -> OneFunction | None:
    """An expression, entry by entry, in the value of one function; None where it is none.

    `said`: which function a text's own letter is.
    """
    found: list[OneFunction] = []
    try:
        formula = _formula(node, network, said, found)
    except _Other:
        return None
    first = found[0] if found else OneFunction(S.Zero, S.Reals, "", None)
    if any(other.values != first.values or other.argument != first.argument for other in found):
        return None
    return OneFunction(formula, first.values, first.function, first.argument)


def _formula(node: Expression, network: Network, said: Mapping[str, str], found: list[OneFunction]) -> Expr:
    def inside(part: Expression) -> Expr:
        return _formula(part, network, said, found)

    match node:
        case Number():
            return node.value
        case Add():
            return sum((inside(part) for part in node.args), S.Zero)
        case Hadamard():
            return _times([inside(part) for part in node.args])
        case Product() if sum(not is_scalar(part.shape) for part in node.args) <= 1:
            return _times([inside(part) for part in node.args])
        case Quotient():
            return inside(node.args[0]) / inside(node.args[1])
        case Power():
            return inside(node.args[0]) ** int(node.args[1])
        case Transpose() if is_vector(node.shape):
            return inside(node.args[0])
        case Softmax():
            found.append(OneFunction(VALUE, Interval.open(0, 1), "softmax", node.args[0]))  # of more than one entry
            return VALUE
        case Apply():
            return _applied(node, said, found)
        case Variable():
            rule = network.generic(node)
            if rule is not None and isinstance(rule.right, Apply | Softmax) and _is_at(rule.left, node):
                return inside(at(rule.right, rule.left, node))
    raise _Other


def _times(parts: list[Expr]) -> Expr:
    result: Expr = S.One
    for part in parts:
        result = result * part
    return result


def _is_at(left: Variable, node: Variable) -> bool:
    return len(left.indices) == len(node.indices)


def at(right: Expression, left: Variable, node: Variable) -> Expression:
    from derive.algebra.build import substitute

    moved = substitute(right, {i: j for i, j in zip(left.indices, node.indices, strict=True) if isinstance(i, Symbol)})
    assert isinstance(moved, Expression)
    return moved


def _applied(node: Apply, said: Mapping[str, str], found: list[OneFunction]) -> Expr:
    name, order = node.function.name, node.function.order
    name = said.get(name, name)
    if is_abstract(name):
        raise _Other
    if name == "relu" and order == 1:
        found.append(OneFunction(VALUE, Interval(0, 1), "relu'", node.body))
        return VALUE
    formula = VALUE if order == 0 else slope(name, order)
    if formula is None or ARGUMENT in formula.free_symbols:
        raise _Other
    values = ELEMENTARY[name].values or VALUES.get(name)
    if values is None:
        raise _Other
    found.append(OneFunction(VALUE, values, name, node.body))
    return formula


# ---- the range


def range_of(formula: Expr, values: Set) -> Range | None:
    """Where a rational expression in y lies while y runs over an interval; None where that is not decided here."""
    formula = together(formula)
    top, bottom = fraction(formula)
    if not (top.is_polynomial(VALUE) and bottom.is_polynomial(VALUE)):
        return None
    if _zeros(bottom, values) != []:
        return None
    rate = together(diff(formula, VALUE))
    inner = _zeros(fraction(rate)[0], values)
    if inner is None:
        return None
    candidates: list[tuple[Expr, Expr | None]] = [(formula.subs(VALUE, y), y) for y in inner]
    for end, side in ((values.inf, "+"), (values.sup, "-")):
        closed = bool(values.contains(end))
        value = formula.subs(VALUE, end) if end.is_finite else limit(formula, VALUE, end, side)
        candidates.append((value, end if closed or rate == 0 else None))
    if not all(value.is_extended_real for value, _ in candidates):
        return None
    low = min(candidates, key=lambda pair: (pair[0], pair[1] is None))
    high = max(candidates, key=lambda pair: (pair[0], pair[1] is not None))
    return Range(low[0], high[0], low[1], high[1])


def _zeros(formula: Expr, values: Set) -> list[Expr] | None:
    """The rational zeros of a polynomial within an interval; None where one is not rational or the degree is large."""
    if VALUE not in formula.free_symbols:
        return []
    polynomial = Poly(formula, VALUE)
    if polynomial.degree() > MOST_DEGREE:
        return None
    inside = [root for root in polynomial.real_roots() if values.contains(root) == True]  # noqa: E712
    return list(dict.fromkeys(inside))


def entry(node: Expression) -> Expression | None:
    """What has the entries of which a norm is the largest: a scalar, or the diagonal of a diagonal matrix."""
    if isinstance(node, Diag):
        return node.args[0]
    if isinstance(node, Transpose):
        return entry(node.args[0])
    return node if is_scalar(node.shape) else None


def steepest(body: Expression, network: Network, said: Mapping[str, str]) -> tuple[Rational, bool] | None:
    """The largest |entry| that the laws allow, and whether it is reached; None where they allow any."""
    found = one_function(body, network, said)
    if found is None:
        return _product_of(body, network, said)
    spans = range_of(found.formula, found.values)
    if spans is None or not (spans.low.is_finite and spans.high.is_finite):
        return None
    ends = [(abs(spans.low), spans.low_at is not None), (abs(spans.high), spans.high_at is not None)]
    return max(ends, key=lambda pair: (pair[0], pair[1]))


def _product_of(body: Expression, network: Network, said: Mapping[str, str]) -> tuple[Rational, bool] | None:
    """The same for o_t ⊙ tanh(c_t): the product of the largest, reached only if each can be."""
    if isinstance(body, Variable):
        rule = network.generic(body)
        if rule is None or not isinstance(rule.right, Hadamard) or not _is_at(rule.left, body):
            return None
        body = at(rule.right, rule.left, body)
    if not isinstance(body, Hadamard):
        return None
    parts = [steepest(part, network, said) for part in body.args]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    largest = S.One
    for value, _ in known:
        largest *= value
    return largest, all(reached for _, reached in known)


def argument_at(function: str, value: Expr) -> str:
    """The argument at which a function has a value, in digits."""
    from math import atanh, log

    y = float(value)
    if function == "tanh" and abs(y) < 1:
        return f"{atanh(y):.4g}"
    if function == "sigmoid" and 0 < y < 1:
        return f"{log(y / (1 - y)):.4g}"
    return ""


__all__ = ["Function", "Norm", "OneFunction", "Range", "entry", "one_function", "range_of", "steepest"]
