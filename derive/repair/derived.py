"""What the program derives for a left side, in the form nearest to the author's, where no repair is near."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from sympy import Expr, Symbol

from derive.algebra.build import add, product, substitute, total, transpose
from derive.algebra.expressions import Chain, Derivative, Expression, Transpose, Variable
from derive.algebra.names import Name
from derive.errors import DeriveError
from derive.gradients.form import Form, Question
from derive.gradients.makers import MAKERS, jacobians
from derive.models.model import Model, variables
from derive.repair.modelled import as_model
from derive.repair.runs import bare
from derive.repair.search import Search
from derive.verify.check import settle
from derive.verify.network import Network
from derive.verify.passages import EQUAL, reread
from derive.verify.readings import PLAIN
from derive.verify.report import HOLDS, Derivation
from derive.verify.reported import evidence_of

Found = tuple[str, Expression]
"""The form of what is derived, and the right side."""
RECURSION = "recursive"
"""The form that is no form of a gradient by itself: by the gradient of the step behind it."""


def derivation(search: Search, about: str | None = None) -> Derivation | None:
    """The right side that the program derives, checked like any claim; None where there is none that can be read.

    Of an inequality it is what its left side is; `about` is another left side, in its place.
    """
    page, session = search.page, search.session
    right = page.text[page.split :]
    keeps = about is None and search.formula.link.relation in EQUAL
    about = about or page.of(page.sides[0].span)
    left = page.text[: page.split] if keeps else f"{about} = "
    try:
        asked = _meaning(page.resolved(about), session.context(PLAIN).network)
        model = as_model(session.found.network)
        found = [(kind, _inlined(side, model)) for kind, side in _derived(asked, model)]
        texts = [(kind, page.printed(side), _parameters(side)) for kind, side in found]
    except (DeriveError, ValueError):
        return None
    spelled = [spelling for node in page.parts[1].names if (spelling := page.spelling(node)) is not None]
    own = {spelling.name for spelling in spelled if not spelling.name.arity}

    def nearness(candidate: tuple[str, str, frozenset[Name]]) -> tuple[int, float]:
        """By how many parameters of the author's it has, so that the chain rule alone comes last; then by its text."""
        _, text, parameters = candidate
        alike = SequenceMatcher(None, bare(text), bare(right), autojunk=False).ratio()
        return len(own & parameters), alike

    for kind, text, _ in sorted(texts, key=nearness, reverse=True):
        try:
            formulas = page.writing.survey.claims(reread(search.formula.link.statement, left + text))
        except DeriveError:
            continue
        finding = settle(formulas[0], session) if len(formulas) == 1 else None
        restricted = finding is not None and finding.outcome is not None and finding.outcome.restricted
        if finding is not None and finding.verdict == HOLDS and not restricted:
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


def _derived(asked: Expression, model: Model) -> Iterator[Found]:
    """What the model's forms say the asked derivative is, or its transpose."""
    inner = asked.args[0] if isinstance(asked, Transpose) else asked
    if not isinstance(inner, Derivative) or not isinstance(inner.top, Variable) or inner.held:
        return
    of_loss = inner.top.name in (model.loss.left.name, model.summand.name)
    for kind, left, right in _gradients(inner, model) if of_loss else _jacobians(model):
        values = _values(left, inner)
        try:
            side = right if values is None else substitute(right, values)
        except DeriveError:
            continue
        assert isinstance(side, Expression)
        if values is not None and substitute(left, values) in (asked, transpose(asked)):
            yield kind, side if substitute(left, values) == asked else transpose(side)


def _values(left: Expression, asked: Derivative) -> Mapping[Symbol, Expr] | None:
    """What the letters of a form's left side stand for where it is what is asked; None where it never is."""
    inner = left.args[0] if isinstance(left, Transpose) else left
    if not isinstance(inner, Derivative):
        return None
    values: dict[Symbol, Expr] = {}
    for own, wanted in ((inner.top, asked.top), (inner.bottom, asked.bottom)):
        if not isinstance(own, Variable) or not isinstance(wanted, Variable) or own.name != wanted.name:
            return None
        for letter, value in zip(own.indices, wanted.indices, strict=True):
            if isinstance(letter, Symbol):
                values.setdefault(letter, value)
    return values


Law = tuple[str, Expression, Expression]
"""A form's name, and both sides of one of its formulas."""


def _laws(forms: list[Form]) -> Iterator[Law]:
    return ((form.kind, *formula.equation.sides) for form in forms for formula in form.formulas)


def _jacobians(model: Model) -> Iterator[Law]:
    """∂s_t/∂s_k as a chain, and with the state's Jacobians written out; each equation by each of its arguments."""
    laws = [(left, right) for _, left, right in _laws(jacobians(model))]
    for left, right in laws:
        match right:
            case Chain(args=(body, letter, *ends)):
                yield "chain", left, right
                for step, jacobian in laws:
                    if substitute(step, {model.time: letter}) == body:
                        yield "jacobian", left, Chain(substitute(jacobian, {model.time: letter}), letter, *ends)
            case _:
                yield "jacobian", left, right


def _gradients(asked: Derivative, model: Model) -> Iterator[Law]:
    """The gradient in each form; that of a state at any step, though one at a single step was asked."""
    assert isinstance(asked.top, Variable)
    assert isinstance(asked.bottom, Variable)
    known = model.named(asked.bottom.name)
    question = Question(model, asked.bottom if known is None else known, asked.top)
    for make in MAKERS.values():
        try:
            yield from _laws([make(question, expanded=question.written_out)])
        except DeriveError:
            continue
    if asked.top == model.loss.left and asked.bottom in [state.at(asked.bottom.time) for state in model.carried]:
        yield from _recursions(asked, model)


def _recursions(asked: Derivative, model: Model) -> Iterator[Law]:
    """∂L/∂s_t = ∂L/∂s_{t+1} ∂s_{t+1}/∂s_t + ∂⁺L/∂s_t, where s alone is carried."""
    state, loss = asked.bottom, model.loss.left
    assert isinstance(state, Variable)
    after = state.at(state.time + 1)
    step, own = total(after, state), Derivative(loss, state, (after,))
    for jacobian in (step, *(side for _, side in _derived(step, model))):
        yield RECURSION, asked, add(product(total(loss, after), jacobian), own)


def _parameters(expression: Expression) -> frozenset[Name]:
    return frozenset(variable.name for variable in variables(expression) if not variable.indices)


def _inlined(expression: Expression, model: Model) -> Expression:
    """With what the model names by itself, a_t, written out: a text has no such name."""
    defined = {equation.left.name: equation for equation in model.introduced}
    if isinstance(expression, Variable):
        rule = defined.get(expression.name)
        return expression if rule is None else substitute(rule.right, {model.time: expression.time})
    args = [_inlined(each, model) if isinstance(each, Expression) else each for each in expression.args]
    return expression.func(*args) if args != list(expression.args) else expression
