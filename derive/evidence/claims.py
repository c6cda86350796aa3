"""What is to be tested: formulas gathered into cases, the T of their tests, and the values of their free indices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Symbol

from derive.algebra.equation import Equation
from derive.algebra.names import Name
from derive.evaluate.evaluator import whole
from derive.gradients.form import Form, Formula, Range
from derive.models.model import Model, variables

LONGEST = 6
"""Where T is a symbol, or larger, every T from 1 to this."""


@dataclass(frozen=True)
class Case:
    """Formulas that are judged together, at the same points: of one network, one loss and one T (None: the symbol)."""

    model: Model
    steps: int | None
    formulas: tuple[Formula, ...]
    meanings: Mapping[Name, Equation]


def cases(forms: Sequence[Form]) -> Iterator[Case]:
    """The forms' formulas by network, loss and T, each formula once."""
    groups: dict[Any, list[Form]] = {}
    for form in forms:
        groups.setdefault((form.question.model, form.question.of, form.question.steps), []).append(form)
    for (model, _, steps), members in groups.items():
        formulas = tuple(dict.fromkeys(formula for form in members for formula in form.claims))
        meanings = {name: meaning for form in members for name, meaning in form.meanings.items()}
        yield Case(model, steps, formulas, meanings)


def tested_steps(case: Case) -> tuple[int, ...]:
    """The T at which formulas are tested: their own; for the symbol T every one from 1 to LONGEST, or where they speak
    of a step by its number, from that to two more at least."""
    if case.steps is not None:
        return (case.steps,)
    spoken = [
        int(index)
        for formula in case.formulas
        for variable in variables(formula.equation.left)
        for index in variable.indices
        if index.is_Integer
    ]
    first = max([1, *spoken])
    return tuple(range(first, max(LONGEST, first + 2 if spoken else 0) + 1))


def instances(
    formula: Formula, model: Model, steps: int, sizes: Mapping[Symbol, int] | None = None
) -> Iterator[dict[Symbol, int]]:
    """All values of the free indices of a formula at T = `steps`, with `sizes` as bounds of those of entries."""

    def fill(ranges: Sequence[Range], indices: dict[Symbol, int]) -> Iterator[dict[Symbol, int]]:
        if not ranges:
            yield indices
            return
        first, *rest = ranges
        for value in range(whole(first.lower, indices), whole(first.upper, indices) + 1):
            yield from fill(rest, {**indices, first.index: value})

    return fill(formula.ranges, {**(sizes or {}), model.horizon: steps})


def speaks_of_end(formula: Formula, case: Case) -> bool:
    """Whether a formula depends on T other than by the range of its indices: such a one is tested at every T anew."""
    model = case.model
    for side in (formula.equation.left, formula.equation.right):
        if model.horizon in side.free_symbols:
            return True
        for variable in variables(side):
            if variable == model.loss.left or variable.name in case.meanings:
                return True
    return False


def claims(
    case: Case, steps: Sequence[int], sizes: Mapping[Symbol, int]
) -> Iterator[tuple[int, int, Formula, dict[Symbol, int]]]:
    """Everything to be tested: the formula's number, T, the formula, and values of its free indices."""
    for number, formula in enumerate(case.formulas):
        for T in steps if speaks_of_end(formula, case) else steps[-1:]:
            for indices in instances(formula, case.model, T, sizes):
                yield number, T, formula, indices
