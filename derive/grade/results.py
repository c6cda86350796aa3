"""What came of each submission."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from derive.grade.submissions import Submission, plain, shown
from derive.grade.worker import Answer
from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD, Report

FOLDER = "reports"
"""Where the pages of the submissions are."""
LONGEST = 60
"""Letters of a page's name that are taken from the submission's."""


@dataclass(frozen=True)
class Result:
    """A submission by the name as it is shown: the report on its texts, what was not judged and why, and its page."""

    name: str
    report: Report
    unread: tuple[tuple[str, str], ...]
    page: str

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many claims hold, fail and are not understood."""
        return self.report.count(HOLDS), self.report.count(FAILS), self.report.count(NOT_UNDERSTOOD)

    @property
    def remark(self) -> str:
        """What somebody has to know who sees the counts alone."""
        silent = [(file.path, "there is no claim in it") for file in self.report.files if not file.claims]
        return "; ".join(why if path == self.name else f"{path}: {why}" for path, why in (*self.unread, *silent))


def results(found: Sequence[Submission], answers: Sequence[Answer]) -> tuple[Result, ...]:
    """Each submission with the answers to its texts, which come in the order of these."""
    coming = iter(answers)
    pages = _pages([submission.name for submission in found])
    return tuple(
        _result(submission, [next(coming) for _ in submission.texts], page)
        for submission, page in zip(found, pages, strict=True)
    )


def _result(submission: Submission, answers: Sequence[Answer], page: str) -> Result:
    files, unread = [], [(shown(path), why) for path, why in submission.problems]
    for path, answer in zip(submission.texts, answers, strict=True):
        if answer.report is not None:
            files.append(replace(answer.report, path=shown(path)))
        else:
            unread.append((shown(path), answer.problem.removeprefix(f"{path}: ").removeprefix(f"{path} ")))
    return Result(shown(submission.name), Report(tuple(files)), tuple(unread), page)


def _pages(names: Sequence[str]) -> Iterator[str]:
    """A file name for each submission's page that any system can have, made of its name; no two are alike."""
    taken: Counter[str] = Counter()
    for name in names:
        letters = plain(name).encode("ascii", errors="ignore").decode()
        page = re.sub(r"[^A-Za-z0-9]+", "-", letters)[:LONGEST].strip("-") or "submission"
        taken[page.lower()] += 1
        number = taken[page.lower()]
        yield f"{FOLDER}/{page}--{number}.html" if number > 1 else f"{FOLDER}/{page}.html"


def slips(found: Sequence[Result]) -> list[tuple[str, int]]:
    """The slips that more than one submission has, in words, and how many have each; what is frequent comes first."""
    counted: Counter[str] = Counter()
    for result in found:
        repairs = [claim.repair for claim in result.report.claims if claim.repair is not None]
        counted.update({change.words for repair in repairs for change in repair.changes})
    several = [(words, count) for words, count in counted.items() if count > 1]
    return sorted(several, key=lambda slip: (-slip[1], slip[0]))
