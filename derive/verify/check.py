"""A text from beginning to end: its formulas, its network, its claims, and a verdict on each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from derive.errors import Absent, DeriveError, ShapeError
from derive.limits import USUAL, Clock, Limits, TooSlow, refusing
from derive.models.model import Model
from derive.texts.document import Document
from derive.verify.anew import Result, count, in_parts
from derive.verify.arguments import by_argument, gradients
from derive.verify.bounds import judge_bound
from derive.verify.claims import is_loose, names_of, readings_of
from derive.verify.given import understanding
from derive.verify.judge import judge
from derive.verify.measured import Independent
from derive.verify.missing import with_missing
from derive.verify.passages import read
from derive.verify.readings import PLAIN, READINGS, Reading
from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD, FileReport
from derive.verify.reported import Case, Mend
from derive.verify.said import lettered, said
from derive.verify.session import Finding, Session
from derive.verify.supply import supplied
from derive.verify.surfaces import is_derivative
from derive.verify.survey import CLAIM, DECLARATION, DEFINITION, FUNCTION, OTHER, UNREAD, Formula, Survey, survey
from derive.verify.understand import understand
from derive.verify.whole import conflicts, directions, first_wrong, of_one_layout
from derive.verify.words import maybe_at_the_end, said_of


def check_document(
    document: Document,
    *,
    model: Model | None = None,
    strict: bool = False,
    seed: int = 0,
    limits: Limits = USUAL,
    mend: Mend | None = None,
) -> FileReport:
    """Every formula of a text with its verdict. `model`: the network, where the text need not give one itself.

    `mend`: what looks for repairs of what fails.

    Error: DeriveError where the time is over before its network is known; formulas that take long are not understood.
    """
    with refusing(document.source.name):
        return _checked(document, model, strict, seed, Clock(limits), mend)


def _checked(
    document: Document, model: Model | None, strict: bool, seed: int, clock: Clock, mend: Mend | None
) -> FileReport:
    statements = list(clock.over(read(document)))
    surveyed = replace(survey(statements, named=model is not None), clock=clock)
    if not surveyed.formulas:
        return FileReport(document.source.name, None, ())
    surveyed = replace(surveyed, formulas=with_missing(surveyed))
    if model is None:
        parts, results, notes = in_parts(surveyed, lambda text, start: _judged_from(text, start, seed, strict))
    else:
        found, formulas = understanding(model, surveyed)
        surveyed = replace(surveyed, formulas=formulas)
        session = Session(found, seed, strict, formulas=surveyed.formulas, prose=surveyed.prose)
        parts, results, notes = [(session, 0)], _results(session, 0), []
    starts = [start for _, start in parts]
    spans = list(zip(parts, [*starts[1:], len(results)], strict=True))
    for (session, start), end in spans:
        results[start:end], more = _as_one(session, start, results[start:end])
        notes = [*notes, *more]
    sessions = [session for (session, start), end in spans for _ in range(end - start)]
    cases = [Case(f, *result, s, surveyed) for f, result, s in zip(surveyed.formulas, results, sessions, strict=True)]
    judged = [case.judged for case in cases]
    if mend is not None:
        with suppress(TooSlow, RecursionError):  # the verdicts stand without it
            judged = list(mend(cases, judged))
    every = [session.found for session, _ in parts]
    found = next((one for one in every if one.network.rules), every[0])
    return FileReport(document.source.name, said(found, surveyed.formulas), tuple(judged), (*found.notes, *notes))


def _judged_from(surveyed: Survey, start: int, seed: int, strict: bool) -> tuple[Session, list[Result]]:
    """The network that a text gives, and the results for its formulas from one on."""

    def judged(last: bool) -> tuple[Session, list[Result]]:
        found = lettered(supplied(understand(surveyed), surveyed, last=last))
        session = Session(found, seed, strict, formulas=surveyed.formulas, prose=surveyed.prose)
        session.context(PLAIN)
        for gradient, formula in gradients(session.found, surveyed.formulas):
            if settle(formula, session).verdict != HOLDS:
                other = session.otherwise(by_argument(session.found, gradient))
                session = other if settle(formula, other).verdict == HOLDS else session
        return session, _results(session, start)

    session, results = judged(last=False)
    if count(results, FAILS) and not session.found.at_the_end and maybe_at_the_end(surveyed):
        other, otherwise = judged(last=True)
        if count(otherwise, HOLDS) > count(results, HOLDS):
            return other, otherwise
    return session, results


def _results(session: Session, start: int) -> list[Result]:
    session.context(PLAIN)
    return [_found_out(start + i, formula, session) for i, formula in enumerate(session.formulas[start:])]


def _as_one(session: Session, start: int, results: list[Result]) -> tuple[list[Result], list[str]]:
    """The results where a text is read in one layout throughout, and what is to be said of it."""
    formulas = session.formulas[start : start + len(results)]
    claims = [(formula, finding) for formula, (_, finding) in zip(formulas, results, strict=True) if finding]
    findings, notes = of_one_layout(claims, partial(_in_time, session))
    settled = iter(findings)
    made = [(kind, next(settled) if finding else None) for kind, finding in results]
    return made, [*notes, *directions(claims), *conflicts(claims, session), *first_wrong(claims)]


def _in_time(session: Session, formula: Formula, reading: Reading) -> Finding:
    return session.within(formula, lambda: _under(formula, reading, session, {}))


def _found_out(position: int, formula: Formula, session: Session) -> Result:
    """What kind of formula it is, and what comes of it if it is a claim."""
    try:
        return _judged(position, formula, session)
    except DeriveError as error:
        return "claim", Finding(NOT_UNDERSTOOD, reason=error.message)


def _judged(position: int, formula: Formula, session: Session) -> tuple[str, Finding | None]:
    found = session.found
    if formula.kind in (DEFINITION, DECLARATION, FUNCTION):
        error = found.errors.get(position) or session.error(position)
        if error is None or formula.kind != DEFINITION:
            return "definition" if position in found.introduced else "model", None
        return "claim", Finding(NOT_UNDERSTOOD, reason=error.message, span=error.span)
    if formula.kind == UNREAD:
        error = formula.error
        message = error.message if error is not None else "this is not understood"
        return "claim", Finding(NOT_UNDERSTOOD, reason=message, span=error.span if error else None)
    finding = verdict_on(formula, session) if formula.kind != OTHER else None
    return ("other", None) if finding is None else ("claim", finding)


# ---- claims


def verdict_on(formula: Formula, session: Session) -> Finding | None:
    """The verdict on an equation or an inequality; None for an inequality that says nothing."""
    if formula.kind == CLAIM:
        return settle(formula, session)
    return session.within(formula, lambda: judge_bound(formula, session))


def settle(formula: Formula, session: Session) -> Finding:
    """The verdict on a claim, in the time that it has."""
    return session.within(formula, lambda: _for_each(formula, session))


def _for_each(formula: Formula, session: Session) -> Finding:
    """The same; one about θ must hold for each parameter."""
    parameters = session.parameters_of(formula)
    if not parameters:
        return _settled_at(formula, session)
    findings = [_settled_at(formula, session.by(parameter)) for parameter in parameters]
    worst = _first_of(findings, (FAILS, NOT_UNDERSTOOD, HOLDS))
    if worst.verdict != HOLDS:
        return worst
    tried = f"tried with each of {', '.join(map(str, parameters))}"
    return replace(findings[-1], notes=tuple(dict.fromkeys((*findings[-1].notes, tried))))


def _settled_at(formula: Formula, session: Session) -> Finding:
    """The verdict for any T; or if it is false then, for that T of which the text speaks."""
    finding = _settled(formula, session)
    if finding.verdict == FAILS and finding.outcome is not None and not session.strict:
        steps = session.said_steps.get(id(formula))
        found = None if steps is None else _settled(formula, session.at(steps))
        if found is not None and found.verdict == HOLDS:
            return replace(found, notes=(*found.notes, f"T is {steps}, as the text says before"))
    return finding


def _settled(formula: Formula, session: Session) -> Finding:
    """The verdict under the plain reading, or the nearest under which it holds."""
    first: Finding | None = None
    readable: Finding | None = None
    tried = 0
    for variant in session.variants[:1] if session.strict else session.variants:
        for reading in (PLAIN,) if session.strict else relevant(formula, session):
            finding = _under(formula, reading, session, variant)
            tried += 1
            if finding.verdict == HOLDS:
                return replace(finding, tried=tried, notes=(*finding.notes, *said_of(variant)))
            first = _stronger(first, finding)
            if finding.verdict == NOT_UNDERSTOOD and not finding.misshapen:
                readable = readable or finding
    assert first is not None
    if first.misshapen and readable is not None:  # under another reading it fits, and is not understood
        first = readable
    return replace(first, tried=tried)


def _stronger(first: Finding | None, second: Finding) -> Finding:
    """Of two findings that do not hold the one that says more, the first of equals."""
    return second if first is None or _weight(second) > _weight(first) else first


def _weight(finding: Finding) -> int:
    """A counterexample says more than two shapes, that more than a doubt, and that more than nothing."""
    if finding.verdict == FAILS:
        return 4 if finding.outcome is not None else 3
    return 2 if finding.claim is not None else 1 if finding.misshapen else 0


def _under(formula: Formula, reading: Reading, session: Session, variant: Mapping[str, str]) -> Finding:
    """What comes of a claim under one reading, in all the ways in which its text can be filled in."""
    context = session.context(reading, variant)
    bench = session.bench(context)
    found: list[Finding] = []
    for claim in readings_of(formula, context, reading):
        if isinstance(claim, DeriveError):
            misshapen = isinstance(claim, ShapeError)
            wrong = isinstance(claim, ShapeError) and not is_loose(claim) and session.clear(formula)
            verdict = FAILS if wrong else NOT_UNDERSTOOD
            nowhere = isinstance(claim, Absent)
            found.append(
                Finding(verdict, reading, reason=claim.message, span=claim.span, misshapen=misshapen, nowhere=nowhere)
            )
            continue
        if session.strict and claim.notes:
            found.append(
                Finding(NOT_UNDERSTOOD, reading, claim.notes, "it is not written out: " + "; ".join(claim.notes))
            )
            continue
        try:
            outcome = judge(claim.renamed(variant), bench)
        except RecursionError:
            found.append(Finding(NOT_UNDERSTOOD, reading, claim.notes, "its definitions go too deep", claim=claim))
            continue
        except DeriveError as error:
            nowhere = isinstance(error, Absent) or (session.strict and isinstance(error, Independent))
            found.append(
                Finding(NOT_UNDERSTOOD, reading, claim.notes, error.message, error.span, claim=claim, nowhere=nowhere)
            )
            continue
        doubt = "" if outcome.holds else session.doubts(names_of(claim)) or claim.doubt(session.found.network)
        if doubt:
            found.append(Finding(NOT_UNDERSTOOD, reading, claim.notes, doubt, claim=claim))
            continue
        verdict = HOLDS if outcome.holds else FAILS
        found.append(Finding(verdict, reading, claim.notes, outcome=outcome, claim=claim))
    return _first_of(found, (HOLDS, FAILS, NOT_UNDERSTOOD))


def _first_of(found: Sequence[Finding], order: Sequence[str]) -> Finding:
    """The first finding with the first of these verdicts that there is."""
    for verdict in order:
        for finding in found:
            if finding.verdict == verdict:
                return finding
    return Finding(NOT_UNDERSTOOD, reason="this is not understood")


def relevant(formula: Formula, session: Session) -> Iterator[Reading]:
    """The readings that make a difference to a formula, the plain one first."""
    falls = formula.has_product or bool(session.found.introduced)
    derives = any(map(is_derivative, formula.nodes)) or bool(session.found.introduced)
    for reading in READINGS:
        if reading.falling and not falls:
            continue
        if (reading.partial != PLAIN.partial or reading.layout != PLAIN.layout) and not derives:
            continue
        yield reading
