"""Files as texts: bytes in UTF-8, with a byte order mark or without, and no more of them than a person writes."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from derive.errors import DeriveError, Source, shortened
from derive.limits import Limits

MOST = Limits.BYTES


def read_source(path: Path) -> Source:
    """The text of a file, under the name by which it was asked for. Error: DeriveError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return read_stream(file, str(path))
    except OSError as error:
        raise DeriveError(f"{shortened(str(path))} cannot be read: {error.strerror}") from None
    except ValueError:  # a null character in it
        raise DeriveError(f"{shortened(repr(str(path)))} is no name of a file") from None


def read_stream(stream: BinaryIO, name: str) -> Source:
    """The text of an open file. Error: DeriveError if it cannot be read, is too long, or is not in UTF-8."""
    try:
        data = stream.read(MOST + 1)
    except OSError as error:
        raise DeriveError(f"{shortened(name)} cannot be read: {error.strerror}") from None
    if len(data) > MOST:
        raise DeriveError(f"{shortened(name)} is too long", expected=f"at most {MOST // 2**20} megabytes")
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DeriveError(
            f"{shortened(name)} is not a text in UTF-8: no character begins at byte {error.start + 1}"
        ) from None
