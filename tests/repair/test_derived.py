r"""What the program derives where nothing near holds: in the text's letters, in the form nearest to the author's."""

import pytest

from derive import check

TEXT = r"""
The state is $s_t = \tanh(a_t)$ with $a_t = U x_t + W s_{t-1}$, the output $o_t = V s_t$. With
$L_t = \frac{1}{2} \|o_t - \bar{o}_t\|^2$ the loss is $L = \sum_{t=1}^{T} L_t$.
Let $\delta_t := \left(\frac{\partial L}{\partial a_t}\right)^{\top}$
and $\epsilon_t := \frac{\partial L}{\partial s_t}$.

$$%s$$
"""
WRONG = r"W^3 \delta_{t-1} s_t^{\top} \delta_t x_t x_t^{\top}"
BACKWARDS = r"V^{\top} (o_t - \bar{o}_t) + W^{\top} \delta_{t+1}"
CASES = {
    "a gradient": (r"\frac{\partial L}{\partial W} = ", r"\sum_{t=1}^{T} \delta_t s_{t-1}^{\top}"),
    "a name for a column": (r"\delta_t = ", rf"(1 - s_t^2) \odot \bigl({BACKWARDS}\bigr)"),
    "a name for a row": (r"\epsilon_t = ", rf"\bigl({BACKWARDS}\bigr)^{{\top}}"),
}


def judged(formula):
    return check(TEXT % formula, kind="md").claims[-1]


@pytest.mark.parametrize("case", CASES)
def test_the_right_side_is_derived_where_nothing_near_holds(case):
    left, right = CASES[case]
    claim = judged(left + WRONG)
    assert claim.verdict != "holds"
    assert claim.repair is None
    assert claim.derived.latex == left + right
    assert judged(claim.derived.latex).verdict == "holds"


OPEN = r"""
$h_t = f(W h_{t-1} + x_t)$, $f$ acts on each entry, and the loss is $L = \sum_{t=1}^T L_t$.

$$%sx_t + x_t W W x_t$$
"""
SLOPE = r"\operatorname{diag}\bigl(f'(W h_{t-1} + x_t)\bigr) W"
LAST = r"\operatorname{diag}\bigl(f'(W h_k + x_{k+1})\bigr) W"
NEXT = r"\operatorname{diag}\bigl(f'(W h_t + x_{t+1})\bigr) W"
OF_OPEN = {
    r"\frac{\partial h_t}{\partial h_{t-1}} = ": SLOPE,
    r"\frac{\partial h_{t+1}}{\partial h_t} = ": NEXT,
    r"\frac{\partial h_t}{\partial h_k} = ": rf"{SLOPE} \cdots {LAST}",
    r"\frac{\partial L}{\partial h_t} = ": rf"\frac{{\partial L}}{{\partial h_{{t+1}}}} {NEXT} "
    r"+ \frac{\partial^{+} L}{\partial h_t}",
}


@pytest.mark.parametrize("left", OF_OPEN)
def test_nothing_need_be_said_of_the_loss(left):
    """With the author's own parameters: the chain rule alone would say less than was asked."""
    (claim,) = check(OPEN % left, kind="md").claims[-1:]
    assert claim.derived.latex == left + OF_OPEN[left]
