"""Names that a derivation introduces, δ_t := ∂L/∂a_t: what they stand for, under each reading."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from sympy import Symbol

from derive.algebra.expressions import Expression
from derive.algebra.names import Name
from derive.algebra.shapes import ONE, Shape
from derive.errors import DeriveError, ShapeError
from derive.models.model import variables
from derive.reader.resolve import resolve
from derive.verify.choices import ways
from derive.verify.context import TextContext
from derive.verify.kinds import Equation
from derive.verify.network import Network, Rule
from derive.verify.readings import Reading
from derive.verify.rules import marks, rule_of
from derive.verify.surfaces import head
from derive.verify.survey import Formula
from derive.verify.understand import Understanding


def with_introduced(found: Understanding, reading: Reading) -> tuple[TextContext, dict[int, DeriveError]]:
    """The context in which the names that the text introduces are known, and what is wrong with those that are not."""
    context = replace(found.context, reading=reading)
    errors: dict[int, DeriveError] = {}
    for position, formula in found.introduced.items():
        try:
            context = _with(formula, context, found)
        except DeriveError as error:
            errors[position] = error
    return context, errors


def _with(formula: Formula, context: TextContext, found: Understanding) -> TextContext:
    """The context with one name more. Error: DeriveError where what it stands for is not understood."""
    reading = formula.name
    assert reading is not None
    name = reading.name
    letters = frozenset(str(s) for index in reading.indices for s in index.free_symbols)
    wanted: Shape | None = None
    inside = replace(context, source=formula.source, letters=context.letters | letters, held=context.network.before)
    if _is_own(formula):
        wanted = _guessed(formula, found, letters)
        inside = replace(inside, shapes={**inside.shapes, name: wanted}, wanted=marks(formula.link.right, wanted))
    right: Expression | None = None
    first: DeriveError | None = None
    for way in ways(lambda script: resolve(formula.link.right, replace(inside, script=script), wanted)):
        if isinstance(way, DeriveError):
            first = first or way
        else:
            right = way[0]
            break
    if right is None:
        raise first or DeriveError("this definition is not understood")
    equation = Equation(reading, formula.link.right, formula.source, letters)
    rule = rule_of(equation, right, {name: right.shape}, context.sizes)
    own = any(v.name == name for v in variables(rule.right))
    later = own and any(
        (v.indices[0] - rule.left.indices[0]).is_positive for v in variables(rule.right) if v.name == name and v.indices
    )
    if later:
        rule = replace(rule, last=context.network.horizon)
    return _extended(context, name, rule)


def _extended(context: TextContext, name: Name, rule: Rule) -> TextContext:
    network = context.network
    rules = {**network.rules, name: (*network.rules.get(name, ()), rule)}
    ordered = tuple(sorted(rules[name], key=lambda r: any(isinstance(i, Symbol) for i in r.left.indices)))
    shapes = {**network.shapes, name: rule.right.shape}
    wider = Network(
        {**rules, name: ordered}, shapes, network.time, network.horizon, network.sums_to_one, network.classes,
        network.stacks, network.steps,
    )  # fmt: skip
    return replace(context, shapes=shapes, network=wider)


def _is_own(formula: Formula) -> bool:
    """Whether a definition needs itself."""
    assert formula.name is not None
    base = head(formula.link.left)
    return any(head(node) == base for node in formula.link.right.walk())


def _guessed(formula: Formula, found: Understanding, letters: frozenset[str]) -> Shape:
    """The shape of a name that is defined by recursion alone."""
    assert formula.name is not None
    shapes = found.shapes
    equation = Equation(formula.name, formula.link.right, formula.source, letters)
    shapes.defined.setdefault(formula.name.name, formula.link.right)
    with suppress(ShapeError):
        shapes.unify(equation)
    shape = shapes.dims.shape(shapes.of(formula.name.name))
    return shape if shape else (ONE, ONE)
