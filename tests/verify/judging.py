r"""Many claims at once before `derive.check`: texts with a preamble and a claim a line, and what is said of each."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD, Judged
from tests.verify.independent import TRUE

UNJUDGED = "no claim"
"""What is said of a line in which no claim was found."""
WRONG = ("false holds", "false fails", "crashed")
CRASHED = WRONG[2]
"""What is said of a claim at which the program stops with an error."""
TOGETHER = 60
"""So many claims stand in one text."""


@dataclass(frozen=True)
class Asked:
    """A claim as LaTeX. `group` is what it belongs to in a table, `truth` what `independent.truth` says of it.

    `model` names a cell, or is None where the preamble says what the network is; `why` says how the claim was made.
    """

    latex: str
    truth: str
    group: str
    preamble: tuple[str, ...]
    model: str | None
    why: str = ""


@dataclass(frozen=True)
class Answer:
    """A claim and its verdict. Where several formulas were found in its place, the worst for a true claim counts."""

    asked: Asked
    verdict: str
    reason: str

    @property
    def wrong(self) -> str | None:
        """`false holds`, `false fails`, `crashed`, or None."""
        if self.verdict == CRASHED:
            return CRASHED
        if self.verdict == HOLDS and self.asked.truth != TRUE:
            return "false holds"
        return "false fails" if self.verdict == FAILS and self.asked.truth == TRUE else None


@dataclass
class Tally:
    """Answers, counted and timed."""

    answers: list[Answer] = field(default_factory=list)
    seconds: float = 0.0

    def wrong(self, *kinds: str) -> list[Answer]:
        """The answers of these kinds, all that are wrong if none is named."""
        return [answer for answer in self.answers if answer.wrong in (kinds or WRONG)]

    def not_understood(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.verdict in (NOT_UNDERSTOOD, UNJUDGED)]

    def table(self) -> str:
        """Claims by group, truth and verdict; then the sums, and the speed."""
        columns = (HOLDS, FAILS, NOT_UNDERSTOOD, UNJUDGED, CRASHED)
        counted: Counter[tuple[str, str, str]] = Counter()
        for answer in self.answers:
            for group in (answer.asked.group, "all"):
                counted[group, answer.asked.truth, answer.verdict] += 1
        rows = sorted({(group, truth) for group, truth, _ in counted}, key=lambda row: (row[0] == "all", row))
        lines = [f"{'':40}{'':20}" + "".join(f"{name:>16}" for name in columns)]
        lines += [f"{group:40}{truth:20}" + "".join(f"{counted[group, truth, name]:16}" for name in columns)
                  for group, truth in rows]  # fmt: skip
        return "\n".join([*lines, self.summary])

    @property
    def summary(self) -> str:
        """How many claims, how fast, how many of them wrong."""
        count = len(self.answers)
        wrong = ", ".join(f"{len(self.wrong(kind))} {kind}" for kind in WRONG)
        speed = f"{self.seconds:.1f} s, {count / max(self.seconds, 1e-9):.0f} a second"
        return f"{count} claims in {speed}; {wrong}, {len(self.not_understood())} not understood"


def judged(claims: Iterable[Asked], *, together: int = TOGETHER) -> Tally:
    """The verdicts on claims by the plain reading; those with one preamble in texts of `together` claims each."""
    tally = Tally()
    groups: dict[tuple[str | None, tuple[str, ...]], list[Asked]] = {}
    for claim in claims:
        groups.setdefault((claim.model, claim.preamble), []).append(claim)
    for members in groups.values():
        for part in (members[i : i + together] for i in range(0, len(members), together)):
            _ask(part, tally)
    return tally


def _ask(part: Sequence[Asked], tally: Tally) -> None:
    """One text. Where the program stops with an error, halves of it, down to the claim at which it does."""
    from derive import check  # when it is used: what makes claims needs no engine

    text, lines = document(part[0].preamble, part)
    start = time.perf_counter()
    try:
        report = check(text, model=part[0].model, strict=True, kind="md", repair=False)
    except Exception as error:
        if len(part) == 1:
            tally.answers.append(Answer(part[0], CRASHED, f"{type(error).__name__}: {error}"))
            return
        _ask(part[: len(part) // 2], tally)
        _ask(part[len(part) // 2 :], tally)
        return
    tally.seconds += time.perf_counter() - start
    said = verdicts(report.files[0].formulas, lines)
    tally.answers += [Answer(asked, *found) for asked, found in zip(part, said, strict=True)]


def document(preamble: Sequence[str], claims: Sequence[Asked]) -> tuple[str, list[tuple[int, int]]]:
    """A text in Markdown, and for each claim the first line that it stands on and the one after the last."""
    text, places = "", []
    for latex in preamble:
        text += f"$$\n{latex}\n$$\n\n"
    for claim in claims:
        first = text.count("\n") + 1
        text += f"$$\n{claim.latex}\n$$\n\n"
        places.append((first, text.count("\n") + 1))
    return text, places


def verdicts(formulas: Sequence[Judged], places: Sequence[tuple[int, int]]) -> Iterator[tuple[str, str]]:
    """Verdict and reason for each claim. In the place of one claim there may be several, or none."""
    order = (FAILS, NOT_UNDERSTOOD, HOLDS)
    by_line: Mapping[int, list[Judged]] = {}
    for formula in formulas:
        by_line.setdefault(formula.line, []).append(formula)  # type: ignore[attr-defined]
    for first, after in places:
        here = [f for line in range(first, after) for f in by_line.get(line, ())]
        claims = [f for f in here if f.verdict is not None]
        if not claims:
            yield UNJUDGED, "; ".join(f"{f.kind}: {f.reason}" for f in here)
            continue
        worst = min(claims, key=lambda f: order.index(str(f.verdict)))
        yield str(worst.verdict), worst.reason or ""


def described(answer: Answer) -> str:
    """An answer as a minimal example."""
    asked = answer.asked
    preamble = "".join(f"    $${latex}$$\n" for latex in asked.preamble)
    return (f"{answer.wrong or answer.verdict}: {asked.group} ({asked.why}), is {asked.truth}; model {asked.model}\n"
            f"{preamble}    $${asked.latex}$$\n    said: {answer.verdict}: {answer.reason}\n")  # fmt: skip
