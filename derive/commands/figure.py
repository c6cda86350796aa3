"""`derive figure`: the unrolled network as a drawing."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from derive.commands.files import write
from derive.commands.grammar import Commands, command_of
from derive.commands.steps import number_of_steps
from derive.errors import DeriveError

EXAMPLES = """examples:
  derive figure elman                       an SVG of three steps, on standard output
  derive figure elman --steps 4 --out elman.svg
  derive figure lstm --steps 2 --format tikz --out lstm.tikz
  derive figure my_network.tex --steps 5    a network of your own
"""


def add(commands: Commands) -> None:
    """Its part of the command line's grammar."""
    command = command_of(
        commands,
        "figure",
        does="draw the unrolled graph of a network",
        description="Draws the unrolled graph of a network. The figure is free to use for anything (CC0).",
        epilog=EXAMPLES,
    )
    command.add_argument("cell", metavar="CELL", help="a name that `derive cells` lists, or the path of a .tex file")
    command.add_argument("--steps", metavar="N", default="3", help="a number of steps, 50 at most (3)")
    command.add_argument("--format", default="svg", choices=("svg", "tikz"), help="tikz is to be read by \\input (svg)")
    command.add_argument("--out", metavar="FILE", default="-", help="where the figure goes; - for standard output (-)")


def run(options: argparse.Namespace) -> int:
    """`derive figure CELL`"""
    from derive import api
    from derive.render.figure import WRITERS as EXAMPLES
    from derive.render.unrolled import unrolled

    steps = number_of_steps(options.steps)
    if steps is None:
        raise DeriveError("a figure is drawn for a number of steps, not for the symbol T", hint="--steps 3")
    cell = shlex.quote(Path(options.cell).name)
    command = f"derive figure {cell} --steps {steps} --format {options.format}"
    drawing = unrolled(api.load(options.cell).model, steps, command)
    write(EXAMPLES[options.format](drawing), options.out)
    return 0
