"""Jinja as every template here is rendered."""

from __future__ import annotations

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from derive.resources import templates


def environment() -> Environment:
    """Jinja as every template here is rendered: an undefined name is an error, and text is escaped where it is printed.

    Most templates write Markdown, where escaping everything would spoil the text; so `|escape` stands in the template.
    """
    return Environment(
        loader=FileSystemLoader(templates()),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
