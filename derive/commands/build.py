"""`derive build`: the site."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from derive.commands.grammar import Commands, command_of
from derive.commands.steps import number_of_steps
from derive.errors import DeriveError


def add(commands: Commands) -> None:
    """Its part of the command line's grammar."""
    command = command_of(commands, "build", does="derive, check and render everything, and build the site")
    command.add_argument("--out", metavar="DIR", type=Path, default=Path("public"), help="where the site goes (public)")
    command.add_argument("--steps", metavar="N", default="3", help="the number of steps that the pages write out (3)")
    command.add_argument(
        "--serve", action="store_true", help="serve the site while you work, built anew at each change"
    )
    command.add_argument(
        "--no-cache", action="store_true", help="derive and check everything anew, though nothing has changed"
    )


def run(options: argparse.Namespace) -> int:
    """`derive build`"""
    from derive.book.build import build_book, serve_book
    from derive.book.cache import default_folder

    steps = number_of_steps(options.steps)
    if steps is None or steps > 6:
        raise DeriveError("the pages write out a number of steps from 1 to 6", hint="--steps 3")
    cache = None if options.no_cache else default_folder()
    if options.serve:
        serve_book(steps, options.parser, cache)
        return 0
    build_book(options.out, steps, lambda line: print(line, file=sys.stderr, flush=True), options.parser, cache)
    index = options.out.resolve() / "index.html"
    print(f"The site is built: {index}")
    print(f'To serve it: python3 -m http.server --directory "{options.out}" 8000, then http://localhost:8000')
    return 0
