"""What a notebook shows of an object: HTML with MathML, which needs no typesetter."""

from __future__ import annotations

from html import escape

from derive.models.graph import Graph
from derive.models.model import Model
from derive.render.figure import draw
from derive.render.forms import aligned, equation_latex, model_latex, space_latex
from derive.render.mathml import mathml
from derive.render.printer import latex
from derive.render.unrolled import unrolled

LONGEST = 6
"""A longer network is shown by its equations, not drawn."""


def model_html(model: Model) -> str:
    """The equations of a network and the shapes of its parameters and inputs."""
    given = (*model.parameters, *model.inputs)
    spaces = (rf"{latex(variable)} \in {space_latex(variable)}" for variable in given)
    rows = "".join(f"<li>{mathml(space, block=False)}</li>" for space in spaces)
    return f"<div><p><b>{escape(model.title)}</b></p>{mathml(model_latex(model))}<ul>{rows}</ul></div>"


def graph_html(graph: Graph) -> str:
    """The drawing of a short unrolled network, the equations of one without a number of steps or with too many."""
    if graph.steps is None or graph.steps > LONGEST:
        return f"<div>{mathml(graph_latex(graph))}</div>"
    return draw(unrolled(graph.model, graph.steps))


def graph_latex(graph: Graph) -> str:
    """The named equations of an unrolled network; of a long one those of its generic step."""
    shown = graph if graph.steps is None or graph.steps <= LONGEST else Graph(graph.model)
    return aligned([equation_latex(equation, "&=") for equation in shown.equations])
