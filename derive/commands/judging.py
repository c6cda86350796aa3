"""Texts judged, and what was said of them written in the form that was asked for."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.commands.files import text_of, write
from derive.commands.limits import limits_of
from derive.errors import DeriveError
from derive.limits import refusing, ringing

if TYPE_CHECKING:
    from derive.verdicts import Verdicts
    from derive.verify.report import Report

FORMATS = ("text", "json", "sarif", "github", "html")
FAIL_ON = ("nothing", "fails", "not-understood", "no-claim")
"""What makes the exit code other than 0: each with those before it."""


@dataclass(frozen=True)
class Judgement:
    """What was said of the files, the texts of those that were judged, and the others, each with what was wrong."""

    report: Verdicts
    texts: tuple[str, ...]
    unread: tuple[tuple[str, DeriveError], ...]


def judge(options: argparse.Namespace) -> Judgement:
    """Every file by itself. Error: DeriveError for a network that cannot be read."""
    from derive.verdicts import Verdicts, judged, network

    model = None if options.model is None else network(options.model)
    limits = limits_of(options)
    found, texts, unread = [], [], []
    for name in options.files:
        try:
            with refusing(name), ringing(limits):
                source = text_of(name)
                found.append(judged(source, model=model, strict=options.strict, seed=options.seed, limits=limits))
            texts.append(source.text)
        except DeriveError as error:
            unread.append((name, error))
    return Judgement(Verdicts(tuple(found)), tuple(texts), tuple(unread))


def exit_code(report: Report, fail_on: str) -> int:
    """The worst of what was found, as far as it is a reason to fail."""
    from derive.verify.report import FAILS, NOT_UNDERSTOOD

    found = {
        "nothing": (0, 0),
        "fails": (report.count(FAILS), 1),
        "not-understood": (report.count(NOT_UNDERSTOOD), 3),
        "no-claim": (not report.claims, 3),
    }
    reasons = FAIL_ON[: FAIL_ON.index(fail_on) + 1]
    return next((code for there, code in map(found.__getitem__, reasons) if there), 0)


def show(judgement: Judgement, options: argparse.Namespace) -> None:
    """The report in the form and at the place that were asked for, and what could not be read."""
    from derive.render.report_text import printable
    from derive.render.report_words import summary

    for _, error in judgement.unread if options.format != "github" else ():
        print(f"derive: {printable(str(error))}", file=sys.stderr)
    report = written(judgement, options)
    if report or options.out != "-":
        write(report.encode(errors="replace").decode() + "\n", options.out)
    if options.out != "-":
        print(f"{printable(options.out)}: {summary(judgement.report)}")


def written(judgement: Judgement, options: argparse.Namespace) -> str:
    """The report in the form that was asked for; as text nothing, if there is no file of which to say anything."""
    report = judgement.report
    match options.format:
        case "json":
            return json.dumps(report.as_dict(), ensure_ascii=False, indent=2)
        case "sarif":
            from derive.render.report_sarif import as_sarif

            log = as_sarif(report, judgement.texts, judgement.unread)
            return json.dumps(log, ensure_ascii=False, indent=2)
        case "github":
            from derive.render.report_github import as_github

            return as_github(report, judgement.texts, judgement.unread)
        case "html":
            from derive.render.report_page import as_page

            return as_page(report, judgement.unread)
    colour = in_colour(options.colour) and (options.out == "-" or options.colour == "always")
    return report.text(explain=options.explain, colour=colour) if report.files else ""


def in_colour(wish: str) -> bool:
    """Whether standard output is to have colours: always, never, or where it is a terminal and nobody minds."""
    if wish != "auto":
        return wish == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
