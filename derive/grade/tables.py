"""The results as tables that spreadsheet programs read: a row for each submission, and a row for each claim.

A text from outside is never a formula there: a cell that would begin like one begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from derive.grade.results import Result
from derive.render.report_text import printable
from derive.render.report_words import remedy, verdict
from derive.verify.report import Judged

MARK = "\ufeff"
"""Without a byte order mark, spreadsheet programs take UTF-8 for something else."""
LONGEST = 2000
"""Characters of a cell."""
SUBMISSIONS = ("submission", "texts", "claims", "holds", "fails", "not understood", "remark", "page")
CLAIMS = ("submission", "text", "line", "column", "formula", "verdict", "reading", "reason", "place", "repair")

Row = Sequence[str | int]


def of_submissions(found: Sequence[Result], separator: str = ",") -> str:
    """A row for each submission, judged or not."""
    return _written((SUBMISSIONS, *map(_of_submission, found)), separator)


def _of_submission(result: Result) -> Row:
    counts = result.counts
    page = PurePosixPath(result.page).as_posix()
    return (result.name, len(result.report.files), sum(counts), *counts, result.remark, page)


def of_claims(found: Sequence[Result], separator: str = ",") -> str:
    """A row for each claim of each submission."""
    return _written((CLAIMS, *(row for result in found for row in _claims(result))), separator)


def _claims(result: Result) -> Iterator[Row]:
    for file in result.report.files:
        for claim in file.claims:
            place = claim.at.text if claim.at is not None else ""
            yield (result.name, file.path, claim.line, claim.column, claim.latex, verdict(claim), claim.reading or "",
                   claim.reason or "", place, _repair(claim))  # fmt: skip


def _repair(claim: Judged) -> str:
    return "; ".join(remedy(claim))


def _written(rows: Iterable[Row], separator: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([*map(cell, row)] for row in rows)
    return MARK + text.getvalue()


def cell(value: str | int) -> str | int:
    """A text as a spreadsheet may have it: on one line, without a sign that hides others, and never a formula."""
    if isinstance(value, int):
        return value
    text = printable(" ".join(value.split())).encode(errors="replace").decode()
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return f"'{text}" if text.startswith(BEGINNINGS) else text


BEGINNINGS = tuple("=+-@＝＋－＠")
"""With these a formula begins in one spreadsheet program or another; space and tabs before them are gone already."""
