r"""Derived formulas said otherwise: is what is true ever said to fail, and how often is it not understood?

    python -m tests.verify.rewritings --count 5000

Each claim is a derived formula whose tree was rewritten (`rewrites`; that it is still true is settled by
`independent`), in a notation of its own, in LaTeX that is spelled otherwise (`spelling`). Either `--model` names the
network, or the text gives its equations.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from derive.algebra import symbols
from derive.algebra.equation import Equation
from derive.algebra.expressions import Chain, Expression, Variable
from derive.algebra.names import Name
from derive.algebra.shapes import is_scalar
from derive.api import cells
from derive.errors import DeriveError
from derive.gradients.form import Formula, Question
from derive.gradients.form import names as taken_names
from derive.gradients.makers import MAKERS
from derive.gradients.manner import Manner
from derive.models.model import Model
from derive.render.forms import equation_latex, range_latex
from derive.render.printer import FormulaPrinter
from derive.render.styles import Latex
from tests.verify.derived import Derived, everything, network_latex, tried
from tests.verify.independent import TRUE, truth
from tests.verify.judging import Asked, Tally, described, judged
from tests.verify.rewrites import REWRITES, WHOLE, Known, anywhere
from tests.verify.spelling import AROUND, MACROS, SPELLINGS, by_macros

MANNERS = (Manner(), Manner("prime"), Manner("value", "hadamard"), Manner("value", "diag"))


class Written(FormulaPrinter):
    """The printer with another sign between factors, and more than one factor before ⋯."""

    def __init__(self, sign: str, factors: int) -> None:
        super().__init__(Latex())
        self.sign, self.factors = sign, factors

    def juxtaposed(self, factors: Sequence[Expression]) -> str:
        text = super().juxtaposed(factors)
        plain = all(isinstance(factor, Variable) for factor in factors)
        return self.sign.join(self._print(factor) for factor in factors) if plain and len(factors) < 3 else text

    def _print_Chain(self, node: Chain) -> str:
        body, letter, lower, upper, descending = node.args
        numbers = upper.is_Integer or lower.is_Integer or (upper - lower).is_Integer
        if self.factors == 1 or is_scalar(body.shape) or numbers:
            return super()._print_Chain(node)
        steps = [upper - i if descending else lower + i for i in range(self.factors)]
        first = [self._factor(body.xreplace({letter: step})) for step in steps]
        last = self._factor(body.xreplace({letter: lower if descending else upper}))
        return " ".join(first) + self.signs["dots"] + last


@dataclass(frozen=True)
class Notation:
    """How a text writes a network: under other names, its equations in the text or not, its macros."""

    title: str
    names: Callable[[Name], Name] = lambda name: name
    in_text: bool = False
    macros: bool = False
    suits: Sequence[str] = field(default_factory=cells)

    def said(self, expression: Expression, model: Model) -> Expression:
        """An expression under the names of this notation."""
        return expression.xreplace(
            {name: self.names(name) for name in expression.atoms(Name) if name != model.loss.left.name}
        )

    def equation(self, equation: Equation, model: Model) -> Equation:
        return Equation(self.said(equation.left, model), self.said(equation.right, model))


def _bold(accent: str) -> Callable[[Name], Name]:
    def bold(name: Name) -> Name:
        if name.base == "L":
            return name
        return Name(name.base, (accent, *name.accents), name.label, name.arity, raised=name.raised)

    return bold


def _above(name: Name) -> Name:
    return name if name.raised else Name(name.base, name.accents, name.label, name.arity, time_above=name.arity == 1)


def _letters(letters: Mapping[tuple[str, str], tuple[str, str]]) -> Callable[[Name], Name]:
    """Other letters; those with an accent keep it."""

    def renamed(name: Name) -> Name:
        base, label = letters.get((name.base, name.label), (name.base, name.label))
        return Name(base, name.accents, label, name.arity, raised=name.raised)

    return renamed


ELMAN = {
    ("s", ""): ("h", ""),
    ("o", ""): ("y", ""),
    ("U", ""): ("W", "xh"),
    ("W", ""): ("W", "hh"),
    ("V", ""): ("W", "hy"),
}
GREEK = {
    ("s", ""): ("\\phi", ""),
    ("U", ""): ("A", ""),
    ("W", ""): ("B", ""),
    ("V", ""): ("C", ""),
    ("o", ""): ("p", ""),
}
SCALAR = {("w", "i"): ("u", ""), ("w", "h"): ("w", ""), ("w", "o"): ("v", "")}
LSTM = {(w, g): ("W", f"{x}{g}") for w, x in (("W", "x"), ("U", "h")) for g in "fioc"}
NOTATIONS = (
    Notation("the cell by its name"),
    Notation("the cell by its name, macros", macros=True),
    Notation("equations in the text", in_text=True),
    Notation("bold", _bold("mathbf"), in_text=True, suits=("elman", "lstm")),
    Notation("boldsymbol, macros", _bold("boldsymbol"), in_text=True, macros=True, suits=("elman", "lstm")),
    Notation("time above", _above, in_text=True, suits=("elman",)),
    Notation("h and W_{hh}", _letters(ELMAN), in_text=True, suits=("elman",)),
    Notation("Greek", _letters(GREEK), in_text=True, suits=("elman",)),
    Notation("u, w, v", _letters(SCALAR), in_text=True, suits=("scalar",)),
    Notation("W_{xf}", _letters(LSTM), in_text=True, suits=("lstm",)),
)


def rewritten(derived: Derived, formula: Formula, source: random.Random) -> tuple[Equation, list[str]]:
    """The formula with up to three rewritings, and their names."""
    equation, done = formula.equation, []
    model = derived.model
    known = {e.left.name: e for e in (*model.introduced, *model.equations) if e.left.name != model.summand.name}
    wanted = source.choice((0, 1, 1, 1, 2, 2, 3))
    own = {symbols.index(letter) for letter in taken_names(model)}
    for rewrite in source.sample(REWRITES, len(REWRITES)):
        if len(done) == wanted:
            break
        taken = own.union(equation.left.free_symbols, equation.right.free_symbols, (r.index for r in formula.ranges))
        new = anywhere(equation.right, Known(known, frozenset(taken), source), rewrite)
        if new is not None:
            equation = Equation(equation.left, new)
            done.append(rewrite.__name__)
    if source.random() < 0.25:
        whole = source.choice(WHOLE)
        try:
            other = whole(equation, Known(known, frozenset(), source))
        except DeriveError:  # a derivative by a matrix has no transpose
            other = None
        if other is not None:
            return other, [*done, whole.__name__]
    return equation, done


def spelled(text: str, derived: Derived, notation: Notation, source: random.Random) -> tuple[str, list[str]]:
    """The LaTeX of a claim spelled otherwise in a few ways, and their names."""
    ways = source.sample(list(SPELLINGS), source.choice((0, 1, 2, 2, 3)))
    if derived.cell == "scalar":  # a number to the power of T is a power
        ways = [way for way in ways if way != "top"]
    ways = (["macros"] if notation.macros else []) + ways
    if source.random() < 0.2:
        ways.append(source.choice(list(AROUND)))
    done = []
    for way in ways:
        new = {**SPELLINGS, **AROUND, "macros": by_macros}[way](text, source)
        if new != text:
            done.append(way)
        text = new
    return text, done


def preamble(derived: Derived, notation: Notation) -> tuple[str, ...]:
    """What stands before the claims of a form: macros, the network if the text gives it, the form's definitions."""
    model = derived.model
    lines = list(MACROS) if notation.macros else []
    if notation.in_text:
        lines += network_latex(model, lambda expression: notation.said(expression, model))
    for formula in derived.definitions:
        lines.append(equation_latex(notation.equation(formula.equation, model)) + beside(formula))
    lines += [equation_latex(notation.equation(meaning, model), ":=") for meaning in derived.form.said]
    return tuple(lines)


def beside(formula: Formula) -> str:
    """What the letters of a formula run over."""
    return "".join(rf", \quad {range_latex(free)}" for free in formula.ranges)


def in_other_manner(derived: Derived, manner: Manner) -> Derived:
    """The same form written in another manner: slopes with a prime, ⊙ or diag."""
    question = derived.form.question
    if derived.form.kind not in MAKERS:
        return derived
    asked: Question = replace(question, manner=manner)
    return Derived(derived.cell, MAKERS[derived.form.kind](asked, expanded=asked.written_out))


def rewritings(
    count: int, seed: int = 0, names: Sequence[str] = (), lost: Counter[str] | None = None
) -> Iterator[Asked]:
    """About `count` rewritings, as many from each form; `lost` counts those that are not plainly true any more."""
    left_out: Counter[str] = Counter() if lost is None else lost
    forms = list(everything(names))
    forms = forms[:: -(-2 * len(forms) // count)]  # two of each form at least, of fewer forms if there are to be few
    each = -(-count // len(forms))
    for number, plain in enumerate(forms):
        source = random.Random(f"{seed} {plain.title}")
        suited = [notation for notation in NOTATIONS if plain.cell in notation.suits]
        for turn in range(2):
            derived = in_other_manner(plain, MANNERS[(number + turn) % len(MANNERS)])
            notation = source.choice(suited)
            said = preamble(derived, notation)
            for _ in range(-(-each // 2)):
                formula = source.choice([derived.gradient or derived.claims[0], *derived.claims])
                equation, done = rewritten(derived, formula, source)
                if truth(equation, formula.ranges, derived.meanings, tried(derived.model)) != TRUE:
                    left_out[" ".join(done)] += 1
                    continue
                printer = Written(source.choice((" ", r" \cdot ", r" \, ")), source.choice((1, 1, 2)))
                left, right = notation.equation(equation, derived.model).sides
                text = f"{printer.doprint(left)} = {printer.doprint(right)}"
                text, ways = spelled(text + beside(formula), derived, notation, source)
                model = None if notation.in_text else derived.cell
                yield Asked(text, TRUE, f"{derived.cell}: {notation.title}", said, model, " ".join([*done, *ways]))


def by_way(tally: Tally) -> str:
    """How often what was done to a claim left it not understood."""
    done: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for answer in tally.answers:
        done.update(answer.asked.why.split() or ["nothing"])
    for answer in tally.not_understood():
        lost.update(answer.asked.why.split() or ["nothing"])
    return "\n".join(
        f"{way:28}{lost[way]:6} of {done[way]:6} not understood" for way in sorted(done, key=lambda w: -lost[w])
    )


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Judge rewritings of every formula that the program derives.")
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cells", nargs="*", default=[], choices=cells())
    parser.add_argument("--dry", action="store_true", help="only make them, and say what they are")
    parser.add_argument("--show", type=int, default=50, help="how many wrong and unread claims are shown in full")
    arguments = parser.parse_args(argv)
    lost: Counter[str] = Counter()
    asked = list(rewritings(arguments.count, arguments.seed, arguments.cells, lost))
    print(f"{len(asked)} rewritings; {lost.total()} left out, not plainly true any more: {dict(lost.most_common(5))}")
    if arguments.dry:
        return 0
    tally = judged(asked)
    print(tally.table(), by_way(tally), sep="\n\n")
    for answer in [*tally.wrong(), *tally.not_understood()][: arguments.show]:
        print(described(answer))
    share = len(tally.not_understood()) / max(1, len(tally.answers))
    return 1 if tally.wrong() or share > 0.02 else 0


if __name__ == "__main__":
    sys.exit(main())
