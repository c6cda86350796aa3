"""The reference pages: the command line as its parser defines it, Python as the docstrings have it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass

from derive.book.docstrings import described
from derive.book.pages import environment

BUILDING_BLOCKS = (
    "models.model",
    "models.graph",
    "gradients.form",
    "calculus.laws",
    "algebra.expressions",
    "evidence.evidence",
    "errors",
)
"""The modules that an author of a law, a form or a page works with."""

WIDTH = 76
"""Characters in a line of a usage."""


@dataclass(frozen=True)
class OptionView:
    """An argument or option as it is typed, what it means (prose), and what it is where it is left out."""

    typed: str
    meaning: str
    default: str


@dataclass(frozen=True)
class CommandView:
    """A command, or the program itself. `examples` pairs a command line with what it does; `notes` is text as it is."""

    name: str
    usage: str
    description: str
    options: tuple[OptionView, ...]
    examples: tuple[tuple[str, str], ...]
    notes: str


def reference_pages(parser: argparse.ArgumentParser | None = None) -> dict[str, str]:
    """The Markdown of each reference page by its path. The command line has one if its parser is given."""
    jinja = environment()
    jinja.filters["described"] = described
    pages = {}
    if parser is not None:
        template = jinja.get_template("reference-commands.md.j2")
        pages["reference/command-line.md"] = template.render(commands=command_views(parser))
    for name in ("python", "building-blocks"):
        template = jinja.get_template(f"reference-{name}.md.j2")
        pages[f"reference/{name}.md"] = template.render(modules=BUILDING_BLOCKS)
    return pages


def command_views(parser: argparse.ArgumentParser) -> tuple[CommandView, ...]:
    """The program, then its commands in the order in which its help has them. An example stands with its command."""
    found = list(_commands(parser, ""))
    lines = dict.fromkeys(line.strip() for command, _ in found for line in (command.epilog or "").splitlines())
    owners = {line: _owner(line, [command.prog for command, _ in found]) for line in lines}
    return tuple(
        CommandView(
            name=command.prog,
            usage=_usage(command),
            description=_sentence(command.description or summary),
            options=tuple(_options(command)),
            examples=tuple(_example(line) for line, owner in owners.items() if owner == command.prog),
            notes=_notes(command, owners),
        )
        for command, summary in found
    )


def _commands(parser: argparse.ArgumentParser, summary: str) -> Iterator[tuple[argparse.ArgumentParser, str]]:
    """A parser and all below it, each with its line in the help."""
    yield parser, summary
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            summaries = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, command in action.choices.items():
                if name in summaries:  # an alias, or a command that the help does not name, has none
                    yield from _commands(command, summaries[name])


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].removesuffix(".") + "." if text else ""


def _usage(parser: argparse.ArgumentParser) -> str:
    """The usage in lines of our own width, without the colours that a terminal would get."""
    formatter = argparse.HelpFormatter(parser.prog, width=WIDTH)
    formatter.add_usage(parser.usage, parser._actions, parser._mutually_exclusive_groups, prefix="")
    return re.sub(r"\x1b\[[\d;]*m", "", formatter.format_help()).strip()


def _options(parser: argparse.ArgumentParser) -> Iterator[OptionView]:
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction) or action.help == argparse.SUPPRESS:
            continue
        default = "" if action.default in (None, False, argparse.SUPPRESS) else str(action.default)
        yield OptionView(_typed(action), _meaning(action, parser), default)


def _meaning(action: argparse.Action, parser: argparse.ArgumentParser) -> str:
    meaning = (action.help or "") % {**vars(action), "prog": parser.prog}
    choices = ", ".join(f"`{choice}`" for choice in action.choices or ())
    return f"{meaning} ({choices})" if meaning and choices else meaning or choices


def _typed(action: argparse.Action) -> str:
    value = action.dest.upper() if action.metavar is None else str(action.metavar)
    if action.option_strings:
        return ", ".join(action.option_strings) + ("" if action.nargs == 0 else f" {value}")
    return value if action.required else f"[{value}]"


def _owner(line: str, names: list[str]) -> str:
    """The command that a line of an epilog is an example of, the most particular one; nothing if of none."""
    return max((name for name in names if f"{line} ".startswith(f"{name} ")), key=len, default="")


def _example(line: str) -> tuple[str, str]:
    typed, *effect = re.split(r"\s{2,}", line, maxsplit=1)
    return typed, "".join(effect)


def _notes(parser: argparse.ArgumentParser, owners: dict[str, str]) -> str:
    """What an epilog says beside its examples."""
    lines = (parser.epilog or "").splitlines()
    kept = [line for line in lines if not owners[line.strip()] and line.strip() != "examples:"]
    return "\n".join(kept).strip("\n")
