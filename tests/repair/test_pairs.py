r"""Two slips in one formula: in two terms, one that scales the other, one that keeps the formula from fitting."""

import pytest

from derive import check

TEXT = r"""
The state is $s_t = \tanh(a_t)$ with $a_t = U x_t + W s_{t-1} + b$, the output $o_t = V s_t$, the loss of a step
$L_t = \frac{1}{2} \|o_t - \bar{o}_t\|^2$, and $L = \sum_{t=1}^{T} L_t$. Let
$\delta_t := \left(\frac{\partial L}{\partial a_t}\right)^{\top}$. Then

$$%s$$
"""
LOSS_BY_W = r"\frac{\partial L}{\partial W} = "
STEP = r"\delta_t = "
CASES = {
    "in two terms": (
        STEP + r"(1 - s_t^2) \odot V (o_t - \bar{o}_t) + (1 - s_t^2) \odot W \delta_{t+1}",
        STEP + r"(1 - s_t^2) \odot V^{\top} (o_t - \bar{o}_t) + (1 - s_t^2) \odot W^{\top} \delta_{t+1}",
    ),
    "a sign and an index": (
        LOSS_BY_W + r"-\sum_{t=1}^{T} \delta_t s_t^{\top}",
        LOSS_BY_W + r"\sum_{t=1}^{T} \delta_t s_{t-1}^{\top}",
    ),
    "a transpose and an index": (
        LOSS_BY_W + r"\sum_{t=1}^{T} \delta_t s_t",
        LOSS_BY_W + r"\sum_{t=1}^{T} \delta_t s_{t-1}^{\top}",
    ),
    "a number and a bound": (
        LOSS_BY_W + r"2 \sum_{t=2}^{T-1} \delta_t s_{t-1}^{\top}",
        None,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_two_slips_are_mended_together(case):
    written, right = CASES[case]
    claim = check(TEXT % written, strict=True).claims[-1]
    assert claim.verdict != "holds"
    offered = [claim.repair.latex, *(other.latex for other in claim.others)] if claim.repair else []
    if right is not None:
        assert right in offered, offered
    for latex in offered:
        assert check(TEXT % latex, strict=True).claims[-1].verdict == "holds"
    if offered:
        assert len(claim.repair.changes) > 1


def test_three_slips_are_not_mended_by_two_edits():
    claim = check(TEXT % (LOSS_BY_W + r"-2 \sum_{t=2}^{T} \delta_t s_t^{\top} x_t"), strict=True).claims[-1]
    assert claim.verdict != "holds"
    for repair in [claim.repair, *claim.others]:
        assert repair is None or check(TEXT % repair.latex, strict=True).claims[-1].verdict == "holds"
