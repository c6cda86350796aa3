"""Page models kept on disk: what was derived and checked by this very program from this very text is not done again.

The key is a hash of the program's own files, the text and what was asked of it; so a changed template is rendered anew
from what is kept, and a changed line of the program keeps nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import typing
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from derive import resources

Page = TypeVar("Page")

MOST = 64
"""So many pages are kept; the oldest go."""


def default_folder() -> Path:
    """Where programs keep what they can make again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "derive"


def kept(kind: type[Page], about: str, make: Callable[[], Page], folder: Path | None) -> Page:
    """The page from the cache, or made and put there. `about`: what it is made of, and what was asked."""
    page = found(kind, about, folder)
    return keep(make(), about, folder) if page is None else page


def found(kind: type[Page], about: str, folder: Path | None) -> Page | None:
    """The page from the cache; None where it is not there, or cannot be read, or there is no cache."""
    if folder is None:
        return None
    try:
        page: Page = restored(kind, json.loads(_path(kind, about, folder).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return page


def keep(page: Page, about: str, folder: Path | None) -> Page:
    """The page, put into the cache: whole or not at all, and without a word where nothing can be written."""
    if folder is None:
        return page
    path = _path(type(page), about, folder)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as draft:
            json.dump(asdict(page), draft, ensure_ascii=False)  # type: ignore[call-overload]
        Path(draft.name).replace(path)
        for old in sorted(path.parent.glob("*.json"), key=lambda file: file.stat().st_mtime)[:-MOST]:
            old.unlink(missing_ok=True)
    except OSError:
        pass
    return page


def key(kind: type, about: str) -> str:
    """What a page depends on, in one name."""
    return hashlib.sha256("\0".join([fingerprint(), kind.__name__, about]).encode()).hexdigest()[:32]


def _path(kind: type, about: str, folder: Path) -> Path:
    return folder / f"{key(kind, about)}.json"


@cache
def fingerprint() -> str:
    """A hash of the program: all of its files, and the one template whose drawing is part of a page model."""
    digest = hashlib.sha256()
    for file in sorted(_sources()):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    package = Path(__file__).parents[1]
    yield from (file for pattern in ("*.py", "*.lark") for file in package.rglob(pattern))
    yield resources.templates() / "plot.svg.j2"


def restored(kind: Any, data: Any) -> Any:
    """Dataclasses, tuples and plain values from what JSON keeps of them. Error: TypeError where they do not fit."""
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{f.name: restored(hints[f.name], data[f.name]) for f in fields(kind)})  # type: ignore[operator]
    if typing.get_origin(kind) is tuple:
        inner = typing.get_args(kind)
        repeated = inner[0] if len(inner) == 2 and inner[1] is Ellipsis else None
        kinds = [repeated] * len(data) if repeated is not None else inner
        return tuple(restored(k, value) for k, value in zip(kinds, data, strict=True))
    choices = [choice for choice in typing.get_args(kind) if choice is not type(None)]
    if choices:
        return None if data is None else restored(choices[0], data)
    if not isinstance(data, kind):
        raise TypeError(f"{data!r} is no {kind.__name__}")
    return data
