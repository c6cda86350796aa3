"""Submissions as a class hands them in: the README's derivation in the writers' own letters, some of it wrong."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from derive import resources
from tests.verify.mutants import mutants

NAMES = ("Anna Müller", "Björn Ångström", "Zoë Čapek", "李 明", "Łukasz Żak", "O'Neil Pat", "De la Cruz", "Émile Noël")
LETTERS = ({}, {"s": "h"}, {"s": "h", "U": "A", "W": "B", "V": "C"}, {"o": "y", "W": "R"})
"""What the letters of the derivation are, instead of its own."""
SLIPS = (
    (r" W^{\top}$$", " W$$"),
    (r"\sum_{k=1}^{t}", r"\sum_{k=1}^{T}"),
    (r"(o_t - \bar{o}_t) s_t^{\top}", r"(\bar{o}_t - o_t) s_t^{\top}"),
    (r"s_t^{\top}", "s_t"),
    ("1 - s_j^2", "s_j^2"),
    (r"\frac{\partial s_k}{\partial W}", r"\frac{\partial s_t}{\partial W}"),
)
"""What some write, and what they write instead."""


def write_class(folder: Path, count: int, seed: int = 0) -> None:
    """A folder of submissions: two thirds files, one third folders with a file in them."""
    for number, text in enumerate(texts(count, seed)):
        name = f"{NAMES[number % len(NAMES)]} {number:03d}"
        path = folder / name / "derivation.md" if number % 3 == 2 else folder / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def texts(count: int, seed: int = 0) -> Iterator[str]:
    """Derivations, with up to two slips in each; every other one goes on with three formulas that are derived wrong."""
    notes = (resources.templates() / "notes.md").read_text(encoding="utf-8")
    wrong = [claim.latex for claim in mutants(count * 3 // 2, seed, ["elman"]) if not claim.preamble]
    for number in range(count):
        source = random.Random(f"{seed}|{number}")
        text = notes
        for old, new in source.sample(SLIPS, source.choice((0, 1, 2))):
            text = text.replace(old, new)
        more = _with(source.sample(wrong, 3)) if number % 2 else ""
        yield in_letters(text + more, source.choice(LETTERS))


def _with(formulas: Sequence[str]) -> str:
    return "\nThe gradients are then:\n\n" + "\n\n".join(f"$${formula}$$" for formula in formulas) + "\n"


def in_letters(text: str, letters: dict[str, str]) -> str:
    """The same with other letters in its mathematics."""
    if not letters:
        return text
    name = re.compile(rf"(?<![\\A-Za-z])({'|'.join(letters)})(?![A-Za-z])")

    def renamed(formula: re.Match[str]) -> str:
        return name.sub(lambda letter: letters[letter[1]], formula[0])

    return re.sub(r"\$\$[^$]*\$\$|\$[^$]*\$", renamed, text)
