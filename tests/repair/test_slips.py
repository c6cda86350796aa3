r"""Each kind of slip in a derivation: where it is, in what words, and what is offered instead."""

import pytest

from derive import check
from derive.repair.slips import FAR, NEAR, OF_BOUNDS, SEVERAL

TEXT = r"""
The state is $s_t = \tanh(a_t)$ with $a_t = U x_t + W s_{t-1} + b$, the output $o_t = \operatorname{softmax}(V s_t)$.
With $L_t = -\bar{o}_t^{\top} \log o_t$ the loss is $L = \sum_{t=1}^{T} L_t$.
Let $\delta_t := \left(\frac{\partial L}{\partial a_t}\right)^{\top}$. Then

$$%s$$
"""
LOSS_BY_V = r"\frac{\partial L}{\partial V} = "
LOSS_BY_W = r"\frac{\partial L}{\partial W} = "
STEP = r"\frac{\partial s_t}{\partial s_{t-1}} = "
SPAN = r"\frac{\partial s_t}{\partial s_k} = "
CASES = {
    # what is written, the part underlined, what is offered
    "a transpose missing": (
        LOSS_BY_V + r"\sum_{t=1}^{T} (o_t - \bar{o}_t) s_t",
        r"s_t",
        LOSS_BY_V + r"\sum_{t=1}^{T} (o_t - \bar{o}_t) s_t^{\top}",
    ),
    "a transpose too many": (
        STEP + r"\operatorname{diag}(\tanh'(a_t)) W^{\top}",
        r"W^{\top}",
        STEP + r"\operatorname{diag}(\tanh'(a_t)) W",
    ),
    "another symbol": (
        STEP + r"\operatorname{diag}(\tanh'(a_t)) V",
        "V",
        STEP + r"\operatorname{diag}(\tanh'(a_t)) W",
    ),
    "an index off by one": (
        LOSS_BY_W + r"\sum_{t=1}^{T} \delta_t s_t^{\top}",
        "t",
        LOSS_BY_W + r"\sum_{t=1}^{T} \delta_t s_{t-1}^{\top}",
    ),
    "a bound off by one": (
        LOSS_BY_W + r"\sum_{t=2}^{T} \delta_t s_{t-1}^{\top}",
        "2",
        LOSS_BY_W + r"\sum_{t=1}^{T} \delta_t s_{t-1}^{\top}",
    ),
    "a slope without its prime": (
        STEP + r"\operatorname{diag}(\tanh(a_t)) W",
        r"\tanh",
        STEP + r"\operatorname{diag}(\tanh'(a_t)) W",
    ),
    "the wrong argument": (
        STEP + r"\operatorname{diag}(\tanh'(s_t)) W",
        "s_t",
        STEP + r"\operatorname{diag}(\tanh'(a_t)) W",
    ),
    "diag missing": (
        r"\frac{\partial s_t}{\partial a_t} = 1 - s_t \odot s_t",
        r"1 - s_t \odot s_t",
        r"\frac{\partial s_t}{\partial a_t} = \operatorname{diag}\bigl(1 - s_t \odot s_t\bigr)",
    ),
    "a sign": (
        LOSS_BY_V + r"\sum_{t=1}^{T} (o_t + \bar{o}_t) s_t^{\top}",
        r"+ \bar{o}_t",
        LOSS_BY_V + r"\sum_{t=1}^{T} (o_t - \bar{o}_t) s_t^{\top}",
    ),
    "two factors exchanged": (
        r"\delta_T = V^{\top} \operatorname{diag}(1 - s_T^2) (o_T - \bar{o}_T)",
        r"V^{\top} \operatorname{diag}(1 - s_T^2)",
        r"\delta_T = \operatorname{diag}(1 - s_T^2) V^{\top} (o_T - \bar{o}_T)",
    ),
    "ascending for descending": (
        SPAN + r"\frac{\partial s_{k+1}}{\partial s_k} \cdots \frac{\partial s_t}{\partial s_{t-1}}",
        r"\frac{\partial s_{k+1}}{\partial s_k} \cdots \frac{\partial s_t}{\partial s_{t-1}}",
        SPAN + r"\frac{\partial s_t}{\partial s_{t-1}} \cdots \frac{\partial s_{k+1}}{\partial s_k}",
    ),
    "a factor missing": (
        r"\delta_T = V^{\top} (o_T - \bar{o}_T)",
        None,
        None,
    ),
    "a factor too many": (
        LOSS_BY_V + r"\sum_{t=1}^{T} V (o_t - \bar{o}_t) s_t^{\top}",
        "V",
        LOSS_BY_V + r"\sum_{t=1}^{T} (o_t - \bar{o}_t) s_t^{\top}",
    ),
    "a term missing": (
        r"\delta_t = (1 - s_t^2) \odot \bigl(V^{\top} (o_t - \bar{o}_t)\bigr)",
        None,
        None,
    ),
    "a term too many": (
        r"\frac{\partial L}{\partial b} = \sum_{t=1}^{T} \delta_t^{\top} + \delta_T^{\top}",
        None,  # that the sum ends one step late would do as well
        r"\frac{\partial L}{\partial b} = \sum_{t=1}^{T} \delta_t^{\top}",
    ),
    "immediate for total": (
        LOSS_BY_W + r"\sum_{t=1}^{T} \frac{\partial L}{\partial s_t} \frac{\partial s_t}{\partial W}",
        r"\partial",
        LOSS_BY_W + r"\sum_{t=1}^{T} \frac{\partial L}{\partial s_t} \frac{\partial^{+} s_t}{\partial W}",
    ),
    "⊙ for the matrix product": (
        r"\delta_T = (1 - s_T^2) \odot V^{\top} \odot (o_T - \bar{o}_T)",
        None,
        r"\delta_T = (1 - s_T^2) \odot V^{\top} (o_T - \bar{o}_T)",
    ),
    "a Σ missing": (
        LOSS_BY_W + r"\delta_t s_{t-1}^{\top}",
        r"\delta_t s_{t-1}^{\top}",
        LOSS_BY_W + r"\sum_{t=1}^{T} \delta_t s_{t-1}^{\top}",
    ),
    "a number": (
        r"\frac{\partial s_t}{\partial a_t} = \operatorname{diag}(1 - s_t^3)",
        "3",
        r"\frac{\partial s_t}{\partial a_t} = \operatorname{diag}(1 - s_t^2)",
    ),
    "brackets closed too early": (
        r"\delta_T = \operatorname{diag}(1 - s_T^2) V^{\top} o_T - \bar{o}_T",
        r"o_T - \bar{o}_T",
        r"\delta_T = \operatorname{diag}(1 - s_T^2) V^{\top} (o_T - \bar{o}_T)",
    ),
    "another function": (
        r"o_t = \tanh(V s_t)",
        r"\tanh",
        r"o_t = \operatorname{softmax}(V s_t)",
    ),
    "another step beside ⋯": (
        SPAN + r"\frac{\partial s_T}{\partial s_{T-1}} \cdots \frac{\partial s_{k+1}}{\partial s_k}",
        "T",  # the first of the two
        SPAN + r"\frac{\partial s_t}{\partial s_{t-1}} \cdots \frac{\partial s_{k+1}}{\partial s_k}",
    ),
    "an output without its target": (
        LOSS_BY_V + r"\sum_{t=1}^{T} o_t s_t^{\top}",
        "o_t",
        LOSS_BY_V + r"\sum_{t=1}^{T} (o_t - \bar{o}_t) s_t^{\top}",
    ),
    "1 where 1 - s² is needed": (
        r"\delta_T = \mathbf{1} \odot \bigl(V^{\top} (o_T - \bar{o}_T)\bigr)",
        r"\mathbf{1}",
        r"\delta_T = (1 - s_T^2) \odot \bigl(V^{\top} (o_T - \bar{o}_T)\bigr)",
    ),
    "by another parameter": (
        r"\frac{\partial L}{\partial W} = \sum_{t=1}^{T} (o_t - \bar{o}_t) s_t^{\top}",
        "W",
        LOSS_BY_V + r"\sum_{t=1}^{T} (o_t - \bar{o}_t) s_t^{\top}",
    ),
    "an entry that does not exist": (
        r"\left[\frac{\partial L}{\partial V}\right]_{i+1,j} = \sum_{t=1}^{T} (o_{t,i} - \bar{o}_{t,i}) s_{t,j}",
        "i+1",
        r"\left[\frac{\partial L}{\partial V}\right]_{i,j} = \sum_{t=1}^{T} (o_{t,i} - \bar{o}_{t,i}) s_{t,j}",
    ),
    "a power beneath brackets": (
        r"\left[\frac{\partial L}{\partial V}\right]_{ij} = \sum_{t=1}^{T} (o_{t,i} - \bar{o}_{t,i}) [s_t^2]_j",
        None,
        r"\left[\frac{\partial L}{\partial V}\right]_{ij} = \sum_{t=1}^{T} (o_{t,i} - \bar{o}_{t,i}) [s_t]_j",
    ),
    "a letter for another in all terms": (
        r"\left[\frac{\partial L_2}{\partial V}\right]_{ij} = (o_{2,j} - \bar{o}_{2,j}) s_{2,j}",
        None,
        r"\left[\frac{\partial L_2}{\partial V}\right]_{ij} = (o_{2,i} - \bar{o}_{2,i}) s_{2,j}",
    ),
    "two slips in two terms": (
        r"\frac{\partial L}{\partial b} = \delta_1^{\top} + \sum_{t=1}^{T} \delta_{t+1}^{\top} + \delta_1^{\top}",
        None,
        None,
    ),
}


def judged(formula: str):
    return check(TEXT % formula, strict=True).claims[-1]


@pytest.mark.parametrize("case", CASES)
def test_a_slip_is_found_and_mended(case):
    written, place, right = CASES[case]
    claim = judged(written)
    assert claim.verdict != "holds"
    assert claim.repair is not None, claim.reason
    offered = [claim.repair, *claim.others]
    if right is not None:
        assert right in [repair.latex for repair in offered]
    if place is not None:
        assert claim.at is not None
        assert claim.at.text == place
    for repair in offered:
        assert judged(repair.latex).verdict == "holds"


def test_each_slip_says_what_it_is():
    words = [slip.words for slip in (*NEAR, *FAR, *OF_BOUNDS, *SEVERAL)]
    assert all(words)
    assert len(set(words)) == len({*NEAR, *FAR, *OF_BOUNDS, *SEVERAL})
