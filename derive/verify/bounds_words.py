"""The words around a formula: whether it is a condition, how far that reaches, and what is said of the usual case."""

from __future__ import annotations

import re
from collections.abc import Sequence

from derive.errors import Span
from derive.verify.survey import Formula

CONDITION = re.compile(
    r"\b(if|when(ever)?|assum\w*|suppos\w*|let|provided|require[sd]?|need|want|ensure|unless|only if|as long as"
    r"|for (large|small|positive|negative)"
    r"|wenn|falls|sei(en)?|angenommen|si|lorsque|supposons|soit|если|пусть|при|когда)\b"
    r"|[若设当令]|假设|如果|只要|需要|要求",
    re.IGNORECASE,
)
HEDGE = re.compile(
    r"\b(usually|typically|often|generally|mostly|in practice|in der Regel|meist\w*|généralement|souvent|обычно)\b"
    r"|通常|一般|大多|往往",
    re.IGNORECASE,
)
"""Words by which what is said is not said of every case."""
AFTER = re.compile(r"\s*[$)\]\\]*\s*(时|的时候|则|的情况)")
CLAUSE = re.compile(r"[.;:,。；：，、)）]\s*|\b(then|so|hence|thus|therefore|dann|alors|то)\b|[则那]")


def before(formula: Formula) -> str:
    """The prose of the clause in which a formula stands, before it."""
    passage = formula.link.statement.passage
    start = passage.place(Span(0, 0)).start
    text = passage.source.text[max(0, start - 160) : start]
    text = text.split("\n\n")[-1]
    text = re.sub(r"[$\\(\[]+\s*$|\\begin\{\w+\*?\}\s*$", "", text)
    return CLAUSE.split(text)[-1] or ""


def is_condition(formula: Formula) -> bool:
    """Whether the words around a formula make it something that is assumed."""
    passage = formula.link.statement.passage
    text = passage.source.text
    end = passage.place(Span(0, len(passage.latex))).end
    return bool(CONDITION.search(before(formula))) or bool(AFTER.match(text[end : end + 12]))


ASSUMPTION = re.compile(
    r"\b(assum\w*|suppos\w*|let|provided|require[sd]?|angenommen|sei(en)?|supposons|soit|пусть)\b|假设|[设令]",
    re.IGNORECASE,
)


def is_assumption(formula: Formula) -> bool:
    """Whether it is assumed from there on."""
    return bool(ASSUMPTION.search(before(formula)))


STOP = re.compile(r"[.;!?](\s|$)|[。；！？]")
HEADING = re.compile(r"^#|\\(sub)*section|\\paragraph|\\begin\{(theorem|lemma)", re.MULTILINE)


def together(one: Formula, other: Formula, formulas: Sequence[Formula]) -> bool:
    """Whether two formulas stand in one paragraph, or in one sentence of words and displays."""
    prose = _prose(one, other, formulas)
    apart = re.search(r"\n\s*\n", _between(one, other))
    return not apart or not (STOP.search(prose) or CONDITION.search(prose))


def governs(one: Formula, other: Formula, formulas: Sequence[Formula]) -> bool:
    """Whether what a condition says surely holds for a formula after it: in one sentence, or assumed in a section."""
    prose = _prose(one, other, formulas)
    if is_assumption(one):
        return not HEADING.search(_between(one, other)) and not ASSUMPTION.search(prose)
    return not STOP.search(prose) and not CONDITION.search(prose)


def near(one: Formula, other: Formula) -> bool:
    """Whether two formulas stand in one paragraph."""
    first, second = sorted((f.link.statement.place(f.link.span) for f in (one, other)), key=lambda span: span.start)
    text = one.link.statement.passage.source.text[first.end : max(first.end, second.start)]
    return not re.search(r"\n\s*\n", text)


def _between(one: Formula, other: Formula) -> str:
    first, second = (formula.link.statement.place(formula.link.span) for formula in (one, other))
    return one.link.statement.passage.source.text[first.end : second.start]


def _prose(one: Formula, other: Formula, formulas: Sequence[Formula]) -> str:
    """The words between two formulas."""
    passages = [f.link.statement.passage for f in formulas]
    first = next(i for i, f in enumerate(formulas) if f is one)
    last = next(i for i, f in enumerate(formulas) if f is other)
    found = [passages[i] for i in range(first, last + 1) if passages[i] is not passages[first]]
    return " ".join(p.before for i, p in enumerate(found) if not i or found[i - 1] is not p)


def is_hedged(formula: Formula) -> bool:
    """Whether it is said of the usual case only."""
    return bool(HEDGE.search(before(formula)))


def around(formula: Formula, reach: int = 400) -> str:
    """The text around a formula."""
    place = formula.link.statement.place(formula.link.span)
    text = formula.link.statement.passage.source.text
    return text[max(0, place.start - reach) : place.end + reach]
