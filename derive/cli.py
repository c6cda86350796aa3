"""The command line: `derive cells`, `derive show`, `derive build`. Exit code: 0 done, 1 a check failed, 2 bad input."""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from derive import api
from derive.api import Checked, Network, together
from derive.check.evidence import summary
from derive.errors import CheckFailed, DeriveError, shortened
from derive.models.graph import check_steps
from derive.render.printer import latex
from derive.version import __version__

EXAMPLES = """examples:
  derive cells                              the networks that come with the program
  derive show elman                         every gradient of one, for any number of steps
  derive show elman W --steps 3             one gradient, written out for T = 3
  derive show lstm W_f --form delta --format latex
  derive show elman W --of L_t --activation tanh
  derive show my_network.tex s_0            a network of your own; any quantity of it
  derive show elman s_t/s_k                 the product of the state's Jacobians
  derive build --out public                 the site
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code. Errors of the user's are printed, never raised."""
    options = parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no ∂ shows a question mark, not a traceback
    try:
        code: int = options.run(options)
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
    command.set_defaults(run=cells)

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
    command.add_argument("--form", choices=("chain", "delta"), help="one form; both if left out")
    command.add_argument("--of", metavar="L|L_t", help="the loss, or the loss of one step: L_t, L_2")
    command.add_argument(
        "--activation",
        default="f",
        choices=("f", "tanh", "sigmoid", "relu", "identity"),
        help="in the place of an abstract f",
    )
    command.add_argument("--format", default="unicode", choices=("latex", "unicode", "json"))
    command.set_defaults(run=show)

    command = commands.add_parser("build", help="derive, check and render everything, and build the site")
    command.add_argument("--out", metavar="DIR", type=Path, default=Path("public"), help="where the site goes (public)")
    command.add_argument("--steps", metavar="N", default="3", help="the number of steps that the pages write out (3)")
    command.add_argument(
        "--serve", action="store_true", help="serve the site while you work, built anew at each change"
    )
    command.set_defaults(run=build)
    return top


def cells(options: argparse.Namespace) -> int:
    """`derive cells`"""
    gc.disable()
    for name in api.cells():
        network = api.load(name)
        print(f"{name:10} {network.model.title}; parameters {', '.join(network.parameters)}")
    return 0


def show(options: argparse.Namespace) -> int:
    """`derive show CELL [PARAM]`"""
    gc.disable()  # half a second's process makes no garbage worth collecting, and SymPy many objects to look at
    steps = number_of_steps(options.steps)
    network = api.load(options.cell, options.activation)
    if options.parameter is not None and "/" in options.parameter:
        print(WRITERS[options.format](network, [network.propagation(options.parameter)]))
        return 0
    names = [options.parameter] if options.parameter is not None else network.parameters
    questions = [network.question(name, steps=steps, of=options.of) for name in names]
    kinds = [options.form] if options.form else api.FORMS
    if len(questions) * len(kinds) > 2 and sys.stderr.isatty():
        print(f"deriving and checking {len(questions) * len(kinds)} forms …", file=sys.stderr)
    answers = api.answers(questions, kinds)
    print(WRITERS[options.format](network, answers))
    return 0


def as_json(network: Network, answers: Sequence[Checked]) -> str:
    """One object: the network, and each answer with its formulas and their evidence."""
    found = []
    for answer in answers:
        asked = answer.form.asked
        about = {"of": str(asked.top), "by": str(asked.bottom), "latex": latex(asked)}
        found.append({**about, "steps": answer.form.question.steps, **answer.as_dict()})
    cell = {"name": network.model.name, "title": network.model.title, "parameters": network.parameters}
    return json.dumps({"cell": cell, "gradients": found}, ensure_ascii=False, indent=2)


def as_latex(network: Network, answers: Sequence[Checked]) -> str:
    """The answers as LaTeX to be pasted into display mathematics, their evidence in comments."""
    blocks = []
    for answer in together(answers):
        words = [f"% {line}" for line in summary(answer.evidence)]
        blocks.append("\n".join([f"% {answer.form.kind} form", *words, answer.latex()]))
    return "\n\n".join(blocks)


def as_unicode(network: Network, answers: Sequence[Checked]) -> str:
    """The answers as lines for a terminal, their evidence below."""
    blocks = []
    for answer in together(answers):
        lines = [f"{answer.form.kind} form", *("  " + line for line in answer.unicode().split("\n"))]
        blocks.append("\n".join([*lines, *("  ✓ " + line for line in summary(answer.evidence))]))
    return "\n\n".join(blocks)


WRITERS = {"json": as_json, "latex": as_latex, "unicode": as_unicode}


def build(options: argparse.Namespace) -> int:
    """`derive build`"""
    from derive.book.build import build_book, serve_book

    steps = number_of_steps(options.steps)
    if steps is None or steps > 6:
        raise DeriveError("the pages write out a number of steps from 1 to 6", hint="--steps 3")
    if options.serve:
        serve_book(steps)
        return 0
    build_book(options.out, steps, report=lambda line: print(line, file=sys.stderr, flush=True))
    index = options.out.resolve() / "index.html"
    print(f"The site is built: {index}")
    print(f'To serve it: python3 -m http.server --directory "{options.out}" 8000, then http://localhost:8000')
    return 0


def number_of_steps(text: str) -> int | None:
    """T as typed: a number, or None for the symbol. Error: DeriveError with a sentence."""
    if text == "T":
        return None
    try:
        steps = int(text)
    except ValueError:
        raise DeriveError(
            f"the number of steps is a whole number or T, not {shortened(text)}", hint="--steps 3, or --steps T"
        ) from None
    check_steps(steps)
    return steps
