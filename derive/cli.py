"""The command line: `derive show`, `check`, `serve`, `export`, `build` …

Exit code: 0 done, 1 a check failed, 2 bad input, 3 nothing failed and not everything could be judged.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import os
import sys
from collections.abc import Sequence

from derive.commands import COMMANDS
from derive.errors import CheckFailed, DeriveError
from derive.version import __version__

EXAMPLES = """examples:
  derive cells                              the networks that come with the program
  derive show elman                         every gradient of one, for any number of steps
  derive show elman W --steps 3             one gradient, written out for T = 3
  derive show lstm W_f --form delta --format latex
  derive show elman W --of L_t --activation tanh
  derive show my_network.tex s_0            a network of your own; any quantity of it
  derive show elman s_t/s_k                 the product of the state's Jacobians
  derive show elman W --explain             the steps that lead to each form, with their laws
  derive show elman s_3 --form nested       the forward pass as one expression
  derive check notes.md                     judge a derivation by hand
  derive serve --open                       the same in a browser, as you type
  derive grade submissions                  the same for a folder of submissions
  derive exercise elman --out sheets        a sheet with errors to find, and its key
  derive export elman --out elman           a .tex file for each formula, and all of them as one document
  derive code lstm                          a program that computes its gradients
  derive figure lstm --steps 2              its graph, unrolled over two steps
  derive build --out public                 the site
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code. Errors of the user's are printed, never raised."""
    options = parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no ∂ shows a question mark, not a traceback
    try:
        code = run(options)
        sys.stdout.flush()
        return code
    except CheckFailed as error:
        return _report(error, 1)
    except DeriveError as error:
        return _report(error, 2)
    except BrokenPipeError:  # `derive show lstm | head`
        _abandon_output()
        return 0
    except OSError as error:
        _abandon_output()
        return _report(error, 2)
    except KeyboardInterrupt:
        return _report("stopped", 130)


def run(options: argparse.Namespace) -> int:
    """The command, with what it needs imported only now: help and usage errors answer at once."""
    if options.command != "build":
        gc.disable()  # a process of half a second makes no garbage worth collecting; importing SymPy is quicker so
    code: int = COMMANDS[options.command].run(options)
    return code


def _abandon_output() -> None:
    """Nothing more can be written: what is left in the buffer must not be tried again when the process ends."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(error: object, code: int) -> int:
    print(f"derive: {error}", file=sys.stderr)
    return code


def parser() -> argparse.ArgumentParser:
    """The command line's grammar; also the source of its reference page."""
    top = argparse.ArgumentParser(
        prog="derive",
        description="Gradients of recurrent networks, derived from a few lines of LaTeX and checked.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"derive {__version__}")
    top.set_defaults(parser=top)
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS.values():
        command.add(commands)
    return top
