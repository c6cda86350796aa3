"""The files of the page, as a browser gets them."""

from __future__ import annotations

from collections.abc import Mapping

from derive.render.environment import environment
from derive.resources import templates
from derive.serve.question import MOST, models

TYPES = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
EXAMPLE = "notes.md"

Page = tuple[str, bytes]
"""A type of content, and the content."""


def pages() -> Mapping[str, Page]:
    """Each by its path. There is no other path."""
    example = (templates() / EXAMPLE).read_text(encoding="utf-8")
    page = environment().get_template("serve/page.html.j2").render(models=models(), example=example, most=MOST)
    return {
        "/": ("text/html; charset=utf-8", page.encode()),
        **{
            f"/{name}": (f"{kind}; charset=utf-8", (templates() / "serve" / name).read_bytes())
            for name, kind in TYPES.items()
        },
    }
