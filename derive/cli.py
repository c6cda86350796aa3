"""The command line: `derive show`, `check`, `export`, `figure`, `build` …

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
from pathlib import Path

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
  derive export elman --out elman           a .tex file for each formula, and all of them as one document
  derive figure lstm --steps 2              its graph, unrolled over two steps
  derive build --out public                 the site
"""

CHECKS = """examples:
  derive check notes.md                     verdicts by line, and a summary
  derive check chapter.tex notebook.ipynb   any number of files
  derive check notes.md --explain           the network as it was understood, and what speaks for each verdict
  derive check notes.md --model lstm        by a network of the program's, or of your own: --model my_network.tex
  derive check - < notes.md                 standard input

A text can name its network itself: <!-- derive: model=lstm --> in Markdown, % derive: model=lstm in LaTeX.
exit code: 0 all claims hold; 1 some fail; 3 none fails, but some are not understood or there is no claim;
           2 a file that cannot be read, or an option that is none
"""

EXPORTS = """examples:
  derive export elman --out elman           a .tex file for each formula, macros.tex, index.json, all.tex
  derive export lstm --out lstm --steps T   any number of steps only
  derive export my_network.tex --out mine --activation tanh
"""

FIGURES = """examples:
  derive figure elman                       an SVG of three steps, on standard output
  derive figure elman --steps 4 --out elman.svg
  derive figure lstm --steps 2 --format tikz --out lstm.tikz
  derive figure my_network.tex --steps 5    a network of your own
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
    from derive import commands

    return commands.RUN[options.command](options)


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
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    command = commands.add_parser("cells", help="list the networks that come with the program")
    command.set_defaults(command="cells")

    command = commands.add_parser(
        "show",
        help="derive and print gradients of a network",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    _add_manner(command)
    command.add_argument(
        "--format",
        default="unicode",
        choices=("unicode", "latex", "markdown", "mathml", "json"),
        help="lines for a terminal (default), or what an author, a page or a program reads",
    )
    command.set_defaults(command="show")

    command = commands.add_parser(
        "check",
        help="judge a derivation by hand, formula by formula",
        description="Reads texts with a network's equations and a derivation of its gradients, and judges each "
        "formula: it holds, it fails, or it is not understood.",
        epilog=CHECKS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    command.set_defaults(command="check")

    command = commands.add_parser(
        "figure",
        help="draw the unrolled graph of a network",
        description="Draws the unrolled graph of a network. The figure is free to use for anything (CC0).",
        epilog=FIGURES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("cell", metavar="CELL", help="a name that `derive cells` lists, or the path of a .tex file")
    command.add_argument("--steps", metavar="N", default="3", help="a number of steps, 50 at most (3)")
    command.add_argument("--format", default="svg", choices=("svg", "tikz"), help="tikz is to be read by \\input (svg)")
    command.add_argument("--out", metavar="FILE", default="-", help="where the figure goes; - for standard output (-)")
    command.set_defaults(command="figure")

    command = commands.add_parser(
        "export",
        help="write every formula of a network as a file to be read by \\input",
        description="Derives and checks every formula of a network and writes each into a file of its own, with an "
        "index. What is exported is free to use for anything (CC0).",
        epilog=EXPORTS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    _add_manner(command)
    command.set_defaults(command="export")

    command = commands.add_parser("build", help="derive, check and render everything, and build the site")
    command.add_argument("--out", metavar="DIR", type=Path, default=Path("public"), help="where the site goes (public)")
    command.add_argument("--steps", metavar="N", default="3", help="the number of steps that the pages write out (3)")
    command.add_argument(
        "--serve", action="store_true", help="serve the site while you work, built anew at each change"
    )
    command.add_argument(
        "--no-cache", action="store_true", help="derive and check everything anew, though nothing has changed"
    )
    command.set_defaults(command="build", parser=top)
    return top


def _add_manner(command: argparse.ArgumentParser) -> None:
    """What network and how it is written."""
    command.add_argument(
        "--activation",
        default="f",
        choices=("f", "tanh", "sigmoid", "relu", "identity"),
        help="in the place of an abstract f",
    )
    command.add_argument(
        "--slopes",
        default="value",
        choices=("value", "prime"),
        help="tanh'(a_t) by the value, 1 - s_t^2 (default), or with a prime",
    )
    command.add_argument(
        "--entrywise",
        choices=("diag", "hadamard"),
        help="u ⊙ v or diag(u) v; as is usual for the form if left out",
    )
