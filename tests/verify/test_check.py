r"""What a claim needs before it is said to hold or to fail: each case was once judged otherwise."""

import pytest

from derive import check
from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD

DELTA = r"\delta_t := \left(\frac{\partial L}{\partial a_t}\right)^{\top}"
ADJOINT = r"\delta_k := \left(\frac{\partial L_3}{\partial a_k}\right)^{\top}"
GATES = r"\delta^{(c)}_t := \left(\frac{\partial L}{\partial c_t}\right)^{\top}"
SOFTMAX = r"y_t = \mathrm{softmax}(z_t)$, $z_t = V h_t$, $h_t = \tanh(W h_{t-1} + U x_t)"

ENTRY = r"\delta_{2,i} = f'(a_{2,i})"
BY_INPUT_WEIGHT = r"\frac{\partial L}{\partial w_i} = \sum_{t=1}^{T}"
PATHS = r"g'(y_t) f'(a^{(y)}_t) w_o (\prod_{j=k+1}^{t} f'(a^{(h)}_j) w_h) f'(a^{(h)}_k) x_k"
BY_V = r"\frac{\partial L}{\partial V} = \sum_{t=1}^{T}"
PAST = (
    r"\frac{\partial L}{\partial W} = \sum_{t=1}^{T} \sum_{k=1}^{t} \operatorname{diag}(1 - h_k^2) W^{\top} "
    r"\operatorname{diag}(1 - h_{k+1}^2) \cdots W^{\top} \operatorname{diag}(1 - h_t^2) V^{\top}"
)
BY_U = r"\frac{\partial L}{\partial U} ="

GIVEN = [
    # a bound of Σ over entries is what is written
    ("elman", ADJOINT, ENTRY + r" \sum_{j=1}^{n} W_{ji} \delta_{3,j}", HOLDS),
    ("elman", ADJOINT, ENTRY + r" \sum_{j=1}^{T} W_{ji} \delta_{3,j}", NOT_UNDERSTOOD),
    ("elman", ADJOINT, ENTRY + r" \sum_{j=1}^{i-1} W_{ji} \delta_{3,j}", NOT_UNDERSTOOD),
    # n, the last entry, beside a Σ to n - 1
    ("elman", ADJOINT, ENTRY + r" (\sum_{j=1}^{n-1} W_{ji} \delta_{3,j} + W_{ni} \delta_{3,n})", HOLDS),
    ("elman", ADJOINT, ENTRY + r" (\sum_{j=1}^{n-1} W_{ji} \delta_{3,j} + W_{ni} \delta_{2,n})", FAILS),
    # ∏ with crossed bounds everywhere but at T = 1
    ("scalar", "", BY_INPUT_WEIGHT + r" \sum_{k=1}^{t} " + PATHS, HOLDS),
    ("scalar", "", BY_INPUT_WEIGHT + r" \sum_{k=1}^{T} " + PATHS, NOT_UNDERSTOOD),
    # a derivative array before a column is no plain product
    ("elman", "", BY_V + r" \frac{\partial L_t}{\partial o_t} \frac{\partial o_t}{\partial V}", HOLDS),
    (
        "elman",
        "",
        BY_V + r" \frac{\partial o_t}{\partial V} (\frac{\partial L_t}{\partial o_t})^{\top}",
        NOT_UNDERSTOOD,
    ),
    # there is no x_0
    ("elman", DELTA, BY_U + r" \sum_{t=1}^{T} \delta_t x_t^{\top}", HOLDS),
    ("elman", DELTA, BY_U + r" \sum_{t=0}^{T} \delta_t x_t^{\top}", NOT_UNDERSTOOD),
    # 1 - y is a column beside ⋯ where a row follows it, and the diagonal of a slope elsewhere
    ("biases", "", PAST + r" (1 - y_t - (1 - \hat{y}_t)) h_{k-1}^{\top}", HOLDS),
    ("biases", "", PAST + r" (1 - \hat{y}_t - (1 - y_t)) h_{k-1}^{\top}", FAILS),
    # what is said of an entry of the network is a claim, no definition
    ("lstm", GATES, r"i_{t,j} = f_{t,j} (1 - f_{t,j}) c_{t-1,j} \delta^{(c)}_{t,j}", FAILS),
]


@pytest.mark.parametrize(("cell", "meaning", "claim", "verdict"), GIVEN)
def test_a_claim_about_a_named_network(cell, meaning, claim, verdict):
    text = "\n\n".join(f"$${part}$$" for part in (meaning, claim) if part)
    assert [found.verdict for found in check(text, model=cell, strict=True, repair=False).claims] == [verdict]


IN_TEXT = [
    (r"\sum_{k=1}^{3} k = 6", HOLDS),
    (r"\sum_{k=1}^{3} k = 3 k", FAILS),
    (r"\sum_{k=1}^{3} k^2 = 14", HOLDS),
    (r"\sum_{k=1}^{3} k^2 = 3 k^2", FAILS),
    (r"\prod_{k=1}^{3} k = k^3", FAILS),
    (r"\sum_{k=1}^{T} k = \frac{T (T+1)}{2}", HOLDS),
    (r"\sum_{k=1}^{T} k = \frac{T (T-1)}{2}", FAILS),
    (r"y_{t,i} = \frac{e^{z_{t,i}}}{\sum_{j=1}^{K} e^{z_{t,j}}}", HOLDS),
    (r"y_{t,i} = \frac{e^{z_{t,i}}}{e^{z_{t,1}} + \sum_{j=2}^{K} e^{z_{t,j}}}", HOLDS),
    (r"y_{t,i} = \frac{e^{z_{t,i}}}{e^{z_{t,1}} + \sum_{j=3}^{K} e^{z_{t,j}}}", FAILS),
    (r"y_{t,i} = \frac{e^{z_{t,i}}}{\sum_{j=1}^{i} e^{z_{t,j}}}", NOT_UNDERSTOOD),
    (r"y_{t,i} = \frac{e^{z_{t,i}}}{\sum_{j=1}^{t} e^{z_{t,j}}}", NOT_UNDERSTOOD),
    (r"\frac{z_t}{1 - 1} = z_t", NOT_UNDERSTOOD),
    (r"z_t = V h_t \qquad (3)", HOLDS),
    (r"\frac{\partial z_t}{\partial h_t} = V \qquad (3.2)", HOLDS),
]


@pytest.mark.parametrize(("claim", "verdict"), IN_TEXT)
def test_a_claim_beside_the_network_that_the_text_gives(claim, verdict):
    assert [found.verdict for found in check(f"${SOFTMAX}$\n\n$${claim}$$", repair=False).claims] == [verdict]
