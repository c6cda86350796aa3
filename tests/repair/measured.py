r"""Of derived formulas with slips in them: how often a repair is offered, whether it is the slip undone, and where.

    python -m tests.repair.measured --count 1000
    python -m tests.repair.measured --count 500 --slips 2

The formulas and the slips are those of `tests.verify.mutants`; each is judged in a text of its own, by the plain
reading. `inverse`: what is offered says what the formula said of which the false one was made; `place`:
what is underlined contains all characters in which the two differ, or is where that repair is made.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from derive.algebra.expressions import Expression
from derive.api import cells
from derive.errors import DeriveError, Source
from derive.repair.remedy import Mender
from derive.texts.read import read_document
from derive.verdicts import network
from derive.verify.check import check_document
from derive.verify.claims import Claim, readings_of
from derive.verify.passages import reread
from derive.verify.readings import PLAIN
from derive.verify.report import Judged
from derive.verify.reported import Case
from tests.verify import mutants
from tests.verify.derived import everything, tried
from tests.verify.independent import TRUE, UNCLEAR, truth
from tests.verify.judging import Asked, document
from tests.verify.mutants import PRINTER
from tests.verify.trees import Loose

_TOKEN = re.compile(r"\\[bB]igg?[lrm]?|\\left|\\right|\\[A-Za-z]+|\\.|\S")
_SIZE = re.compile(r"\\[bB]igg?[lrm]?|\\left|\\right")


@dataclass(frozen=True)
class Slipped:
    """A false formula, the one that it was made of, and the slips."""

    wrong: str
    right: str
    why: str
    preamble: tuple[str, ...]
    cell: str


def slipped(count: int, seed: int, slips: int, names: Sequence[str] = ()) -> Iterator[Slipped]:
    """About `count` false formulas with so many slips, as many from each form."""
    forms = list(everything(names))
    for derived in forms:
        source = random.Random(f"{seed} {derived.title}")
        for _ in range(-(-count // len(forms))):
            formula = mutants._chosen(derived, source)
            equation, why = Loose(*formula.equation.sides), []
            for _ in range(slips):
                edited = mutants._edited(derived, equation, source)
                if edited is not None:
                    equation, name = edited
                    why.append(name)
            if len(why) < slips or not mutants.sayable(equation):
                continue
            found = truth(equation, formula.ranges, derived.meanings, tried(derived.model))
            if found not in (TRUE, UNCLEAR):
                right, _ = PRINTER.doprint(formula.equation.left) + " = " + PRINTER.doprint(formula.equation.right), 0
                wrong = PRINTER.doprint(equation.left) + " = " + PRINTER.doprint(equation.right)
                yield Slipped(wrong, right, " and ".join(why), derived.preamble, derived.cell)


def judged(asked: Slipped, *, repair: bool = True) -> tuple[Judged, Case]:
    """What is said of a false formula, and how it was read."""
    text, _ = document(asked.preamble, [Asked(asked.wrong, "", "", asked.preamble, asked.cell)])
    read: list[Case] = []

    def mend(cases: Sequence[Case], found: Sequence[Judged]) -> Sequence[Judged]:
        read.extend(cases)
        return Mender()(cases, found) if repair else found

    report = check_document(
        read_document(Source("text", text), "md"), model=network(asked.cell), strict=True, mend=mend
    )
    return report.formulas[-1], read[-1]


def same(one: str, other: str, case: Case) -> bool:
    """Whether two formulas say the same, term by term and factor by factor: not merely whether they are equal."""
    return one == other or ((found := _said(one, case)) is not None and found == _said(other, case))


def _said(text: str, case: Case) -> tuple[Expression, Expression] | None:
    try:
        (formula,) = case.survey.claims(reread(case.formula.link.statement, text))
        claim = next(readings_of(formula, case.session.context(PLAIN), PLAIN))
    except (DeriveError, ValueError):
        return None
    return (claim.left, claim.right) if isinstance(claim, Claim) else None


def holds_edit(said: Judged, asked: Slipped) -> bool:
    """Whether the place contains what was changed: all characters in which the two formulas differ."""
    if said.at is None:
        return False
    wrong, right = (
        [found for found in _TOKEN.finditer(text) if not _SIZE.fullmatch(found.group())]
        for text in (asked.wrong, asked.right)
    )
    matcher = SequenceMatcher(None, [m.group() for m in wrong], [m.group() for m in right], autojunk=False)
    changed = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    if not changed:
        return False
    first, last = changed[0][1], changed[-1][2]
    if first == last:  # something is missing between two: either neighbour will do
        first, last = max(0, first - 1), first
        start, end = wrong[first].end(), wrong[min(last, len(wrong) - 1)].start()
        return said.at.start <= end and start <= said.at.end
    return said.at.start <= wrong[first].start() and wrong[last - 1].end() <= said.at.end


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="How often a slip is mended.")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--slips", type=int, default=1)
    parser.add_argument("--cells", nargs="*", default=[], choices=cells())
    parser.add_argument("--show", type=int, default=20, help="how many are shown for which no repair is offered")
    options = parser.parse_args(argv)
    table: dict[str, Counter[str]] = defaultdict(Counter)
    missed, start = [], time.perf_counter()
    for asked in slipped(options.count, options.seed, options.slips, options.cells):
        said, case = judged(asked)
        offered = [repair for repair in (said.repair, *said.others) if repair is not None]
        row = Counter(
            asked=1,
            fails=said.verdict == "fails",
            offered=bool(offered),
            inverse=any(same(repair.latex, asked.right, case) for repair in offered),
            place=holds_edit(said, asked) or (said.repair is not None and same(said.repair.latex, asked.right, case)),
        )
        for group in (asked.why if options.slips == 1 else "two", asked.cell, "all"):
            table[group].update(row)
        if not offered:
            missed.append((asked, said))
    columns = ("asked", "fails", "offered", "inverse", "place")
    print(f"{'':32}" + "".join(f"{name:>10}" for name in columns))
    for group in sorted(table, key=lambda group: (group == "all", group)):
        print(f"{group:32}" + "".join(f"{table[group][name]:10}" for name in columns))
    print(f"{time.perf_counter() - start:.0f} s")
    for asked, said in missed[: options.show]:
        print(f"{asked.cell} ({asked.why}), {said.verdict}: {said.reason}\n    {asked.wrong}\n    {asked.right}")


if __name__ == "__main__":
    main()
