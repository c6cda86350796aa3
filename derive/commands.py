"""What the commands do: `cells`, `show` with its writers, `build`. Each returns its exit code or raises DeriveError."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence

from derive import api
from derive.api import Checked, Network, together
from derive.check.evidence import summary
from derive.errors import DeriveError, shortened
from derive.models.graph import check_steps
from derive.render.printer import latex


def cells(options: argparse.Namespace) -> int:
    """`derive cells`"""
    for name in api.cells():
        network = api.load(name)
        print(f"{name:10} {network.model.title}; parameters {', '.join(network.parameters)}")
    return 0


def show(options: argparse.Namespace) -> int:
    """`derive show CELL [PARAM]`"""
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


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"cells": cells, "show": show, "build": build}
