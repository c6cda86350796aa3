"""A network over a few steps as a figure: its quantities as the author names them, and who uses whom."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Integer

from derive.algebra.expressions import Variable
from derive.algebra.names import Name
from derive.models.model import Model, variables
from derive.render.figure import Figure, FigureEdge, FigureNode, Kind, Style
from derive.render.printer import unicode
from derive.render.styles import Unicode

DRAWN = {"bar": "bar", "overline": "bar", "hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde"}


def unrolled(model: Model, steps: int) -> Figure:
    """The figure of a network over `steps` steps; parameters are not drawn, they are the same at every step."""
    nodes: dict[Variable, FigureNode] = {}
    edges: dict[tuple[str, str], FigureEdge] = {}
    for t in range(1, steps + 1):
        for equation in model.equations:
            target = equation.left.at(Integer(t))
            nodes[target] = _node(model, target)
            for source in _sources(model, equation.right, t):
                nodes.setdefault(source, _node(model, source))
                ends = (_identifier(source), _identifier(target))
                edges[ends] = FigureEdge(*ends, f"{unicode(target)} uses {unicode(source)}")
    return Figure(
        id=f"{model.name}-{steps}",
        nodes=tuple(nodes.values()),
        edges=tuple(edges.values()),
        title=f"{model.title}, unrolled over {steps} {'step' if steps == 1 else 'steps'}",
        description=(
            "Each node is a quantity at a step; an arrow leads from a quantity to one that is computed from it."
        ),
    )


def _sources(model: Model, right: object, t: int) -> Iterator[Variable]:
    for used in variables(right):  # type: ignore[arg-type]
        if used.time is not None:
            yield used.at(used.time - model.time + t)


def _node(model: Model, variable: Variable) -> FigureNode:
    step = int(variable.time)
    return FigureNode(
        id=_identifier(variable),
        name=variable.name.plain,
        label=tuple(_label(variable.name, step)),
        column=step,
        kind=_kind(model, variable),
        title=unicode(variable),
    )


def _identifier(variable: Variable) -> str:
    return "".join(c if c.isalnum() else "-" for c in f"{variable.name.plain}-{variable.time}")


def _label(name: Name, step: int) -> Iterator[tuple[str, Style]]:
    style = Unicode()
    accents = [DRAWN[a] for a in name.accents if a in DRAWN]
    yield style.letter(name.base), accents[-1] if accents else "base"  # type: ignore[misc]
    if name.label and name.raised:
        yield f"({style.label(name.label)})", "sup"
    yield (f"{style.label(name.label)},{step}" if name.label and not name.raised else str(step)), "sub"


def _kind(model: Model, variable: Variable) -> Kind:
    if variable.name == model.summand.name:
        return "loss"
    if int(variable.time) < 1:
        return "constant"
    if variable.name in {part.name for part in model.carried}:
        return "state"
    return "input" if variable.name in {v.name for v in model.inputs} else "node"
