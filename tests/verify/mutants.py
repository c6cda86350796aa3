r"""Derived formulas with slips in them: is what is false ever said to hold, or what is true to fail?

    python -m tests.verify.mutants --count 20000

Each mutant is a formula that the program derives with one or two random edits of its tree. Whether it is true is
settled by `independent`, since some edits change nothing: two scalars exchanged, a diagonal matrix transposed.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sympy import Symbol

from derive.algebra.expressions import Add, Chain, Diag, Expression, Sum
from derive.algebra.shapes import is_scalar
from derive.api import cells, load
from derive.errors import ShapeError
from derive.gradients.form import Formula
from derive.models.model import walk
from derive.render.forms import range_latex
from derive.render.printer import FormulaPrinter
from derive.render.styles import Latex
from tests.verify.derived import Derived, everything, network_latex, tried
from tests.verify.edits import EDITS, Scope
from tests.verify.independent import FALSE, NOWHERE, SHAPELESS, TRUE, UNCLEAR, free_letters, truth
from tests.verify.judging import Asked, described, judged
from tests.verify.trees import Loose, moved, places, replaced

TRIES = 30
"""Edits that are tried before a formula is given up."""
LEFT, TWICE, RANGED = 0.12, 0.2, 0.5
"""How often the left side is edited, two edits are made, ranges stand beside a formula."""


class LoosePrinter(FormulaPrinter):
    """Prints what does not fit, too."""

    def juxtaposed(self, factors: Sequence[Expression]) -> str:
        try:
            return super().juxtaposed(factors)
        except ShapeError:
            texts = [(self._print(factor), self._is_loose(factor)) for factor in factors]
            return " ".join(self.style.brackets(text) if loose else text for text, loose in texts)

    def _print_Add(self, node: Add) -> str:
        try:
            return super()._print_Add(node)
        except ShapeError:
            return " + ".join(self.style.brackets(self._print(term)) for term in node.args)

    def _print_Chain(self, node: Chain) -> str:
        body, index, lower, upper, descending = node.args
        try:
            return super()._print_Chain(node)
        except ShapeError:
            ends = (upper, lower) if descending else (lower, upper)
            return self.signs["dots"].join(self._factor(moved(body, index, end)) for end in ends)


PRINTER = LoosePrinter(Latex())


def mutant(derived: Derived, formula: Formula, source: random.Random) -> tuple[Loose, str] | None:
    """The formula with one or two edits, and their names; None where nothing that can be written was found."""
    equation, names = Loose(*formula.equation.sides), []
    for _ in range(2 if source.random() < TWICE else 1):
        edited = _edited(derived, equation, source)
        if edited is None:
            return None
        equation, name = edited
        names.append(name)
    if equation.sides == formula.equation.sides or not sayable(equation):
        return None
    return equation, " and ".join(names)


def _edited(derived: Derived, equation: Loose, source: random.Random) -> tuple[Loose, str] | None:
    """One edit at one place; its kind is drawn first, so that rare places are edited as often as common ones."""
    sizes = {s for v in derived.quantities for size in v.shape for s in size.free_symbols}
    free = (free_letters(equation.left) | free_letters(equation.right) | {derived.model.horizon}) - sizes
    for _ in range(TRIES):
        edit = source.choice(EDITS)
        side = 0 if source.random() < LEFT else 1
        body = equation.sides[side]
        found = list(places(body))
        source.shuffle(found)
        for path, node in found:
            letters = sorted(free | bound_around(body, path), key=str)
            new = edit(node, Scope(derived.model, derived.quantities, tuple(letters), source))
            if new is not None and new != node:
                sides = list(equation.sides)
                sides[side] = replaced(body, path, new)
                return Loose(*sides), edit.__name__
    return None


def bound_around(node: Expression, path: Sequence[int]) -> set[Symbol]:
    """The letters of the Σ and ∏ on the way to a place."""
    letters = set()
    for step in path:
        if isinstance(node, Sum | Chain):
            letters.add(node.args[1])
        node = node.args[step]
    return letters


def sayable(equation: Loose) -> bool:
    """Whether a reader can know what the text means: how far each ⋯ goes, and not diag of a row, which some write."""
    for side in equation.sides:
        for node in walk(side):
            if isinstance(node, Diag) and node.args[0].shape[0] == 1 != node.args[0].shape[-1]:
                return False
            if isinstance(node, Chain) and not is_scalar(node.args[0].shape):
                body, letter, lower, upper, _ = node.args
                if letter not in free_letters(body) and not (upper - lower).is_Integer:
                    return False
    return True


def printed(equation: Loose, formula: Formula, source: random.Random) -> tuple[str, bool]:
    """LaTeX of a claim, and whether the ranges of its letters stand beside it."""
    text = f"{PRINTER.doprint(equation.left)} = {PRINTER.doprint(equation.right)}"
    letters = {free.index for free in formula.ranges}
    bound_together = any(free.upper.free_symbols & letters for free in formula.ranges)
    ranged = bound_together or (bool(formula.ranges) and source.random() < RANGED)
    return text + "".join(rf", \quad {range_latex(free)}" for free in formula.ranges if ranged), ranged


def mutants(count: int, seed: int = 0, names: Sequence[str] = (), tally: Counter[str] | None = None) -> Iterator[Asked]:
    """At least `count` mutants, as many from each form, each text once; those of unclear truth are left out.

    `tally` counts what was left out.
    """
    left_out: Counter[str] = Counter() if tally is None else tally
    forms = list(everything(names))
    each = -(-count // len(forms))
    for derived in forms:
        source = random.Random(f"{seed} {derived.title}")
        seen: dict[str, str] = {}
        for _ in range(each * TRIES):
            if len(seen) >= each:
                break
            formula = _chosen(derived, source)
            made = mutant(derived, formula, source)
            if made is None:
                continue
            equation, why = made
            text, ranged = printed(equation, formula, source)
            if text in seen:
                continue
            found = truth(equation, formula.ranges if ranged else (), derived.meanings, tried(derived.model))
            if found == UNCLEAR:
                left_out[why] += 1
                continue
            seen[text] = found
            yield Asked(text, found, f"{derived.cell} {derived.form.kind}", derived.preamble, derived.cell, why)


def _chosen(derived: Derived, source: random.Random) -> Formula:
    """The gradient itself and the formulas beside it equally often; seldom what is said of the steps beyond T."""
    if derived.gradient is not None and source.random() < 0.5:
        return derived.gradient
    return source.choice(derived.beyond if derived.beyond and source.random() < 0.05 else derived.claims)


def in_text(claim: Asked) -> Asked:
    """The same claim in a text that gives the equations of the network itself."""
    model = load(str(claim.model)).model
    return replace(claim, model=None, preamble=(*network_latex(model), *claim.preamble))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Judge mutants of every formula that the program derives.")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cells", nargs="*", default=[], choices=cells())
    parser.add_argument("--together", type=int, default=60, help="claims in one text")
    parser.add_argument("--in-text", action="store_true", help="the text gives the network, and not its name")
    parser.add_argument("--dry", action="store_true", help="only make them, and say what they are")
    parser.add_argument("--show", type=int, default=50, help="how many wrong verdicts are shown in full")
    parser.add_argument("--unread", type=int, default=0, help="how many true claims that are not understood")
    arguments = parser.parse_args(argv)
    left_out: Counter[str] = Counter()
    asked = list(mutants(arguments.count, arguments.seed, arguments.cells, left_out))
    counted = Counter(claim.truth for claim in asked)
    print(f"{len(asked)} mutants:", ", ".join(f"{counted[kind]} {kind}" for kind in (TRUE, FALSE, SHAPELESS, NOWHERE)))
    print(f"{left_out.total()} left out, of which nothing can be said")
    if arguments.dry:
        return 0
    if arguments.in_text:
        asked = [in_text(claim) for claim in asked]
    tally = judged(asked, together=arguments.together)
    print(tally.table())
    wrong = tally.wrong()
    unread = [answer for answer in tally.not_understood() if answer.asked.truth == TRUE]
    for answer in (*wrong[: arguments.show], *unread[: arguments.unread]):
        print(described(answer))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
