"""Who depends on whom: through the equations of one step, and past the state into earlier ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.algebra.equation import Equation
from derive.algebra.expressions import Variable
from derive.algebra.names import Name
from derive.models.model import Model, variables


def used_within_step(equation: Equation, model: Model) -> Iterator[Variable]:
    """The distinct parameters, and quantities of the same step, in an equation."""
    return (v for v in dict.fromkeys(variables(equation.right)) if v.time is None or v.time == model.time)


def reaches(model: Model, top: Name, bottom: Name, stops: Sequence[Name] = ()) -> bool:
    """Whether `top` depends on `bottom` within a step without passing through a name in `stops`."""
    return next(paths(model, top, bottom, stops), None) is not None


def paths(model: Model, top: Name, bottom: Name, stops: Sequence[Name] = ()) -> Iterator[tuple[Name, ...]]:
    """The paths from `top` down to `bottom` through the equations of one step, both ends included.

    The author's equations, unless `bottom` is a name that was introduced: only the refined ones speak of it.
    """
    if top == bottom:
        yield (top,)
        return
    equations = model.authored if bottom not in model.definitions or bottom in model.authored else model.definitions
    if top in stops or top not in equations:
        return
    for used in used_within_step(equations[top], model):
        for path in paths(model, used.name, bottom, stops):
            yield (top, *path)


def only_path(model: Model, top: Name, bottom: Name, stops: Sequence[Name] = ()) -> tuple[Name, ...] | None:
    """The path from `top` to `bottom` if there is exactly one."""
    found = paths(model, top, bottom, stops)
    first = next(found, None)
    return first if first is not None and next(found, None) is None else None
