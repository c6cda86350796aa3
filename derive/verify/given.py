"""A network that comes from elsewhere: a cell of the program or of the user, with the names that a text introduces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from derive.algebra.expressions import State
from derive.algebra.names import Name
from derive.models.model import Model
from derive.verify.context import TextContext
from derive.verify.infer import Shapes
from derive.verify.network import of_model
from derive.verify.survey import CLAIM, DEFINITION, Formula, Survey, is_entry
from derive.verify.understand import Understanding


def understanding(model: Model, survey: Survey) -> tuple[Understanding, tuple[Formula, ...]]:
    """The network of a model, and the text's formulas: what it says of names that the model has is a claim."""
    network = of_model(model)
    letters = survey.habits.letters | {str(model.time), str(model.horizon)}
    context = TextContext(
        source=survey.source,
        shapes=dict(network.shapes),
        letters=letters,
        functions=frozenset(model.functions) | survey.habits.functions,
        outer="otimes",
        clock=survey.clock,
        network=network,
        stacks={model.state_name: model.state} if isinstance(model.state(model.time), State) else {},
    )
    shapes = Shapes(survey.habits, network.shapes)
    shapes.defined = {}
    shapes.dims.fix(network.shapes.values())
    shapes.found = dict(network.shapes)
    formulas = tuple(_judged(formula, network.shapes, context) for formula in survey.formulas)
    introduced = {i: f for i, f in enumerate(formulas) if f.kind == DEFINITION and f.name is not None}
    found = Understanding(network, context, shapes, introduced=introduced)
    found.origin = f"given: {model.name}"
    return found, formulas


def _judged(formula: Formula, known: Mapping[Name, object], context: TextContext) -> Formula:
    if formula.kind != DEFINITION or formula.name is None:
        return formula
    name = formula.name.name
    told = name in known or name in context.stacks or is_entry(formula.name, known)
    return replace(formula, kind=CLAIM) if told else formula
