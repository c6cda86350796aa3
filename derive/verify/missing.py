"""Names that nothing defines outright, found where two expressions of a chain differ in one place."""

from __future__ import annotations

from dataclasses import replace

from derive.reader.surface import (
    Accent,
    Letter,
    Node,
    Row,
    Scripted,
    Terms,
)
from derive.verify import surfaces
from derive.verify.alike import alike
from derive.verify.names import defined_name
from derive.verify.survey import CLAIM, DEFINITION, Formula, Survey


def with_missing(survey: Survey) -> tuple[Formula, ...]:
    """The formulas, with claims made definitions where they say what a name is that nothing else says.

    In Σ L_t = Σ g(y_t) it is L_t, in f(a_t) = f(U x_t + W s_{t-1}) it is a_t.
    """
    known = {f.name.name for f in survey.formulas if f.kind == DEFINITION and f.name is not None}
    made = list(survey.formulas)
    for position, formula in enumerate(survey.formulas):
        if formula.kind != CLAIM or formula.link.first or surfaces.has_derivative(formula.link.left):
            continue
        pair = difference(formula.link.left, formula.link.right)
        for one, other in (pair, pair[::-1]) if pair is not None else ():
            name = defined_name(one, survey.habits, formula.source)
            if name is None or name.name in known or any(alike(one, node) for node in other.walk()):
                continue
            known.add(name.name)
            made[position] = replace(
                formula, kind=DEFINITION, name=name, link=replace(formula.link, left=one, right=other)
            )
            break
    return tuple(made)


def difference(one: Node, other: Node) -> tuple[Node, Node] | None:
    """The one place where two trees differ; None where there is none, or more."""
    if alike(one, other):
        return None
    match one, other:
        case Row(items=(big, *_)), Terms(summands=(Row(items=(beside, *rest)),)) if rest and alike(big, beside):
            negative = replace(other, summands=(surfaces.row(rest),))  # Σ L_t = -Σ log ŷ_t
            return surfaces.row(one.items[1:]), negative
    children = list(one.children()), list(other.children())
    if type(one) is type(other) and len(children[0]) == len(children[1]) and not isinstance(one, Scripted | Letter):
        pairs = [(a, b) for a, b in zip(*children, strict=True) if not alike(a, b)]
        if len(pairs) == 1:
            return difference(*pairs[0]) or pairs[0]
    if isinstance(other, Row) and isinstance(other.items[-1], Scripted | Letter | Accent) and not isinstance(one, Row):
        return None
    if isinstance(one, Row) and isinstance(other, Row | Terms) and isinstance(one.items[-1], Scripted | Letter):
        before = one.items[:-1]
        items = other.items if isinstance(other, Row) else ()
        if len(items) > len(before) and all(map(alike, before, items[: len(before)])):
            return one.items[-1], surfaces.row(items[len(before) :])
    return one, other
