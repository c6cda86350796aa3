r"""A loss that is that of the last step: L = L_T, or what stands in its place."""

import pytest

from derive import api
from derive.errors import DeriveError
from derive.render.printer import latex
from derive.render.unrolled import unrolled

NETWORK = r"""
x_t \in \mathbb{R}^{d}, y_t \in \mathbb{R}^{m}, s_0 \in \mathbb{R}^{n}
U \in \mathbb{R}^{n \times d}, W \in \mathbb{R}^{n \times n}, V \in \mathbb{R}^{m \times n}
s_t = f(U x_t + W s_{t-1})
o_t = V s_t
"""
STEP = r"L_t = \frac{1}{2} \lVert o_t - y_t \rVert^2" + "\n"


def gradient(loss, by="V", **asked):
    return api.loads(NETWORK + loss).gradient(by, **asked).form("closed").latex()


def test_its_gradient_is_that_of_the_last_loss():
    assert gradient(STEP + "L = L_T") == r"\frac{\partial L_T}{\partial V} = (o_T - y_T) s_T^{\top}"
    assert gradient(STEP + "L = L_T", steps=2) == r"\frac{\partial L_2}{\partial V} = (o_2 - y_2) s_2^{\top}"


def test_a_loss_that_is_written_out_gets_a_name():
    model = api.loads(NETWORK.replace("o_t = V s_t\n", "") + r"L = \lVert V s_T - y_T \rVert^2").model
    assert latex(model.asked()) == "L_T"
    assert latex(model.asked(3)) == "L_3"
    assert latex(model.loss.right) == "L_T"


@pytest.mark.parametrize(("steps", "said"), [(None, "L_T"), (3, "L_3")])
def test_of_a_sum_it_can_be_asked_for(steps, said):
    found = api.loads(NETWORK + STEP + r"L = \sum_{t=1}^{T} L_t").gradient("V", of="L_T", steps=steps)
    assert found.form("closed").latex().startswith(rf"\frac{{\partial {said}}}{{\partial V}} = (o_")


@pytest.mark.parametrize("loss", ["L = L_t", "L = L_3", "L = L_{T-1}", "L = 2", r"L = L_T + \sum_{t=1}^{T} L_t"])
def test_of_no_other_step(loss):
    with pytest.raises(DeriveError):
        api.loads(NETWORK + STEP + loss)


def test_its_figure_has_no_output_before_the_last():
    drawn = {node.latex for node in unrolled(api.loads(NETWORK + STEP + "L = L_T").model, 3).nodes}
    assert drawn == {"x_1", "x_2", "x_3", "s_0", "s_1", "s_2", "s_3", "o_3", "y_3", "L_3"}
