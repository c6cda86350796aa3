"""Files and streams that commands read and write."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from derive.errors import DeriveError, Source, shortened
from derive.texts.files import read_source, read_stream


def text_of(name: str) -> Source:
    """The text of a file, of standard input for `-`. Error: DeriveError if it cannot be read."""
    if name != "-":
        return read_source(Path(name))
    if sys.stdin is None:
        raise DeriveError("there is no standard input")
    return read_stream(sys.stdin.buffer, "-")


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
