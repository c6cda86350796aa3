"""A report in SARIF 2.1.0, which editors and code scanning read: a result for each claim that does not hold.

What holds is left out: GitHub shows each result as an alert, whatever its kind. Messages are the report's own words:
viewers show a text as it is, so braces in LaTeX are not doubled.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from derive.errors import DeriveError
from derive.render.report_marks import Places, Region, explanation
from derive.verify.report import FAILS, NOT_UNDERSTOOD, Change, FileReport, Judged, Repair, Report, plain
from derive.version import __version__

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RULES = (
    (
        FAILS,
        "error",
        "A formula of the derivation is false",
        "The two sides of the formula differ at the numbers that are given, or their shapes cannot agree.",
        "Look at the underlined place. Where a repair is named, that formula was checked and holds.",
    ),
    (
        NOT_UNDERSTOOD,
        "warning",
        "A formula of the derivation is not understood",
        "Some part of the formula was not read, so it was not judged. That is no verdict on the formula.",
        "Write the underlined place in another way, or read the formula with your own eyes.",
    ),
)
"""The verdicts that are results: each with its level, and what is said of it."""
ORDER = [rule[0] for rule in RULES]


def as_sarif(report: Report, texts: Sequence[str], unread: Sequence[tuple[str, DeriveError]] = ()) -> dict[str, Any]:
    """A log with one run, ready for JSON.

    `texts` are those of the report's files, in their order; `unread` names the files that could not be read.
    """
    files = list(zip(report.files, texts, strict=True))
    notifications = [_notification("note", note, file.path) for file in report.files for note in file.notes]
    notifications += [_notification("error", str(error), path) for path, error in unread]
    run = {
        "tool": {"driver": {"name": "derive", "version": __version__, "rules": list(_rules())}},
        "invocations": [{"executionSuccessful": not unread, "toolExecutionNotifications": notifications}],
        "columnKind": "utf16CodeUnits",
        "results": [result for file, text in files for result in _results(file, Places(text))],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rules() -> Iterator[dict[str, Any]]:
    for name, level, short, full, remedy in RULES:
        yield {
            "id": name,
            "name": "".join(map(str.capitalize, name.split("-"))),
            "shortDescription": {"text": short},
            "fullDescription": {"text": full},
            "help": {"text": remedy},
            "defaultConfiguration": {"level": level},
            "properties": {"precision": "very-high", "tags": ["mathematics"]},
        }


def _notification(level: str, text: str, path: str) -> dict[str, Any]:
    place = {"physicalLocation": {"artifactLocation": _artifact(path)}}
    return {"level": level, "message": {"text": text}, "locations": [place]}


def _results(file: FileReport, places: Places) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for claim in file.claims:
        formula = " ".join(claim.latex.split())
        seen[formula] += 1
        if claim.verdict in ORDER:
            mark = hashlib.sha256(f"{seen[formula]} {formula}".encode(errors="replace")).hexdigest()[:32]
            yield _result(claim, file.path, places) | {"partialFingerprints": {"formula/v1": mark}}


def _result(claim: Judged, path: str, places: Places) -> dict[str, Any]:
    assert claim.verdict is not None
    index = ORDER.index(claim.verdict)
    whole, part = _region(places.region(claim)), _region(places.region(claim, claim.at))
    place = {"artifactLocation": _artifact(path), "region": part}
    result = {
        "ruleId": claim.verdict,
        "ruleIndex": index,
        "level": RULES[index][1],
        "message": {"text": explanation(path, claim)},
        "locations": [{"physicalLocation": place if part == whole else place | {"contextRegion": whole}}],
        "properties": {"reading": claim.reading, "evidence": plain(claim.evidence)},
    }
    fixes = [_fix(repair, claim, path, places) for repair in _repairs(claim)]
    if fixes:
        result["fixes"] = fixes
    if claim.again is not None:
        before = {"artifactLocation": _artifact(path), "region": {"startLine": claim.again}}
        result["relatedLocations"] = [{"id": 1, "message": {"text": "the same slip"}, "physicalLocation": before}]
    return result


def _repairs(claim: Judged) -> Iterator[Repair]:
    """The repairs that say what is to be changed, the nearest first."""
    for repair in (claim.repair, *claim.others):
        if repair is not None and repair.changes and all(_fits(change, claim) for change in repair.changes):
            yield repair


def _fits(change: Change, claim: Judged) -> bool:
    return claim.latex[change.start : change.end] == change.text


def _fix(repair: Repair, claim: Judged, path: str, places: Places) -> dict[str, Any]:
    replacements = [
        {
            "deletedRegion": _region(places.region(claim, change), snippet=False),
            "insertedContent": {"text": change.new},
        }
        for change in repair.changes
    ]
    change = {"artifactLocation": _artifact(path), "replacements": replacements}
    return {"description": {"text": repair.words}, "artifactChanges": [change]}


def _region(region: Region, *, snippet: bool = True) -> dict[str, Any]:
    place = {
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    }
    return place | {"snippet": {"text": region.text}} if snippet else place


def _artifact(path: str) -> dict[str, str]:
    """The address of a file: relative to the folder where the program runs, if the file stands in it."""
    whole, here = Path(os.path.abspath(path)), Path.cwd()  # noqa: PTH100 - removes `..`, and follows no link
    if whole.is_relative_to(here):
        return {"uri": quote(os.fsencode(whole.relative_to(here).as_posix())), "uriBaseId": "%SRCROOT%"}
    return {"uri": whole.as_uri()}
