"""Inequalities of a text."""

from __future__ import annotations

from derive.verify.report import NOT_UNDERSTOOD
from derive.verify.session import Finding, Session
from derive.verify.survey import Formula


def judge_bound(formula: Formula, session: Session) -> Finding | None:
    """The verdict on an inequality; None for what is no claim: a condition, or what a letter that bounds stands for."""
    return Finding(NOT_UNDERSTOOD, reason="inequalities are not judged yet")
