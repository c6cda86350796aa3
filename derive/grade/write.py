"""The folder with the results, written whole: each file is there as it was before, or as it is to be."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from derive.errors import DeriveError, shortened


def beside(folder: Path) -> Path:
    """Where the results go if nothing else is said: not among the submissions."""
    whole = folder.resolve()
    return whole.parent / f"{whole.name or 'submissions'}-graded"


def check_writable(out: Path) -> None:
    """Error: DeriveError where nothing can be written into a folder that is there or has to be made."""
    there = next(path for path in (out.absolute(), *out.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise DeriveError(f"{shortened(str(out))} cannot be written", hint="--out DIR")


def write(texts: Mapping[str, str], out: Path) -> None:
    """The files, by their names within the folder, in this order; others that are there are left alone.

    Error: DeriveError where they cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=".derive-") as draft:
            for name, text in texts.items():
                path = Path(draft, name)
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(text.encode())
            for name in texts:
                (out / name).parent.mkdir(exist_ok=True)
                Path(draft, name).replace(out / name)
    except OSError as error:
        raise DeriveError(f"{shortened(str(out))} cannot be written: {error.strerror or error}") from None
