"""Inequalities about one function on its own, σ'(x) ≤ 1/4: decided both ways, with the argument at which one breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr

from derive.algebra.expressions import Expression, Norm, Number, Variable
from derive.algebra.functions import VALUE
from derive.verify.bounds_ranges import OneFunction, argument_at, entry, one_function, range_of, steepest
from derive.verify.bounds_read import Inequality
from derive.verify.network import Network

LAWS = ("range of a function's values", "slope by value")
SMOOTH = frozenset({"tanh", "sigmoid"})


@dataclass(frozen=True)
class Decided:
    """Whether an inequality holds for all arguments; `words` say for which it does not, if that is known."""

    holds: bool
    laws: tuple[str, ...] = LAWS
    words: str = ""


def by_range(way: Inequality, network: Network, said: Mapping[str, str]) -> Decided | None:
    """What the range of the one function in an inequality says of it; None where there is not one function."""
    small, large = way.claim.left, way.claim.right
    body = entry(small.args[0]) if isinstance(small, Norm) else None
    if body is not None and isinstance(large, Number):
        return _absolute(body, large, way, network, said)
    one, other = one_function(small, network, said), one_function(large, network, said)
    if one is None or other is None or (one.function and other.function and one.argument != other.argument):
        return None
    main = one if one.function else other
    if not main.function or (one.function and other.function and one.values != other.values):
        return None
    found = range_of(other.formula - one.formula, main.values)
    if found is None:
        return None
    if found.low > 0 or (found.low == 0 and (not way.strict or found.low_at is None)):
        return Decided(True)
    if found.low_at is None or not _any_argument(main, network) or main.function not in SMOOTH:
        return Decided(False)
    return Decided(False, LAWS, _where(main, found.low_at, one.formula, other.formula, way))


def _absolute(
    body: Expression, large: Number, way: Inequality, network: Network, said: Mapping[str, str]
) -> Decided | None:
    found = steepest(body, network, said)
    if found is None:
        return None
    value, reached = found
    if value < large.value or (value == large.value and not (way.strict and reached)):
        return Decided(True)
    return Decided(False)


def _any_argument(main: OneFunction, network: Network) -> bool:
    """Whether the argument is one letter that may be any number."""
    argument = main.argument
    return isinstance(argument, Variable) and argument.name not in network.rules


def _where(main: OneFunction, value: Expr, one: Expr, other: Expr, way: Inequality) -> str:
    argument = argument_at(main.function, value)
    left, right = one.subs(VALUE, value), other.subs(VALUE, value)
    needed = "less than" if way.strict else "at most"
    exactly = "exactly " if left.is_Rational else ""
    return f"at {main.argument} = {argument} it is {exactly}{float(left):.6g}, which is not {needed} {float(right):.6g}"
