"""The network that a text asks for: `<!-- derive: model=lstm -->` in Markdown, `% derive: model=lstm` in LaTeX."""

from __future__ import annotations

import os
import re
from pathlib import Path

from derive import resources
from derive.errors import DeriveError, Source, Span, shortened
from derive.models.model import Model
from derive.models.read import read_file
from derive.texts.document import Document


def directed(document: Document) -> Model | None:
    """The network that the text names: one that comes with the program, or a file that stands beside the text or below.

    A stranger's text opens no other file. None where it names none. Error: DeriveError at the directive.
    """
    named = document.directives.get("model")
    if named is None:
        return None
    try:
        return read_file(_file(named, Path(document.source.name).parent))
    except DeriveError as error:
        raise error.at(document.source, _place(named, document.source)) from None


def _file(named: str, folder: Path) -> Path:
    shipped = {path.stem: path for path in resources.networks()}
    if named in shipped:
        return shipped[named]
    path = folder / named
    inside = "\0" not in named and Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
    if path.suffix != ".tex" or not inside:
        expected = f"{', '.join(shipped)}, or a .tex file that stands beside this text or below"
        raise DeriveError(f"there is no network {shortened(named)}", expected=expected)
    return path


def _place(named: str, source: Source) -> Span:
    found = re.search(rf"derive:[^\n]*?model\s*=\s*[\"']?({re.escape(named)})", source.text)
    return Span(*found.span(1)) if found else Span(0, 0)
