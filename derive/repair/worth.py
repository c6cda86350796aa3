"""Whether what holds says anything: not X = X, not 0 = 0, no sum of which all but one term vanish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from sympy import Expr, Symbol

from derive.algebra.build import is_zero
from derive.algebra.expressions import Add, Chain, Derivative, Expression, Product, Sum, Variable
from derive.algebra.names import Name
from derive.algebra.shapes import is_scalar
from derive.errors import DeriveError
from derive.models.model import walk
from derive.verify.claims import Claim, time_of
from derive.verify.measured import sides, value
from derive.verify.network import Network
from derive.verify.places import Instance, instances
from derive.verify.run import Run
from derive.verify.session import Finding, Session

Ends = tuple[Expr, Expr, Expr, bool]
"""A letter, its lowest and its highest value, and whether it is of a ∏."""
LOOKED_AT = 12
"""So many places, the last ones that are tried, must not all but a few be empty."""


def says_something(finding: Finding, session: Session, *, copied: bool = False) -> bool:
    """Whether a claim that holds is worth to be offered. `copied`: a step of a chain may repeat the one before."""
    claim = finding.claim
    if claim is None:
        return True  # an inequality
    same = _is_same(claim) and not (copied and claim.left == claim.right)
    return not (same or _is_empty_by_order(claim, session.found.network) or _mostly_vanishes(claim, finding, session))


def _is_same(claim: Claim) -> bool:
    """Whether the same stands on both sides, or something is differentiated by itself."""
    both = (claim.left, claim.right)
    if any(isinstance(node, Derivative) and node.top == node.bottom for side in both for node in walk(side)):
        return True
    left, right = (set(_terms(side)) for side in both)
    return bool(left & right) or _commuted(claim.left, claim.right)


def _commuted(left: Expression, right: Expression) -> bool:
    """Whether two products have the same factors, all of them numbers."""
    factors = [side.args if isinstance(side, Product) else (side,) for side in (left, right)]
    scalars = all(is_scalar(factor.shape) for factor in (*factors[0], *factors[1]))
    return scalars and Counter(factors[0]) == Counter(factors[1])


def _terms(side: Expression) -> tuple[Expression, ...]:
    return tuple(side.args) if isinstance(side, Add) else (side,)


def _is_empty_by_order(claim: Claim, network: Network) -> bool:
    """Whether something is differentiated by what never comes earlier, ∂s_j/∂s_t where j runs up to t.

    Or by what no later step sees: ∂L_t/∂o_k.
    """
    for side in (claim.left, claim.right):
        for node, ends in _with_ends(side, ()):
            top, bottom = time_of(node.top), time_of(node.bottom)
            if top is None or bottom is None or top == bottom:
                continue
            if isinstance(node.bottom, Variable) and not _is_handed_on(node.bottom.name, network):
                return True
            if any(_is_never_later(top - bottom, ends, network.horizon, end) for end in (LAST, FIRST)):
                return True
    return False


LAST, FIRST = "last", "first"


def _is_never_later(apart: Expr, ends: Sequence[Ends], horizon: Symbol, of_products: str) -> bool:
    """Whether a number of steps is never more than 0, or is less at one end of a ∏, in which one zero is enough."""
    for letter, low, high, is_product in reversed(ends):
        if is_product:
            apart = apart.subs(letter, high if of_products == LAST else low)
        else:
            apart = apart.subs(letter, high if apart.coeff(letter) > 0 else low)
    free = [letter for letter in apart.free_symbols if letter != horizon and apart.coeff(letter) > 0]
    apart = apart.subs(dict.fromkeys(free, horizon))
    in_product = any(is_product for *_, is_product in ends)
    return bool(apart.is_Integer and (apart < 0 if in_product else apart <= 0))


def _is_handed_on(name: Name, network: Network) -> bool:
    """Whether a later step depends on a quantity."""
    return any(network.depends(state, name) for state, _ in network.carried)


def _with_ends(node: Expression, ends: tuple[Ends, ...]) -> Iterator[tuple[Derivative, tuple[Ends, ...]]]:
    """The derivatives below a node, each with the letters that Σ and ∏ around it bind, and their ends."""
    if isinstance(node, Derivative):
        yield node, ends
    if isinstance(node, Sum | Chain):
        body, letter, low, high = node.args[:4]
        yield from _with_ends(body, (*ends, (letter, low, high, isinstance(node, Chain))))
        return
    for part in node.args:
        if isinstance(part, Expression):
            yield from _with_ends(part, ends)


def _is_inside(claim: Claim, place: Instance) -> bool:
    """Whether no step of which a claim speaks lies behind the last one."""
    steps = {time_of(node) for side in (claim.left, claim.right) for node in walk(side)} - {None}
    values = (step.subs(dict(place.letters)) for step in steps if step is not None)
    return all(not value.is_Integer or value <= place.steps for value in values)


def vanishing(claim: Claim, run: Run, network: Network) -> int:
    """How many terms of the right side are 0 wherever it is tried."""
    terms = claim.right.args if isinstance(claim.right, Add) else (claim.right,)
    places = list(instances(claim, network, run.sizes))[-LOOKED_AT:]
    return sum(all(_is_nothing(term, run, place) for place in places) for term in terms)


def _is_nothing(term: Expression, run: Run, place: Instance) -> bool:
    try:
        found = value(term, run, place)
    except DeriveError:
        return False
    return found is not None and not np.any(found)


def _mostly_vanishes(claim: Claim, finding: Finding, session: Session) -> bool:
    """Whether both sides are 0, or without a value, at more than half of the places where it is tried."""
    if is_zero(claim.left) or is_zero(claim.right):
        return False
    run = session.bench(session.context(finding.reading)).floats(0)
    places = [place for place in instances(claim, session.found.network, run.sizes) if _is_inside(claim, place)]
    places = places[-LOOKED_AT:]
    nothing = 0
    for place in places:
        try:
            found = sides(claim, run, place)
        except DeriveError:
            found = None
        nothing += found is None or not np.any(found[0])
    return 2 * nothing > len(places)
