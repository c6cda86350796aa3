"""Ways in which people write a network and its gradients: each text has true claims and false ones."""

import pytest

from derive import check
from derive.verify.report import FAILS, HOLDS, NOT_UNDERSTOOD

BY_ENTRIES = r"""
$$a_{t,j} = \sum_{l=1}^{n} W_{jl} s_{t-1,l} + \sum_{i=1}^{d} U_{ji} x_{t,i} + b_j, \qquad s_{t,j} = \tanh(a_{t,j})$$
$$o_{t,k} = \sum_{j} V_{kj} s_{t,j}$$
$$L = \frac12 \sum_{t=1}^T \sum_k (o_{t,k} - y_{t,k})^2$$
$$\delta_{t,j} := \frac{\partial L}{\partial a_{t,j}}$$
"""
STEP_ABOVE = r"""
$$h_i^{t} = \tanh\left(\sum_j w_{ij} h_j^{t-1} + \sum_k u_{ik} x_k^{t} + b_i\right)$$
$$y_i^t = \sum_j v_{ij} h_j^t$$
$$E = \sum_t E^t, \quad E^t = \frac12 \sum_i (y_i^t - d_i^t)^2$$
"""
BRACKETS = r"""
$$[h_t]_i = \tanh\left(\sum_j W_{ij} [h_{t-1}]_j + \sum_k U_{ik} [x_t]_k\right)$$
$$[o_t]_k = \sum_j V_{kj} [h_t]_j$$
$$L = \frac12 \sum_t \|o_t - y_t\|^2$$
"""
SOFTMAX = r"""
$$p_i = \frac{e^{z_i}}{\sum_{k=1}^{K} e^{z_k}}$$
$$L = -\sum_{i=1}^K y_i \log p_i$$
with $\sum_i y_i = 1$
"""
BY_LETTERS = r"""
$$net_j(t) = \sum_i v_{ji} x_i(t) + \sum_m u_{jm} s_m(t-1) + \theta_j, \quad s_j(t) = f(net_j(t))$$
$$net_k(t) = \sum_j w_{kj} s_j(t) + \theta_k, \quad y_k(t) = g(net_k(t))$$
$$E = \frac{1}{2} \sum_{t=1}^{T} \sum_k (d_k(t) - y_k(t))^2$$
$$\delta_k(t) = -\frac{\partial E}{\partial net_k(t)}$$
$$\delta_j(t) = -\frac{\partial E}{\partial net_j(t)}$$
"""
BY_SIZES = r"""
$$a_h^t = \sum_{i=1}^I w_{ih} x_i^t + \sum_{h'=1}^H w_{h'h} b_{h'}^{t-1}$$
$$b_h^t = \tanh(a_h^t)$$
$$a_k^t = \sum_{h=1}^H w_{hk} b_h^t$$
$$y_k^t = \frac{e^{a_k^t}}{\sum_{k'=1}^K e^{a_{k'}^t}}$$
$$\mathcal{L} = -\sum_{t=1}^T \sum_{k=1}^K z_k^t \ln y_k^t$$
$$\delta_j^t := \frac{\partial \mathcal{L}}{\partial a_j^t}$$
"""
TWICE = r"""
$$s_t = \tanh(W s_{t-1} + U x_t)$$
$$\frac{\partial s_t}{\partial s_{t-1}} = \operatorname{diag}(1 - s_t^2) W$$
Without the activation
$$s_t = W s_{t-1} + U x_t$$
"""
NUMBERED = r"""
$$h_t = W h_{t-1} + U x_t, \quad o_t = V h_t, \quad L = \sum_{t=1}^T \ell(o_t, y_t)$$
With $T = 3$ we have
"""
FROM_NOTHING = r"""
$$h_t = \tanh(a_t), \quad a_t = W h_{t-1} + U x_t, \quad h_0 = 0, \quad L = \sum_{t=1}^T \frac12 \|h_t - y_t\|^2$$
$$\delta_t := \nabla_{a_t} L$$
"""
AT_THE_END = r"""
$$h_t = \tanh(W h_{t-1} + U x_t)$$
The loss depends on the last step only.
$$g_t := \left(\frac{\partial L}{\partial h_t}\right)^\top$$
"""
SPELLED_OUT = r"""
$$h_t = f(h_{t-1}, x_t; W) = \tanh(W h_{t-1} + U x_t), \quad L = \sum_{t=1}^T \ell_t(h_t)$$
"""
IN_LETTERS = r"""
$$h_t = \tanh(W h_{t-1} + U x_t), \quad L = \Sigma_{t=1}^T L_t(h_t)$$
"""
GATED = r"""
$$h_t = o_t * \tanh(c_t), \quad c_t = f_t * c_{t-1} + x_t$$
$$f_t = \sigma(W h_{t-1}), \quad o_t = \sigma(V h_{t-1})$$
$$\delta h_t = \frac{\partial L}{\partial h_t}$$
"""

IF_EQUAL = (
    r"\begin{cases} \hat y_{t,i} (1 - \hat y_{t,j}) & \text{if } i = j \\"
    r" %s \hat y_{t,i} \hat y_{t,j} & i \neq j \end{cases}"
)
THETA = r"""
$$x_t = W \sigma(x_{t-1}) + U u_t + b, \quad E = \sum_t E_t, \quad E_t = g(x_t)$$
"""
CLASS = r"""
$$z_t = V h_t, \quad h_t = \tanh(W h_{t-1} + U x_t), \quad \hat y_t = \mathrm{softmax}(z_t)$$
"""
ROWS = r"""
$$h_t = o_t * \tanh(c_t), \quad o_t = \sigma(x_t W_o), \quad i_t = \sigma(x_t W_i), \quad c_t = c_{t-1} + i_t * x_t$$
$$\delta h_t = \frac{\partial L}{\partial h_t}$$
$$\delta i_t = \delta c_t * x_t * i_t * (1 - i_t)$$
"""
BY_STEP = r"""
$$a_t = W h_{t-1} + U x_t + b, \quad h_t = \tanh(a_t), \quad L = \sum_{t=1}^T \frac12 \|h_t - y_t\|^2$$
"""
PROBABILITIES = r"""
$$s_t = \tanh(U x_t + W s_{t-1}), \quad p_t = \operatorname{softmax}(z_t), \quad z_t = V s_t$$
"""
BY_TERM = PROBABILITIES + r"$$L_t = -\sum_k y_{t,k} \log p_{t,k}$$"
AT_ONCE = PROBABILITIES + r"$$L = -\sum_t \sum_i y_{t,i} \log p_{t,i}$$"
ENTRY_OF_GATED = r"""
$$i_t = \sigma(W_i x_t + U_i h_{t-1}), \quad f_t = \sigma(W_f x_t), \quad o_t = \sigma(W_o x_t + U_o h_{t-1})$$
$$c_t = f_t \odot c_{t-1} + i_t \odot x_t, \quad h_t = o_t \odot \tanh(c_t), \quad L = \sum_t L_t$$
$$\frac{\partial h_{t,i}}{\partial c_{t,i}} = o_{t,i} (1 - \tanh^2(c_{t,i}))$$
"""
GATE = r"\frac{\partial L}{\partial U_i} = \sum_t (\frac{\partial L}{\partial i_t}^\top \odot i_t \odot (1 - i_t))"
BY_LOGIT = r"\frac{\partial L_t}{\partial z_{t,i}} = "
PATHS = r"\frac{\partial E_t}{\partial x_t} \frac{\partial x_t}{\partial x_k} \frac{\partial^+ x_k}{\partial \theta}"

TEXTS = [
    (THETA, r"\frac{\partial E_t}{\partial \theta} = \sum_{k=1}^t " + PATHS, HOLDS),
    (THETA, r"\frac{\partial E_t}{\partial \theta} = \sum_{k=2}^t " + PATHS, FAILS),
    (CLASS + r"$$L_t = -\log \hat y_{t,c}$$", BY_LOGIT + r"\hat y_{t,i} - \mathbf{1}_{i=c}", HOLDS),
    (CLASS + r"$$L_t = -\log \hat y_{t,c}$$", BY_LOGIT + r"\mathbf{1}_{i=c} - \hat y_{t,i}", FAILS),
    (CLASS + r"$$L_t = -\log \hat y_{t,y_t}$$", BY_LOGIT + r"\hat y_{t,i} - \mathbf{1}_{i=y_t}", HOLDS),
    (BY_TERM, r"\frac{\partial L_t}{\partial p_{t,k}} = -\frac{y_{t,k}}{p_{t,k}}", HOLDS),
    (BY_TERM, BY_LOGIT + r"p_{t,i} \sum_k y_{t,k} - y_{t,i}", HOLDS),
    (BY_TERM, BY_LOGIT + r"y_{t,i} - p_{t,i} \sum_k y_{t,k}", FAILS),
    (AT_ONCE, r"\frac{\partial L}{\partial p_{t,i}} = -\frac{y_{t,i}}{p_{t,i}}", HOLDS),
    (AT_ONCE, r"\frac{\partial L}{\partial p_{t,i}} = -\frac{p_{t,i}}{y_{t,i}}", FAILS),
    (ENTRY_OF_GATED, r"\frac{\partial c_{t,i}}{\partial f_{t,i}} = c_{t-1,i}", HOLDS),
    (ENTRY_OF_GATED, r"\frac{\partial c_{t,i}}{\partial f_{t,i}} = c_{t,i}", FAILS),
    (ENTRY_OF_GATED, GATE + r"h_{t-1}^\top", HOLDS),
    (ENTRY_OF_GATED, GATE + r"h_{t}^\top", FAILS),
    (CLASS, r"\frac{\partial \hat y_{t,i}}{\partial z_{t,j}} = " + IF_EQUAL % "-", HOLDS),
    (CLASS, r"\frac{\partial \hat y_{t,i}}{\partial z_{t,j}} = " + IF_EQUAL % "", FAILS),
    (CLASS, r"\mathrm{ReLU}'(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}", HOLDS),
    (CLASS, r"\mathrm{ReLU}'(x) = \begin{cases} 1 & x > 0 \\ 0 & x > 1 \end{cases}", NOT_UNDERSTOOD),
    (ROWS, r"\frac{\partial L}{\partial W_i} = \sum_t x_t^\top \delta i_t", HOLDS),
    (ROWS, r"\frac{\partial L}{\partial W_i} = \sum_t x_t^\top (\delta i_t * i_t * (1 - i_t))", FAILS),
    (BY_STEP, r"\nabla_{b} L = \sum_t \left(\frac{\partial h_t}{\partial b^{(t)}}\right)^\top \nabla_{h_t} L", HOLDS),
    (BY_ENTRIES, r"\frac{\partial L}{\partial W_{jl}} = \sum_{t=1}^T \delta_{t,j} s_{t-1,l}", HOLDS),
    (BY_ENTRIES, r"\frac{\partial L}{\partial W_{jl}} = \sum_{t=1}^T \delta_{t,l} s_{t-1,j}", FAILS),
    (BY_ENTRIES, r"\frac{\partial L}{\partial b_j} = \sum_{t=1}^T \delta_{t,j}", HOLDS),
    (BY_ENTRIES, r"\frac{\partial L}{\partial V_{kj}} = \sum_t (o_{t,k} - y_{t,k}) s_{t-1,j}", FAILS),
    (BY_ENTRIES, r"\frac{\partial s_{t,i}}{\partial s_{t-1,j}} = (1 - s_{t,i}^2) W_{ij}", HOLDS),
    (BY_ENTRIES, r"\frac{\partial s_{t,i}}{\partial s_{t-1,j}} = (1 - s_{t,j}^2) W_{ij}", FAILS),
    (BY_ENTRIES, r"\frac{\partial a_{t,j}}{\partial W_{jl}} = s_{t-1,l}", HOLDS),
    (STEP_ABOVE, r"\frac{\partial E}{\partial v_{ij}} = \sum_t (y_i^t - d_i^t) h_j^t", HOLDS),
    (STEP_ABOVE, r"\frac{\partial E}{\partial v_{ij}} = \sum_t (y_i^t + d_i^t) h_j^t", FAILS),
    (STEP_ABOVE, r"\frac{\partial h_i^t}{\partial h_j^{t-1}} = (1 - (h_i^t)^2) w_{ij}", HOLDS),
    (BRACKETS, r"\frac{\partial [h_t]_i}{\partial [h_{t-1}]_j} = (1 - [h_t]_i^2) W_{ij}", HOLDS),
    (BRACKETS, r"\frac{\partial L}{\partial V} = \sum_t (o_t - y_t) h_t^\top", HOLDS),
    (BRACKETS, r"\frac{\partial [h_t]_i}{\partial [h_{t-1}]_j} = (1 - [h_t]_i^2) W_{ji}", FAILS),
    (SOFTMAX, r"\frac{\partial p_i}{\partial z_j} = p_i (\mathbf{1}_{i=j} - p_j)", HOLDS),
    (SOFTMAX, r"\frac{\partial L}{\partial z_j} = p_j - y_j", HOLDS),
    (SOFTMAX, r"\frac{\partial L}{\partial z_j} = y_j - p_j", FAILS),
    (BY_LETTERS, r"\frac{\partial E}{\partial w_{kj}} = -\sum_{t=1}^{T} \delta_k(t) s_j(t)", HOLDS),
    (BY_LETTERS, r"\frac{\partial E}{\partial \theta_j} = -\sum_{t=1}^{T} \delta_j(t)", HOLDS),
    (BY_LETTERS, r"\frac{\partial E}{\partial \theta_k} = -\sum_{t=1}^{T} \delta_k(t)", HOLDS),
    (BY_LETTERS, r"\frac{\partial E}{\partial u_{jm}} = -\sum_{t=1}^{T} \delta_j(t) s_m(t)", FAILS),
    (BY_SIZES, r"\delta_k^t = y_k^t - z_k^t", HOLDS),
    (BY_SIZES, r"\frac{\partial \mathcal{L}}{\partial w_{h'h}} = \sum_{t=1}^T \delta_h^t b_{h'}^{t-1}", HOLDS),
    (BY_SIZES, r"\frac{\partial \mathcal{L}}{\partial w_{hk}} = \sum_{t=1}^T \delta_h^t b_h^t", FAILS),
    (TWICE, r"\frac{\partial s_4}{\partial s_2} = W^2", HOLDS),
    (TWICE, r"\frac{\partial s_4}{\partial s_2} = W^3", FAILS),
    (NUMBERED, r"\nabla_{h_3} L = V^\top \nabla_{o_3} L", HOLDS),
    (NUMBERED, r"\nabla_{h_2} L = V^\top \nabla_{o_2} L", FAILS),
    (FROM_NOTHING, r"\frac{\partial L}{\partial W} = \sum_{t=2}^T \delta_t h_{t-1}^\top", HOLDS),
    (FROM_NOTHING, r"\frac{\partial L}{\partial W} = \sum_{t=3}^T \delta_t h_{t-1}^\top", FAILS),
    (AT_THE_END, r"g_{t-1} = W^\top \operatorname{diag}(1 - h_t^2) g_t", HOLDS),
    (AT_THE_END, r"g_{t-1} = W \operatorname{diag}(1 - h_t^2) g_t", FAILS),
    (SPELLED_OUT, r"\frac{\partial h_t}{\partial h_{t-1}} = \operatorname{diag}(1 - h_t^2) W", HOLDS),
    (IN_LETTERS, r"\frac{\partial L}{\partial W} = \Sigma_{t=1}^T \frac{\partial L_t}{\partial W}", HOLDS),
    (IN_LETTERS, r"\frac{\partial h_t}{\partial h_i} = \Pi_{j=i}^{t-1} \frac{\partial h_{j+1}}{\partial h_j}", HOLDS),
    (GATED, r"\delta c_t = \delta h_t * o_t * \tanh'(c_t) + \delta c_{t+1} * f_{t+1}", HOLDS),
    (GATED, r"\delta c_t = \delta h_t * f_t * \tanh'(c_t) + \delta c_{t+1} * f_{t+1}", FAILS),
    (GATED, r"\frac{\partial h_t}{\partial c_t} = o_t \odot (1 - \tanh^2(c_t))", HOLDS),
]  # fmt: skip


@pytest.mark.parametrize(("text", "claim", "verdict"), TEXTS)
def test_the_last_claim_of_a_text(text, claim, verdict):
    said = check(f"{text}\n$${claim}$$\n", repair=False).claims
    assert said[-1].verdict == verdict, said[-1].reason


def test_what_comes_before_a_second_network_is_judged_by_the_first():
    report = check(f"{TWICE}\n$$\\frac{{\\partial s_4}}{{\\partial s_3}} = W$$\n", repair=False)
    assert [found.verdict for found in report.claims] == [HOLDS, HOLDS]
    assert any("defines anew: s" in note for note in report.files[0].notes)


def test_an_equation_that_contradicts_and_explains_nothing_is_false():
    report = check(r"$$s_t = \tanh(W s_{t-1} + U x_t)$$ $$s_t = \tanh(W s_{t-1} - U x_t)$$")
    assert [found.verdict for found in report.claims] == [FAILS]


@pytest.mark.parametrize(
    "claim", [r"\sum_k y_{t,k} = 1", r"L_t = -\log \hat{y}_{t,c}"], ids=["given", "an entry without a name"]
)  # fmt: skip
def test_what_nobody_can_judge_is_not_understood(claim):
    text = (
        r"$$z_{t,k} = \sum_j V_{kj} h_{t,j}, \quad \hat y_t = \mathrm{softmax}(z_t), \quad L_t = \|\hat y_t - y_t\|^2$$"
    )
    assert check(f"{text}\n$${claim}$$", repair=False).claims[-1].verdict in (NOT_UNDERSTOOD, HOLDS)
