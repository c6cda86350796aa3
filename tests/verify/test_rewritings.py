r"""What is said otherwise is still true, never said to fail, and understood as often as can be.

Two hundred here; 5 000 are `python -m tests.verify.rewritings`.
"""

import random
from itertools import islice

import pytest

from derive.algebra.equation import Equation
from derive.api import cells
from derive.render.printer import latex
from tests.verify.derived import everything, tried
from tests.verify.independent import TRUE, truth
from tests.verify.judging import described, judged
from tests.verify.rewrites import REWRITES, WHOLE, Known, anywhere
from tests.verify.rewritings import NOTATIONS, rewritings
from tests.verify.spelling import AROUND, SPELLINGS, by_macros

QUICK = 200
MOST_NOT_UNDERSTOOD = {"named": 0.02, "in the text": 0.04}
"""The share of true claims: where the network is named, and where the text says it, which may be by entries only."""
WRITTEN = (
    r"\frac{\partial L}{\partial W} = \sum_{t=1}^{T} \operatorname{diag}\bigl(f'(a_t)\bigr) W^{\top} \cdots"
    r" V^{\top} (o_t - \bar{o}_t) s_{t-1}^{\top} + \frac{\partial^{+} s_1}{\partial W}"
)


def known(model, source):
    definitions = {e.left.name: e for e in (*model.introduced, *model.equations) if e.left != model.summand}
    return Known(definitions, frozenset(), source)


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.__name__)
def test_a_rewriting_changes_a_formula_and_not_its_truth(rewrite):
    source, found = random.Random(7), 0
    for derived in source.sample(list(everything()), 90):
        formula = derived.gradient or derived.claims[0]
        left, right = formula.equation.sides
        new = anywhere(right, known(derived.model, source), rewrite)
        if new is None:
            continue
        assert new != right
        said = truth(Equation(left, new), formula.ranges, derived.meanings, tried(derived.model)[:3])
        assert said == TRUE, latex(new)
        found += 1
    assert found, "there was nothing to be rewritten"


@pytest.mark.parametrize("rewrite", WHOLE, ids=lambda rewrite: rewrite.__name__)
def test_an_equation_turned_round_is_as_true(rewrite):
    source, found = random.Random(8), 0
    for derived in source.sample([d for d in everything() if d.form.kind in ("closed", "delta")], 30):
        equation = rewrite(derived.form.result.equation, known(derived.model, source))
        if equation is not None:
            assert truth(equation, (), derived.meanings, tried(derived.model)[:3]) == TRUE, latex(equation.right)
            found += 1
    assert found


@pytest.mark.parametrize("way", [*SPELLINGS, *AROUND, "macros"])
def test_a_spelling_changes_the_source(way):
    spell = {**SPELLINGS, **AROUND, "macros": by_macros}[way]
    assert any(spell(WRITTEN, random.Random(seed)) != WRITTEN for seed in range(5))


LETTERED = tuple(cell for cell in cells() if cell not in ("gated", "stacked"))
"""The cells whose names have no numbers: in a text G_{2,t} may be an entry and W_1 a matrix of step 1, so that a third
of what is said of the others is not understood (and nothing of it judged wrongly)."""


@pytest.fixture(scope="module")
def few():
    return list(rewritings(QUICK, seed=1, names=LETTERED))


def test_rewritings_are_in_every_notation_and_the_same_for_the_same_seed(few):
    many = rewritings(3 * QUICK, seed=1, names=LETTERED)
    assert {claim.group.partition(": ")[2] for claim in many} == {notation.title for notation in NOTATIONS}
    assert list(islice(rewritings(QUICK, seed=1, names=LETTERED), 40)) == few[:40]


@pytest.mark.parametrize("network", MOST_NOT_UNDERSTOOD)
def test_rewritings_are_understood_and_hold(few, network):
    asked = [claim for claim in few if (claim.model is not None) == (network == "named")]
    assert asked
    tally = judged(asked)
    assert not tally.wrong(), "\n".join(map(described, tally.wrong()[:5]))
    unread = tally.not_understood()
    assert len(unread) <= MOST_NOT_UNDERSTOOD[network] * len(asked), "\n".join(map(described, unread[:5]))
