"""Plots as inline SVG that follows the page: its font, its colours by CSS variables, words for who does not see it.

In the texts of a drawing `_{…}` marks what stands below the line.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

from derive.algebra.expressions import State
from derive.evidence.norms import QUIET, Curve, Norms
from derive.gradients.form import letters
from derive.models.lookup import find
from derive.models.model import Model
from derive.render.environment import environment
from derive.render.printer import latex
from derive.render.styles import Unicode

WIDTH, HEIGHT = 390, 316
"""Of a panel, in CSS pixels: what a phone has."""
LEFT, BELOW, RIGHT, ABOVE = 48, 84, 14, 32
"""What stands around the axes."""
INK = "#010203"
"""What is drawn in this colour takes that of the page's text."""
COLOURS = {
    "#040506": "var(--plot-1, #2b7a9b)",
    "#070809": "var(--plot-2, #a8750f)",
    "#0a0b0c": "var(--plot-3, #b04a3f)",
}
"""Stand-ins for the colours of the curves, in their order."""
LOWEST = 1e-9
"""Norms below this are below the picture."""
DASHES = (4, 3)
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "derive",  # the same drawing has the same ids
    "text.parse_math": False,
    "text.color": INK,
    "font.size": 12,
}

FAMILIES = {
    "orthogonal": (
        "orthogonal",
        r"\(\sigma_{\max}\) times an orthogonal matrix: every eigenvalue has the modulus \(\sigma_{\max}\)",
    ),
    "triangular": (
        "not normal",
        r"upper triangular, Gaussian above the diagonal; the diagonal is \(\rho\), which is half of \(\sigma_{\max}\)",
    ),
    "scalar": ("", "a number"),
}
"""Title and prose of each family of recurrent matrices; in prose `\\(…\\)` is mathematics."""


@dataclass(frozen=True)
class Panel:
    """One drawing: its ids begin with `id`, `body` is SVG."""

    id: str
    title: str
    description: str
    body: str


@dataclass(frozen=True)
class Plot:
    """A picture and what its caption says: facts as pairs of prose, families as pairs of a title and prose."""

    title: str
    svg: str
    facts: tuple[tuple[str, str], ...]
    families: tuple[tuple[str, str], ...]


def plot(norms: Norms, prefix: str) -> Plot:
    """The picture of a network's norms; `prefix` keeps the ids of several pictures on a page apart."""
    families = tuple(FAMILIES[family] for family in norms.families if family != "scalar")
    return Plot(_title(norms.model), norms_plot(norms, prefix), tuple(_facts(norms)), families)


def norms_plot(norms: Norms, prefix: str) -> str:
    """Inline SVG, one for each family, in `<div class="plots">`; the axes of all are the same.

    A norm is drawn solid, its bound by law dashed in the same colour. Error: ValueError for more curves in a panel than
    there are colours.
    """
    decades = _decades(norms.curves)
    panels = []
    for number, family in enumerate(norms.families, 1):
        curves = [curve for curve in norms.curves if curve.family == family]
        own = f"{prefix}-{number}"
        body = _inline(_draw(curves, norms, decades), own)
        panels.append(Panel(own, _title(norms.model), _described(curves, norms), body))
    return environment().get_template("plot.svg.j2").render(panels=panels, width=WIDTH, height=HEIGHT)


def _facts(norms: Norms) -> Iterator[tuple[str, str]]:
    yield "recurrent parameters", ", ".join(rf"\({latex(parameter)}\)" for parameter in norms.recurrent)
    if norms.families != ("scalar",):
        yield r"\(n\)", str(norms.size)
    yield r"\(T\)", str(norms.steps)
    yield rf"\({norms.model.time}\)", r"\(T\), the last step"
    yield "seed", str(norms.seed)
    yield "inputs, starts and biases", f"normal, with standard deviation {QUIET:g}"
    for typed, value in norms.settings.items():
        yield rf"\({latex(find(norms.model, typed))}\)", f"{value:g} in every entry"
    for family in norms.families:
        curves = [curve for curve in norms.curves if curve.family == family]
        sizes = ", ".join(f"{curve.largest:g}" for curve in curves)
        if family == "scalar":
            yield rf"\(|{latex(norms.recurrent[0])}|\)", sizes
        else:
            radii = ", ".join(f"{curve.radius:.2g}" for curve in curves)
            yield rf"{FAMILIES[family][0]}: \(\sigma_{{\max}}\) and \(\rho\)", f"{sizes} and {radii}"
    yield "largest relative difference from the complex step", f"{norms.error:.0e}"


def _decades(curves: Sequence[Curve]) -> range:
    """The powers of ten to be marked: all norms and bounds above LOWEST lie between the first and the last."""
    found = [value for curve in curves for value in (*curve.norms, *(curve.bound or ())) if value > 0]
    low, high = floor(log10(max(min(found), LOWEST))), max(1, ceil(log10(max(found))))
    apart = max(1, ceil((high - low) / 6))
    return range(floor(low / apart) * apart, ceil(high / apart) * apart + 1, apart)


def _draw(curves: Sequence[Curve], norms: Norms, decades: range) -> str:
    """One panel as matplotlib writes it, in stand-in colours."""
    from matplotlib import rc_context  # here, so that who draws nothing does not wait for it
    from matplotlib.figure import Figure

    with rc_context(STYLE):
        figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
        width, height = WIDTH - LEFT - RIGHT, HEIGHT - BELOW - ABOVE
        axes = figure.add_axes((LEFT / WIDTH, BELOW / HEIGHT, width / WIDTH, height / HEIGHT))
        for curve, colour in zip(curves, list(COLOURS)[: len(curves)], strict=True):
            gaps = range(len(curve.norms))
            axes.plot(gaps, curve.norms, color=colour, linewidth=2, label=_label(curve, norms))
            if curve.bound is not None:
                axes.plot(gaps, curve.bound, color=colour, linewidth=1.2, dashes=DASHES)
        if any(curve.bound for curve in curves):
            axes.plot([], [], color=INK, linewidth=1.2, dashes=DASHES, label="bound by law")
        _arrange(axes, norms, FAMILIES[curves[0].family][0], decades)
        figure.legend(loc="lower left", bbox_to_anchor=((LEFT - 6) / WIDTH, 0), ncols=2, frameon=False,
                      handlelength=1.8, columnspacing=1.6, borderpad=0.2, labelspacing=0.3)  # fmt: skip
        written = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(written, format="svg", transparent=True, metadata=nothing)
    return written.getvalue()


def _arrange(axes: Any, norms: Norms, title: str, decades: range) -> None:
    """Axes with few and quiet lines, the quantity above the vertical one."""
    axes.set_yscale("log", nonpositive="mask")
    axes.set_xlim(0, norms.steps - 1)
    axes.set_ylim(10.0 ** decades[0], 10.0 ** decades[-1])
    axes.set_yticks([10.0**exponent for exponent in decades], [f"10{Unicode().sup(str(e))}" for e in decades])
    axes.minorticks_off()
    axes.tick_params(color=INK, labelcolor=INK, length=3)
    axes.grid(color=INK, alpha=0.12, linewidth=0.8)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set(color=INK, linewidth=0.8)
    axes.set_xlabel(_gap(norms.model), color=INK, labelpad=2)
    axes.text(0, 1.04, _norm(norms.model), transform=axes.transAxes)
    axes.text(1, 1.04, title, transform=axes.transAxes, ha="right", fontstyle="italic")


def _label(curve: Curve, norms: Norms) -> str:
    """The largest singular value and the spectral radius of a curve's matrices; of a number its absolute value."""
    if curve.family != "scalar":
        return f"σ_{{max}} = {curve.largest:g}, ρ = {curve.radius:.2g}"
    name = norms.recurrent[0].name
    label = f"_{{{Unicode().label(name.label)}}}" if name.label else ""
    return f"|{Unicode().name(name)}{label}| = {curve.largest:g}"


def _norm(model: Model) -> str:
    """‖∂s_{t}/∂s_{k}‖."""
    state = model.state(model.time)
    name = Unicode().name(state.args[0] if isinstance(state, State) else model.carried[0].name)
    return "‖" + "/".join(f"∂{name}_{{{time}}}" for time in (model.time, letters(model, "k")[0])) + "‖"


def _gap(model: Model) -> str:
    return f"{model.time} − {letters(model, 'k')[0]}"


def _title(model: Model) -> str:
    return _plain(f"{_norm(model)} as {_gap(model)} grows")


def _described(curves: Sequence[Curve], norms: Norms) -> str:
    """A panel in words: what its matrices are, and where each curve and its bound end."""
    ends = []
    for curve in curves:
        limit = f", its bound at {curve.bound[-1]:.1e}" if curve.bound is not None else ""
        ends.append(f"for {_label(curve, norms)} the norm ends at {curve.norms[-1]:.1e}{limit}")
    kind = curves[0].family
    matrices = f"Recurrent matrices: {FAMILIES[kind][1]}. " if kind != "scalar" else ""
    return _plain(
        f"{matrices}From 1 at {_gap(norms.model)} = 0 to {_gap(norms.model)} = {norms.steps - 1}: {'; '.join(ends)}."
    )


def _plain(text: str) -> str:
    """A text of a drawing, or prose, as it can be spoken."""
    for sign, spoken in ((r"\(", ""), (r"\)", ""), (r"\sigma_{\max}", "σ_{max}"), (r"\rho", "ρ")):
        text = text.replace(sign, spoken)
    return re.sub(r"_\{([^{}]*)\}", r"_\1", text)


def _inline(drawn: str, prefix: str) -> str:
    """What is within the <svg> of a drawing, made part of a page: ids of its own, the page's font and colours."""
    body = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>|<!--.*?-->", "", drawn, flags=re.DOTALL)
    body = body[body.index(">", body.index("<svg")) + 1 : body.rindex("</svg>")]
    used = set(re.findall(r'(?:url\(#|href="#)([\w.-]+)', body))
    body = re.sub(r' id="([\w.-]+)"', lambda m: f' id="{prefix}-{m[1]}"' if m[1] in used else "", body)
    body = re.sub(r'(url\(#|href="#)', rf"\g<1>{prefix}-", body).replace("xlink:href", "href")
    body = re.sub(r'font: (italic )?([\d.]+)px [^;"]+', _font, body)  # as matplotlib before 3.11 has it
    body = re.sub(r' font-family: [^;"]+;| transform="rotate\(-?0 [^"]*"', "", body)
    for stand_in, colour in {INK: "currentColor", **COLOURS}.items():
        body = body.replace(stand_in, colour)
    body = re.sub(r"_\{([^{}<>]*)\}([^<]*)", _lowered, body)
    return "\n".join(filter(None, (line.strip() for line in body.splitlines())))


def _font(match: re.Match[str]) -> str:
    return f"font-size: {match[2]}px" + ("; font-style: italic" if match[1] else "")


def _lowered(match: re.Match[str]) -> str:
    """What stands below the line as a smaller run of text; what follows it is back on the line."""
    rest = re.sub(r"_\{([^{}<>]*)\}([^<]*)", _lowered, match[2])
    return f'<tspan dy="3" font-size="75%">{match[1]}</tspan><tspan dy="-3">{rest}</tspan>'
