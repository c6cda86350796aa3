"""What the program derives for a left side, in the form nearest to the author's, where no repair is near."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher

from sympy import Symbol

from derive.algebra.build import substitute, transpose
from derive.algebra.expressions import Derivative, Expression, Transpose, Variable
from derive.errors import DeriveError, Source
from derive.gradients.form import Form, Question
from derive.gradients.makers import MAKERS, jacobians
from derive.models.model import Model
from derive.models.read import read_model
from derive.reader.resolve import resolve
from derive.render.forms import space_latex
from derive.repair.runs import bare
from derive.repair.search import Search
from derive.repair.writing import printed
from derive.verify.check import settle
from derive.verify.network import Network
from derive.verify.passages import reread
from derive.verify.readings import PLAIN
from derive.verify.report import HOLDS, Derivation
from derive.verify.reported import evidence_of


def derivation(search: Search) -> Derivation | None:
    """The right side that the program derives, checked like any claim; None where there is none that can be read."""
    page, session = search.page, search.session
    left, right = page.text[: page.split], page.text[page.split :]
    try:
        asked = resolve(search.formula.link.left, replace(session.context(PLAIN), source=search.formula.source))
        asked = _meaning(asked, session.context(PLAIN).network)
        found = [(form.kind, text) for form, text in _derived(asked, as_model(session.found.network))]
    except (DeriveError, ValueError):
        return None
    found.sort(key=lambda pair: -SequenceMatcher(None, bare(pair[1]), bare(right), autojunk=False).ratio())
    for kind, text in found:
        try:
            formulas = page.writing.survey.claims(reread(search.formula.link.statement, left + text))
        except DeriveError:
            continue
        finding = settle(formulas[0], session) if len(formulas) == 1 else None
        if finding is not None and finding.verdict == HOLDS:
            return Derivation(left + text, kind, evidence_of(finding))
    return None


def _meaning(asked: Expression, network: Network) -> Expression:
    """The derivative for which a name of the text stands: δ_t for ∂L/∂a_t; what stands for itself as it is."""
    if not isinstance(asked, Variable):
        return asked
    for rule in network.rules.get(asked.name, ()):
        inner = rule.right.args[0] if isinstance(rule.right, Transpose) else rule.right
        if isinstance(inner, Derivative) and all(isinstance(index, Symbol) for index in rule.left.indices):
            found = substitute(rule.right, dict(zip(rule.left.indices, asked.indices, strict=True)))
            assert isinstance(found, Expression)
            return found
    return asked


def _derived(asked: Expression, model: Model) -> Iterator[tuple[Form, str]]:
    """What the model's forms say the asked derivative is, or its transpose."""
    inner = asked.args[0] if isinstance(asked, Transpose) else asked
    if not isinstance(inner, Derivative) or not isinstance(inner.top, Variable) or inner.held:
        return
    losses = (model.loss.left.name, model.summand.name)
    forms = _gradients(inner, model) if inner.top.name in losses else iter(jacobians(model))
    for form in forms:
        for formula in form.formulas:
            left, right = formula.equation.sides
            if left == asked:
                yield form, printed(right)
            elif left == transpose(asked):
                yield form, printed(transpose(right))


def _gradients(asked: Derivative, model: Model) -> Iterator[Form]:
    assert isinstance(asked.top, Variable)
    assert isinstance(asked.bottom, Variable)
    question = Question(model, asked.bottom, asked.top)
    for make in MAKERS.values():
        try:
            yield make(question, expanded=question.written_out)
        except DeriveError:
            continue


def as_model(network: Network) -> Model:
    """The network of a text, read again as a network of a file is. Error: DeriveError where it is none of those."""
    lines = []
    for name, shape in network.shapes.items():
        if name not in network.rules:
            variable = Variable(name, (network.time,) * name.arity, shape)
            lines.append(rf"{printed(variable)} \in {space_latex(variable)}")
    starts = [Variable(name, (network.time * 0,), network.shapes[name]) for name, _ in network.carried]
    lines += [rf"{printed(start)} \in {space_latex(start)}" for start in starts]
    for rules in network.rules.values():
        generic = [rule for rule in rules if all(not index.is_Integer for index in rule.left.indices)]
        lines += [f"{printed(rule.left)} = {printed(rule.right)}" for rule in generic]
    for name in network.sums_to_one:
        variable = Variable(name, (network.time,) * name.arity, network.shapes[name])
        lines.append(rf"\mathbf{{1}}^{{\top}} {printed(variable)} = 1")
    return read_model(Source("the network of the text", "\n".join(lines)))
