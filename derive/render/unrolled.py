"""A network over a few steps as a figure: its quantities as the author names them, and who uses whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sympy import Integer

from derive.algebra.expressions import Expression, Variable
from derive.algebra.names import Name
from derive.errors import DeriveError
from derive.models.graph import check_steps
from derive.models.model import Model, variables
from derive.render.figure_parts import Figure, FigureEdge, FigureNode, Kind, Style
from derive.render.printer import latex, unicode
from derive.render.styles import ALPHABETS, Unicode

MOST_DRAWN = 50
"""The largest number of steps that is drawn."""
BOLD = frozenset(accent for accent, kind in ALPHABETS.items() if kind == "BOLD")


def unrolled(model: Model, steps: int, command: str = "") -> Figure:
    """The figure of a network over `steps` steps; parameters are not drawn, they are the same at every step.

    `command` is how a user made it. Error: DeriveError for a number of steps that cannot be drawn.
    """
    check_steps(steps)
    if steps > MOST_DRAWN:
        raise DeriveError(f"{steps} steps are more than the {MOST_DRAWN} that are drawn", hint="--steps 4")
    keys = _keys(model)
    drawn = _drawn(model, steps)
    nodes: dict[Variable, FigureNode] = {}
    edges: dict[tuple[str, str], FigureEdge] = {}
    for t in range(1, steps + 1):
        for equation in model.equations:
            target = equation.left.at(Integer(t))
            if target not in drawn:
                continue
            nodes[target] = _node(model, target, keys)
            for source in _sources(model, equation.right, t):
                nodes.setdefault(source, _node(model, source, keys))
                ends = (nodes[source].id, nodes[target].id)
                edges[ends] = FigureEdge(*ends, f"{unicode(target)} uses {unicode(source)}")
    return Figure(
        id="".join(c if c.isalnum() else "-" for c in f"{model.name}-{steps}"),
        nodes=tuple(nodes.values()),
        edges=tuple(edges.values()),
        title=f"{model.title}, unrolled over {steps} {'step' if steps == 1 else 'steps'}",
        description=(
            "Each node is a quantity at a step; an arrow leads from a quantity to one that is computed from it."
        ),
        command=command,
    )


def _drawn(model: Model, steps: int) -> set[Variable]:
    """What the loss depends on, and itself: where it is that of the last step, no output of an earlier one."""
    last = model.asked(steps)
    pending = [last] if last.time is not None else [model.summand.at(Integer(t)) for t in range(1, steps + 1)]
    found: set[Variable] = set()
    while pending:
        quantity = pending.pop()
        if quantity not in found:
            found.add(quantity)
            step = model.definitions.get(quantity.name)
            if step is not None and quantity.time >= 1:
                pending += _sources(model, step.right, int(quantity.time))
    return found


def _sources(model: Model, right: Expression, t: int) -> Iterator[Variable]:
    for used in variables(right):
        if used.time is not None:
            yield used.at(used.time - model.time + t)


def _node(model: Model, variable: Variable, keys: Mapping[Name, str]) -> FigureNode:
    step = int(variable.time)
    return FigureNode(
        id=f"{keys[variable.name]}-{step}",
        name=keys[variable.name],
        label=tuple(_label(variable.name, step)),
        latex=latex(variable),
        column=step,
        kind=_kind(model, variable),
        title=unicode(variable),
    )


def _keys(model: Model) -> dict[Name, str]:
    """For each name a spelling of ASCII letters, digits and hyphens, in which no two names are the same."""
    keys: dict[Name, str] = {}
    for equation in model.equations:
        for variable in (equation.left, *variables(equation.right)):
            plain = variable.name.plain.replace("'", "-prime")
            key = "".join(c if c.isascii() and c.isalnum() else "-" for c in plain).strip("-")
            while variable.name not in keys and key in keys.values():
                key += "-other"
            keys.setdefault(variable.name, key)
    return keys


def _label(name: Name, step: int) -> Iterator[tuple[str, Style]]:
    """The letter, then what stands above it and below it, as the printer of formulas places them."""
    style, time = Unicode(), str(step).replace("-", "\N{MINUS SIGN}")
    accents = tuple(accent for accent in name.accents if accent not in BOLD)
    bare = name.base.rstrip("'")
    slanted = len(style.letter(bare)) == 1 and not ALPHABETS.keys() & set(accents)
    letter = style.name(Name(bare, accents)) + "′" * (len(name.base) - len(bare))
    yield letter, "bold" if len(accents) < len(name.accents) else "base" if slanted else "upright"
    label = style.label(name.label)
    above = (f"({label})" if name.raised else "") + (f"({time})" if name.time_above else "")
    below = ",".join(part for part in ("" if name.raised else label, "" if name.time_above else time) if part)
    if above:
        yield above, "sup"
    if below:
        yield below, "sub"


def _kind(model: Model, variable: Variable) -> Kind:
    if variable.name == model.summand.name:
        return "loss"
    if int(variable.time) < 1:
        return "constant"
    if variable.name in {part.name for part in model.carried}:
        return "state"
    return "input" if variable.name in {v.name for v in model.inputs} else "node"
