"""A second network in the same text: what is defined anew holds from there on, where that makes sense of what follows.

A text on recurrent networks often goes on to gated ones and keeps the letters. An equation that contradicts an earlier
one may as well be wrong; it is taken for a definition only where more of what follows holds with it than without.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from derive.limits import Limits
from derive.verify import surfaces
from derive.verify.report import FAILS, HOLDS
from derive.verify.said import line
from derive.verify.session import Finding, Session
from derive.verify.survey import CLAIM, DEFINITION, OTHER, Formula, Survey

Result = tuple[str, Finding | None]
"""What kind of formula it is, and what came of it if it is a claim."""
Judge = Callable[[Survey, int], tuple[Session, list[Result]]]
"""Judges the formulas of a text from one on."""


def in_parts(survey: Survey, judge: Judge) -> tuple[list[tuple[Session, int]], list[Result], list[str]]:
    """The networks of a text, each with the formula from which it counts; the results; what is to be said of it."""
    session, results = judge(survey, 0)
    parts, notes = [(session, 0)], []
    for _ in range(Limits.NETWORKS - 1):
        start = parts[-1][1]
        named = _named_anew(survey.formulas, results, start)
        if not named:
            break
        without, survey = survey, _with(survey, named)
        session, later = judge(survey, named[0])
        if not _better(results[named[0] :], later, named):
            break
        anew = [formula.name for formula in (survey.formulas[i] for i in named) if formula.name is not None]
        names = [str(reading.name) for reading in anew]
        notes.append(f"line {line(survey.formulas[named[0]])} defines anew: {', '.join(names)}")
        parts[-1], before = _alone(judge, without, parts[-1], results[: named[0]])
        results = [*before, *later]
        parts.append((session, named[0]))
    return parts, results, notes


def _alone(
    judge: Judge, survey: Survey, part: tuple[Session, int], results: list[Result]
) -> tuple[tuple[Session, int], list[Result]]:
    """The first network without what leads up to the second and follows, where no less holds so."""
    end = len(results)
    while end and results[end - 1][1] is None and survey.formulas[end - 1].kind in (DEFINITION, OTHER):
        end -= 1
    formulas = (*survey.formulas[:end], *(replace(formula, kind=OTHER) for formula in survey.formulas[end:]))
    session, alone = judge(replace(survey, formulas=formulas), part[1])
    own = alone[: end - part[1]]
    if count(own, HOLDS) < count(results[part[1] : end], HOLDS):
        return part, results
    return (session, part[1]), [*results[: part[1]], *own, *results[end:]]


def _named_anew(formulas: Sequence[Formula], results: Sequence[Result], start: int) -> list[int]:
    """The first equation for each name that says otherwise of it than an earlier one."""
    found: dict[object, int] = {}
    for position, (formula, (_, finding)) in enumerate(zip(formulas, results, strict=True)):
        if position <= start or formula.kind != CLAIM or formula.name is None or not formula.link.first:
            continue
        right = formula.link.right
        if finding is None or finding.verdict == HOLDS or not all(i.is_Symbol for i in formula.name.indices):
            continue
        if surfaces.is_derivative(right) or not surfaces.has_derivative(right):
            found.setdefault(formula.name.name, position)
    return sorted(found.values())


def _with(survey: Survey, named: Sequence[int]) -> Survey:
    """The text with these equations as definitions, and what they replace left out."""
    names = {f.name.name for f in (survey.formulas[i] for i in named) if f.name is not None}
    formulas = []
    for position, formula in enumerate(survey.formulas):
        if position in named:
            formula = replace(formula, kind=DEFINITION)
        elif formula.kind == DEFINITION and formula.name is not None and formula.name.name in names:
            formula = replace(formula, kind=OTHER)
        formulas.append(formula)
    return replace(survey, formulas=tuple(formulas))


def _better(before: Sequence[Result], after: Sequence[Result], named: Sequence[int]) -> bool:
    """Whether more holds, or as much and less fails; of the equations themselves nothing counts."""
    own = {position - named[0] for position in named}
    pairs = [(one, other) for i, (one, other) in enumerate(zip(before, after, strict=True)) if i not in own]
    ours, theirs = [one for one, _ in pairs], [other for _, other in pairs]
    holds, fails = (count(theirs, verdict) - count(ours, verdict) for verdict in (HOLDS, FAILS))
    return holds > 0 or (holds == 0 and fails < 0)


def count(results: Sequence[Result], verdict: str) -> int:
    """How many claims have a verdict."""
    return sum(finding is not None and finding.verdict == verdict for _, finding in results)
