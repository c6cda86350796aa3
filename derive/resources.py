"""Where the shipped files are: templates, hand-written pages and assets, derivations, and MkDocs' configuration.

A wheel carries them inside the package (`derive/_data`); a checkout has them beside it.
"""

from __future__ import annotations

from pathlib import Path

from derive.errors import DeriveError

PACKAGE = Path(__file__).resolve().parent
PLACES = (PACKAGE / "_data", PACKAGE.parent)


def cells() -> Path:
    """The folder of networks that come with the program."""
    return PACKAGE / "cells"


def networks() -> tuple[Path, ...]:
    """Their files, by name."""
    return tuple(sorted(cells().glob("*.tex"), key=lambda path: path.stem))


def templates() -> Path:
    """The folder of Jinja templates."""
    return find("templates")


def site() -> Path:
    """The folder of hand-written pages and assets."""
    return find("site")


def derivations() -> Path:
    """The folder of derivations in circulation, each text with the verdicts that are right."""
    return find("tests/derivations")


def mkdocs_config() -> Path:
    """MkDocs' configuration file."""
    return find("mkdocs.yml")


def find(name: str, places: tuple[Path, ...] = PLACES) -> Path:
    """The shipped file or folder `name`, from the first place that has it."""
    for place in places:
        if (place / name).exists():
            return place / name
    looked = " nor ".join(str(place / name) for place in places)
    raise DeriveError(
        f"a part of the program is missing: {name}",
        expected=f"neither {looked} exists",
        hint="install the program again, or run it from a whole checkout",
    )
