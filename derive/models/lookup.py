"""A quantity by what a person types for it: `W`, `W_f`, `s_t`, `s_0`, `\\tilde{c}_t`, `c_tilde_2`."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Integer

from derive.algebra import symbols
from derive.algebra.expressions import Variable
from derive.errors import DeriveError, Source, shortened
from derive.models.model import Model
from derive.reader.naming import read_name
from derive.reader.parse import parse


def find(model: Model, typed: str) -> Variable:
    """The parameter, start, input or quantity of that name. Error: DeriveError naming those that there are."""
    plain = {str(variable): variable for variable in known(model)}
    if typed in plain:
        return plain[typed]
    stem, _, step = typed.rpartition("_")
    if step.lstrip("-").isdigit() and f"{stem}_{model.time}" in plain:
        return _at(model, plain[f"{stem}_{model.time}"], int(step), typed)
    found = _by_latex(model, typed)
    if found is None:
        raise DeriveError(f"{shortened(typed)} is no quantity of this network", expected=", ".join(plain))
    return found


def known(model: Model) -> Iterator[Variable]:
    """Everything that one can differentiate by or ask for, parameters first."""
    yield from model.parameters
    yield from (start.variable for start in model.starts)
    yield from (step.left for step in model.steps)
    yield from model.inputs
    yield model.loss.left


def _by_latex(model: Model, typed: str) -> Variable | None:
    letters = frozenset({str(model.time), str(model.horizon)})
    source = Source("the name", typed)
    try:
        reading = read_name(parse(source), letters, source)
    except DeriveError:
        return None
    if reading is None or reading.above:
        return None
    for variable in known(model):
        if variable.name == reading.name:
            if not reading.indices or reading.indices == tuple(variable.indices):
                return variable
            if reading.indices[0].is_Integer and variable.time == symbols.index(str(model.time)):
                return _at(model, variable, int(reading.indices[0]), typed)
    return None


MOST_STEP = 24
"""The largest step that is asked for by its number: formulas that speak of it are tested at T from there on."""


def _at(model: Model, variable: Variable, step: int, typed: str) -> Variable:
    if step > MOST_STEP:
        raise DeriveError(f"a step by its number is at most {MOST_STEP}", hint=f"a letter: {variable}")
    start = next((s.variable for s in model.starts if s.variable == variable.at(Integer(step))), None)
    if start is None and step < 1:
        raise DeriveError(f"{typed} stands before the first step and is no start of this network")
    return start or variable.at(Integer(step))
