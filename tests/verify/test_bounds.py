r"""Inequalities of a text: what a law gives holds, what a point refutes fails, and nothing else is decided.

Each text is a few lines about one network, as people write them; the formula that is judged is the last inequality.
"""

from __future__ import annotations

import pytest

from derive.errors import Source
from derive.texts.read import read_document
from derive.verify.check import check_document
from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD, Judged

COLUMNS = r"""
The network is $h_t = \tanh(W h_{t-1} + U x_t + b)$ with $h_t \in \mathbb{R}^n$, $x_t \in \mathbb{R}^d$,
$W \in \mathbb{R}^{n \times n}$, and $L_t = \frac12 \|V h_t - y_t\|^2$.

"""
ROWS = r"""
With rows, $h_t = \tanh(x_t U + h_{t-1} W + b)$, $h_t \in \mathbb{R}^{1 \times n}$, $W \in \mathbb{R}^{n \times n}$.

"""
NUMBERS = r"""
A network of numbers: $h_t = \sigma(w h_{t-1} + u x_t)$, where $\sigma$ is the logistic function.

"""
ANY = r"""
Let $h_t = f(W h_{t-1} + U x_t)$ with $h_t \in \mathbb{R}^n$ and $W \in \mathbb{R}^{n \times n}$.

"""
STEP = r"\left\|\frac{\partial h_t}{\partial h_{t-1}}\right\|"
STEPS = r"\left\|\frac{\partial h_t}{\partial h_k}\right\|"


def last(text: str) -> Judged:
    """The last formula of a text that is a claim or a condition."""
    formulas = check_document(read_document(Source("text.md", text))).formulas
    return formulas[-1]


def verdict(text: str) -> str | None:
    return last(text).verdict


# ---- one function on its own


@pytest.mark.parametrize(
    "formula",
    [
        r"\tanh'(x) \le 1",
        r"0 < \tanh'(z)",
        r"\tanh'(x) \in (0, 1]",
        r"\tanh(x) \in (-1, 1)",
        r"|\tanh(x)| < 1",
        r"1 - \tanh^2(a) \le 1",
        r"\sigma(x) \in (0, 1)",
        r"\sigma'(x) \leq \frac{1}{4}",
        r"\sigma(x)(1 - \sigma(x)) \le \frac14",
        r"\sigma'(x) < 1",
        r"|\sigma''(x)| \le 0.1",
    ],
)
def test_the_range_of_a_function_or_its_slope_is_known_by_law(formula: str) -> None:
    found = last(f"The sigmoid is $\\sigma$. Then ${formula}$.")
    assert found.verdict == HOLDS
    assert found.evidence["word"] == "by law"


@pytest.mark.parametrize(
    ("formula", "place"),
    [
        (r"\tanh'(x) < 1", "at x = 0"),
        (r"\tanh'(x) \in (0, 1)", "at x = 0"),
        (r"\sigma'(x) \in (0, \frac{1}{4})", "at x = 0"),
        (r"\sigma'(x) < \frac14", "exactly 0.25"),
        (r"\sigma'(x) \le 0.24", "at x = 0"),
    ],
)
def test_a_range_that_leaves_out_what_is_reached_fails_there(formula: str, place: str) -> None:
    found = last(f"The sigmoid is $\\sigma$. Then ${formula}$.")
    assert found.verdict == FAILS
    assert place in (found.reason or "")


@pytest.mark.parametrize("formula", [r"|\sigma''(x)| \le 0.09", r"\tanh'(x) > \frac14", r"\tanh(x) \le 0.99"])
def test_a_range_that_is_too_small_fails(formula: str) -> None:
    assert verdict(f"The sigmoid is $\\sigma$. Then ${formula}$.") == FAILS


def test_what_a_restricted_argument_may_save_is_not_said_to_fail() -> None:
    assert verdict(r"For $x \ne 0$ we have $\tanh'(x) < 1$.") == NOT_UNDERSTOOD


def test_a_letter_is_the_function_that_the_words_before_say() -> None:
    found = last(r"The activation $h_t = f(w h_{t-1})$, for instance with the sigmoid, has $f \in (0, 1)$.")
    assert found.verdict == HOLDS
    assert "f is the sigmoid" in (found.reading or "")


# ---- Jacobians, by law


@pytest.mark.parametrize(
    "formula",
    [
        STEP + r" \le \|\operatorname{diag}(1 - h_t^2)\| \, \|W\|",
        STEP + r" \le \|1 - h_t^2\|_\infty \cdot \|W^T\|",
        STEP + r" \leq \|W\|",
        STEPS + r" \le \|W\|^{t-k}",
        STEPS + r" \le \sigma_{\max}(W)^{t-k}",
        STEPS + r" \le \prod_{j=k+1}^{t} \left\|\frac{\partial h_j}{\partial h_{j-1}}\right\|",
        r"\left\|\prod_{j=k+1}^t \operatorname{diag}(1 - h_j^2) W\right\| \le \|W\|^{t-k}",
        r"\|\frac{\partial L_t}{\partial h_k}\| \le \|\frac{\partial L_t}{\partial h_t}\| \|W\|^{t-k}",
        r"\left\|\frac{\partial h_3}{\partial h_1}\right\| \le \|W\|^2",
        r"\left\|\frac{\partial h_t}{\partial x_t}\right\| \le \|U\|",
        r"\|W W^T\| \le \|W\| \|W\|",
        r"\|h_t\|_\infty \le 1",
        r"0 \le 1 - h_t^2",
    ],
)
def test_a_bound_that_the_laws_of_norms_give_holds(formula: str) -> None:
    found = last(COLUMNS + f"$${formula}$$")
    assert found.verdict == HOLDS
    assert found.evidence["by_law"]["laws"]


@pytest.mark.parametrize("formula", [STEP + r" \le \|W\|", STEPS + r" \le \|W\|^{t-k}"])
def test_rows_are_bounded_like_columns(formula: str) -> None:
    assert verdict(ROWS + f"$${formula}$$") == HOLDS


def test_any_function_gives_the_product_of_the_norms() -> None:
    assert verdict(ANY + f"$${STEP} \\le \\|\\operatorname{{diag}}(f'(W h_{{t-1}} + U x_t))\\| \\|W\\|$$") == HOLDS


# ---- Jacobians, refuted


@pytest.mark.parametrize(
    "formula",
    [
        STEP + r" \le 1",
        STEP + r" < 1",
        STEP + r" \le \frac14 \|W\|",
        STEP + r" < \|W\|",
        STEP + r" \le \|U\|",
        STEPS + r" \le \rho(W)^{t-k}",
        STEPS + r" \le \|W\|^{t-k-1}",
        STEPS + r" \le \|W\|^{t-k+1}",
        STEPS + r" \ge \|W\|^{t-k}",
        STEPS + r" \le (0.95 \|W\|)^{t-k}",
        r"\left\|\frac{\partial h_3}{\partial h_1}\right\| \le \|W\|",
        r"\|W\| \le \rho(W)",
        r"\|h_t\| \le 1",
        r"1 - h_t^2 < 1",
    ],
)
def test_a_bound_that_a_point_refutes_fails_with_its_numbers(formula: str) -> None:
    found = last(COLUMNS + f"$${formula}$$")
    assert found.verdict == FAILS
    assert found.evidence["left"] >= found.evidence["right"]


def test_eigenvalues_below_one_bound_nothing() -> None:
    text = r"If all eigenvalues of $W$ are below one, $\rho(W) < 1$, then "
    found = last(COLUMNS + text + f"${STEPS} \\le 1$.")
    assert found.verdict == FAILS
    assert "nilpotent" in (found.reason or "")


def test_false_for_k_equal_t_alone_is_not_a_failure() -> None:
    assert verdict(COLUMNS + r"$$\left\|\frac{\partial h_t}{\partial x_k}\right\| \le \|W\|^{t-k}$$") == NOT_UNDERSTOOD


def test_what_is_false_for_some_functions_only_is_not_decided() -> None:
    assert verdict(ANY + f"$${STEP} \\le \\|W\\|$$") == NOT_UNDERSTOOD


# ---- conditions


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (r"If $|w| < 4$ then $\left|\frac{\partial h_t}{\partial h_{t-1}}\right| < 1$.", HOLDS),
        (r"If $|w| \le 5$ then $\left|\frac{\partial h_t}{\partial h_{t-1}}\right| < 1$.", FAILS),
        (r"If $w > 4$ then $\frac{\partial h_t}{\partial h_{t-1}} > 1$.", FAILS),
        (r"When $|w| > 4$, $\left|\frac{\partial h_t}{\partial h_{t-1}}\right| > 1$.", FAILS),
        (r"$$\left|\frac{\partial h_t}{\partial h_k}\right| \le \left(\frac{|w|}{4}\right)^{t-k}$$", HOLDS),
        (r"If $|u| < 1$ then $\left|\frac{\partial h_t}{\partial h_{t-1}}\right| < 1$.", FAILS),
        (r"If $|w| < 4$", None),
    ],
)
def test_a_condition_is_no_claim_and_the_claim_is_tried_where_it_holds(words: str, expected: str | None) -> None:
    assert verdict(NUMBERS + words) == expected


def test_a_proof_uses_only_the_condition_of_its_own_sentence() -> None:
    text = COLUMNS + "If $\\|W\\| \\le 1$, then\n\n$$" + STEPS + " \\le 1$$\n\n"
    assert verdict(text) == HOLDS
    assert verdict(text + "If all eigenvalues are small, $\\rho(W) < 1$, then\n\n$$" + STEPS + " \\le 1$$") == FAILS


def test_what_is_assumed_holds_from_there_on() -> None:
    text = COLUMNS + "Assume $\\|W\\| < \\frac12$. Now here is text.\n\n"
    assert verdict(text + f"$${STEPS} \\le \\left(\\frac12\\right)^{{t-k}}$$") == HOLDS
    assert verdict(text + f"$${STEPS} \\le \\left(\\frac13\\right)^{{t-k}}$$") == FAILS


# ---- letters that bound


def test_a_letter_bounds_what_a_formula_says_that_it_bounds() -> None:
    text = COLUMNS + f"Let ${STEP} \\le \\eta$ for all $t$. Then\n\n"
    assert verdict(text + f"$${STEPS} \\le \\eta^{{t-k}}$$") == HOLDS
    assert verdict(text + f"$${STEPS} \\le \\eta^{{t-k-1}}$$") == FAILS


def test_letters_that_the_words_call_upper_bounds_bound_the_factors_in_order() -> None:
    text = ANY + (
        f"$${STEP} \\le \\|W^T\\| \\|\\operatorname{{diag}}(f'(W h_{{t-1}} + U x_t))\\| \\le \\beta_W \\beta_h$$\n\n"
        "where the betas are upper bounds of the norms, so that\n\n"
    )
    assert verdict(text + f"$${STEPS} \\le (\\beta_W \\beta_h)^{{t-k}}$$") == HOLDS
    assert verdict(text + f"$${STEPS} \\le \\beta_W^{{t-k}}$$") != HOLDS


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (r"With $\sigma_1$ the largest singular value of $W$,", HOLDS),
        (r"With $\sigma_1$ the largest eigenvalue of $W$,", FAILS),
        (r"With $\sigma_1$ some number,", NOT_UNDERSTOOD),
    ],
)
def test_what_a_letter_is_the_words_beside_it_say(words: str, expected: str) -> None:
    assert verdict(COLUMNS + words + f"\n\n$${STEPS} \\le \\sigma_1^{{t-k}}$$") == expected


def test_a_letter_for_the_steepest_slope() -> None:
    text = ANY + r"With $\gamma = \sup_z |f'(z)|$ and $\sigma_1$ the largest singular value of $W$," + "\n\n"
    assert verdict(text + f"$${STEPS} \\le (\\gamma \\sigma_1)^{{t-k}}$$") == HOLDS
    assert verdict(text + f"$${STEPS} \\le \\gamma^{{t-k}}$$") != HOLDS


# ---- gates


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (r"f_t \in (0, 1)", HOLDS),
        (r"\|\operatorname{diag}(f_t)\| < 1", HOLDS),
        (r"|h_t| < 1", HOLDS),
        (r"|c_t| \le 1", FAILS),
    ],
)
def test_gates_and_outputs_are_bounded_and_the_cell_is_not(formula: str, expected: str) -> None:
    text = r"""
    $f_t = \sigma(W_f x_t + U_f h_{t-1})$, $i_t = \sigma(W_i x_t + U_i h_{t-1})$, $o_t = \sigma(W_o x_t + U_o h_{t-1})$,
    $g_t = \tanh(W_g x_t + U_g h_{t-1})$, $c_t = f_t \odot c_{t-1} + i_t \odot g_t$, $h_t = o_t \odot \tanh(c_t)$,
    $c_t \in \mathbb{R}^n$, with the sigmoid $\sigma$.

"""
    assert verdict(text.replace("    $", "$") + f"$${formula}$$") == expected


# ---- what is not decided


@pytest.mark.parametrize(
    "formula",
    [
        STEP + r" \ll 1",
        STEPS + r" \to 0",
        r"\|W + W^T\| \le 2 \|W\|",
        STEP + r" \le \lambda",
    ],
)
def test_what_no_law_gives_and_no_point_refutes_is_not_understood(formula: str) -> None:
    found = last(COLUMNS + f"$${formula}$$")
    assert found.verdict == NOT_UNDERSTOOD
    assert found.reason
