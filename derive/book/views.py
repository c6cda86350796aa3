"""From a network and its checked forms to the model of its page: words, LaTeX, evidence. Nothing is derived here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from derive.algebra.expressions import Variable
from derive.book.formulas import INLINE, Numbered, beside, signs
from derive.book.pages import (
    BoundView,
    CarryView,
    CellCard,
    CellPage,
    Declaration,
    EvidenceCount,
    EvidenceRow,
    FormulaView,
    ParameterView,
    Tab,
)
from derive.book.teaching import bound_view, nested_forms
from derive.evidence.evidence import Evidence, summary
from derive.evidence.judge import judge
from derive.gradients.carry import by_a_gate, carry_forms
from derive.gradients.explain import explained
from derive.gradients.form import Form, Formula, Question, Step
from derive.gradients.makers import FORMS, derived, jacobians
from derive.gradients.unfold import through_state
from derive.models.model import Model
from derive.render.answers import Checked, together, with_evidence
from derive.render.figure import draw
from derive.render.forms import equation_latex, model_latex, space_latex
from derive.render.printer import latex
from derive.render.unrolled import unrolled

GRAPHS = (1, 2, 3, 4)


def graphs(model: Model) -> tuple[Tab, ...]:
    """The unrolled network over a few numbers of steps; drawn by a template, so it is no part of what is kept."""
    return tuple(Tab(f"graph-{t}", "1 step" if t == 1 else f"{t} steps", svg=draw(unrolled(model, t))) for t in GRAPHS)


@dataclass(frozen=True)
class Answers:
    """Everything that a page shows of one number of steps: by kind of form, then by parameter in the model's order."""

    steps: int | None
    by_kind: Mapping[str, Sequence[Checked]]

    @property
    def title(self) -> str:
        return "any T" if self.steps is None else f"T = {self.steps}"

    @property
    def suffix(self) -> str:
        return "" if self.steps is None else f"-T{self.steps}"


def cell_view(model: Model, steps: int) -> CellPage:
    """Everything on the page of one network but its graphs, checked; gradients for any T and for T = 1, …, `steps`."""
    answers = [_answers(model, number) for number in (None, *range(1, steps + 1))]
    matrices = _checked([*jacobians(model), *carry_forms(model)])
    nested = _checked(nested_forms(model, steps))
    numbered = Numbered()
    nested_views = tuple(
        numbered.view(c, f"forward-{i}", f"The state of step {i}", steps=c.form.steps) for i, c in enumerate(nested, 1)
    )
    passed = _parts(answers[0], "jacobian")
    within = tuple(_matrices(numbered, matrices, passed))
    product = next((numbered.view(c, "product") for c in matrices if c.form.kind == "propagation"), None)
    carried = tuple(_carried(model, numbered, matrices))
    bound = bound_view(model, numbered) if product is not None else None
    recursion, shared = _recursion(numbered, answers)
    parameters = tuple(_parameter(numbered, i, p, answers, shared, model) for i, p in enumerate(model.parameters))
    shown = (*nested_views, *within, *_formulas(recursion), *(v for p in parameters for v in _formulas(p.tabs)))
    rows = (*_summary(answers, matrices, nested), *_of_bound(bound))
    total = counts(_claims([*(c for found in answers for c in _all(found)), *matrices, *nested]).values())
    total = (*([EvidenceCount("by law", 1)] if bound is not None and bound.formula is not None else []), *total)
    return CellPage(
        name=model.name,
        title=model.title,
        source=model.reference,
        equations_latex=model_latex(model),
        declarations=tuple(_declarations(model)),
        introduced=tuple(equation_latex(equation) for equation in model.introduced),
        cell_text=model.source.text,
        graphs=(),
        nested=nested_views,
        jacobians=within,
        product=product,
        carried=carried,
        bound=bound,
        recursion=recursion,
        parameters=parameters,
        evidence=total,
        summary=rows,
        card=card(model, sum(item.count for item in total)),
        signs=signs((*shown, *([] if product is None else [product]), *(view.formula for view in carried))),
    )


def _formulas(tabs: Iterable[Tab]) -> Iterator[FormulaView]:
    return (view for tab in tabs for view in tab.forms)


def _answers(model: Model, steps: int | None) -> Answers:
    """Each form of each gradient, with its steps, judged together."""
    questions = [Question(model, parameter, model.asked(steps), steps) for parameter in model.parameters]
    forms = [explained(form) for kind in FORMS for form in derived(questions, [kind])]
    found = _checked(forms)
    return Answers(steps, {kind: [c for c in found if c.form.kind == kind] for kind in FORMS})


def _checked(forms: Sequence[Form]) -> tuple[Checked, ...]:
    return with_evidence(forms, judge(forms))


def _all(answers: Answers) -> Iterator[Checked]:
    return (checked for found in answers.by_kind.values() for checked in found)


def _claims(found: Sequence[Checked]) -> dict[tuple[int | None, Formula], Evidence]:
    """Everything that was judged, formulas and steps, each once for each number of steps."""
    return {
        (checked.form.question.steps, formula): evidence
        for checked in found
        for formula, evidence in zip(checked.form.claims, (*checked.evidence, *checked.step_evidence), strict=True)
    }


def _parts(answers: Answers, kind: str) -> tuple[Step, ...]:
    """The steps about factors, each once: they are the same for every parameter."""
    steps = (step for checked in answers.by_kind[kind] for step in checked.form.steps if step.part)
    return tuple(dict.fromkeys(steps))


def _matrices(numbered: Numbered, found: Sequence[Checked], steps: Sequence[Step]) -> Iterator[FormulaView]:
    """One display for the equations' Jacobians and one for the state's, with the steps that lead to them."""
    for kind in ("local", "state"):
        for checked in found:
            if checked.form.kind == kind and checked.form.formulas:
                title = "Each equation by each of its arguments" if kind == "local" else "The state by the state before"
                own = steps if kind == "state" else ()
                yield numbered.rows(checked.formulas(), f"jacobians-{kind}", title, checked.form, own)


def _carried(model: Model, numbered: Numbered, found: Sequence[Checked]) -> Iterator[CarryView]:
    """What each component of the state hands on by itself."""
    for checked in found:
        if checked.form.kind == "carry":
            part = checked.form.question.by
            view = numbered.view(checked, f"carried-{part.name.plain}")
            yield CarryView(latex(part), latex(part.at(model.time - 1)), view, by_a_gate(model, part))


def _recursion(numbered: Numbered, answers: Sequence[Answers]) -> tuple[tuple[Tab, ...], dict[str, FormulaView]]:
    """What the forms of all parameters share, once for each number of steps, and where each is to be found."""
    tabs = []
    shared: dict[str, FormulaView] = {}
    for found in answers:
        views = []
        for kinds, title in ((("delta",), "Backward recursion"), (("component",), "The same, entry by entry"),
                             (("jacobian", "closed"), "The Jacobian of the state")):  # fmt: skip
            checked = [c for kind in kinds for c in found.by_kind[kind]]
            said = dict(pair for c in checked for pair in c.formulas() if pair[0] in beside(c.form))
            if not said or (kinds != ("delta",) and not _is_long(checked)):
                continue
            whole = together(checked)[0].form
            steps = _parts(found, "delta") if kinds == ("delta",) and found.steps is None else ()
            identifier, general = f"shared-{kinds[0]}", shared.get(kinds[0]) if found.steps else None
            view = numbered.rows(list(said.items()), identifier + found.suffix, title, whole, steps, general)
            views.append(view)
            shared |= {f"{kind}{found.suffix}": view for kind in kinds}
        if views:
            tabs.append(Tab(f"recursion{found.suffix or '-any'}", found.title, tuple(views)))
    return tuple(tabs), shared


def _is_long(found: Sequence[Checked]) -> bool:
    return any(len(beside(checked.form)) > INLINE for checked in found)


def _parameter(
    numbered: Numbered,
    position: int,
    parameter: Variable,
    answers: Sequence[Answers],
    shared: Mapping[str, FormulaView],
    model: Model,
) -> ParameterView:
    """The forms of one gradient. How they are reached stands with those for any T: the others write them out."""
    plain = parameter.name.plain
    tabs = []
    general: dict[str, FormulaView] = {}
    for found in answers:
        views = {}
        for kind in FORMS:
            checked = found.by_kind[kind][position]
            long = len(beside(checked.form)) > INLINE
            see = [shared[f"{kind}{found.suffix}"]] if long else []
            steps = [step for step in checked.form.steps if not step.part and not general]
            identifier = f"{plain}-{kind}{found.suffix}"
            views[kind] = numbered.view(checked, identifier, shared=see, steps=steps, general=general.get(kind))
        general = general or views
        tabs.append(Tab(f"{plain}{found.suffix or '-any'}", found.title, tuple(views.values())))
    return ParameterView(
        name_latex=latex(parameter),
        name_plain=plain,
        anchor=plain,
        shape_latex=space_latex(parameter),
        role="parameter",
        through=through_state(model, parameter),
        tabs=tuple(tabs),
    )


def _summary(
    answers: Sequence[Answers], matrices: Sequence[Checked], nested: Sequence[Checked]
) -> Iterator[EvidenceRow]:
    """What speaks for each group of formulas on the page."""
    groups: list[tuple[str, Iterable[Checked]]] = [("Jacobians", matrices), ("The forward pass, nested", nested)]
    groups += [(f"Gradients for {found.title}", _all(found)) for found in answers]
    for what, members in groups:
        listed = list(members)
        claims = {formula: e for c in listed for formula, e in c.formulas()}
        if claims:
            yield EvidenceRow(what, len(claims), summary(list(claims.values())))
    steps = {s: e for found in answers for c in _all(found) for s, e in c.steps()}
    yield EvidenceRow("Steps between them", len(steps), summary(list(steps.values())))


def _of_bound(bound: BoundView | None) -> Iterator[EvidenceRow]:
    if bound is not None and bound.formula is not None:
        yield EvidenceRow("The bound on the product of Jacobians", 1, bound.formula.evidence)


def card(model: Model, total: int) -> CellCard:
    """A network on the first page."""
    state = " and ".join(f"\\({latex(part)}\\)" for part in model.carried)
    names = ", ".join(f"\\({latex(parameter)}\\)" for parameter in model.parameters)
    summary_text = f"State {state}; parameters {names}. {total} formulas and steps, each checked."
    return CellCard(model.name, model.title, summary_text, equation_latex(model.equations[_last_state(model)]))


def counts(evidence: Iterable[Evidence]) -> tuple[EvidenceCount, ...]:
    """How many formulas bear which word."""
    return tuple(EvidenceCount(word, count) for word, count in sorted(Counter(e.word for e in evidence).items()))


def _last_state(model: Model) -> int:
    names = {part.name for part in model.carried}
    return max((i for i, equation in enumerate(model.equations) if equation.left.name in names), default=0)


def _declarations(model: Model) -> Iterable[Declaration]:
    for variable, role in _roles(model):
        yield Declaration(latex(variable), space_latex(variable), role)


def _roles(model: Model) -> Iterable[tuple[Variable, str]]:
    yield from ((parameter, "parameters") for parameter in model.parameters)
    yield from ((variable, "given at every step") for variable in model.inputs)
    states = {part.name for part in model.carried}
    for equation in model.equations:
        name = equation.left.name
        role = "the loss of a step" if name == model.summand.name else "state" if name in states else "computed"
        yield equation.left, role
    yield from ((start.variable, "the state before the first step") for start in model.starts)
