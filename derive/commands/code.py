"""`derive code`: a network and its gradients as a program."""

from __future__ import annotations

import argparse

from derive.commands.files import write
from derive.commands.grammar import Commands, add_activation, command_of

EXAMPLES = """examples:
  derive code lstm                          a module of NumPy, on standard output
  derive code lstm --target torch --out lstm.py
  derive code lstm --clip 1                 with functions that clip the gradients, by norm and by value
  derive code lstm --truncate 20            with gradients that go 20 steps back from each loss, and no further
  derive code elman --activation tanh       with tanh in the place of the abstract f
  derive code my_network.tex                a network of your own
"""


def add(commands: Commands) -> None:
    """Its part of the command line's grammar."""
    command = command_of(
        commands,
        "code",
        does="write a program that computes the gradients of a network",
        description="Writes a module that computes a network's loss and its gradients by the delta form, for many"
        " sequences at once. It needs nothing but the library for which it is written, and it was run and compared with"
        " the complex step before it is shown. It is free to use for anything (CC0).",
        epilog=EXAMPLES,
    )
    command.add_argument("cell", metavar="CELL", help="a name that `derive cells` lists, or the path of a .tex file")
    command.add_argument("--target", default="numpy", choices=("numpy", "torch"), help="the library (numpy)")
    add_activation(command)
    command.add_argument("--clip", metavar="C", type=float, help="with functions that clip gradients at C")
    command.add_argument(
        "--truncate", metavar="N", type=int, help="the loss of a step goes N steps back, and no further"
    )
    command.add_argument("--out", metavar="FILE", default="-", help="where it goes; - for standard output (-)")


def run(options: argparse.Namespace) -> int:
    """`derive code CELL`"""
    from derive import api

    network = api.load(options.cell, options.activation)
    write(network.code(options.target, clip=options.clip, truncate=options.truncate), options.out)
    return 0
