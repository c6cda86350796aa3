"""`derive export`: every formula of a network as a file."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from derive.commands.grammar import Commands, add_manner, command_of
from derive.commands.steps import number_of_steps
from derive.errors import DeriveError

EXAMPLES = """examples:
  derive export elman --out elman           a .tex file for each formula, macros.tex, index.json, all.tex
  derive export lstm --out lstm --steps T   any number of steps only
  derive export my_network.tex --out mine --activation tanh
"""


def add(commands: Commands) -> None:
    """Its part of the command line's grammar."""
    command = command_of(
        commands,
        "export",
        does="write every formula of a network as a file to be read by \\input",
        description="Derives and checks every formula of a network and writes each into a file of its own, with an "
        "index. What is exported is free to use for anything (CC0).",
        epilog=EXAMPLES,
    )
    command.add_argument("cell", metavar="CELL", help="a name that `derive cells` lists, or the path of a .tex file")
    command.add_argument("--out", metavar="DIR", type=Path, required=True, help="the folder that receives the files")
    command.add_argument(
        "--steps", metavar="N|T", nargs="+", default=["T", "1", "2", "3"], help="for which T; T for any (T 1 2 3)"
    )
    command.add_argument(
        "--format",
        default="latex",
        choices=("latex", "markdown", "mathml", "unicode", "json"),
        help="of the files (latex); only LaTeX comes with macros.tex and all.tex",
    )
    add_manner(command)


def run(options: argparse.Namespace) -> int:
    """`derive export CELL --out DIR`"""
    from derive import api
    from derive.evidence.claims import LONGEST
    from derive.export.snippets import snippets
    from derive.export.write import write_folder

    steps = list(dict.fromkeys(number_of_steps(text) for text in options.steps))
    too_long = [number for number in steps if number is not None and number > LONGEST]
    if too_long:
        raise DeriveError(f"formulas are written out up to T = {LONGEST}, not {too_long[0]}", hint="--steps T")
    model = api.load(options.cell, options.activation).model
    if sys.stderr.isatty():
        print("deriving and checking …", file=sys.stderr)
    found = snippets(model, steps, manner=api.Manner(options.slopes, options.entrywise))
    written = write_folder(model, found, options.out, options.format)
    print(f"{len(found)} formulas in {len(written)} files: {options.out.resolve()}")
    if options.format == "latex":
        print(f"To look through them: cd {shlex.quote(str(options.out))} && pdflatex all.tex && pdflatex all.tex")
    return 0
