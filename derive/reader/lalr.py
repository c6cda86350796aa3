"""The parser of `latex.lark`, made once; its tables are kept in the user's cache directory.

The cache is a pickle, so only a file that belongs to this user, and that nobody else may write, is loaded.
Whatever is wrong with it (absent, foreign, cut short, of another version), the tables are computed again.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import lark
from lark.lexer import Lexer

from derive.reader.layout import Token
from derive.reader.tree import Builder


class Stream(Lexer):  # type: ignore[misc, unused-ignore]
    """Hands lark the tokens that it is given."""

    def __init__(self, _configuration: Any) -> None:
        pass

    def lex(self, tokens: list[Token]) -> Iterator[Token]:  # type: ignore[override]
        return iter(tokens)


@cache
def parser() -> lark.Lark:
    """The LALR parser: `parser().parse(tokens)` gives a node, or raises lark.UnexpectedToken."""
    grammar = resources.files("derive.reader").joinpath("latex.lark").read_text(encoding="utf-8")
    file = _cache_file(grammar)
    with suppress(Exception):  # any defect of the cache means only that there is none
        if _is_ours(file):
            with file.open("rb") as stored:
                return lark.Lark.load(stored)
    made = lark.Lark(grammar, parser="lalr", lexer=Stream, transformer=Builder())
    with suppress(OSError, RuntimeError):  # nor need there be a place for it, or a home at all
        _store(made, file)
    return made


def _cache_file(grammar: str) -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    key = "\0".join([grammar, lark.__version__, sys.version])
    return Path(home).expanduser() / "derive" / f"latex-{hashlib.sha256(key.encode()).hexdigest()[:24]}.lalr"


def _is_ours(file: Path) -> bool:
    found = file.lstat()
    owned = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    return owned and stat.S_ISREG(found.st_mode) and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _store(made: lark.Lark, file: Path) -> None:
    """Write beside and rename, so that no reader ever sees half a file."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as opened:
            made.save(opened)
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
