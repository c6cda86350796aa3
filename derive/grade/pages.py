"""The overview of all submissions as a page, and a page for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from derive.errors import DeriveError
from derive.grade.results import Result, slips
from derive.grade.tables import of_claims, of_submissions
from derive.render.environment import environment
from derive.render.report_page import as_page
from derive.render.report_words import summary
from derive.verify.report import FileReport, Report
from derive.version import __version__

INDEX, SUBMISSIONS, CLAIMS = "index.html", "submissions.csv", "formulas.csv"
MOST_SLIPS = 20
MOST_FORMULAS = 1000
"""Of one text, on its page."""


def files(found: Sequence[Result], title: str, separator: str = ",") -> Mapping[str, str]:
    """The text of each file by its name, the overview last: what it links to is there when it is."""
    return {
        **{result.page: page_of(result) for result in found},
        SUBMISSIONS: of_submissions(found, separator),
        CLAIMS: of_claims(found, separator),
        INDEX: overview(found, title),
    }


def page_of(result: Result) -> str:
    """The report on one submission."""
    shown = Report(tuple(map(_shortened, result.report.files)))
    return as_page(shown, [(path, DeriveError(why)) for path, why in result.unread])


def _shortened(file: FileReport) -> FileReport:
    """A report that a browser can show: the table of the claims has the others."""
    if len(file.formulas) <= MOST_FORMULAS:
        return file
    note = f"only the first {MOST_FORMULAS} of {len(file.formulas)} formulas are shown; {CLAIMS} has all claims"
    return replace(file, formulas=file.formulas[:MOST_FORMULAS], notes=(*file.notes, note))


def overview(found: Sequence[Result], title: str) -> str:
    """A table of all submissions by name, with links to their pages, and the slips that several have."""
    report = every(found)
    jinja = environment().overlay(autoescape=True)
    page = jinja.get_template("grade.html.j2").render(
        title=title,
        summary=summary(report),
        results=found,
        slips=slips(found)[:MOST_SLIPS],
        tables=(SUBMISSIONS, CLAIMS),
        unjudged=sum(bool(result.unread) for result in found),
        version=__version__,
    )
    return page.encode(errors="replace").decode()


def every(found: Sequence[Result]) -> Report:
    """All texts of all submissions."""
    return Report(tuple(file for result in found for file in result.report.files))
