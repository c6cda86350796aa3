"""What is wrong with an answer, whatever the text was: nothing here knows whether a formula is true."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from itertools import accumulate
from typing import Any

from tests.verify.watched import ANSWERED, CRASHED, HUNG, Answer

FALSE = ("1 = 2", r"\tanh'(q) = 1 + \tanh^2(q)", r"\sum_{k=1}^{3} k = 3 k", r"\sum_{k=1}^{3} k^2 = 3 k^2")
TRUE = ("1 = 1", r"\tanh'(q) = 1 - \tanh^2(q)", r"\sum_{k=1}^{3} k = 6", r"\prod_{k=1}^{3} 2 = 8")
PLANTED = "".join(f"\n\n${formula}$" for formula in (*FALSE, *TRUE)) + "\n"
"""Put behind a text: no text makes the first four hold, nor the last four fail."""


def faults(text: str, answer: Answer) -> Iterator[str]:
    """Each fault in a few words; those of one kind read alike."""
    if answer.kind in (CRASHED, HUNG):
        yield answer.sort
    if answer.kind != ANSWERED:
        return
    yield from (f"wrong: warns: {warning}" for warning in answer.warnings)
    starts = [0, *accumulate(len(line) for line in text.split("\n"))]
    starts = [start + breaks for breaks, start in enumerate(starts)]
    for formula in answer.formulas:
        yield from (f"wrong: {fault}" for fault in _of_formula(formula, text, starts))
    counts = answer.report["summary"]
    if sum(counts.values()) != len(answer.formulas):
        yield "wrong: the summary counts other formulas"
    if not all(character.isprintable() or character in "\t\n" for character in answer.text):
        yield "wrong: the text for a terminal has a control character"
    page = _Page()
    page.feed(answer.html)
    yield from (f"wrong: the table for a notebook has {thing}" for thing in sorted(page.live))


def _of_formula(formula: Mapping[str, Any], text: str, starts: list[int]) -> Iterator[str]:
    latex, verdict, kind = formula["latex"], formula["verdict"], formula["kind"]
    if not text.startswith(latex, starts[formula["line"] - 1] + formula["column"] - 1):
        yield "a formula does not stand where its place says"
    if (verdict is not None) != (kind == "claim"):
        yield f"the verdict on what is a {kind} is {verdict}"
    if verdict in ("fails", "not-understood") and not formula["reason"]:
        yield f"{verdict} without a reason"
    at = formula["at"]
    if at and latex[at["start"] : at["end"]] != at["text"]:
        yield "the part of a formula does not stand where its place says"
    numbers = [formula["evidence"][side] for side in ("left", "right") if side in formula["evidence"]]
    if verdict == "fails" and not all(isinstance(value, float | int) and math.isfinite(value) for value in numbers):
        yield "a counterexample that is no number"
    if (latex in FALSE and verdict == "holds") or (latex in TRUE and verdict == "fails"):
        yield f"{latex} {verdict}"


class _Page(HTMLParser):
    """Finds what a browser would run or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.live: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "img", "iframe", "object", "embed", "link", "style", "a", "form", "svg"):
            self.live.add(f"<{tag}>")
        self.live |= {f"{tag} {name}=" for name, _ in attrs if name.startswith("on") or name in ("href", "src")}
