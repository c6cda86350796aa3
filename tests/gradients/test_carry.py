r"""What a state hands on by itself: in which networks there is such a way, its factors, and that they are checked."""

from dataclasses import replace

import pytest

from derive import api
from derive.algebra.equation import Equation
from derive.errors import CheckFailed
from derive.evidence.judge import judge
from derive.gradients.carry import by_a_gate, carry_forms
from derive.render.printer import latex

FACTORS = {
    "lstm": (r"\operatorname{diag}(f_t) \cdots \operatorname{diag}(f_{k+1})", True),
    "peephole": (r"\operatorname{diag}(f_t) \cdots \operatorname{diag}(f_{k+1})", True),
    "coupled": (r"\operatorname{diag}(f_t) \cdots \operatorname{diag}(f_{k+1})", True),
    "gru": (r"\operatorname{diag}(z_t) \cdots \operatorname{diag}(z_{k+1})", True),
    "minimal": (r"\operatorname{diag}(1 - f_t) \cdots \operatorname{diag}(1 - f_{k+1})", True),
    "gated": (r"\operatorname{diag}(G_{1,t}) \cdots \operatorname{diag}(G_{1,k+1})", True),
    "leaky": (r"\bigl((1 - \alpha) I_n\bigr)^{t-k}", False),
}
ONE_WAY = ("elman", "linear", "diagonal", "jordan", "scalar", "stacked")
"""Networks whose state reaches itself through the weights, or in no other way than directly."""


@pytest.mark.parametrize("cell", FACTORS)
def test_the_factors_of_the_way(cell):
    model = api.load(cell).model
    (form,) = carry_forms(model)
    (formula,) = form.formulas
    right, gate = FACTORS[cell]
    assert latex(formula.equation.right) == right
    assert by_a_gate(model, form.question.by) == gate
    assert r"\right|_{" in latex(formula.equation.left)


@pytest.mark.parametrize("cell", [*FACTORS, "gru_after"])
def test_it_is_exact_at_random_points(cell):
    (found,) = judge(carry_forms(api.load(cell).model))
    assert [evidence.word for evidence in found] == ["exact at random points"]


@pytest.mark.parametrize("cell", ONE_WAY)
def test_where_there_is_no_such_way_none_is_shown(cell):
    assert carry_forms(api.load(cell).model) == []


def test_another_gate_is_found_to_be_wrong():
    model = api.load("lstm").model
    (form,) = carry_forms(model)
    (formula,) = form.formulas
    body, *bounds = formula.equation.right.args
    gates = {v.name.base: v for step in model.steps for v in [step.left]}
    other = body.func(gates["i"].at(bounds[0]))
    wrong = replace(formula, equation=Equation(formula.equation.left, formula.equation.right.func(other, *bounds)))
    with pytest.raises(CheckFailed):
        judge([replace(form, formulas=(wrong,))])
