"""Our docstrings as the reference pages show them. mkdocstrings loads this file by its name, which mkdocs.yml gives.

A docstring is Markdown, in which a label such as `Shapes:` or `Error:` begins a part of its own, at the start of a line
or of a sentence; the part ends with the next label or a blank line.
"""

from __future__ import annotations

import re
from typing import Any

from griffe import Alias, Class, Extension, Function, GriffeLoader, Object

from derive.book.pages import prose

FORMULAS = ("Law", "Example")
LABEL = re.compile(r"(?:^|(?<=[.;] ))(Law|Shapes|Conditions|Source|Example|Error): ", flags=re.MULTILINE)


class Docstrings(Extension):
    """What the pages show otherwise than griffe reads it."""

    def on_object(self, *, obj: Object, loader: GriffeLoader, **_: Any) -> None:
        """Labelled parts of a docstring become a list."""
        if obj.docstring is not None:
            obj.docstring.value = markdown(obj.docstring.value)

    def on_alias(self, *, alias: Alias, loader: GriffeLoader, **_: Any) -> None:
        """What a module hands on from another one stands after its own."""
        alias.alias_lineno = None

    def on_class(self, *, cls: Class, loader: GriffeLoader, **_: Any) -> None:
        """A class is shown with what it is made of; what of that has no words of its own is not repeated below."""
        if "__new__" in cls.members:  # as expressions are made
            cls.set_member("__init__", cls.members.pop("__new__"))
        maker = cls.members.get("__init__")
        if isinstance(maker, Function):
            for name in [parameter.name for parameter in maker.parameters if parameter.name in cls.members]:
                if cls.members[name].docstring is None:
                    cls.del_member(name)


def markdown(docstring: str) -> str:
    """A docstring as Markdown, each run of labelled parts as a list of descriptions."""
    return "\n\n".join(_paragraph(text) for text in re.split(r"\n\s*\n", docstring))


def _paragraph(text: str) -> str:
    lead, *parts = LABEL.split(text)
    rows = "".join(
        f"<div><dt>{label}</dt><dd>{_meaning(label, ' '.join(part.split()))}</dd></div>"
        for label, part in zip(parts[::2], parts[1::2], strict=True)
    )
    return f'{lead.rstrip()}\n\n<dl class="law">{rows}</dl>' if rows else lead


def _meaning(label: str, text: str) -> str:
    if label not in FORMULAS:
        return described(text)
    return "; ".join(prose(rf"\({formula}\)") for formula in re.split(r"(?<!\\); ", text))  # `\;` is a space


def described(text: str) -> str:
    """Prose as HTML, what stands in backticks as code."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:  # a backtick without a partner is a character
        return prose(text)
    return "".join(f"<code>{prose(p)}</code>" if i % 2 else prose(p) for i, p in enumerate(pieces))
