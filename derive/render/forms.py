"""A formula, a form and a network as a careful author sets them: one term a row, ranges and conditions beside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from sympy import Integer

from derive.algebra.build import substitute
from derive.algebra.equation import Equation
from derive.algebra.expressions import Add, Expression, Sum
from derive.calculus.rewrite import is_negative, without_sign
from derive.gradients.form import Form, Formula, Range
from derive.models.model import Model, variables
from derive.render.printer import LATEX, UNICODE, FormulaPrinter, latex

ALIGNED = re.compile("&(:?=)")
"""Where a row is aligned; any other & stands within a matrix."""
LONG = 150
"""A sum whose LaTeX is longer than this is set one term a row."""
WIDE = 40
"""A left side that is longer than this may stand on a line of its own."""
FEW = 3
"""So many values of an index are listed; more are shown by the first and the last."""
DOTTED = 6
"""A Σ over more steps than this, with numbers as bounds, is followed by its first terms, ⋯ and its last."""


def form_latex(form: Form) -> str:
    """All formulas of a form in one `aligned` environment, the gradient first, definitions last."""
    rows = [row for formula in form.formulas for row in formula_rows(formula)]
    rows += [rf"{latex(m.left)} &:= {latex(m.right)}" for m in form.said]
    rows += [equation_latex(c, "&=") for c in conditions(form.formulas)]
    return aligned(rows)


def aligned(rows: Sequence[str]) -> str:
    """Rows aligned at `&`; a single one by itself."""
    if len(rows) == 1:
        return ALIGNED.sub(r"\1", rows[0], count=1)
    between = " \\\\[4pt]\n" if any("\\frac" in row or "\\sum" in row for row in rows) else " \\\\\n"
    return "\\begin{aligned}\n" + between.join(rows) + "\n\\end{aligned}"


def formula_latex(formula: Formula) -> str:
    """One formula by itself."""
    return aligned(list(formula_rows(formula)))


def formula_rows(formula: Formula) -> Iterator[str]:
    """The rows of a formula, aligned at its relation; what its indices run over stands at the end."""
    rows = list(sides(formula.equation))
    rows[-1] += "".join(f", \\quad {text}" for text in _beside(formula, LATEX))
    yield from rows


def equation_latex(equation: Equation, relation: str = "=") -> str:
    return f"{latex(equation.left)} {relation} {latex(equation.right)}"


def sides(equation: Equation) -> Iterator[str]:
    """Left side, relation and right side, the terms of a long sum each on a row of its own."""
    left, right = latex(equation.left), equation.right
    whole = latex(right)
    if isinstance(right, Add) and (len(right.args) > 2 or len(whole) > LONG) and len(whole) > LONG / 2:
        first, *rest = right.args
        yield f"{left} &= {_signed(first, leading=True)}"
        for term in rest:
            yield rf"&\quad {_signed(term)}"
        return
    if len(left) > LONG / 2 and len(left) + len(whole) > 2 * LONG:
        yield f"& {left}"
        left = ""
    yield f"{left} &= {whole}".lstrip()
    if _is_dotted(right):
        body, index, lower, upper = right.args
        ends = [substitute(body, {index: Integer(i)}) for i in (int(lower), int(lower) + 1, int(upper))]
        first, second, last = (LATEX.term(end) for end in ends)
        yield rf"&= {first} + {second} + \cdots + {last}"


def _is_dotted(right: Expression) -> bool:
    if not isinstance(right, Sum) or isinstance(right.args[0], Sum | Add):
        return False
    _, _, lower, upper = right.args
    return bool(lower.is_Integer and upper.is_Integer and upper - lower >= DOTTED)


def _signed(term: Expression, *, leading: bool = False) -> str:
    if is_negative(term):
        return f"- {LATEX.term(without_sign(term))}"
    return LATEX.term(term) if leading else f"+ {LATEX.term(term)}"


def _beside(formula: Formula, printer: FormulaPrinter) -> Iterator[str]:
    """`t = T, …, 1` for a recursion, `t = 1, …, T` else, and what holds beyond."""
    for free in formula.ranges:
        yield _range(free, printer, falling=_looks_ahead(formula, free))
    for beyond in formula.boundary:
        yield f"{printer.doprint(beyond.left)} = {printer.doprint(beyond.right)}"


def _looks_ahead(formula: Formula, free: Range) -> bool:
    """Whether a step needs a later one, or an earlier one needs it: then one computes from the last to the first."""
    if not any(v.time is not None and free.index in v.time.free_symbols for v in variables(formula.equation.left)):
        return False  # an index of entries
    times = (v.time for v in variables(formula.equation.right) if v.time is not None)
    ahead = any((time - free.index).is_positive for time in times)
    return formula.kind == "adjoint" and (ahead or bool(formula.boundary))


def range_latex(free: Range) -> str:
    """What an index runs over."""
    return _range(free, LATEX, falling=False)


def _range(free: Range, printer: FormulaPrinter, *, falling: bool) -> str:
    first, last = (free.upper, free.lower) if falling else (free.lower, free.upper)
    if first.is_Integer and last.is_Integer and abs(last - first) < FEW:
        values = range(int(first), int(last) + (1 if last >= first else -1), 1 if last >= first else -1)
        return f"{printer.index(free.index)} = {', '.join(map(str, values))}"
    return f"{printer.index(free.index)} = {printer.index(first)}{printer.signs['range']}{printer.index(last)}"


def conditions(formulas: Iterable[Formula]) -> tuple[Equation, ...]:
    """The conditions of all formulas, each once."""
    return tuple(dict.fromkeys(condition for formula in formulas for condition in formula.conditions))


def form_unicode(form: Form) -> str:
    """A form for a terminal: the formulas, then the names in them, then what they hold under and how ∂⁺ is meant."""
    shown = [line for f in form.formulas if f.kind != "definition" for line in formula_unicode(f)]
    named = [line for f in form.formulas if f.kind == "definition" for line in formula_unicode(f)]
    named += [f"{_plain(m.left)} := {_plain(m.right)}" for m in form.said]
    held = [f"{_plain(c.left)} = {_plain(c.right)}" for c in conditions(form.formulas)]
    notes = [note for sign, note in NOTES if any(sign in line for line in shown)]
    return "\n".join([*shown, *_beginning("with", named), *_beginning("where", held), *notes])


NOTES = (
    ("∂⁺", "∂⁺ holds the state of the step before fixed, but for what one differentiates by"),
    ("⋯", "a product with ⋯ that has no factor is the identity"),
)


def _beginning(word: str, lines: Sequence[str]) -> list[str]:
    """Lines that belong together, the first after a word, the others below it."""
    return [f"{word if i == 0 else '':5} {line}" for i, line in enumerate(lines)]


def formula_unicode(formula: Formula) -> Sequence[str]:
    left, right = formula.equation.left, formula.equation.right
    beside = "".join(f",   {text}" for text in _beside(formula, UNICODE))
    head = f"{_plain(left)} = "
    whole = _plain(right)
    if isinstance(right, Add) and len(head + whole) > 100:
        indent = " " * (len(head) - 2)
        terms = [UNICODE.term(without_sign(t) if is_negative(t) else t) for t in right.args]
        signs = ["-" if is_negative(t) else "+" for t in right.args]
        rows = [
            ("-" if signs[0] == "-" else "") + terms[0],
            *(f"{s} {t}" for s, t in zip(signs[1:], terms[1:], strict=True)),
        ]
        return [head + rows[0], *(indent + row for row in rows[1:-1]), indent + rows[-1] + beside]
    if len(_plain(left)) > WIDE and len(head + whole) > 100:
        return [_plain(left), f"  = {whole}{beside}"]
    return [head + whole + beside]


def _plain(expression: Expression) -> str:
    return str(UNICODE.doprint(expression))


def model_latex(model: Model) -> str:
    """The equations of a network as the author has them, the loss last."""
    rows = [equation_latex(equation, "&=") for equation in (*model.equations, model.loss)]
    rows += [equation_latex(assumption, "&=") for assumption in model.assumptions]
    return aligned(rows)


def space_latex(expression: Expression) -> str:
    r"""The space of a quantity: `\mathbb{R}`, `\mathbb{R}^{n}`, `\mathbb{R}^{n \times d}`."""
    sizes = [LATEX.index(size) for size in expression.shape]
    if sizes == ["1", "1"]:
        return r"\mathbb{R}"
    return rf"\mathbb{{R}}^{{{sizes[0] if sizes[1] == '1' else sizes[0] + ' ' + chr(92) + 'times ' + sizes[1]}}}"
