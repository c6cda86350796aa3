"""`derive grade`: verdicts on a folder of submissions."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from derive.commands.grammar import Commands, command_of
from derive.commands.limits import add_limits, limits_of

if TYPE_CHECKING:
    from derive.grade.results import Result
    from derive.grade.submissions import Submission
    from derive.grade.worker import Answer

EXAMPLES = """examples:
  derive grade submissions                  tables and pages in submissions-graded, beside it
  derive grade submissions --out week3      in a folder of one's choice
  derive grade submissions --model elman    by a network of the program's, whatever the texts say of theirs
  derive grade submissions --limit 30       half a minute of computing for each file
  derive grade submissions --semicolon      tables for a spreadsheet program in German, French, ...

A submission is a .md, .tex or .ipynb file, or a folder with such files in it and below. Hidden files and what systems
leave behind are no submissions; links are not followed. What cannot be judged is a row with its reason.

The results: index.html, an overview; reports/, a page for each submission; submissions.csv and formulas.csv, a row for
each submission and for each claim. They depend on the texts alone, not on how many are judged at a time.
exit code: as for derive check; 2 if there is a submission of which something could not be judged
"""


def add(commands: Commands) -> None:
    """Its part of the command line's grammar."""
    command = command_of(
        commands,
        "grade",
        does="judge a folder of submissions, into tables and pages",
        description="Judges every submission in a folder, formula by formula, each in a process that is ended if it "
        "takes too long, and writes tables and pages.",
        epilog=EXAMPLES,
    )
    command.add_argument("folder", metavar="DIR", type=Path, help="the folder with the submissions")
    command.add_argument(
        "--model", metavar="CELL", help="a name that `derive cells` lists, or a .tex file; else each text's own network"
    )
    command.add_argument("--strict", action="store_true", help="no reading but the plain one")
    command.add_argument("--out", metavar="DIR", type=Path, help="where the results go (DIR-graded, beside DIR)")
    command.add_argument("--semicolon", action="store_true", help="semicolons between the cells of a table, not commas")
    command.add_argument("--jobs", metavar="N", type=jobs, help="so many texts at a time (one for each core)")
    command.add_argument(
        "--backend",
        default="loky",
        choices=("loky", "dask", "ray"),
        help="of joblib, which shares out the texts: the processes of this machine (loky), or a cluster",
    )
    add_limits(command)


def run(options: argparse.Namespace) -> int:
    """`derive grade DIR`"""
    from derive.grade.pages import every, files
    from derive.grade.results import results
    from derive.grade.submissions import shown, submissions
    from derive.grade.write import beside, check_writable, write

    out = options.out if options.out is not None else beside(options.folder)
    check_writable(out)
    found = submissions(options.folder, out)
    graded = results(found, _answers(found, options))
    write(files(graded, shown(options.folder.resolve().name), ";" if options.semicolon else ","), out)
    _tell(graded, out)
    return 2 if any(result.unread for result in graded) else every(graded).exit_code


def _answers(found: Sequence[Submission], options: argparse.Namespace) -> Sequence[Answer]:
    from derive.grade.parallel import answers
    from derive.grade.worker import Terms

    terms = Terms(str(options.folder.resolve()), _model(options.model), options.strict, limits_of(options))
    texts = [text for submission in found for text in submission.texts]
    progress = _progress if sys.stderr.isatty() else None
    return answers(texts, terms, jobs=options.jobs, backend=options.backend, progress=progress)


def _model(name: str | None) -> str | None:
    """The network by its name, or where it is. Error: DeriveError if it cannot be read, before anything is judged."""
    if name is None:
        return None
    from derive import resources
    from derive.verdicts import network

    network(name)
    return name if name in {path.stem for path in resources.networks()} else str(Path(name).resolve())


def _progress(done: int, of: int) -> None:
    print(f"\rjudged {done} of {of}", end="\n" if done == of else "", file=sys.stderr, flush=True)


def _tell(graded: Sequence[Result], out: Path) -> None:
    """What could not be judged, the summary, and where the results are."""
    from derive.grade.pages import INDEX, every
    from derive.render.report_text import printable
    from derive.render.report_words import summary

    for result in graded:
        for path, why in result.unread:
            print(f"derive: {printable(f'{path}: {why}')}", file=sys.stderr)
    print(f"{len(graded)} submission{'s' * (len(graded) != 1)}: {summary(every(graded))}")
    print(f"The overview: {printable(str((out / INDEX).resolve()))}")


def jobs(text: str) -> int:
    """A number of jobs as typed."""
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and int(text)):
        raise argparse.ArgumentTypeError("a number of jobs is a whole number, 1 at least")
    return int(text)
