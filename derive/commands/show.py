"""`derive show`: gradients of a network, derived, checked and printed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from derive.commands.grammar import Commands, add_manner, command_of
from derive.commands.steps import number_of_steps
from derive.errors import DeriveError

if TYPE_CHECKING:
    from derive.api import Checked, Network

EXAMPLES = """examples:
  derive show elman                         every gradient of one, for any number of steps
  derive show elman W --steps 3             one gradient, written out for T = 3
  derive show lstm W_f --form delta --format latex
  derive show elman W --of L_t --activation tanh
  derive show my_network.tex s_0            a network of your own; any quantity of it
  derive show elman s_t/s_k                 the product of the state's Jacobians
  derive show elman W --explain             the steps that lead to each form, with their laws
  derive show elman s_3 --form nested       the forward pass as one expression
"""


def add(commands: Commands) -> None:
    """Its part of the command line's grammar."""
    command = command_of(
        commands,
        "show",
        does="derive and print gradients of a network",
        epilog=EXAMPLES,
    )
    command.add_argument("cell", metavar="CELL", help="a name that `derive cells` lists, or the path of a .tex file")
    command.add_argument(
        "parameter", metavar="PARAM", nargs="?", help="W, W_f, s_0, s_t, s_2 …; all parameters if left out"
    )
    command.add_argument("--steps", metavar="N|T", default="T", help="a number of steps, or T for any number (default)")
    command.add_argument(
        "--form",
        choices=("chain", "jacobian", "closed", "delta", "component", "nested"),
        help="one form; the first five if left out. nested is the forward pass of a quantity such as s_3",
    )
    command.add_argument("--explain", action="store_true", help="the steps that lead to each form, with their laws")
    command.add_argument("--of", metavar="L|L_t", help="the loss, or the loss of one step: L_t, L_2")
    add_manner(command)
    command.add_argument(
        "--format",
        default="unicode",
        choices=("unicode", "latex", "markdown", "mathml", "json"),
        help="lines for a terminal (default), or what an author, a page or a program reads",
    )


def run(options: argparse.Namespace) -> int:
    """`derive show CELL [PARAM]`"""
    from derive import api
    from derive.render.writers import WRITERS

    steps = number_of_steps(options.steps)
    network = api.load(options.cell, options.activation)
    print(WRITERS[options.format](network.model, shown(network, options, steps)))
    return 0


def shown(network: Network, options: argparse.Namespace, steps: int | None) -> Sequence[Checked]:
    """What `derive show` is asked for, derived and checked."""
    from derive import api

    if options.parameter is not None and "/" in options.parameter:
        return [network.propagation(options.parameter)]
    if options.form == "nested":
        if options.parameter is None:
            raise DeriveError("which quantity is to be nested?", hint="derive show elman s_3 --form nested")
        return [network.nested(options.parameter, explain=options.explain)]
    names = [options.parameter] if options.parameter is not None else network.parameters
    manner = api.Manner(options.slopes, options.entrywise)
    questions = [network.question(name, steps=steps, of=options.of, manner=manner) for name in names]
    kinds = [options.form] if options.form else api.FORMS
    if len(questions) * len(kinds) > 5 and sys.stderr.isatty():
        print(f"deriving and checking {len(questions) * len(kinds)} forms …", file=sys.stderr)
    return api.answers(questions, kinds, explain=options.explain)
