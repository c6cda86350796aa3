"""What the commands do: `cells`, `show`, `check`, `export`, `figure`, `build`.

Each returns its exit code or raises DeriveError, and imports what it needs itself: `check` does not wait for `show`.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from derive.errors import DeriveError, Source, shortened
from derive.texts.files import read_source, read_stream

if TYPE_CHECKING:
    from derive.api import Checked, Network


def cells(options: argparse.Namespace) -> int:
    """`derive cells`"""
    from derive import api

    for name in api.cells():
        network = api.load(name)
        print(f"{name:10} {network.model.title}; parameters {', '.join(network.parameters)}")
    return 0


def show(options: argparse.Namespace) -> int:
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


def check(options: argparse.Namespace) -> int:
    """`derive check FILE…`: a file that cannot be read is an error, 2, and hides no verdict on the others."""
    from derive.render.report_text import printable
    from derive.verdicts import Verdicts, judged, network

    gc.freeze()  # what was imported stays; what long texts leave behind is worth collecting
    gc.enable()
    model = None if options.model is None else network(options.model)
    found, errors = [], 0
    for name in options.files:
        try:
            found.append(judged(text_of(name), model=model, strict=options.strict, seed=options.seed))
        except DeriveError as error:
            errors += 1
            print(f"derive: {printable(str(error))}", file=sys.stderr)
    report = Verdicts(tuple(found))
    if options.json:
        print(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    elif found:
        print(report.text(explain=options.explain, colour=in_colour(options.colour)))
    return 2 if errors else report.exit_code


def text_of(name: str) -> Source:
    """The text of a file, of standard input for `-`. Error: DeriveError if it cannot be read."""
    if name != "-":
        return read_source(Path(name))
    if sys.stdin is None:
        raise DeriveError("there is no standard input")
    return read_stream(sys.stdin.buffer, "-")


def in_colour(wish: str) -> bool:
    """Whether standard output is to have colours: always, never, or where it is a terminal and nobody minds."""
    if wish != "auto":
        return wish == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def build(options: argparse.Namespace) -> int:
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


def export(options: argparse.Namespace) -> int:
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


def figure(options: argparse.Namespace) -> int:
    """`derive figure CELL`"""
    from derive import api
    from derive.render.figure import WRITERS as FIGURES
    from derive.render.unrolled import unrolled

    steps = number_of_steps(options.steps)
    if steps is None:
        raise DeriveError("a figure is drawn for a number of steps, not for the symbol T", hint="--steps 3")
    cell = shlex.quote(Path(options.cell).name)
    command = f"derive figure {cell} --steps {steps} --format {options.format}"
    drawing = unrolled(api.load(options.cell).model, steps, command)
    write(FIGURES[options.format](drawing), options.out)
    return 0


def write(text: str, out: str) -> None:
    """To a file, whole or not at all; to standard output for `-`. Error: DeriveError if it cannot be written."""
    if out == "-":
        print(text, end="")
        return
    path = Path(out)
    draft = path.parent / f".{path.name}.{os.getpid()}"
    try:
        if path.exists() and not path.is_file():  # a device or a pipe is written to, a folder refuses it
            path.write_text(text, encoding="utf-8")
            return
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise DeriveError(f"{shortened(out)} cannot be written: {error.strerror}") from None


def number_of_steps(text: str) -> int | None:
    """T as typed: a number, or None for the symbol. Error: DeriveError with a sentence."""
    from derive.models.graph import check_steps

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


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {
    function.__name__: function for function in (cells, show, check, export, figure, build)
}
