"""`derive exercise`: sheets of derivations with slips in them, and the key."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from derive.commands.grammar import Commands, command_of
from derive.errors import DeriveError, shortened

EXAMPLES = """examples:
  derive exercise elman --out sheets                  sheet.md and key.md: five exercises, two formulas wrong in each
  derive exercise elman --seed 7 --out sheets         another sheet; the same seed gives the same sheet
  derive exercise lstm --count 2 --wrong 1 --out -    printed, the sheet first
  derive exercise elman --kinds transpose,index,order --out sheets
  derive exercise my_network.tex --format latex --out sheets && cd sheets && pdflatex sheet.tex && pdflatex key.tex

Each formula is derived by the program; each wrong one was judged by `derive check` and fails, each other one holds.
kinds of slips: transpose, symbol, index, diag, prime, argument, function, order, operation, number, sign,
                bound, brackets, superfluous, missing
exit code: 0 the files are written; 2 no such network, kind or folder, or no exercise of that kind; 130 stopped
           from the keyboard
"""


def add(commands: Commands) -> None:
    """Its part of the command line's grammar."""
    command = command_of(
        commands,
        "exercise",
        does="make a sheet of derivations with errors to be found, and its key",
        description="Derives formulas of a network's gradients, plants slips in some of them, and writes a sheet for "
        "students and a key that says where each slip is and what is right.",
        epilog=EXAMPLES,
    )
    command.add_argument("cell", metavar="CELL", help="a name that `derive cells` lists, or the path of a .tex file")
    command.add_argument("--seed", metavar="N", type=int, default=0, help="chooses formulas and slips (0)")
    command.add_argument("--count", metavar="N", type=int, default=5, help="exercises on the sheet (5)")
    command.add_argument("--wrong", metavar="N", type=int, default=2, help="wrong formulas in each exercise (2)")
    command.add_argument("--kinds", metavar="KIND,…", default="", help="only these kinds of slips; all if left out")
    command.add_argument("--format", default="markdown", choices=("markdown", "latex"), help="of the files (markdown)")
    command.add_argument(
        "--out", metavar="FOLDER", required=True, help="receives the sheet and the key; - for standard output"
    )


def run(options: argparse.Namespace) -> int:
    """`derive exercise CELL --out FOLDER`"""
    from derive.exercise.sheet import sheet
    from derive.exercise.write import files, write
    from derive.verdicts import network

    out = Path(options.out)
    if options.out != "-" and out.exists() and not out.is_dir():
        raise DeriveError(f"{shortened(options.out)} is a file: it cannot receive two", hint="--out sheets")
    model = network(options.cell)
    kinds = [kind for kind in (each.strip() for each in options.kinds.split(",")) if kind]
    if sys.stderr.isatty():
        print("deriving, and looking for slips …", file=sys.stderr)
    made = sheet(model, seed=options.seed, count=options.count, wrong=options.wrong, kinds=kinds)
    texts = files(made, options.format)
    if options.out == "-":
        print("\n".join(texts.values()), end="")
        return 0
    for path in write(texts, out):
        print(path.resolve())
    return 0
