"""What one can differentiate a network by, role by role."""

from __future__ import annotations

from derive.algebra.expressions import Variable
from derive.models.model import Model

ROLES = ("parameter", "start", "quantity", "pre-activation", "input")


def asked_by(model: Model, role: str) -> tuple[Variable, ...]:
    """What there is of one role, at the generic step where it has one."""
    introduced = {equation.left for equation in model.introduced}
    steps = [equation.left for equation in model.steps if equation.left != model.summand]
    found = {
        "parameter": model.parameters,
        "start": tuple(start.variable for start in model.starts),
        "quantity": tuple(v for v in steps if v not in introduced),
        "pre-activation": tuple(v for v in steps if v in introduced),
        "input": model.inputs,
    }
    assert found.keys() == set(ROLES)
    return found[role]


def everything(model: Model) -> tuple[Variable, ...]:
    """All that there is."""
    return tuple(by for role in ROLES for by in asked_by(model, role))


def some(model: Model, number: int, turn: int = 0) -> tuple[Variable, ...]:
    """At most `number` of each role; another `turn` begins with others."""
    found = []
    for role in ROLES:
        there = asked_by(model, role)
        found += [there[(turn + i) % len(there)] for i in range(min(number, len(there)))]
    return tuple(found)
