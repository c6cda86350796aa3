r"""Inequalities by law: the left side taken apart by what norms satisfy until each part is on the right, or below it.

‖A B‖ ≤ ‖A‖ ‖B‖ and ‖Aᵀ‖ = ‖A‖ take a norm apart; that a part is *the same* as one on the right, whatever the notation,
is an identity, and seen at random points. What is left must be below a number by a law on the values or slopes of a
function, or below a letter by what the text says of that letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Expr, Rational, S, Symbol

from derive.algebra import build
from derive.algebra.expressions import (
    Add,
    Apply,
    Chain,
    Expression,
    MatrixPower,
    Norm,
    Number,
    Sum,
)
from derive.evaluate.evaluator import whole
from derive.models.model import walk
from derive.verify.bounds_parts import MOST_PARTS, SAME, Case, Fact, Part, factors, one_by_one, positive
from derive.verify.bounds_ranges import entry, steepest
from derive.verify.bounds_split import parts_of
from derive.verify.places import Instance

SUBMULTIPLICATIVE = "submultiplicativity"
SUPREMUM = "supremum of the slope or of the values"
SAID = "what the text says of the letter"


def follows(small: Expression, large: Expression, strict: bool, case: Case) -> bool:
    """Whether small ≤ large (or <) follows from the laws; those used are noted in `case`."""
    if isinstance(small, Norm) and isinstance(small.args[0], Add) and isinstance(large, Add) and not strict:
        terms = small.args[0].args
        if len(terms) == len(large.args):
            case.use("triangle inequality")
            return all(follows(Norm(a), b, False, case) for a, b in zip(terms, large.args, strict=True))
    if isinstance(large, Sum) and not strict:
        return _each_term(small, large, case)
    left, right = factors(small), factors(large)
    if left is None or right is None or not all(positive(part, case) for part in right):
        return False
    left = tuple(part if positive(part, case) else part.over(Norm(part.body)) for part in left)
    return _compared(one_by_one(left), one_by_one(right), strict, case)


def _each_term(small: Expression, large: Sum, case: Case) -> bool:
    """Σ or the norm of Σ below another Σ: each term is, over the same range."""
    inner = small.args[0] if isinstance(small, Norm) else small
    if not isinstance(inner, Sum) or inner.args[2:] != large.args[2:]:
        return False
    _, index, lower, upper = large.args
    body = build.substitute(inner.args[0], {inner.args[1]: index})
    assert isinstance(body, Expression)
    inside = [
        replace(instance, letters={**instance.letters, index: i})
        for instance in case.instances
        for i in range(whole(lower, _places(case, instance)), whole(upper, _places(case, instance)) + 1)
    ]
    if not inside:
        return False
    if isinstance(small, Norm):
        case.use("triangle inequality")
        body = Norm(body)
    return follows(body, large.args[0], False, replace(case, instances=inside))


def _places(case: Case, instance: Instance) -> dict[Symbol, int]:
    case.points[0].steps = instance.steps
    return {**case.points[0].letters, **instance.letters}


def _compared(left: list[Part], right: list[Part], strict: bool, case: Case) -> bool:
    numbers: list[Part] = []
    shared = False
    for _ in range(MOST_PARTS):
        if not left:
            break
        part = left.pop(0)
        if isinstance(part.body, Number) or (isinstance(part.body, Norm) and isinstance(part.body.args[0], Number)):
            numbers.append(part.over(_number(part.body)))
        elif _cancelled(part, right, case) or _below_letter(part, right, case) or _summed(part, right, case):
            shared = True
        elif (opened := _opened(part, case)) is not None:
            left = [*opened, *left]
        elif (limit := _limit(part, case)) is not None:
            numbers.append(part.over(Number(limit)))
        else:
            return False
    if left or not all(isinstance(part.body, Number) for part in right):
        return False
    return _numbers_fit(numbers, right, strict, case.strict) and not (strict and shared)


def _summed(part: Part, right: list[Part], case: Case) -> bool:
    """Whether a Σ is below one on the right, term by term; that is taken away there."""
    for other in right:
        single = part.index is None and other.index is None
        if single and isinstance(other.body, Sum) and _each_term(part.body, other.body, case):
            right.remove(other)
            return True
    return False


def _number(body: Expression) -> Number:
    found = body.args[0] if isinstance(body, Norm) else body
    assert isinstance(found, Number)
    return Number(abs(found.value))


def _cancelled(part: Part, right: list[Part], case: Case) -> bool:
    """Whether the same number stands on the right; it is taken away there."""
    for other in right:
        if part == other:
            right.remove(other)
            return True
    if _lettered(part.body, case):
        return False
    mine = case.values(part)
    if mine is None or sum(map(len, mine)) < 2:
        return False
    for other in right:
        if isinstance(other.body, Number) or _lettered(other.body, case):
            continue
        theirs = case.values(other)
        if theirs is not None and _alike(mine, theirs):
            right.remove(other)
            return True
    return False


def _lettered(body: Expression, case: Case) -> bool:
    letters = {fact.large for fact in case.facts}
    return any(node in letters for node in walk(body))


def _alike(one: list[list[float]], other: list[list[float]]) -> bool:
    if [len(row) for row in one] != [len(row) for row in other]:
        return False
    return all(abs(a - b) <= SAME * max(abs(a), abs(b)) for x, y in zip(one, other, strict=True)
               for a, b in zip(sorted(x), sorted(y), strict=True))  # fmt: skip


def _below_letter(part: Part, right: list[Part], case: Case) -> bool:
    """Whether a letter on the right, as often as the part, is said to bound it."""
    for fact in case.facts:
        if isinstance(fact.large, Number):
            continue
        for other in right:
            if other.body == fact.large and _as_often(part, other, case) and _bounds(fact, part, case):
                right.remove(other)
                case.use(SAID)
                return True
    return False


def _as_often(one: Part, other: Part, case: Case) -> bool:
    if one.index is None or other.index is None:
        return one.index is other.index
    return all(whole(one.count, indices) == whole(other.count, indices) for _, indices in case.each())


def _bounds(fact: Fact, part: Part, case: Case) -> bool:
    """Whether a part is one of the quantities that a fact bounds: its values are among theirs."""
    if fact.slope_of:
        inner = entry(part.body.args[0]) if isinstance(part.body, Norm) else None
        return isinstance(inner, Apply) and inner.function.name == fact.slope_of and inner.function.order == 1
    mine = case.values(part)
    if mine is None or sum(map(len, mine)) < 2:
        return False
    for (point, _), row in zip(case.each(), mine, strict=True):
        allowed = point.every(fact.small)
        if not all(any(abs(value - other) <= SAME * max(abs(value), abs(other)) for other in allowed) for value in row):
            return False
    return True


def _opened(part: Part, case: Case) -> list[Part] | None:
    """A norm taken apart by one law; None where none applies."""
    if not isinstance(part.body, Norm):
        return None
    body = part.body.args[0]
    if isinstance(body, Chain | MatrixPower):
        if part.index is not None:
            return None
        inner = factors(Chain(Norm(body.args[0]), *body.args[1:]) if isinstance(body, Chain)
                        else MatrixPower(Norm(body.args[0]), body.args[1]))  # fmt: skip
        case.use(SUBMULTIPLICATIVE)
        return None if inner is None else one_by_one(inner)
    for parts in parts_of(body, case.points[0].network, part.index):
        if parts.known or case.same(body, parts.whole, part):
            for law in parts.laws:
                case.use(law)
            return [part.over(Norm(piece)) for piece in parts.pieces]
    return None


def _limit(part: Part, case: Case) -> Rational | None:
    """The largest number that a part can be, by law or by what the text says."""
    if isinstance(part.body, Norm):
        inner = entry(part.body.args[0])
        found = steepest(inner, case.points[0].network, case.said) if inner is not None else None
        if found is not None and isinstance(found[0], Rational):
            case.use(SUPREMUM)
            return found[0]
    for fact in case.facts:
        if isinstance(fact.large, Number) and _bounds(fact, part, case):
            case.use("what the text assumes")
            case.strict |= fact.strict and part.index is None
            return fact.large.value
    return None


def _numbers_fit(left: Sequence[Part], right: Sequence[Part], strict: bool, below: bool) -> bool:
    """∏ left ≤ ∏ right, or <, for all lengths: of the numbers of each length the quotient is at most 1.

    `below`: one of those on the left is not reached.
    """
    quotients: dict[Expr, Rational] = {S.One: S.One}
    for parts, way in ((left, 1), (right, -1)):
        for part in parts:
            assert isinstance(part.body, Number)
            length = S.One if part.index is None else part.count
            if part.body.value == 0:
                return way == 1 and not strict
            quotients[length] = quotients.get(length, S.One) * part.body.value**way
    return all(quotient <= 1 for quotient in quotients.values()) and (not strict or below or quotients[S.One] < 1)
