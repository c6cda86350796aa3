"""Inequalities of a text: by law they hold, at a point they fail, and what neither shows is not understood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from derive.errors import DeriveError
from derive.evidence.evidence import ByLaw, Evidence
from derive.reader.surface import Letter
from derive.verify.bounds_conditions import Condition, conditions_of, is_assumed, said_letters, satisfiable
from derive.verify.bounds_functions import functions_of, said_functions
from derive.verify.bounds_laws import follows
from derive.verify.bounds_parts import Case
from derive.verify.bounds_points import Comparison, Point, compared, points
from derive.verify.bounds_range_laws import by_range
from derive.verify.bounds_read import Inequality, inequalities
from derive.verify.bounds_text import Goal, arguments, goals
from derive.verify.bounds_words import is_hedged, near
from derive.verify.claims import names_of
from derive.verify.network import Network
from derive.verify.places import LONGEST, Instance, instances
from derive.verify.readings import PLAIN, READINGS, ROLE, ROW, Reading
from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD
from derive.verify.session import Finding, Session
from derive.verify.surfaces import has_derivative
from derive.verify.survey import ORDERED, Formula
from derive.verify.words import said_of

USUAL = ("tanh", "sigmoid")
"""What a function may be of which nothing is said: what is false for both of them is false."""


def judge_bound(formula: Formula, session: Session) -> Finding | None:
    """The verdict on an inequality; None for what is no claim: a condition, or what a letter that bounds stands for."""
    if formula.link.relation == "to":
        return Finding(
            NOT_UNDERSTOOD, reason="what becomes of it in the limit is not judged: no number of points shows it"
        )
    if formula.link.relation in ("ll", "gg"):
        return Finding(NOT_UNDERSTOOD, reason="how much smaller or larger that is, the text does not say")
    wanted = goals(formula)
    if not wanted or is_assumed(formula, wanted, session):
        return None
    found: list[Finding] = []
    for reading in _readings(wanted, session):
        if reading.layout != ROW and any(finding.evidence for finding in found):
            continue
        finding = _under(formula, wanted, reading, session)
        if finding.verdict == HOLDS:
            return replace(finding, tried=len(found) + 1)
        found.append(finding)
    refuted = [f for f in found if f.verdict == FAILS]
    undecided = [f for f in found if f.verdict != FAILS]
    seen = [f for f in undecided if f.evidence]  # read, tried, and not refuted
    first = seen[0] if seen else (refuted or undecided)[0]
    return replace(first, tried=len(found))


def _readings(wanted: Sequence[Goal], session: Session) -> Iterator[Reading]:
    """The readings that may make a difference. A norm does not mind the layout, unless what is in it has no shape."""
    sides = [side for goal in wanted for side in (goal.small, goal.large)]
    derives = bool(session.found.introduced) or any(map(has_derivative, sides))
    for reading in (PLAIN,) if session.strict else READINGS:
        if reading == PLAIN or (derives and reading.partial != ROLE):
            yield reading


# ---- one reading


def _under(formula: Formula, wanted: Sequence[Goal], reading: Reading, session: Session) -> Finding:
    """What comes of a formula under a reading: every part of it has to hold, and one that fails is enough."""
    parts = [_part(goal, formula, reading, session) for goal in wanted]
    for verdict in (FAILS, NOT_UNDERSTOOD):
        for part in parts:
            if part.verdict == verdict:
                return part
    return replace(parts[-1], notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)))


def _part(goal: Goal, formula: Formula, reading: Reading, session: Session) -> Finding:
    """The best of the ways in which one inequality can be filled in; it fails if all do."""
    context = session.context(reading)
    found: list[Finding] = []
    for way in inequalities(goal, formula, context, reading, said_letters(session)):
        if isinstance(way, DeriveError):
            found.append(Finding(NOT_UNDERSTOOD, reading, reason=way.message, span=way.span))
            continue
        found.append(_judged(way, formula, reading, session))
        if found[-1].verdict == HOLDS:
            return found[-1]
    tried = [f for f in found if f.evidence]
    return next((f for f in tried if f.verdict != FAILS), None) or (tried or found)[0]


def _judged(way: Inequality, formula: Formula, reading: Reading, session: Session) -> Finding:
    trial = _trial(way, formula, reading, session)
    exact = by_range(way, trial.network, trial.said)
    restricted = _restricted(formula, session)
    if is_hedged(formula):
        restricted = restricted or "it is false for some values, and the text says it of the usual case"
    if exact is not None and exact.words and not restricted:
        return Finding(FAILS, reading, trial.notes, exact.words, evidence={"point": exact.words})
    comparisons, wrong = _tried(way, trial)
    if wrong:
        false = next((c for c in reversed(wrong) if all(c.worst)), wrong[-1])
        doubt = (restricted or session.doubts(names_of(way.claim)) or _at_edge(wrong, way)
                 or _doubt(way, formula, trial, reading, session))  # fmt: skip
        if doubt:
            return Finding(NOT_UNDERSTOOD, reading, trial.notes, doubt, evidence={"points": len(comparisons)})
        return Finding(FAILS, reading, trial.notes, _said(false, way), evidence=_counterexample(false, way))
    if not comparisons:
        return Finding(NOT_UNDERSTOOD, reading, trial.notes, "it has a value at no point that was tried")
    for said, conditions, notes in trial.assumptions:
        laws = _laws(way, trial, said, conditions, session)
        if laws:
            notes = (*way.claim.notes, *notes)
            return Finding(HOLDS, reading, notes, evidence=_evidence(laws, trial.usable, comparisons))
    return Finding(NOT_UNDERSTOOD, reading, trial.notes,
                   f"not refuted at {len(comparisons)} points, but no law gives it",
                   evidence={"points": len(comparisons)})  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """Where one inequality is tried. `said`: what functions are, `usable`: the points at which the conditions hold."""

    network: Network
    names: frozenset[str]
    said: Mapping[str, str]
    conditions: tuple[Condition, ...]
    usable: tuple[Point, ...]

    @property
    def assumptions(self) -> tuple[tuple[Mapping[str, str], tuple[Condition, ...], tuple[str, ...]], ...]:
        """What a proof may use, less before more, and what has to be said then."""
        sure = tuple(condition for condition in self.conditions if condition.governs)
        ways = [({}, ()), (self.said, ()), (self.said, sure)]
        return tuple((said, conditions, _notes(said, conditions)) for said, conditions in ways)

    @property
    def notes(self) -> tuple[str, ...]:
        return _notes(self.said, self.conditions)


def _notes(said: Mapping[str, str], conditions: Sequence[Condition]) -> tuple[str, ...]:
    return (*said_of(said), *(f"given {condition.words}" for condition in conditions))


def _trial(way: Inequality, formula: Formula, reading: Reading, session: Session, unsaid: str = "") -> Trial:
    """Where an inequality is tried; functions of which nothing is said are `unsaid`, if that is given."""
    network = session.context(reading).network
    names = way.functions | functions_of(network, names_of(way.claim))
    said = {**(dict.fromkeys(names, unsaid) if unsaid else {}), **said_functions(formula, names)}
    at = _points(session, network, names, said)
    conditions = satisfiable(conditions_of(formula, session, reading), at)
    usable = tuple(point for point in at if all(condition.holds(point) for condition in conditions))
    return Trial(network, names, said, tuple(conditions), usable)


def _tried(way: Inequality, trial: Trial) -> tuple[list[Comparison], list[Comparison]]:
    """Both sides at all places, and those where the inequality is false: up to the first that leaves no doubt."""
    comparisons: list[Comparison] = []
    wrong: list[Comparison] = []
    for point in trial.usable:
        for found in _compared(way, point):
            comparisons.append(found)
            if found.apart(way.strict):
                wrong.append(found)
                if all(found.worst) and not _edge(found, way):
                    return comparisons, wrong
    return comparisons, wrong


def _edge(found: Comparison, way: Inequality) -> bool:
    """Whether k = t there, for some pair of letters of which k is not the later."""
    letters = found.instance.letters
    return any(letters.get(top) == letters.get(bottom) for top, bottom in way.claim.pairs)


def _compared(way: Inequality, point: Point) -> Iterator[Comparison]:
    point.letters_here.update(way.letters)
    return compared(way.claim, point)


def _points(session: Session, network: Network, names: frozenset[str], said: Mapping[str, str]) -> list[Point]:
    asked = (id(network), names, tuple(sorted(said.items())))
    if asked not in session.points:
        clock = session.found.context.clock
        session.points[asked] = list(points(network, said, tuple(sorted(names)), session.seed, clock))
    found: list[Point] = session.points[asked]
    return found


def _restricted(formula: Formula, session: Session) -> str:
    """Why what is false for some argument may not be meant for it: the text near the formula says x > 0, or x ≠ 0."""
    for argument in arguments(formula):
        for other in session.formulas:
            link = other.link
            about = any(isinstance(n, Letter) and n.text == argument for n in (link.left, link.right))
            if other is not formula and about and link.relation in (*ORDERED, "ne", "in") and near(other, formula):
                return f"it is false for some {argument}, which the text restricts"
    return ""


def _at_edge(wrong: Sequence[Comparison], way: Inequality) -> str:
    """Why a claim that is false for k = t alone may not be meant there."""
    for top, bottom in way.claim.pairs:
        if all(_edge(c, way) for c in wrong):
            return f"it is not refuted for {bottom} < {top}, but no law gives it; for {bottom} = {top} it is false"
    return ""


def _doubt(way: Inequality, formula: Formula, trial: Trial, reading: Reading, session: Session) -> str:
    """Why what is false for some functions may not be false for the author's."""
    unsaid = sorted(trial.names - trial.said.keys())
    for name in USUAL if unsaid else ():
        other = _trial(way, formula, reading, session, name)
        if not any(c.apart(way.strict) for point in other.usable for c in _compared(way, point)):
            return f"it is false for some functions, but not refuted where {unsaid[0]} is {name}"
    return ""


def _laws(
    way: Inequality, trial: Trial, said: Mapping[str, str], conditions: Sequence[Condition], session: Session
) -> tuple[str, ...]:
    """The laws from which an inequality follows; nothing where it does not."""
    exact = by_range(way, trial.network, said)
    if exact is not None:
        return exact.laws if exact.holds else ()
    facts = [*way.facts, *(f for condition in conditions for f in condition.inequality.facts)]
    facts += [fact for condition in conditions if (fact := condition.fact()) is not None]
    at = [point for point in _points(session, trial.network, trial.names, said) if point.calm]
    for point in at:
        point.letters_here.update(way.letters)
    case = Case(at, _telling(way, trial.network, at), facts, said)
    if not case.instances or not follows(way.claim.left, way.claim.right, way.strict, case):
        return ()
    return tuple(case.laws) or ("identity",)


def _telling(way: Inequality, network: Any, at: Sequence[Point]) -> list[Instance]:
    """Places that tell identities from accidents: among them the longest gaps."""
    every = [i for i in instances(way.claim, network, at[0].sizes) if i.steps >= min(LONGEST, 4) or network.steps]
    if len(every) <= 8:
        return every
    return [*every[:: max(1, len(every) // 7)], every[-1]]


# ---- words


def _said(found: Comparison, way: Inequality) -> str:
    small, large = found.worst
    sizes = ", ".join(f"{size} = {number}" for size, number in found.point.sizes.items())
    where = f"{_point(found, way)}; {found.instance}" + (f", {sizes}" if sizes else "")
    return f"{small:.6g} is not {'less than' if way.strict else 'at most'} {large:.6g}: {where}"


def _point(found: Comparison, way: Inequality) -> str:
    names = names_of(way.claim)
    behind = found.point.network.behind
    return found.point.words(names.union(*(behind.get(name, frozenset()) for name in names)))


def _counterexample(found: Comparison, way: Inequality) -> dict[str, Any]:
    small, large = found.worst
    point = found.point
    return {
        "sizes": {str(size): number for size, number in point.sizes.items()}, "T": found.instance.steps,
        "seed": point.draw.seed, **{str(k): v for k, v in found.instance.letters.items()},
        "point": _point(found, way), "left": small, "right": large,
    }  # fmt: skip


def _evidence(laws: tuple[str, ...], usable: Sequence[Point], comparisons: Sequence[Comparison]) -> Mapping[str, Any]:
    nearest = max(comparisons, key=lambda c: round(c.ratio, 9))
    special = sum(point.kind is not None for point in usable)
    return Evidence(by_law=ByLaw(
        laws, tuple(sorted({c.instance.steps for c in comparisons})),
        {str(size): number for size, number in usable[0].sizes.items()},
        special, len(usable) - special, len(comparisons), nearest.ratio, nearest.point.name,
    )).as_dict()  # fmt: skip
