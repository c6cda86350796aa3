"""`derive check`: verdicts on derivations by hand."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys

from derive.commands.files import text_of
from derive.commands.grammar import Commands, command_of
from derive.errors import DeriveError

EXAMPLES = """examples:
  derive check notes.md                     verdicts by line, and a summary
  derive check chapter.tex notebook.ipynb   any number of files
  derive check notes.md --explain           the network as it was understood, and what speaks for each verdict
  derive check notes.md --model lstm        by a network of the program's, or of your own: --model my_network.tex
  derive check - < notes.md                 standard input

A text can name its network itself: <!-- derive: model=lstm --> in Markdown, % derive: model=lstm in LaTeX.
exit code: 0 all claims hold; 1 some fail; 3 none fails, but some are not understood or there is no claim;
           2 a file that cannot be read, or an option that is none
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
    command.add_argument("--json", action="store_true", help="for a program to read")
    command.add_argument("--seed", metavar="N", type=int, default=0, help="chooses the points that are drawn (0)")
    command.add_argument(
        "--colour",
        default="auto",
        choices=("auto", "always", "never"),
        help="where the output is a terminal (auto); NO_COLOR is honoured",
    )


def run(options: argparse.Namespace) -> int:
    """`derive check FILE…`: a file that cannot be read is an error, 2, and hides no verdict on the others."""
    from derive.render.report_text import printable
    from derive.verdicts import Verdicts, judged, network

    gc.freeze()  # what was imported stays; what long texts leave behind is worth collecting
    gc.enable()
    model = None if options.model is None else network(options.model)
    found, errors = [], 0
    for name in options.files:
        try:
            found.append(judged(text_of(name), model=model, strict=options.strict, seed=options.seed))
        except DeriveError as error:
            errors += 1
            print(f"derive: {printable(str(error))}", file=sys.stderr)
    report = Verdicts(tuple(found))
    if options.json:
        print(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    elif found:
        print(report.text(explain=options.explain, colour=in_colour(options.colour)))
    return 2 if errors else report.exit_code


def in_colour(wish: str) -> bool:
    """Whether standard output is to have colours: always, never, or where it is a terminal and nobody minds."""
    if wish != "auto":
        return wish == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
