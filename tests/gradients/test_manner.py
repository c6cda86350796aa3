"""How a formula is written where there is a choice: the value stays, the writing is what was asked for."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from itertools import product
from unicodedata import normalize

import numpy as np
import pytest
from sympy import Integer

from derive.algebra.expressions import Apply, Diag, Hadamard
from derive.algebra.functions import ACTIVATIONS, is_abstract
from derive.api import Network, load
from derive.evaluate.derivatives import DualStep
from derive.evidence import draws
from derive.evidence.judge import judge
from derive.gradients.explain import explained
from derive.gradients.form import Form, Question
from derive.gradients.makers import FORMS, MAKERS, derived
from derive.gradients.manner import ENTRYWISE, SLOPES, USUAL, Manner
from derive.models.model import walk
from derive.render.forms import formula_latex, formula_unicode
from tests import expressions
from tests.gradients.asked import some
from tests.gradients.printed import Printed
from tests.networks import names, network

NAMED = tuple(activation for activation in ACTIVATIONS if not is_abstract(activation))
EACH_ACTIVATION = pytest.mark.parametrize("activation", NAMED)
EACH_FORM = pytest.mark.parametrize("form", FORMS)
GATED = ("lstm", "gated_recurrent_unit", "readout_uses_a_gate", "peepholes")


EVERY = [Manner(*both) for both in product(SLOPES, (None, *ENTRYWISE))]


@cache
def elman(activation: str) -> Network:
    return load("elman", activation)


def printed(found: Network, steps: int) -> tuple[Printed, int]:
    """A bench modulo a prime, and the prime."""
    source = random.Random(11)
    field = expressions.field(source)
    sizes = draws.sizes(found.model, source, smallest=2)
    return Printed(draws.point(found.model, sizes, steps, field.draw, field.rational), DualStep(field)), field.prime


def ways(found: Network) -> Iterator[list[Form]]:
    """Each gradient by one of each role, at step 2 if it has a step, in each form: the same in each manner."""
    model = found.model
    for by in some(model, 1, turn=len(model.parameters) - 1):
        at = by if by.time is None or by.time.is_Integer else by.at(Integer(2))
        for make in MAKERS.values():
            yield [make(Question(model, at, model.loss.left, None, manner), expanded=False) for manner in EVERY]


@pytest.mark.parametrize("found", [*map(elman, NAMED), *map(network, GATED)], ids=[*NAMED, *GATED])
def test_every_manner_has_one_value(found):
    """Exactly: residues of what is printed."""
    bench, prime = printed(found, 3)
    for same in ways(found):
        expected = bench.left(same[0]) % prime
        for form in same:
            assert np.array_equal(bench(form) % prime, expected), f"{form.kind} form, {form.question.manner}"


@EACH_ACTIVATION
def test_both_oracles_agree_on_every_activation(activation):
    """By one of each role; here tanh is tanh and ReLU is ReLU."""
    model = elman(activation).model
    for turn, of in enumerate((model.loss.left, model.summand)):
        asked = [Question(model, by, of, manner=Manner(slopes)) for by in some(model, 1, turn) for slopes in SLOPES]
        for evidence in judge(derived(asked, FORMS)):
            assert all(found.exact is not None and found.sampled.points > 0 for found in evidence)


@pytest.mark.parametrize("manner", [Manner("value", "hadamard"), Manner("prime", "diag")], ids=str)
@pytest.mark.parametrize("name", ["elman", "gated_recurrent_unit"])
def test_the_steps_hold_in_every_manner(name, manner):
    model = network(name).model
    asked = Question(model, model.parameters[1], model.loss.left, None, manner)
    forms = [explained(form) for form in derived([asked], FORMS)]
    for form, evidence in zip(forms, judge(forms), strict=True):
        assert len(evidence) == len(form.claims)


# What is written.


def slopes(form: Form) -> set[str]:
    """The functions that stand with a prime."""
    nodes = (n for f in form.formulas if f.kind != "definition" for n in walk(f.equation.right) if isinstance(n, Apply))
    return {node.function.name for node in nodes if node.function.order}


@pytest.mark.parametrize("name", names())
def test_by_value_no_named_function_has_a_prime(name):
    model = network(name).model
    for by in some(model, 1):
        for form in derived([Question(model, by, model.loss.left)], FORMS):
            assert all(is_abstract(function) for function in slopes(form)), f"{form.kind} form by {by}"


def test_with_a_prime_the_named_functions_keep_it():
    model = network("lstm").model
    manner = Manner("prime")
    found = derived([Question(model, model.parameters[0], model.loss.left, manner=manner)], ["closed", "delta"])
    assert [slopes(form) for form in found] == [{"sigmoid", "tanh"}, {"sigmoid", "tanh"}]


@pytest.mark.parametrize("name", ["elman", "two_layers", "lag_of_two", "the_output_recurs"])
def test_one_sign_for_what_scales_a_column(name):
    """Where f is abstract ⊙ stands for nothing else: with diag there is none, with ⊙ no recursion has a diag."""
    found = network(name)
    for by in found.model.parameters:
        asked = [Question(found.model, by, found.model.loss.left, manner=Manner(entrywise=e)) for e in ENTRYWISE]
        with_diag, with_circle = derived(asked[:1], ["closed", "delta"]), derived(asked[1:], ["delta"])
        assert not any("⊙" in line for form in with_diag for f in form.formulas for line in formula_unicode(f))
        assert not any("diag" in line for form in with_circle for f in form.formulas for line in formula_unicode(f))


SUMS = "∂L/∂W = Σ_{t=1}^{T} Σ_{k=1}^{t} "
BACK = "(Vᵀ (oₜ - ōₜ) + Wᵀ δₜ₊₁),   t = T, …, 1,   δ_{T+1} = 0"
LAST = "Vᵀ (oₜ - ōₜ) sₖ₋₁ᵀ"
ENTRIES = "Σ_{j=1}^{m} Vⱼᵢ (o_{t,j} - ō_{t,j}) + Σ_{j=1}^{n} Wⱼᵢ δ_{t+1,j}"
TABLE = [
    ("tanh", "closed", USUAL, f"{SUMS}diag(1 - sₖ²) Wᵀ diag(1 - sₖ₊₁²) ⋯ Wᵀ diag(1 - sₜ²) {LAST}"),
    ("tanh", "closed", Manner("prime"), f"{SUMS}diag(tanh′(aₖ)) Wᵀ diag(tanh′(aₖ₊₁)) ⋯ Wᵀ diag(tanh′(aₜ)) {LAST}"),
    ("sigmoid", "closed", USUAL,
     f"{SUMS}diag(sₖ ⊙ (1 - sₖ)) Wᵀ diag(sₖ₊₁ ⊙ (1 - sₖ₊₁)) ⋯ Wᵀ diag(sₜ ⊙ (1 - sₜ)) {LAST}"),
    ("relu", "closed", USUAL, f"{SUMS}diag(𝟏[aₖ > 0]) Wᵀ diag(𝟏[aₖ₊₁ > 0]) ⋯ Wᵀ diag(𝟏[aₜ > 0]) {LAST}"),
    ("identity", "closed", USUAL, f"{SUMS}(Wᵀ)^{{t-k}} {LAST}"),
    ("tanh", "closed", Manner(entrywise="hadamard"),
     f"{SUMS}((1 - sₖ²) ⊙ (Wᵀ diag(1 - sₖ₊₁²) ⋯ Wᵀ diag(1 - sₜ²) Vᵀ (oₜ - ōₜ))) sₖ₋₁ᵀ"),
    ("tanh", "jacobian", USUAL, f"{SUMS}(oₜ - ōₜ)ᵀ V diag(1 - sₜ²) W ⋯ diag(1 - sₖ₊₁²) W ∂⁺sₖ/∂W"),
    ("tanh", "delta", USUAL, f"δₜ = (1 - sₜ²) ⊙ {BACK}"),
    ("sigmoid", "delta", USUAL, f"δₜ = sₜ ⊙ (1 - sₜ) ⊙ {BACK}"),
    ("relu", "delta", USUAL, f"δₜ = 𝟏[aₜ > 0] ⊙ {BACK}"),
    ("identity", "delta", USUAL, "δₜ = Vᵀ (oₜ - ōₜ) + Wᵀ δₜ₊₁,   t = T, …, 1,   δ_{T+1} = 0"),
    ("sigmoid", "delta", Manner("prime", "diag"), f"δₜ = diag(σ′(aₜ)) {BACK}"),
    ("sigmoid", "component", USUAL,
     "δ_{t,i} = s_{t,i} (1 - s_{t,i}) (" + ENTRIES + "),   t = T, …, 1,   i = 1, …, n,   δ_{T+1,i} = 0"),
]  # fmt: skip


@pytest.mark.parametrize(("activation", "form", "manner", "said"), TABLE)
def test_what_is_printed(activation, form, manner, said):
    """Of a form with products of Jacobians the gradient, of a recursion what it runs over."""
    found, number = elman(activation), 0 if form in ("closed", "jacobian") else 1
    (answer,) = derived([found.question("W", manner=manner)], [form])
    assert normalize("NFC", "\n".join(formula_unicode(answer.formulas[number]))) == said


def test_relu_in_latex():
    (answer,) = derived([elman("relu").question("W")], ["delta"])
    assert formula_latex(answer.formulas[1]).startswith(r"\delta_t = \mathbf{1}[a_t > 0] \odot ")


@EACH_FORM
def test_the_usual_manner_is_each_form_s_own(form):
    """diag within products of Jacobians, ⊙ in a recursion; the component form has neither."""
    found = elman("tanh")
    usual = "diag" if form in ("chain", "jacobian", "closed") else "hadamard"
    plain, chosen = (derived([found.question("W", manner=m)], [form])[0] for m in (USUAL, Manner(entrywise=usual)))
    assert plain.formulas == chosen.formulas
    if form == "component":
        for formula in plain.formulas:
            assert not any(isinstance(node, Diag | Hadamard) for node in walk(formula.equation.right))


@pytest.mark.parametrize("given", [("values", None), ("prime", "kronecker"), ("", "diag")])
def test_a_manner_that_there_is_not(given):
    with pytest.raises(ValueError, match="slopes are one of"):
        Manner(*given)
