"""The submissions in a folder: files, or a folder for each with files in it; and what there is not to be judged.

A folder of downloads has anything in it. No link is followed, nothing but plain files is opened, and nothing is left
out without a word but what systems leave behind.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from derive.errors import DeriveError, shortened
from derive.render.report_text import printable

SUFFIXES = (".md", ".markdown", ".tex", ".ltx", ".ipynb")
KINDS = ".md, .tex or .ipynb"
MOST_TEXTS = 50
"""Texts of one submission that are judged."""
MOST_ENTRIES = 5_000
"""Files and folders of one submission that are looked at."""
CLUTTER = frozenset({"__macosx", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class Submission:
    """What somebody handed in. `texts` are paths as seen from the folder, `problems` what is not judged, and why."""

    name: str
    texts: tuple[str, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()


def submissions(folder: Path, apart_from: Path) -> tuple[Submission, ...]:
    """Those in a folder, by name. `apart_from` is none of them. Error: DeriveError where there is none."""
    try:
        entries = [entry for entry in os.scandir(folder) if not is_clutter(entry.name)]
    except OSError as error:
        hint = "derive check FILE" if folder.is_file() else None
        raise DeriveError(f"{shortened(str(folder))} is no folder to read: {error.strerror}", hint=hint) from None
    out = os.path.realpath(apart_from)
    found = [_submission(entry, folder) for entry in entries if os.path.realpath(entry.path) != out]
    if not found:
        raise DeriveError(
            f"there is no submission in {shortened(str(folder))}", expected=f"{KINDS} files, or folders with them"
        )
    return tuple(sorted(found, key=lambda submission: in_order(submission.name)))


def is_clutter(name: str) -> bool:
    """Whether it is hidden, or left behind by a system."""
    return name.startswith(".") or name.casefold() in CLUTTER


def in_order(name: str) -> tuple[str, str]:
    """By this names are sorted as a reader does: ä beside a, capitals or not."""
    return plain(name).casefold(), name


def plain(name: str) -> str:
    """A name without the marks on its letters."""
    parts = unicodedata.normalize("NFKD", shown(name).translate(CROSSED))
    return "".join(part for part in parts if not unicodedata.combining(part))


CROSSED = str.maketrans("łŁøØđĐħĦıðÐ", "lLoOdDhHidD")
"""Letters whose marks are part of them."""


def shown(name: str) -> str:
    """A name as it can be shown: letters and their accents joined, bytes that are no text as �."""
    joined = unicodedata.normalize("NFC", os.fsencode(name).decode(errors="replace"))
    return " ".join(printable(joined).split())


def _submission(entry: os.DirEntry[str], folder: Path) -> Submission:
    if entry.is_dir(follow_symlinks=False):
        return _of_folder(entry.name, folder)
    problem = _problem(entry)
    if problem:
        return Submission(entry.name, problems=((entry.name, problem),))
    return Submission(entry.name, (entry.name,))


def _problem(entry: os.DirEntry[str]) -> str:
    """Why a file is not judged; nothing where it is."""
    if entry.is_symlink():
        return "a link, which is not followed"
    if not entry.is_file(follow_symlinks=False):
        return "neither a file nor a folder"
    return "" if is_text(entry.name) else f"no {KINDS} file"


def is_text(name: str) -> bool:
    """Whether a file is of a kind that is judged, by its name."""
    return PurePath(name).suffix.lower() in SUFFIXES


def _of_folder(name: str, folder: Path) -> Submission:
    """The texts in a folder and in those within it; what else stands beside them is theirs."""
    texts: list[str] = []
    problems: list[tuple[str, str]] = []
    others: set[str] = set()
    for number, found in enumerate(_within(folder / name)):
        if number >= MOST_ENTRIES:
            problems.append((name, f"more than {MOST_ENTRIES} files, of which the others were not looked at"))
            break
        if isinstance(found, OSError):
            problems.append((_seen_from(folder, found.filename), f"cannot be read: {found.strerror}"))
        elif found.is_dir(follow_symlinks=False):
            continue
        elif not is_text(found.name):
            others.add(PurePath(shown(found.name)).suffix.lower())
        elif problem := _problem(found):
            problems.append((_seen_from(folder, found.path), problem))
        else:
            texts.append(_seen_from(folder, found.path))
    texts.sort(key=in_order)
    if len(texts) > MOST_TEXTS:
        problems.append((name, f"{len(texts)} texts, of which the first {MOST_TEXTS} were judged"))
    if not texts and not problems:
        instead = ", ".join(sorted(filter(None, others)))
        problems.append((name, f"there is no {KINDS} file in it" + (f", but {instead}" if instead else "")))
    return Submission(name, tuple(texts[:MOST_TEXTS]), tuple(sorted(problems)))


def _within(folder: Path) -> Iterator[os.DirEntry[str] | OSError]:
    """All that stands in a folder and in those below, but what is hidden; where one cannot be read, the error."""
    pending = [os.fspath(folder)]
    while pending:
        try:
            entries = sorted(os.scandir(pending.pop()), key=lambda entry: entry.name)
        except OSError as error:
            yield error
            continue
        for entry in entries:
            if not is_clutter(entry.name):
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)


def _seen_from(folder: Path, path: str) -> str:
    return PurePath(os.path.relpath(path, folder)).as_posix()
