"""What a page teaches beside the gradients: the forward pass nested, and how long a state is felt."""

from __future__ import annotations

from sympy import Integer

from derive.algebra.expressions import Derivative, Expression, Norm
from derive.book.formulas import Numbered
from derive.book.pages import BoundView, FormulaView, StepView
from derive.calculus.estimate import Inequality
from derive.errors import DeriveError
from derive.evidence.inequality import JudgedBound, judge_bound
from derive.evidence.norms import norms
from derive.gradients.bounds import Bound, Said, state_bound
from derive.gradients.form import Form, letters
from derive.gradients.nested import nested_form
from derive.gradients.steps import cited
from derive.models.model import Model
from derive.models.read import read_model
from derive.render.forms import range_latex
from derive.render.plot import plot
from derive.render.printer import latex

PLOTTED = "tanh"
"""What stands for an abstract activation where numbers are needed."""
RELATIONS = {"<=": r"\le", "=": "=", "<": "<", ">": ">"}


def nested_forms(model: Model, steps: int) -> list[Form]:
    """The last component of the state at steps 1, 2, …, as far as the expression can be read."""
    found: list[Form] = []
    for step in range(1, steps + 1):
        try:
            found.append(nested_form(model, model.carried[-1].at(Integer(step))))
        except DeriveError:
            break
    return found


def bound_view(model: Model, numbered: Numbered) -> BoundView:
    """The bound by law on the product of the state's Jacobians, judged, or why there is none; and a picture of it."""
    found = state_bound(model)
    picture = _picture(model, bounded=isinstance(found, Bound))
    if not isinstance(found, Bound):
        return BoundView(None, f"There is no such bound: {_prose(found.said)}.", (), *picture)
    judged = judge_bound(found)
    consequences = tuple(_consequences(judged))
    return BoundView(_bound(judged, numbered), "", consequences, *picture)


def _bound(judged: JudgedBound, numbered: Numbered) -> FormulaView:
    bound = judged.bound
    ranges = "".join(rf", \quad {range_latex(free)}" for free in bound.ranges)
    steps = (StepView(((c.name, c.statement),), inequality_latex(e.claim)) for e in bound.estimates
             for c in [cited(e.law)])  # fmt: skip
    return numbered.given(
        "bound",
        "A bound on the product",
        inequality_latex(bound.claim) + ranges,
        judged.evidence.lines(),
        tuple(_prose(said) for said in bound.conditions),
        tuple(steps),
    )


def _consequences(judged: JudgedBound) -> list[str]:
    """What follows from the bound, and that the condition for explosion does not suffice, where a point shows it."""
    said = []
    for consequence in judged.bound.consequences:
        condition = "" if consequence.condition is None else f"\\({inequality_latex(consequence.condition)}\\)"
        if consequence.kind == "explosion":
            said.append(f"For growth without bound {condition} is necessary; it is not sufficient.")
        else:
            said.append(f"If {condition}, {_prose(consequence.said)}." if condition else f"{_prose(consequence.said)}.")
    if judged.witness is not None:
        point = judged.witness
        rate = f"{point.rate:.2g}"
        said.append(f"A large rate alone explodes nothing: at one point that was tried ({point.place}) the rate is "
                    f"{rate}, and the derivative over {point.gap} steps is 0.")  # fmt: skip
    return said


def _picture(model: Model, *, bounded: bool) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """The norms of the products for families of recurrent parameters, what they show, and how they were computed."""
    concrete = read_model(model.source, model.name, PLOTTED) if model.functions else model
    try:
        drawing = plot(norms(concrete), prefix=f"norms-{model.name}")
    except DeriveError:  # nothing square carries the state
        return "", "", ()
    k = letters(model, "k")[0]
    norm = latex(Norm(Derivative(model.state(model.time), model.state(k))))
    curves = r"matrices with largest singular value \(\sigma_{\max}\) and spectral radius \(\rho\)"
    caption = [
        rf"\({norm}\) as \({model.time} - {k}\) grows, on a logarithmic scale.",
        f"Each curve has recurrent {curves if drawing.families else 'parameters of its own'}"
        + ("; dashed, in its colour, is its bound by law." if bounded else "."),
        *(f"{title.capitalize()}: {meaning}." for title, meaning in drawing.families),
    ]
    activation = (("activation", rf"\(\{PLOTTED}\)"),) if model.functions else ()
    return drawing.svg, " ".join(caption), (*activation, *drawing.facts)


def inequality_latex(claim: Inequality) -> str:
    return f"{latex(claim.left)} {RELATIONS[claim.relation]} {latex(claim.right)}"


def _prose(said: Said) -> str:
    def show(expression: Expression) -> str:
        return rf"\({latex(expression)}\)"

    return said.text(show)
