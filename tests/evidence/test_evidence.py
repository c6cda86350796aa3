"""What is said of a formula: the right figures, in the right words, and no more than was tested."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Symbol

from derive.api import cells
from derive.evidence import evidence as words
from derive.evidence import judge as judging
from derive.evidence.claims import LONGEST
from derive.evidence.evidence import Evidence, Exact, Sampled, summary
from derive.evidence.judge import DRAWS, PRIMES, SHARE, TOLERANCE, judge
from derive.gradients.form import Form
from derive.gradients.makers import MAKERS
from tests.networks import network

LINEAR = "linear"
"""The one cell without a function that could be opaque."""
EACH_CELL = pytest.mark.parametrize("name", cells())
EACH_FORM = pytest.mark.parametrize("form", MAKERS)


def made(name: str, form: str, steps: int | None = None) -> Form:
    found = network(name)
    return MAKERS[form](found.question(found.parameters[0], steps=steps), expanded=steps is not None)


@EACH_CELL
@EACH_FORM
@pytest.mark.parametrize("steps", [None, 2])
def test_the_figures(name, form, steps):
    made_form = made(name, form, steps)
    (found,) = judge([made_form])
    assert len(found) == len(made_form.formulas)
    tested = tuple(range(1, LONGEST + 1)) if steps is None else (steps,)
    for one in found:
        assert one.word == "exact at random points"
        assert one.exact.steps == one.sampled.steps == tested
        assert one.exact.primes == PRIMES >= 2
        assert one.sampled.draws == DRAWS >= 2
        assert one.exact.points >= PRIMES
        assert one.sampled.points >= DRAWS
        assert 0 <= one.sampled.error <= TOLERANCE
        assert SHARE <= one.sampled.share <= 1, "no summand may hide behind the others"
        assert one.exact.calls > 0 or name == LINEAR, "the activations are opaque here"
        assert 0 < one.exact.bound < 1e-20
        for sizes in (one.exact.sizes, one.sampled.sizes):
            assert len(set(sizes.values())) == len(sizes), "sizes must differ"
            assert all(size > 1 for size in sizes.values())


def test_every_instance_is_counted():
    """δ_t for t = 1 … T at each T from 1 to 6 is 21 points, for each prime and each draw."""
    form = made("elman", "delta")
    (found,) = judge([form])
    recursion = next(i for i, formula in enumerate(form.formulas) if formula.kind == "adjoint")
    assert found[recursion].exact.points == PRIMES * 21
    assert found[recursion].sampled.points == DRAWS * 21
    assert found[0].exact.points == PRIMES * LONGEST


@EACH_CELL
def test_a_longer_formula_has_a_larger_bound(name):
    """It has more places at which it could vanish by chance."""
    short, long = (judge([made(name, "chain", steps)])[0][0].exact for steps in (1, 4))
    assert short.degree < long.degree
    assert short.calls < long.calls or name == LINEAR
    assert short.bound < long.bound


def test_each_prime_lowers_the_bound(monkeypatch):
    bounds = []
    for primes in (1, 2, 3):
        monkeypatch.setattr(judging, "PRIMES", primes)
        (found,) = judge([made("elman", "chain")])
        assert found[0].exact.primes == primes
        bounds.append(found[0].exact.bound)
    assert bounds[0] > 1e6 * bounds[1] > 1e12 * bounds[2]
    assert bounds[0] < 1e-6


def test_the_bound_is_what_its_figures_say():
    """(D + N (N - 1)/2 · D_argument) / 2⁶⁰, to the number of primes, for each T: at least D/2⁶⁰ to that power."""
    (found,) = judge([made("elman", "delta")])
    for one in found:
        least = (one.exact.degree / 2.0**60) ** one.exact.primes
        coincidences = one.exact.calls * (one.exact.calls - 1) / 2
        assert one.exact.bound >= len(one.exact.steps) * least
        assert one.exact.bound >= ((one.exact.degree + coincidences) / 2.0**60) ** one.exact.primes


def test_a_seed_gives_the_same_evidence_and_another_another():
    form = made("lstm", "delta")
    first, again, other = judge([form]), judge([form]), judge([form], seed=1)
    assert first == again
    assert [e.sampled.error for e in first[0]] != [e.sampled.error for e in other[0]]


def test_formulas_of_several_forms_are_judged_once():
    model = network("elman")
    forms = [MAKERS["delta"](model.question(by), expanded=False) for by in ("U", "W")]
    found = judge(forms)
    assert [len(e) for e in found] == [len(form.formulas) for form in forms]
    shared = {
        formula: e for form, es in zip(forms, found, strict=True) for formula, e in zip(form.formulas, es, strict=True)
    }
    assert len(shared) < sum(len(e) for e in found)
    assert all(
        shared[f] == e for form, es in zip(forms, found, strict=True) for f, e in zip(form.formulas, es, strict=True)
    )


def test_nothing_to_judge():
    assert judge([]) == []


def test_a_norm_is_sampled_and_says_so():
    (found,) = judge([made("norm", "delta")])
    assert found
    for one in found:
        assert one.exact is None
        assert one.word == "sampled"
        (line,) = one.lines()
        assert line.startswith("sampled:")
        assert "exact" not in line
        assert "probability" not in line


def test_a_number_beyond_the_tested_range_is_tested():
    """A formula that speaks of step 7 is of no T below 7."""
    form = MAKERS["delta"](network("elman").question("s_7"), expanded=False)
    (found,) = judge([form])
    assert found[0].exact.steps[0] == 7
    assert len(found[0].exact.steps) >= 3


# The words.

EXACT = Exact((1, 2, 3), {"n": 3, "d": 2}, 2, 12, 40, 7, 3.2e-31)
SAMPLED = Sampled((1, 2, 3), {"n": 4, "d": 3}, 2, 12, 4.4e-16, 0.02)


def test_the_wording():
    assert str(EXACT) == (
        "exact at random points: T = 1…3, 2 primes, n = 3, d = 2, a false one passes with probability below 10⁻³⁰"
    )
    assert str(SAMPLED) == "sampled: T = 1…3, 2 draws, n = 4, d = 3, largest relative error 4·10⁻¹⁶"
    assert Evidence(EXACT, SAMPLED).lines() == (str(EXACT), str(SAMPLED))
    assert Evidence(None, SAMPLED).lines() == (str(SAMPLED),)
    assert str(replace(SAMPLED, steps=(4,), sizes={}, error=0.0)) == (
        "sampled: T = 4, 2 draws, scalars, largest relative error 0"
    )


@given(st.floats(1e-290, 1e-3))
def test_a_probability_is_rounded_up(value):
    """ "below 10^k" must be true."""
    said = str(replace(EXACT, bound=value)).rpartition("10")[2]
    exponent = int(said.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")))
    assert value < 10.0**exponent
    assert value >= 10.0 ** (exponent - 1) * 0.99, "and not needlessly weak"


@given(st.floats(1e-300, 1e3))
def test_an_error_is_said_to_one_digit(value):
    mantissa, _, power = words._scientific(value).partition("·10")
    exponent = int(power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")))
    assert float(f"{mantissa}e{exponent}") == pytest.approx(value, rel=0.34)


def test_a_summary_gives_the_weakest_of_each():
    weak = Evidence(replace(EXACT, bound=1e-20), replace(SAMPLED, error=3e-13))
    strong = Evidence(EXACT, SAMPLED)
    assert summary([strong, weak, strong]) == (str(weak.exact), str(weak.sampled))
    unproved = Evidence(None, SAMPLED)
    exact, sampled = summary([strong, unproved])
    assert exact == f"{strong.exact} (not all formulas)"
    assert sampled == str(SAMPLED)
    assert summary([unproved]) == (str(SAMPLED),)


@EACH_FORM
def test_evidence_is_json(form):
    (found,) = judge([made("elman", form)])
    for one in found:
        read = json.loads(json.dumps(one.as_dict()))
        assert read["word"] == one.word
        assert read["exact"]["bound"] == one.exact.bound
        assert read["sampled"]["error"] == one.sampled.error


def test_sizes_are_drawn_anew_for_each_seed():
    found = {tuple(judge([made("elman", "chain", 1)], seed)[0][0].exact.sizes.items()) for seed in range(6)}
    assert len(found) > 1
    assert random.Random(0).random() != random.Random(1).random()
    assert all(isinstance(name, str) for sizes in found for name, _ in sizes)
    assert str(Symbol("n")) in dict(next(iter(found)))
