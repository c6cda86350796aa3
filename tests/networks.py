r"""Small networks as a user would write them, each with something that the cells of the program do not have.

`TEXTS` is for whoever wants to hold something against every network: the core knows nothing of any of them.
"""

from __future__ import annotations

from functools import cache

from derive.api import Network, load, loads

CLOSELY = ("scalar", "elman", "biases", "jordan", "lstm", "gru")
"""The cells of which everything that is printed is looked at, in each manner of printing; the others are checked."""
LOSS = r"L = \sum_{t=1}^{T} L_t"
SQUARES = r"L_t = \frac{1}{2} (o_t - y_t)^{\top} (o_t - y_t)" + "\n" + LOSS
ENTROPY = r"L_t = -y_t^{\top} \log o_t" + "\n" + LOSS + "\n" + r"\mathbf{1}^{\top} y_t = 1"
LINEAR = r"L_t = y_t^{\top} s_t" + "\n" + LOSS
VECTORS = r"x_t, y_t, s_0 \in \mathbb{R}^{n}, W \in \mathbb{R}^{n \times n}, v \in \mathbb{R}^{n}"
PLAIN = r"""
x_t \in \mathbb{R}^{d}, y_t \in \mathbb{R}^{m}, s_0 \in \mathbb{R}^{n}
U \in \mathbb{R}^{n \times d}, W \in \mathbb{R}^{n \times n}, V \in \mathbb{R}^{m \times n}
"""
STEP = r"s_t = f(U x_t + W s_{t-1})"

TEXTS: dict[str, str] = {
    "states_of_two_sizes_and_biases": rf"""
x_t \in \mathbb{{R}}^{{d}}, y_t \in \mathbb{{R}}^{{m}}, s_0, b \in \mathbb{{R}}^{{n}}
r_0 \in \mathbb{{R}}^{{p}}, e \in \mathbb{{R}}^{{m}}
U \in \mathbb{{R}}^{{n \times d}}, W \in \mathbb{{R}}^{{n \times n}}, P \in \mathbb{{R}}^{{n \times p}}
R \in \mathbb{{R}}^{{p \times n}}, Q \in \mathbb{{R}}^{{p \times p}}, V \in \mathbb{{R}}^{{m \times p}}
s_t = f(U x_t + W s_{{t-1}} + P r_{{t-1}} + b)
r_t = \tanh(R s_t + Q r_{{t-1}})
o_t = V r_t + e
{SQUARES}""",
    "two_layers": rf"""
x_t \in \mathbb{{R}}^{{d}}, y_t \in \mathbb{{R}}^{{m}}, s_0 \in \mathbb{{R}}^{{n}}, r_0 \in \mathbb{{R}}^{{p}}
U \in \mathbb{{R}}^{{n \times d}}, W \in \mathbb{{R}}^{{n \times n}}, A \in \mathbb{{R}}^{{p \times n}}
B \in \mathbb{{R}}^{{p \times p}}, V \in \mathbb{{R}}^{{m \times p}}
s_t = f(U x_t + W s_{{t-1}})
r_t = f(A s_t + B r_{{t-1}})
o_t = \operatorname{{softmax}}(V r_t)
{ENTROPY}""",
    "the_loss_is_an_entropy": rf"""{PLAIN.replace("y_t", "c_t")}
{STEP}
o_t = \operatorname{{softmax}}(V s_t)
L_t = o_t^{{\top}} \log o_t + c_t^{{\top}} o_t
{LOSS}""",
    "layers_that_are_numbered": rf"""
x_t \in \mathbb{{R}}^{{d}}, y_t \in \mathbb{{R}}^{{n}}, h_0^{{(1)}}, h_0^{{(2)}} \in \mathbb{{R}}^{{n}}
W_1 \in \mathbb{{R}}^{{n \times d}}, W_2, U_1, U_2 \in \mathbb{{R}}^{{n \times n}}
h_t^{{(1)}} = f(W_1 x_t + U_1 h_{{t-1}}^{{(1)}})
h_t^{{(2)}} = G_{{1,t}} \odot f(W_2 h_t^{{(1)}} + U_2 h_{{t-1}}^{{(2)}})
G_{{1,t}} = \sigma(U_2 h_t^{{(1)}})
L_t = y_t^{{\top}} h_t^{{(2)}}
{LOSS}""",
    "lag_of_two": rf"""{PLAIN}
s_{{-1}} \in \mathbb{{R}}^{{n}}, Z \in \mathbb{{R}}^{{n \times n}}
s_t = f(U x_t + W s_{{t-1}} + Z s_{{t-2}})
o_t = V s_t
{SQUARES}""",
    "only_lag_two": rf"""
x_t, y_t, s_0, s_{{-1}} \in \mathbb{{R}}^{{n}}, W \in \mathbb{{R}}^{{n \times n}}
s_t = f(x_t + W s_{{t-2}})
{LINEAR}""",
    "lags_of_three_and_two": rf"""
x_t, y_t, s_0, s_{{-1}}, s_{{-2}} \in \mathbb{{R}}^{{n}}, r_0, r_{{-1}} \in \mathbb{{R}}^{{p}}
W, Z \in \mathbb{{R}}^{{n \times n}}, A \in \mathbb{{R}}^{{p \times n}}, B \in \mathbb{{R}}^{{n \times p}}
s_t = f(x_t + W s_{{t-1}} + Z s_{{t-3}} + B r_{{t-2}})
r_t = \tanh(A s_{{t-1}})
{LINEAR}""",
    "one_matrix_reads_and_recurs": rf"""
x_t, y_t, s_0 \in \mathbb{{R}}^{{n}}, W \in \mathbb{{R}}^{{n \times n}}
s_t = f(x_t + W s_{{t-1}})
o_t = \operatorname{{softmax}}(W s_t)
{ENTROPY}""",
    "one_matrix_embeds_and_reads": rf"""
x_t, y_t \in \mathbb{{R}}^{{d}}, s_0 \in \mathbb{{R}}^{{n}}
W \in \mathbb{{R}}^{{n \times n}}, E \in \mathbb{{R}}^{{n \times d}}
s_t = f(E x_t + W s_{{t-1}})
o_t = \operatorname{{softmax}}(E^{{\top}} s_t)
{ENTROPY}""",
    "input_skips_to_the_output": rf"""{PLAIN}
D \in \mathbb{{R}}^{{m \times d}}
{STEP}
o_t = \operatorname{{softmax}}(V s_t + D x_t)
{ENTROPY}""",
    "parameters_in_the_loss": rf"""{PLAIN}
a \in \mathbb{{R}}^{{m}}, c \in \mathbb{{R}}
{STEP}
o_t = V s_t + c a
L_t = \frac{{1}}{{2}} (o_t - y_t)^{{\top}} (o_t - y_t) + c c + \frac{{1}}{{2}} c s_t^{{\top}} W s_t
{LOSS}""",
    "readout_uses_a_gate": rf"""{PLAIN}
G \in \mathbb{{R}}^{{n \times d}}, H \in \mathbb{{R}}^{{n \times n}}
g_t = \sigma(G x_t + H s_{{t-1}})
s_t = (1 - g_t) \odot s_{{t-1}} + g_t \odot \tanh(U x_t + W s_{{t-1}})
o_t = V (g_t \odot s_t)
{SQUARES}""",
    "gated_recurrent_unit": rf"""
x_t \in \mathbb{{R}}^{{d}}, y_t \in \mathbb{{R}}^{{m}}, h_0 \in \mathbb{{R}}^{{n}}, V \in \mathbb{{R}}^{{m \times n}}
W_z, W_r, W_h \in \mathbb{{R}}^{{n \times d}}, U_z, U_r, U_h \in \mathbb{{R}}^{{n \times n}}
z_t = \sigma(W_z x_t + U_z h_{{t-1}})
r_t = \sigma(W_r x_t + U_r h_{{t-1}})
\tilde{{h}}_t = \tanh(W_h x_t + U_h (r_t \odot h_{{t-1}}))
h_t = (1 - z_t) \odot h_{{t-1}} + z_t \odot \tilde{{h}}_t
o_t = \operatorname{{softmax}}(V h_t)
{ENTROPY}""",
    "peepholes": rf"""
x_t \in \mathbb{{R}}^{{d}}, y_t, c_0, h_0, p, q \in \mathbb{{R}}^{{n}}
W, A \in \mathbb{{R}}^{{n \times d}}, U, B \in \mathbb{{R}}^{{n \times n}}
i_t = \sigma(W x_t + U h_{{t-1}} + p \odot c_{{t-1}})
c_t = i_t \odot c_{{t-1}} + (1 - i_t) \odot \tanh(A x_t + B h_{{t-1}})
o_t = \sigma(q \odot c_t)
h_t = o_t \odot \tanh(c_t)
L_t = \frac{{1}}{{2}} (h_t - y_t)^{{\top}} (h_t - y_t)
{LOSS}""",
    "the_output_recurs": rf"""
x_t \in \mathbb{{R}}^{{d}}, y_t, o_0 \in \mathbb{{R}}^{{m}}
U \in \mathbb{{R}}^{{n \times d}}, W \in \mathbb{{R}}^{{n \times m}}, V \in \mathbb{{R}}^{{m \times n}}
s_t = f(U x_t + W o_{{t-1}})
o_t = g(V s_t)
{SQUARES}""",
    "no_activation": rf"""{VECTORS.replace(", v", ", b")}
s_t = W s_{{t-1}} + x_t + b
{LINEAR}""",
    "no_recurrence": rf"""
x_t \in \mathbb{{R}}^{{d}}, y_t \in \mathbb{{R}}^{{m}}, V \in \mathbb{{R}}^{{m \times d}}
o_t = \operatorname{{softmax}}(V x_t)
{ENTROPY}""",
    "starts_at_zero": rf"""{PLAIN.replace(", s_0", ", b")}
s_0 = 0
s_t = f(U x_t + W s_{{t-1}} + b)
o_t = V s_t
{SQUARES}""",
    "numbers_beside_vectors": rf"""
x_t, y_t, c \in \mathbb{{R}}, s_0, u, v \in \mathbb{{R}}^{{n}}
W \in \mathbb{{R}}^{{n \times n}}
s_t = f(u x_t + c W s_{{t-1}})
L_t = (v^{{\top}} s_t - y_t)^{{2}}
{LOSS}""",
    "the_loss_looks_back": rf"""
x_t \in \mathbb{{R}}^{{d}}, s_0 \in \mathbb{{R}}^{{n}}
U \in \mathbb{{R}}^{{n \times d}}, W \in \mathbb{{R}}^{{n \times n}}
{STEP}
L_t = \frac{{1}}{{2}} (s_t - s_{{t-1}})^{{\top}} (s_t - s_{{t-1}})
{LOSS}""",
    "the_loss_is_of_the_last_step": rf"""{PLAIN}
{STEP}
o_t = \operatorname{{softmax}}(V s_t)
L_t = -y_t^{{\top}} \log o_t
L = L_T
\mathbf{{1}}^{{\top}} y_t = 1""",
    "the_last_step_written_out": rf"""{PLAIN}
{STEP}
L = \lVert V s_T - y_T \rVert^2 + s_T^{{\top}} W s_T""",
    "attention_to_itself": rf"""
x_t, y_t, s_0 \in \mathbb{{R}}^{{n}}, W, A \in \mathbb{{R}}^{{n \times n}}
p_t = \operatorname{{softmax}}(A s_{{t-1}})
s_t = f(W (p_t \odot s_{{t-1}}) + x_t)
L_t = y_t^{{\top}} s_t + p_t^{{\top}} p_t
{LOSS}""",
    "a_gate_comes_late": rf"""
x_t \in \mathbb{{R}}^{{d}}, y_t, s_0, g_0 \in \mathbb{{R}}^{{n}}
U, Z \in \mathbb{{R}}^{{n \times d}}, W \in \mathbb{{R}}^{{n \times n}}
g_t = \sigma(Z x_t)
s_t = f(U x_t + g_{{t-1}} \odot (W s_{{t-1}}))
{LINEAR}""",
    "functions_of_parameters": rf"""{VECTORS}
s_t = f(f(W) s_{{t-1}} + x_t) \odot \exp(v)
{LINEAR}""",
    "masked_weights": rf"""{VECTORS}
M \in \mathbb{{R}}^{{n \times n}}
s_t = f((W \odot M) s_{{t-1}} + x_t + v)
{LINEAR}""",
    "bilinear": rf"""{VECTORS}
s_t = f(W^{{\top}} W s_{{t-1}} + v v^{{\top}} s_{{t-1}} + W ((v^{{\top}} s_{{t-1}}) v) + x_t)
{LINEAR}""",
    "denominator": rf"""{VECTORS}
s_t = \frac{{f(W s_{{t-1}} + x_t)}}{{v}}
{LINEAR}""",
    "scalar_denominator": rf"""{VECTORS}
s_t = \frac{{f(W s_{{t-1}} + x_t)}}{{3 + v^{{\top}} s_{{t-1}}}}
{LINEAR}""",
    "powers": rf"""{VECTORS}
s_t = f(W s_{{t-1}} + x_t + v)
L_t = y_t^{{\top}} s_t^{{\circ 3}} + (y_t^{{\top}} s_t)^{{2}}
{LOSS}""",
    "norm": rf"""{VECTORS}
s_t = f(W s_{{t-1}} + x_t + v)
L_t = \lVert s_t - y_t \rVert
{LOSS}""",
    "squared_norm": rf"""{VECTORS}
s_t = f(W s_{{t-1}} + x_t + v)
L_t = \lVert s_t - y_t \rVert^{{2}}
{LOSS}""",
    "diagonal": rf"""{VECTORS}
s_t = f(\operatorname{{diag}}(v) W s_{{t-1}} + x_t)
{LINEAR}""",
    "diagonal_of_the_state": rf"""{VECTORS}
s_t = f(\operatorname{{diag}}(s_{{t-1}}) W \operatorname{{diag}}(s_{{t-1}}) v + x_t)
{LINEAR}""",
}


def names() -> tuple[str, ...]:
    """What all that is derived is held against. Of the other cells each formula is compared with the second opinion of
    `tests.verify.independent`, and with finite fields and the complex step before it is on a page."""
    return (*CLOSELY, *TEXTS)


@cache
def network(name: str) -> Network:
    """A network by name, read once."""
    return loads(TEXTS[name], name) if name in TEXTS else load(name)
