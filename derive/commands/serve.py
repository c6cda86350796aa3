"""`derive serve`: a page on this machine that judges a derivation as one types it."""

from __future__ import annotations

import argparse
import gc
import math

from derive.commands.grammar import Commands, command_of

EXAMPLES = """examples:
  derive serve                              then http://127.0.0.1:8765/ in a browser
  derive serve --open                       opens the browser, too
  derive serve --port 0                     at any port that is free; its address is printed
  derive serve --limit 60                   a minute for each judgement

The server answers this machine only. It stores no text, opens no file for one and asks nothing of any other machine.
exit code: 130 when Ctrl-C ends it, 2 if the port cannot be had
"""


def add(commands: Commands) -> None:
    """Its part of the command line's grammar."""
    command = command_of(
        commands,
        "serve",
        does="judge a derivation in a browser, as you type it",
        description="Serves a page on this machine: type or paste a derivation, in Markdown or LaTeX, and see each "
        "formula typeset, its verdict, the place of what is wrong, and the repair.",
        epilog=EXAMPLES,
    )
    command.add_argument(
        "--port", metavar="N", type=port, default=8765, help="where it listens; 0 for any that is free (8765)"
    )
    command.add_argument("--open", action="store_true", help="open the page in a browser")
    command.add_argument(
        "--limit", metavar="SECONDS", type=seconds, default=20.0, help="what takes longer to judge is ended (20)"
    )


def run(options: argparse.Namespace) -> int:
    """`derive serve`"""
    from derive.serve.server import serve

    gc.enable()  # it runs for long
    serve(options.port, options.limit, opened=options.open)
    return 0


def port(text: str) -> int:
    """A port as typed."""
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and int(text) < 2**16):
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def seconds(text: str) -> float:
    """A time as typed."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number <= 3600:
        raise argparse.ArgumentTypeError("a limit is a number of seconds, 3600 at most")
    return number
