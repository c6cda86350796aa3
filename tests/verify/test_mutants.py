r"""Slips in derived formulas are never said to hold; what a slip leaves true is never said to fail.

A few hundred of each here; 20 000 are `python -m tests.verify.mutants`.
"""

from collections import Counter
from itertools import islice

import numpy as np
import pytest

from derive.algebra.equation import Equation
from derive.algebra.expressions import Chain, Derivative, Product, Sum
from derive.api import FORMS, cells, load
from tests.oracles.forward import gradients, lstm
from tests.verify.derived import everything, forms, tried
from tests.verify.edits import EDITS
from tests.verify.independent import FALSE, NOWHERE, SHAPELESS, TRUE, truth
from tests.verify.judging import described, judged
from tests.verify.mutants import mutants
from tests.verify.trees import Loose

QUICK = 400


def gradient(cell, parameter, kind):
    """One derived form, and the two sides of its gradient."""
    found = next(d for d in forms(cell) if (str(d.form.question.by), d.form.kind, d.whole) == (parameter, kind, True))
    return found, *found.form.result.equation.sides


def judge(derived, left, right, ranges=()):
    return truth(Loose(left, right), ranges, derived.meanings, tried(derived.model)[:4])


class TestTheSecondOpinion:
    """`independent` is right about what one knows, before anything is held against it."""

    def test_its_forward_pass_and_derivatives_are_those_of_autograd(self):
        world = tried(load("lstm").model)[0]
        model = world.model
        steps = range(1, world.T + 1)

        def flat(value):
            return value[:, 0] if value.shape[1] == 1 else value

        params = {p.name.plain: flat(world.values[p.name, None]) for p in model.parameters}
        x, target = (np.array([flat(world.values[v.name, t]) for t in steps]) for v in model.inputs)
        start = {s.variable.name.base: flat(world.values[s.variable.name, 0]) for s in model.starts}
        loss = (model.loss.left.name, None)
        assert world.values[loss][0, 0] == pytest.approx(lstm(params, {"x": x, "target": target}, start))
        expected = gradients("lstm", params, {"x": x, "target": target}, start)
        for parameter in model.parameters:
            found = world.differentiate([loss], [(parameter.name, None)], [])
            np.testing.assert_allclose(found.ravel(), expected[parameter.name.plain].ravel(), rtol=1e-10, atol=1e-14)

    @pytest.mark.parametrize("cell", cells())
    def test_every_derived_formula_is_true(self, cell):
        seen = set()
        for derived in everything([cell]):
            # without their ranges, but for ∂S_t/∂S_k, and for the adjoints of L_T, which begin anew at the step T
            in_range = derived.form.kind == "propagation" or derived.form.question.of.time == derived.model.horizon
            for formula in (*derived.form.formulas, *derived.beyond):
                for ranges in (formula.ranges,) if in_range else ((), formula.ranges):
                    claim = (formula.equation, ranges, derived.whole)
                    if claim not in seen:
                        assert judge(derived, *formula.equation.sides, ranges) == TRUE, (derived.title, formula)
                    seen.add(claim)

    def test_a_product_in_the_other_direction_is_false(self):
        derived, left, right = gradient("elman", "W", "jacobian")
        (inner,) = (node for node in right.args[0].args[0].args if isinstance(node, Chain))
        turned = inner.func(*inner.args[:4], ~inner.args[4])
        assert judge(derived, left, right.xreplace({inner: turned})) == FALSE

    def test_the_total_derivative_at_the_end_of_a_path_is_false(self):
        derived, left, right = gradient("elman", "W", "chain")
        (immediate,) = (node for node in right.args[0].args[0].args if isinstance(node, Derivative) and node.held)
        total = Derivative(immediate.top, immediate.bottom)
        assert judge(derived, left, right.xreplace({immediate: total})) == FALSE

    def test_a_sum_a_step_short_is_false_and_one_a_step_long_is_true_since_beyond_the_end_adjoints_are_zero(self):
        derived, left, right = gradient("elman", "W", "delta")
        assert judge(derived, left, Sum(*right.args[:3], right.args[3] - 1)) == FALSE
        assert judge(derived, left, Sum(*right.args[:3], right.args[3] + 1)) == TRUE

    def test_a_row_is_no_column(self):
        derived, left, right = gradient("lstm", "b_f", "delta")
        assert judge(derived, left.args[0], right) == SHAPELESS

    def test_there_is_no_input_before_the_first(self):
        derived, left, right = gradient("elman", "U", "delta")
        (late,) = (part for part in right.args[0].args if part.func.__name__ == "Transpose")
        early = late.xreplace({derived.model.time: derived.model.time - 1})
        assert judge(derived, left, right.xreplace({late: early})) == NOWHERE

    def test_scalars_in_another_order_are_the_same(self):
        derived, left, right = gradient("scalar", "w_h", "closed")
        inner = right.args[0].args[0]
        assert judge(derived, left, right.xreplace({inner: Product(*inner.args[::-1])})) == TRUE

    def test_the_condition_of_the_targets_counts(self):
        """With 1ᵀ ō_t ≠ 1 the gradient of the cross-entropy is another."""
        derived, left, right = gradient("elman", "V", "closed")
        free = type(tried(derived.model)[0])(derived.model, 3, 2, assuming=False)
        assert truth(Equation(left, right), (), {}, (free,)) == FALSE


@pytest.fixture(scope="module")
def few():
    return list(mutants(QUICK, seed=1))


def test_mutants_are_of_every_form_and_of_every_kind(few):
    groups = Counter(claim.group for claim in few)
    assert len(groups) == len(cells()) * (len(FORMS) + 3)
    kinds = Counter(kind for claim in few for kind in claim.why.split(" and "))
    assert len({edit.__name__ for edit in EDITS} - kinds.keys()) <= 2, "the edits for which there are few places"
    truths = Counter(claim.truth for claim in few)
    assert {TRUE, FALSE, SHAPELESS} <= truths.keys()
    assert truths[FALSE] > QUICK / 2


def test_mutants_are_the_same_for_the_same_seed(few):
    assert list(islice(mutants(QUICK, seed=1), 40)) == few[:40]


def test_no_mutant_is_judged_wrongly(few):
    tally = judged(few)
    assert not tally.wrong(), "\n".join(map(described, tally.wrong()[:5]))
    assert len(tally.answers) == len(few)
