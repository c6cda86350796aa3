"""The two oracles at work: every formula of a form, at every T, exact and sampled; a mismatch stops the program."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sympy import Symbol

from derive.algebra.expressions import Add, Expression, Sum
from derive.algebra.functions import is_abstract
from derive.errors import CheckFailed
from derive.evaluate.arithmetic import Floats, NotExact, Value
from derive.evaluate.derivatives import ComplexStep, Derivatives, DualStep
from derive.evaluate.evaluator import Indices, over
from derive.evaluate.field import PrimeField, Vanishes, random_prime
from derive.evidence import draws
from derive.evidence.bench import Bench
from derive.evidence.claims import Case, cases, claims, instances, tested_steps
from derive.evidence.degrees import LINEAR, DegreeDerivatives, Degrees
from derive.evidence.evidence import Evidence, Exact, Sampled
from derive.gradients.form import Form, Formula
from derive.models.model import Model

PRIMES, DRAWS = 2, 2
TOLERANCE = 1e-9
"""Largest relative difference that rounding may explain: the complex step has none of its own, so 10⁻⁹ is generous."""
SHARE = 1e-3
"""Draws are repeated until every summand is at least this part of the sum: a lost summand must show."""
SCALES = (1.0, 1.25, 1.5, 2.0, 0.6, 0.3)
CALM = ((0.6,), (0.3,))
"""Where floats disagree the point is drawn again at smaller values, at which rounding does not grow; then it counts."""
TRIES = 36
"""Draws for one network: values of each scale in turn, then positive ones, for what a logarithm or a root needs."""


def judge(forms: Sequence[Form], seed: int = 0) -> list[tuple[Evidence, ...]]:
    """The evidence for each claim of each form, in order. A formula that occurs in several forms is judged once.

    Error: CheckFailed for a formula that an oracle refutes; nothing may then be shown.
    """
    found: dict[Any, Evidence] = {}
    for case in cases(forms):
        steps = tested_steps(case)
        exact = exactly(case, steps, random.Random(seed))
        sampled = in_floats(case, steps, random.Random(seed))
        for formula, e, s in zip(case.formulas, exact, sampled, strict=True):
            found[_key(case.model, case.steps, formula)] = Evidence(e, s)
    return [tuple(found[_key(f.question.model, f.question.steps, formula)] for formula in f.claims) for f in forms]


def _key(model: Model, steps: int | None, formula: Formula) -> Any:
    return model, steps, formula


def exactly(case: Case, steps: Sequence[int], source: random.Random) -> list[Exact | None]:
    """Every formula at every T modulo random primes; None for one that has a norm or a root."""
    numbers = draws.sizes(case.model, source, smallest=2)
    counts = [0] * len(case.formulas)
    calls = 0
    inexact: set[int] = set()
    for _ in range(PRIMES):
        try:
            bench = _exact_bench(case, numbers, steps[-1], source)
        except NotExact:
            return [None] * len(case.formulas)
        for number, T, formula, indices in claims(case, steps, numbers):
            try:
                left, right = bench.sides(formula, indices)
            except NotExact:
                inexact.add(number)
                continue
            if not np.array_equal(left % bench.arithmetic.prime, right % bench.arithmetic.prime):
                raise refuted(formula, "exact", T, numbers, indices)
            counts[number] += 1
        calls = max(calls, bench.arithmetic.calls)
    degrees = _degrees(case, numbers, steps[-1])
    named = {str(size): number for size, number in numbers.items()}
    return [
        None if i in inexact else Exact(tuple(steps), named, PRIMES, counts[i], degree, calls,
                                        len(steps) * _bound(degree, argument, calls))
        for i, (degree, argument) in enumerate(degrees)
    ]  # fmt: skip


def _exact_bench(case: Case, numbers: Mapping[Symbol, int], steps: int, source: random.Random) -> Bench:
    """A network modulo a new prime, long enough for every T; drawn again where a denominator vanishes."""
    for _ in range(TRIES):
        prime_field = PrimeField(random_prime(source), source)
        at = draws.point(case.model, numbers, steps, prime_field.draw, prime_field.rational)
        try:
            base = at.forward(prime_field, until=steps + case.model.longest)
        except Vanishes:
            continue
        return Bench(at, prime_field, Derivatives(at, DualStep(prime_field), base), base, case.meanings)
    raise CheckFailed("a denominator of the network vanished at every random point", hint="report this network")


def _degrees(case: Case, numbers: Mapping[Symbol, int], steps: int) -> list[tuple[int, int]]:
    """For each formula the degree of left minus right, and the largest degree of an opaque argument, at T = `steps`."""
    degrees = Degrees(max([1, *numbers.values()]))
    at = draws.given(case.model, numbers, steps, lambda shape: LINEAR)
    base = at.forward(degrees, until=steps + case.model.longest)
    bench = Bench(at, degrees, DegreeDerivatives(at, degrees, base), base, case.meanings)
    found = []
    for formula in case.formulas:
        worst = 0
        for indices in instances(formula, case.model, steps, numbers):
            left, right = bench.sides(formula, indices)
            difference = degrees.add(left, right)
            worst = max(worst, difference.top)
        found.append((worst, degrees.argument))
    return found


def _bound(degree: int, argument: int, calls: int) -> float:
    """The probability that a false formula passes PRIMES independent draws; for each D + N(N-1)/2 · D_argument over p.

    The second term: two of the N opaque arguments coincide although they differ as formulas.
    """
    return ((degree + calls * (calls - 1) / 2 * argument) / 2.0**60) ** PRIMES


def in_floats(case: Case, steps: Sequence[int], source: random.Random) -> list[Sampled]:
    """Every formula at every T in floats, against the complex step."""
    errors, shares, counts = ([0.0] * len(case.formulas), [1.0] * len(case.formulas), [0] * len(case.formulas))
    numbers = draws.sizes(case.model, source, smallest=3)
    for _ in range(DRAWS):
        for scales in (SCALES, *CALM):
            bench, share = _float_bench(case, numbers, steps[-1], source, scales)
            measured = [(claim, relative(*bench.sides(claim[2], claim[3]))) for claim in claims(case, steps, numbers)]
            failed = [claim for claim, error in measured if not error <= TOLERANCE]
            if not failed:
                break
        else:
            _, T, formula, indices = failed[0]
            raise refuted(formula, "sampled", T, numbers, indices)
        for (number, *_), error in measured:
            errors[number] = max(errors[number], error)
            counts[number] += 1
        if 0 in counts:
            raise untested(case.formulas[counts.index(0)], steps)
        shares = [min(pair) for pair in zip(shares, share, strict=True)]
    named = {str(size): number for size, number in numbers.items()}
    return [Sampled(tuple(steps), named, DRAWS, counts[i], errors[i], shares[i]) for i in range(len(case.formulas))]


def _float_bench(
    case: Case, numbers: Mapping[Symbol, int], steps: int, source: random.Random, scales: Sequence[float]
) -> tuple[Bench, list[float]]:
    """A network in floats at which no summand of any formula is lost beside the others, if one is found in TRIES."""
    best: tuple[Bench, list[float]] | None = None
    for attempt in range(TRIES):
        scale, positive = scales[attempt % len(scales)], attempt >= TRIES // 2
        bench = _drawn(case, numbers, steps, source, scale=scale, positive=positive)
        if bench is None:
            continue
        share = [_share(bench, formula, case.model, steps) for formula in case.formulas]
        if best is None or min(share) > min(best[1]):
            best = (bench, share)
        if min(share) >= SHARE:
            break
    if best is None:
        raise CheckFailed("the network has no finite value at any random point", hint="report this network")
    return best


def _drawn(
    case: Case, numbers: Mapping[Symbol, int], steps: int, source: random.Random, scale: float, *, positive: bool
) -> Bench | None:
    """A network in floats; None where something in it is not finite."""
    model = case.model
    floats = Floats({name: draws.Wave.drawn(source) for name in model.functions if is_abstract(name)})
    at = draws.point(model, numbers, steps, draws.normal(source, scale, positive=positive), floats.rational)
    with np.errstate(all="ignore"):
        base = at.forward(floats, until=steps + case.model.longest)
    if not all(np.all(np.isfinite(value)) for value in base.values()):
        return None
    return Bench(at, floats, Derivatives(at, ComplexStep(floats), base), base, case.meanings)


def _share(bench: Bench, formula: Formula, model: Model, steps: int) -> float:
    """The smallest summand of the right side beside the largest, in norm; 1 where there is one only.

    Formulas for the entries of an array are one formula here: a summand that is lost shows in one entry or another.
    """
    smallest = 1.0
    entries = {free.index for free in formula.ranges if free.upper.free_symbols & set(bench.point.sizes)}
    squares: dict[Any, list[float]] = {}
    for indices in instances(formula, model, steps, bench.point.sizes):
        bench.outer = indices
        found = [float(np.linalg.norm(v)) ** 2 for v in _summands(bench, formula.equation.right, indices)]
        array = tuple((letter, value) for letter, value in indices.items() if letter not in entries)
        known = squares.setdefault(array, [0.0] * len(found))
        squares[array] = [a + b for a, b in zip(known, found, strict=True)]
    for norms in squares.values():
        present = [norm**0.5 for norm in norms if norm > 0]  # adjoints beyond T are 0, and so are their summands
        if len(present) > 1:
            smallest = min(smallest, float(min(present) / max(present)))
    return smallest


def _summands(bench: Bench, expression: Expression, indices: Indices) -> Iterator[Value]:
    """The values of the terms of + and of Σ over steps, opened as far as they reach from the root.

    Σ over the entries of an array is one matrix product: no term of it can be lost alone.
    """
    if isinstance(expression, Sum) and not expression.args[3].free_symbols & set(bench.point.sizes):
        for inner in over(expression, indices):
            yield from _summands(bench, expression.args[0], inner)
    elif isinstance(expression, Add):
        for term in expression.args:
            yield from _summands(bench, term, indices)
    else:
        yield bench.evaluate(expression, indices)


def relative(left: Value, right: Value) -> float:
    """‖left − right‖ over the larger norm; 0 where both vanish."""
    scale = max(float(np.linalg.norm(left)), float(np.linalg.norm(right)))
    return 0.0 if scale == 0 else float(np.linalg.norm(left - right)) / scale


def untested(formula: Formula, steps: Sequence[int]) -> CheckFailed:
    """What is said of a formula whose indices have no value at any T: nothing was tested, so nothing is shown."""
    return CheckFailed(
        f"the formula derived for {formula.equation.left} speaks of no step at T = {', '.join(map(str, steps))}; "
        "it could not be tested and is not shown",
        hint="this is a fault of the program: please report the network",
    )


def refuted(formula: Formula, oracle: str, steps: int, sizes: Mapping[Symbol, int], indices: Indices) -> CheckFailed:
    """What is said when a formula of ours is false: it is never shown, and this is a fault of the program."""
    where = ", ".join(f"{name} = {value}" for name, value in {"T": steps, **sizes, **indices}.items())
    return CheckFailed(
        f"the formula derived for {formula.equation.left} failed its {oracle} check at {where}; it is not shown",
        hint="this is a fault of the program: please report the network",
    )
