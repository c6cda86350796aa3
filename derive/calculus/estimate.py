"""A norm bounded: the laws of `calculus.bounds` applied from the outside inwards until parameters alone are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derive.algebra.build import UNIT, add, product
from derive.algebra.expressions import Add, Chain, Expression, MatrixPower, Norm, Product
from derive.algebra.shapes import is_scalar
from derive.calculus.bounds import BOUNDS, BoundLaw, Facts, equal_factors
from derive.calculus.pullback import sections

Laws = Sequence[tuple[type[Expression], BoundLaw]]
RELATIONS = ("<=", "=", "<", ">")


@dataclass(frozen=True)
class Inequality:
    """left `relation` right, two scalars; the relation is one of RELATIONS."""

    left: Expression
    relation: str
    right: Expression

    def __post_init__(self) -> None:
        if self.relation not in RELATIONS:
            raise ValueError(f"a bound has one of the relations {RELATIONS}, not {self.relation}")
        if not (is_scalar(self.left.shape) and is_scalar(self.right.shape)):
            raise ValueError("only scalars are larger or smaller")


@dataclass(frozen=True)
class Estimate:
    """A law at work on one norm: what it says there. Norms on the right are estimated further by later estimates."""

    law: BoundLaw
    claim: Inequality


@dataclass(frozen=True)
class Bounded:
    """An upper bound of a norm, and the estimates that lead to it, from the outermost norm inwards."""

    value: Expression
    estimates: tuple[Estimate, ...]


@dataclass(frozen=True)
class Unbounded:
    """No law bounds the norm of `part` independently of the step."""

    part: Expression


class _NoLaw(Exception):
    """No law applies to the norm of `part`."""

    def __init__(self, part: Expression) -> None:
        super().__init__()
        self.part = part


def bound(expression: Expression, facts: Facts, laws: Laws = BOUNDS) -> Bounded | Unbounded:
    """An upper bound of ‖expression‖ by law, in norms of what is made of parameters alone, or the part without one."""
    found: list[Estimate] = []
    try:
        value = _estimated(expression, facts, laws, found)
    except _NoLaw as stopped:
        return Unbounded(stopped.part)
    return Bounded(value, tuple(found))


def _estimated(node: Expression, facts: Facts, laws: Laws, found: list[Estimate]) -> Expression:
    """A bound of the norm of a node by the first law that applies."""
    for kind, law in laws:
        right = law(node, facts) if isinstance(node, kind) else None
        if right == Norm(node):
            return right
        if right is not None:
            found.append(Estimate(law, Inequality(Norm(node), relation(law), right)))
            return _closed(right, facts, laws, found)
    raise _NoLaw(node)


def _closed(value: Expression, facts: Facts, laws: Laws, found: list[Estimate]) -> Expression:
    """What a law gave, with a bound in the place of each norm: sums and products of what is not negative."""
    if isinstance(value, Norm):
        return _estimated(value.args[0], facts, laws, found)
    if isinstance(value, Product | Add):
        parts = (_closed(part, facts, laws, found) for part in value.args)
        return product(*parts) if isinstance(value, Product) else add(*parts)
    if isinstance(value, Chain):
        factors = Chain(_closed(value.args[0], facts, laws, found), *value.args[1:])
        power = equal_factors(factors, facts)
        if power is None:
            raise _NoLaw(factors)
        found.append(Estimate(equal_factors, Inequality(factors, "=", power)))
        return _power(power)
    if isinstance(value, MatrixPower):
        return _power(MatrixPower(_closed(value.args[0], facts, laws, found), value.args[1]))
    return value


def _power(power: MatrixPower) -> Expression:
    """A power; of 1 it is 1."""
    return UNIT if power.args[0] == UNIT else power


def relation(law: BoundLaw) -> str:
    r"""Whether a law states an equality or an inequality: what its docstring says."""
    return "<=" if "\\le " in sections(law)["Law"] else "="
