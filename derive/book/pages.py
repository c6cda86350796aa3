"""Page models, and the pages that templates make of them.

A model holds what a page says, already in LaTeX and words; a template holds prose and layout. Neither derives anything.
Fields named `*_latex` and `latex` are mathematics without delimiters. Any other text is shown as it stands, whatever
characters it has; where a field is *prose*, `\\(…\\)` in it marks mathematics.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from jinja2 import Environment

from derive.render import environment as jinja


@dataclass(frozen=True)
class StepView:
    """One step of a derivation: the laws by their names and what they say, and the equation that they give.

    `latex` is an equation; `laws` pairs a name with prose; `conditions` are prose.
    """

    laws: tuple[tuple[str, str], ...]
    latex: str
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormulaView:
    """A formula with its place, its evidence, and what a reader needs in order to read it.

    `id` is its permanent link, unique on the page, `number` what it is cited by. Each piece of evidence is one of the
    four words, then `: ` and the figures. `where` pairs a symbol's LaTeX with prose; `conditions` are prose. Other
    formulas of the page are named by id and number: in `see` those that say what its names stand for, in `general` the
    one for any T that it writes out, whose number is the first part of its own.
    """

    id: str
    number: str
    title: str
    latex: str
    evidence: tuple[str, ...]
    where: tuple[tuple[str, str], ...] = ()
    conditions: tuple[str, ...] = ()
    steps: tuple[StepView, ...] = ()
    see: tuple[tuple[str, str], ...] = ()
    general: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Tab:
    """One of several views of the same: a finished drawing, or formulas. `id` is unique on the page."""

    id: str
    title: str
    forms: tuple[FormulaView, ...] = ()
    svg: str = ""


@dataclass(frozen=True)
class ParameterView:
    """A parameter and its gradient; `tabs` begin with any T, `name_plain` is like `W_f`, `role` like `parameter`.

    `through` says whether it reaches the loss through the state, and so through a product of Jacobians.
    """

    name_latex: str
    name_plain: str
    anchor: str
    shape_latex: str
    role: str
    through: bool
    tabs: tuple[Tab, ...]


@dataclass(frozen=True)
class BoundView:
    """The bound on the product of Jacobians, or why there is none; the curves, and what they were computed with.

    `reason`, `consequences` and `caption` are prose, `facts` pairs of it; `plot_svg` is a finished drawing, empty where
    there is none.
    """

    formula: FormulaView | None
    reason: str
    consequences: tuple[str, ...]
    plot_svg: str
    caption: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class EvidenceRow:
    """What speaks for one group of formulas, their weakest figures."""

    what: str
    count: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Declaration:
    """A quantity of a network: its symbol, its shape, and what it is, in words."""

    symbol_latex: str
    shape_latex: str
    role: str


@dataclass(frozen=True)
class EvidenceCount:
    """How many formulas bear one of the four evidence words."""

    word: str
    count: int


@dataclass(frozen=True)
class CellCard:
    """A network on the first page: where its page is, and what sets it apart. `summary` is prose."""

    name: str
    title: str
    summary: str
    equation_latex: str


@dataclass(frozen=True)
class CarryView:
    """What a component of the state hands on by itself, from one step to the next; `by_a_gate` of between 0 and 1."""

    name_latex: str
    before_latex: str
    formula: FormulaView
    by_a_gate: bool


@dataclass(frozen=True)
class CellPage:
    """One network. `source` is prose, `graphs` finished drawings, `cell_text` the network's own file.

    `signs` pairs what stands in its formulas, prose, with what it means, prose.
    """

    name: str
    title: str
    source: str
    equations_latex: str
    declarations: tuple[Declaration, ...]
    introduced: tuple[str, ...]
    cell_text: str
    graphs: tuple[Tab, ...]
    nested: tuple[FormulaView, ...]
    jacobians: tuple[FormulaView, ...]
    product: FormulaView | None
    carried: tuple[CarryView, ...]
    bound: BoundView | None
    recursion: tuple[Tab, ...]
    parameters: tuple[ParameterView, ...]
    evidence: tuple[EvidenceCount, ...]
    summary: tuple[EvidenceRow, ...]
    card: CellCard
    signs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class HomePage:
    """The first page. `commands` pairs a command line with what it does."""

    cells: tuple[CellCard, ...]
    evidence: tuple[EvidenceCount, ...]
    commands: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LawView:
    """A law: `words` say what `statement_latex` does; they, `shapes`, `conditions` and `source` are prose.

    What there is nothing to say of is empty.
    """

    name: str
    statement_latex: str
    shapes: str
    conditions: str
    source: str
    example_latex: str
    words: str = ""


@dataclass(frozen=True)
class CheckingPage:
    """How the formulas are checked. `figures` pairs a quantity, prose, with its value.

    The laws are those of differentiation, of paths through the network, and of bounds; `rules` pairs the name of a rule
    of tidying with prose.
    """

    laws: tuple[LawView, ...]
    evidence: tuple[EvidenceCount, ...]
    figures: tuple[tuple[str, str], ...] = ()
    paths: tuple[LawView, ...] = ()
    bounds: tuple[LawView, ...] = ()
    rules: tuple[tuple[str, str], ...] = ()


def cell_page(page: CellPage) -> str:
    """The Markdown of one network's page, which belongs at `cells/NAME.md`."""
    return environment().get_template("cell.md.j2").render(page=page, root="../")


def home_page(page: HomePage) -> str:
    """The Markdown of the first page, `index.md`."""
    return environment().get_template("home.md.j2").render(page=page, root="")


def checking_page(page: CheckingPage) -> str:
    """The Markdown of the page on evidence and laws, `checking.md`."""
    return environment().get_template("checking.md.j2").render(page=page, root="")


def environment() -> Environment:
    """Jinja with the filters that keep data from being read as Markdown or HTML."""
    result = jinja.environment()
    result.filters.update(plain=plain, prose=prose, symbol=symbol, fence=fence)
    return result


def plain(text: str) -> str:
    """`text` as Markdown that shows it letter by letter: what could be markup becomes a character reference."""
    return re.sub(r"[^\w\s,.]|_", lambda match: f"&#{ord(match[0])};", " ".join(text.split()))


def prose(text: str) -> str:
    r"""`text` as HTML, in which `\(…\)` is mathematics and everything else stands for itself."""
    return re.sub(r"\\\(.+?\\\)", r'<span class="arithmatex">\g<0></span>', escape(text), flags=re.DOTALL)


def symbol(name: str) -> str:
    """A plain name such as `W_f` as Markdown for a heading, where it must be found by a search."""
    base, _, label = name.partition("_")
    return f'<span class="symbol">{plain(base)}{f"<sub>{plain(label)}</sub>" if label else ""}</span>'


def fence(text: str) -> str:
    """A run of backticks that closes no code block in `text` early."""
    return "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
