"""Whether a claim is true: in floats, where a false one fails at once; then exactly, before it is said to hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np

from derive.algebra.build import is_zero
from derive.algebra.expressions import Apply, Derivative, Softmax, State, Variable
from derive.algebra.names import Name
from derive.evaluate.arithmetic import NotExact
from derive.evaluate.evaluator import whole
from derive.evaluate.field import Vanishes
from derive.models.model import walk
from derive.verify.bench import DRAWS, PRIMES, Bench
from derive.verify.claims import Claim, time_of
from derive.verify.degrees import degree
from derive.verify.measured import (
    APART,
    NOTHING,
    TOLERANCE,
    Independent,
    Measured,
    NoStep,
    Untested,
    at_places,
    difference,
    error_of,
    sides,
)
from derive.verify.network import Network
from derive.verify.places import Instance, instances, is_inside
from derive.verify.run import Run


@dataclass(frozen=True)
class Counterexample:
    """Where the two sides differ, and two numbers that do."""

    instance: Instance
    sizes: Mapping[str, int]
    seed: int
    left: float
    right: float
    entry: tuple[int, ...]
    error: float


@dataclass(frozen=True)
class Outcome:
    """What the evaluation of a claim says. `restricted`: the range in which it holds, where that is not the whole."""

    holds: bool
    counterexample: Counterexample | None = None
    instances: int = 0
    error: float = 0.0
    exact: bool = False
    calls: int = 0
    degree: int = 0
    steps: tuple[int, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    restricted: str = ""


def judge(claim: Claim, bench: Bench) -> Outcome:
    """Whether a claim holds. Error: Untested, TooLong; a claim that is false at one point is false."""
    for derivative in derivatives(claim, bench.network):
        unclear = _unclear(derivative, bench.network)
        if unclear:
            raise Independent(unclear)
    run = bench.floats(0)
    places = list(instances(claim, bench.network, run.sizes))
    soon = _wrong_at_once(claim, run, places)
    if soon is not None:
        _need_dependence(claim, run, places)
        return Outcome(False, _counterexample(claim, run, soon, bench.seed))
    measured = list(at_places(claim, run, places))
    if not measured:
        raise NoStep("the formula has a value at no step that was tried")
    _need_inside(claim, places, measured)
    largest = max(found.scale for found in measured)
    measured = [found if found.scale > NOTHING * largest else replace(found, error=0.0) for found in measured]
    wrong = [found for found in measured if not found.error <= TOLERANCE]
    restricted = ""
    if wrong:
        restricted = _restriction(claim, measured, bench.network)
        if not restricted:
            _need_dependence(claim, run, places)
            return _refuted(claim, wrong, bench)
    if not any(found.scale for found in measured) and not (is_zero(claim.left) or is_zero(claim.right)):
        raise Untested("both sides are 0 wherever it was tried: the text does not say how one depends on the other")
    kept = [found.instance for found in measured if found.error <= TOLERANCE]
    second = bench.floats(1)
    errors = [error_of(claim, second, instance, NOTHING * largest) for instance in kept]
    if any(error is not None and not error <= APART for error in errors):
        at = next(i for i, e in zip(kept, errors, strict=True) if e is not None and not e <= APART)
        return Outcome(False, _counterexample(claim, second, at, bench.seed + 1))
    exact, calls = _exactly(claim, bench, kept)
    _need_apart(claim, kept)
    if claim.ranges and len(kept) < 2:
        raise Untested("the formula says something at one place only, too few to judge its letters by")
    if exact is False and not _only_sampled(claim, bench, kept):
        raise Untested("floats and exact arithmetic do not agree on this formula")
    worst = max([found.error for found in measured if found.error <= TOLERANCE] + [e for e in errors if e is not None])
    return Outcome(
        True,
        instances=len(kept),
        error=worst,
        exact=exact is True,
        calls=calls,
        degree=degree(claim, bench.degrees(), kept[-1]) if exact else 0,
        steps=tuple(sorted({instance.steps for instance in kept})),
        sizes={str(size): number for size, number in run.sizes.items()},
        restricted=restricted,
    )


def derivatives(claim: Claim, network: Network) -> Iterator[Derivative]:
    """The derivatives in a claim, and in the names that the text introduced by derivatives."""
    pending = [claim.left, claim.right]
    seen: set[Name] = set()
    while pending:
        for node in walk(pending.pop()):
            if isinstance(node, Derivative):
                yield node
            elif isinstance(node, Variable) and node.name not in seen:
                seen.add(node.name)
                rights = [rule.right for rule in network.rules.get(node.name, ())]
                pending += [right for right in rights if any(isinstance(part, Derivative) for part in walk(right))]


def _unclear(derivative: Derivative, network: Network) -> str:
    """What is missing where nothing says how the top depends on the bottom."""
    tops = [v.name for v in walk(derivative.top) if isinstance(v, Variable)]
    if isinstance(derivative.top, State):
        tops = [part.name for part in derivative.top.parts]
    bottom = derivative.bottom
    names = [part.name for part in bottom.parts] if isinstance(bottom, State) else [bottom.name]
    if not tops or any(network.depends(top, name) for top in tops for name in names):
        return ""
    return f"nothing in the text says how {tops[0]} depends on {names[0]}"


def _wrong_at_once(claim: Claim, run: Run, places: Sequence[Instance]) -> Instance | None:
    """A place inside the range, away from its edges, where a claim is false, if it is so at several."""
    inside = [p for p in places if p.steps == places[-1].steps and is_inside(p, claim)]
    tried = [inside[len(inside) // 2], inside[0], inside[-1]] if len(inside) >= 3 else []
    for place in tried:
        found = sides(claim, run, place)
        if found is None or not difference(*found)[0] > APART or difference(*found)[1] < NOTHING:
            return None
    return tried[0] if tried else None


def _need_inside(claim: Claim, places: Sequence[Instance], measured: Sequence[Measured]) -> None:
    """Error: NoStep, where a formula has a value at edges only: with crossed bounds everywhere else."""
    last = [place for place in places if place.steps == places[-1].steps]
    inside = [place for place in last if is_inside(place, claim)] or last
    valued = {id(found.instance) for found in measured}
    if not any(id(place) in valued for place in inside):
        raise NoStep(f"the formula has no value at {inside[0]}: its bounds are crossed, or it needs an earlier step")


def _need_dependence(claim: Claim, run: Run, places: Sequence[Instance]) -> None:
    """Error: Untested, where a derivative is 0 everywhere, and not since it is by what comes later.

    The text may not say how the two depend on each other.
    """
    taken = [(time_of(node.top), time_of(node.bottom)) for node in walk(claim.left) if isinstance(node, Derivative)]
    if not taken or any(top is not None and by is not None and (top - by).is_negative for top, by in taken):
        return
    found = [pair for place in places if (pair := sides(claim, run, place)) is not None]
    if all(not np.any(left) for left, _ in found) and any(np.any(right) for _, right in found):
        raise Untested("the left side is 0 wherever it was tried: the text does not say how one depends on the other")


def _need_apart(claim: Claim, kept: Sequence[Instance]) -> None:
    """Error: Untested, where two letters are the same wherever a formula says something: of ∂s_t/∂s_k = ∂s_k/∂s_t."""
    for one, other in combinations([letter for letter, size in claim.ranges.items() if size is None], 2):
        if all(place.letters[one] == place.letters[other] for place in kept):
            raise Untested(f"the formula says something only where {one} and {other} are the same")


def _restriction(claim: Claim, measured: Sequence[Measured], network: Network) -> str:
    """Where a claim holds but at one edge of its range, t = T, k = t or t = 1; at least two places are left."""
    steps = [letter for letter, size in claim.ranges.items() if size is None]
    edges: list[tuple[str, Any]] = []
    for letter in steps:
        edges.append((f"for {letter} < {network.horizon}", lambda i, letter=letter: i.letters[letter] == i.steps))
        edges.append((f"for {letter} > 1", lambda i, letter=letter: i.letters[letter] == 1))
    others = [
        (a, b) for a in steps for b in steps if a != b and (a, b) not in claim.pairs and (b, a) not in claim.pairs
    ]
    for top, bottom in (*claim.pairs, *others):
        if top in steps and bottom in steps:
            edges.append((f"for {bottom} < {top}", lambda i, a=top, b=bottom: i.letters[a] == i.letters[b]))
    for words, at_edge in edges:
        inside = [found for found in measured if not at_edge(found.instance)]
        if len(inside) > 1 and all(found.error <= TOLERANCE for found in inside):
            return words
    return ""


def _refuted(claim: Claim, wrong: Sequence[Measured], bench: Bench) -> Outcome:
    """The counterexample: the first place where the sides are clearly apart."""
    at = next((found for found in wrong if found.error > APART), None)
    if at is None:
        raise Untested("the two sides are so near each other that rounding may be all that differs")
    return Outcome(False, _counterexample(claim, bench.floats(0), at.instance, bench.seed))


def _counterexample(claim: Claim, run: Run, instance: Instance, seed: int) -> Counterexample:
    found = sides(claim, run, instance)
    assert found is not None
    left, right = (np.atleast_1d(np.real(side)) for side in np.broadcast_arrays(*found))
    place = np.unravel_index(int(np.argmax(np.abs(left - right))), left.shape)
    scale = max(float(np.linalg.norm(left)), float(np.linalg.norm(right))) or 1.0
    error = float(np.linalg.norm(left - right)) / scale
    named = {str(size): number for size, number in run.sizes.items()}
    return Counterexample(instance, named, seed, float(left[place]), float(right[place]),
                          tuple(int(i) + 1 for i in place), error)  # fmt: skip


def _only_sampled(claim: Claim, bench: Bench, kept: Sequence[Instance]) -> bool:
    """Whether a claim rests on what a function is beyond its slope, σ(x) = 1/(1 + e⁻ˣ), and floats agree elsewhere.

    Opaque functions are more general than real ones: what is false of them may be true.
    """
    used = {n.function.name for side in (claim.left, claim.right) for n in walk(side) if isinstance(n, Apply)}
    soft = any(isinstance(n, Softmax) for side in (claim.left, claim.right) for n in walk(side))
    rules = (rule for group in bench.network.rules.values() for rule in group)
    behind = any(isinstance(n, Softmax) for rule in rules for n in walk(rule.right))
    if not soft and not behind and not any(name in TRANSCENDENTAL for name in used):
        return False
    return all(
        (error := error_of(claim, bench.floats(draw), instance)) is None or error <= TOLERANCE
        for draw in range(DRAWS, DRAWS + 4)
        for instance in kept
    )


TRANSCENDENTAL = frozenset({"exp", "log", "tanh", "sigmoid"})


def _exactly(claim: Claim, bench: Bench, kept: Sequence[Instance]) -> tuple[bool | None, int]:
    """Whether the sides agree modulo random primes at all places; None where no prime field has what is in them."""
    calls = 0
    for number in range(PRIMES):
        for attempt in range(4):
            run = bench.exact(number + PRIMES * attempt)
            try:
                for instance in kept:
                    letters = instance.letters
                    if any(size is not None and v > whole(size, run.sizes) for (s, v), size in
                           zip(letters.items(), claim.ranges.values(), strict=True)):  # fmt: skip
                        continue
                    found = sides(claim, run, instance)
                    prime = run.draw.modulus
                    if found is not None and not np.array_equal(found[0] % prime, found[1] % prime):
                        return False, calls
                calls = max(calls, run.perturbation.plain.calls)  # type: ignore[attr-defined]
                break
            except Vanishes:
                continue
            except NotExact:
                return None, calls
        else:
            return None, calls
    return True, calls
