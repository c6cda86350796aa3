"""`derive check`: verdicts on derivations by hand."""

from __future__ import annotations

import argparse
import gc
from pathlib import Path

from derive.commands.grammar import Commands, command_of
from derive.commands.judging import FAIL_ON, FORMATS, exit_code, judge, show
from derive.commands.limits import add_limits, limits_of
from derive.errors import DeriveError, shortened
from derive.limits import limit_memory, refusing

EXAMPLES = """examples:
  derive check notes.md                     verdicts by line, and a summary
  derive check chapter.tex notebook.ipynb   any number of files
  derive check notes.md --explain           the network as it was understood, and what speaks for each verdict
  derive check notes.md --watch             again at each change, while you write
  derive check notes.md --model lstm        by a network of the program's, or of your own: --model my_network.tex
  derive check notes.md --format html --out report.html    a page with the formulas typeset
  derive check notes.md --format sarif --fail-on fails     for an editor or code scanning
  derive check - < notes.md                 standard input

A text can name its network itself: <!-- derive: model=lstm --> in Markdown, % derive: model=lstm in LaTeX.
exit code: 0 all claims hold; 1 some fail; 3 none fails, but some are not understood or there is no claim;
           2 a file that cannot be read, or an option that is none; 130 stopped from the keyboard
           --fail-on leaves fewer reasons for 1 and 3
"""


def add(commands: Commands) -> None:
    """Its part of the command line's grammar."""
    command = command_of(
        commands,
        "check",
        does="judge a derivation by hand, formula by formula",
        description="Reads texts with a network's equations and a derivation of its gradients, and judges each "
        "formula: it holds, it fails, or it is not understood.",
        epilog=EXAMPLES,
    )
    command.add_argument("files", metavar="FILE", nargs="+", help="a .md, .tex or .ipynb file; - for standard input")
    command.add_argument(
        "--model", metavar="CELL", help="a name that `derive cells` lists, or a .tex file; else the text's own network"
    )
    command.add_argument("--strict", action="store_true", help="no reading but the plain one")
    command.add_argument(
        "--explain",
        action="store_true",
        help="the network as it was understood, and for each formula what speaks for its verdict",
    )
    command.add_argument(
        "--format",
        default="text",
        choices=FORMATS,
        help="for people, for a program, for editors and code scanning, for GitHub's log, or a page (text)",
    )
    command.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format json")
    command.add_argument("--out", metavar="FILE", default="-", help="where the report goes; - for standard output (-)")
    command.add_argument("--watch", action="store_true", help="judge again at each change of a file, until Ctrl-C")
    command.add_argument(
        "--fail-on",
        default="no-claim",
        choices=FAIL_ON,
        help="what makes the exit code other than 0, each with those before it (no-claim)",
    )
    add_limits(command)
    command.add_argument("--seed", metavar="N", type=int, default=0, help="chooses the points that are drawn (0)")
    command.add_argument(
        "--colour",
        default="auto",
        choices=("auto", "always", "never"),
        help="where the output is a terminal (auto); NO_COLOR is honoured",
    )


def run(options: argparse.Namespace) -> int:
    """`derive check FILE…`: a file that cannot be read is an error, 2, and hides no verdict on the others."""
    if options.out != "-" and Path(options.out).absolute() in {Path(name).absolute() for name in options.files}:
        raise DeriveError(
            f"the report would take the place of a text: {shortened(options.out)}", hint="--out report.txt"
        )
    limit_memory(limits_of(options))
    gc.freeze()  # what was imported stays; what long texts leave behind is worth collecting
    gc.enable()
    if options.watch:
        from derive.commands.watch import keep_judging

        keep_judging(options)
    judgement = judge(options)
    with refusing("the report"):
        show(judgement, options)
    return 2 if judgement.unread else exit_code(judgement.report, options.fail_on)
