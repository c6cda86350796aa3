"""A report as workflow commands of GitHub Actions, which shows each at its place in a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from derive.errors import DeriveError
from derive.render.report_marks import Places, Region, explanation
from derive.render.report_text import printable
from derive.render.report_words import summary, verdict
from derive.verify.report import FAILS, NOT_UNDERSTOOD, Report

COMMANDS = {FAILS: "error", NOT_UNDERSTOOD: "warning"}
"""What holds is no command: it would hide what does not."""


def as_github(report: Report, texts: Sequence[str], unread: Sequence[tuple[str, DeriveError]] = ()) -> str:
    """A line for each claim that does not hold, for each note, and for each file that could not be read; the summary.

    `texts` are those of the report's files, in their order; `unread` names the files that could not be read.
    """
    return "\n".join([*_lines(report, texts), *(_unread(*each) for each in unread), summary(report)])


def _lines(report: Report, texts: Sequence[str]) -> Iterator[str]:
    for file, text in zip(report.files, texts, strict=True):
        places = Places(text)
        for claim in file.claims:
            if claim.verdict in COMMANDS:
                said = explanation(file.path, claim)
                place = _place(places.region(claim, claim.at))
                yield _command(COMMANDS[claim.verdict], verdict(claim), said, file.path, place)
        yield from (_command("notice", "note", note, file.path) for note in file.notes)


def _unread(path: str, error: DeriveError) -> str:
    return _command("error", "not read", str(error), path)


def _place(region: Region) -> dict[str, int]:
    """Columns only within one line: those of a longer range are refused."""
    if region.line != region.end_line:
        return {"line": region.line, "endLine": region.end_line}
    return {"line": region.line, "endLine": region.line, "col": region.column, "endColumn": region.end_column}


def _command(name: str, title: str, message: str, path: str, place: Mapping[str, int] | None = None) -> str:
    properties = {"file": path, **(place or {}), "title": f"derive check: {title}"}
    said = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {said}::{_data(printable(message))}"


def _data(text: str) -> str:
    """A text in one line, in which nothing can end the command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
