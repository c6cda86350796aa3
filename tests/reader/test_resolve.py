r"""What formulas mean: tables of LaTeX and meaning, of shapes, and of errors with their place."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import DeriveError
from derive.reader.parse import parse
from derive.reader.resolve import resolve
from tests.reader.meaning import context, meaning, show

PRODUCTS = [
    ("W s_t", "(W s[t])"),
    (r"W \cdot s_t", "(W s[t])"),
    ("W W s_t", "(W W s[t])"),
    (r"s_t^{\top} s_t", "(s[t]ᵀ s[t])"),
    (r"s_t s_t^{\top}", "(s[t] s[t]ᵀ)"),
    ("2 W s_t", "(2 W s[t])"),
    ("0.5 w", "(1/2 w)"),
    ("w s_t", "(w s[t])"),
    ("s_t w", "(s[t] w)"),  # the author's order
    ("W W_{hh}", "(W W_hh)"),
    ("W_{hh} W", "(W_hh W)"),
    (r"\lambda W s_t", "(lambda W s[t])"),
    (r"(s_t^{\top} a_t) W s_t", "((s[t]ᵀ a[t]) W s[t])"),  # the brackets say what meets what
    (r"W (s_t \odot a_t)", "(W (s[t] ⊙ a[t]))"),
    (r"s_t \odot a_t \odot b", "(s[t] ⊙ a[t] ⊙ b)"),
    (r"s_t \circ a_t", "(s[t] ⊙ a[t])"),
    (r"W s_t \odot a_t", "((W s[t]) ⊙ a[t])"),
    (r"s_t \odot W a_t", "(s[t] ⊙ (W a[t]))"),
    (r"\begin{pmatrix} s_t \\ o_t \end{pmatrix}", "[s[t]; o[t]]"),
    (r"\mathbf{1}^{\top} o_t", "(1:1×m o[t])"),
    (r"\mathbf 1^T o_t", "(1:1×m o[t])"),
]
SUMS = [
    ("U x_t + W s_{t-1}", "((U x[t]) + (W s[t-1]))"),
    ("W s_{t-1} + U x_t", "((W s[t-1]) + (U x[t]))"),
    ("1 - s_t", "(1:n×1 + (-1 s[t]))"),
    ("s_t + 1", "(s[t] + 1:n×1)"),
    ("-s_t", "(-1 s[t])"),
    ("- - s_t", "s[t]"),
    ("-W s_t - a_t", "((-1 W s[t]) + (-1 a[t]))"),
    (r"\sum_{t=1}^{T} L_t", "Σ[t=1..T]L[t]"),
    (r"\sum_{t=1}^T W s_t + b", "(Σ[t=1..T](W s[t]) + b)"),
    (r"\sum_t L_t", "Σ[t=1..T]L[t]"),  # over the range that the document gives t
    (r"\sum_{t=1}^{T} \sum_{k=1}^{t} L_k", "Σ[t=1..T]Σ[k=1..t]L[k]"),
    (r"W \sum_{k=1}^{t-1} s_k", "(W Σ[k=1..t-1]s[k])"),
    (r"\prod_{j=k+1}^{t} A_j", "∏↓[j=k+1..t]A[j]"),  # descending is the reading where nothing is written beside it
    (r"\frac{1}{2} w", "(1/2 w)"),
    (r"\frac{w}{2}", "(w / 2)"),
    (r"\frac{s_t}{w}", "(s[t] / w)"),
    (r"\frac{1}{s_t}", "(1:n×1 / s[t])"),
    (r"\frac{s_t}{a_t}", "(s[t] / a[t])"),
]
DOTS = [
    (r"A_t A_{t-1} \cdots A_{k+1}", "(A[t] ∏↓[j=k+1..t-1]A[j])"),
    (r"A_t \cdots A_{k+1}", "∏↓[j=k+1..t]A[j]"),
    (r"A_3 \cdots A_1", "∏↓[j=1..3]A[j]"),
    (r"A_1 \cdots A_3", "∏↑[j=1..3]A[j]"),
    (r"A_T \cdots A_1", "∏↓[j=1..T]A[j]"),
    (r"A_1 \cdots A_T", "∏↑[j=1..T]A[j]"),
    (r"A_1 A_2 \cdots A_T", "(A[1] ∏↑[j=2..T]A[j])"),
    (r"A_{k+1} \cdots A_t", "∏↑[j=k+1..t]A[j]"),
    (r"A_t^{\top} \cdots A_1^{\top}", "∏↓[j=1..t]A[j]ᵀ"),
    (
        r"\frac{\partial s_t}{\partial s_{t-1}} \cdots \frac{\partial s_{k+1}}{\partial s_k}",
        "∏↓[j=k+1..t]d(s[j])/d(s[j-1])",
    ),
    (  # one term is what it takes to make both sides alike
        r"V \operatorname{diag}(a_t) W \cdots \operatorname{diag}(a_{k+1}) W s_k",
        "(V ∏↓[j=k+1..t](diag(a[j]) W) s[k])",
    ),
    (r"W^{\top} A_{k+1} \cdots W^{\top} A_t V^{\top}", "(∏↑[j=k+1..t](Wᵀ A[j]) Vᵀ)"),
    (r"\sum_{k=1}^{3} A_3 \cdots A_{k+1}", "Σ[k=1..3]∏↓[j=k+1..3]A[j]"),  # A_4 is beyond
    (r"\sum_{k=1}^{3} A_1 \cdots A_k", "Σ[k=1..3]∏↑[j=1..k]A[j]"),
    (r"\sum_{k=1}^{2} A_k \cdots A_1", "Σ[k=1..2]∏↓[j=1..k]A[j]"),
    (r"\sum_{k=1}^{2} A_k \cdots A_2", "Σ[k=1..2]∏↑[j=k..2]A[j]"),
    (r"\sum_{k=t}^{3} A_k \cdots A_{t+1}", "Σ[k=t..3]∏↓[j=t+1..k]A[j]"),
    (r"L_1 + \cdots + L_T", "Σ[j=1..T]L[j]"),
    (r"L_T + \cdots + L_1", "Σ[j=1..T]L[j]"),
    (r"L_1 + L_2 + \cdots + L_T", "(L[1] + Σ[j=2..T]L[j])"),
]
SUPERSCRIPTS = [
    (r"W^{\top} s_t", "(Wᵀ s[t])"),
    ("W^T s_t", "(Wᵀ s[t])"),
    (r"W^\top", "Wᵀ"),
    (r"W^\intercal", "Wᵀ"),
    ("(W U)^{T}", "(W U)ᵀ"),
    (r"w^{\top}", "w"),
    (r"W^{\top\top}", None),
    ("L^2", "L^2"),
    ("w^{-1}", "w^-1"),
    ("W^2", "(W W)"),
    ("W^{T-k}", "W**(T-k)"),
    ("W^{t-k+1}", "W**(-k+t+1)"),
    ("s_t^2", "s[t]^2"),  # of a column only entry by entry
    ("1 - s_t^{2}", "(1:n×1 + (-1 s[t]^2))"),
    ("(W s_t)^2", "(W s[t])^2"),
    (r"s_t^{\odot 2}", "s[t]^2"),
    (r"s_t^{\circ 2}", "s[t]^2"),
    ("(s_t + b)^{T}", "(s[t] + b)ᵀ"),
]
FUNCTIONS = [
    ("f(a_t)", "f(a[t])"),
    (r"f\left(a_t\right)", "f(a[t])"),
    ("f[a_t]", "f(a[t])"),
    ("f'(a_t)", "f'(a[t])"),
    ("f''(a_t)", "f''(a[t])"),
    (r"f(W s_t)^{\top} a_t", "(f((W s[t]))ᵀ a[t])"),
    (r"f'(a_t) \odot (W^{\top} s_t)", "(f'(a[t]) ⊙ (Wᵀ s[t]))"),
    ("W f(a_t) w", "(W f(a[t]) w)"),
    (r"\sigma(a_t)", "sigmoid(a[t])"),
    (r"\sigma'(a_t)", "sigmoid'(a[t])"),
    (r"\tanh(a_t)", "tanh(a[t])"),
    (r"\tanh'(a_t)", "tanh'(a[t])"),
    (r"\tanh a_t", "tanh(a[t])"),
    (r"\tanh^{2}(w)", "tanh(w)^2"),
    (r"\tanh^{\odot 2}(a_t)", "tanh(a[t])^2"),
    (r"\tanh^2(a_t)", "tanh(a[t])^2"),
    (r"\tanh^2(a_t)^{\top} b", "(tanh(a[t])^2ᵀ b)"),
    (r"\sigma^2(a_t)", "sigmoid(a[t])^2"),
    (r"{f'}^2(a_t)", "f'(a[t])^2"),
    (r"\operatorname{ReLU}(a_t)", "relu(a[t])"),
    (r"\mathrm{relu}(a_t)", "relu(a[t])"),
    (r"\operatorname{diag}(s_t)", "diag(s[t])"),
    (r"\mathrm{diag}(f'(a_t)) W", "(diag(f'(a[t])) W)"),
    (r"\operatorname{softmax}(V s_t)", "softmax((V s[t]))"),
    (r"\text{softmax}(V s_t)", "softmax((V s[t]))"),
    (r"\log o_t", "log(o[t])"),
    (r"\ln o_t", "log(o[t])"),
    (r"\log(o_t)", "log(o[t])"),
    (r"\log{o_t}", "log(o[t])"),
    (r"-\bar{o}_t^{\top} \log o_t", "(-1 o_bar[t]ᵀ log(o[t]))"),
    (r"\log w L_t", "log((w L[t]))"),  # the factors up to the next sign
    (r"\log w + L_t", "(log(w) + L[t])"),
    (r"\log(w) L_t", "(log(w) L[t])"),
    (r"\log \operatorname{softmax}(V s_t)", "log(softmax((V s[t])))"),
    (r"\lVert s_t \rVert", "norm(s[t])"),
    (r"\left\| s_t - a_t \right\|", "norm((s[t] + (-1 a[t])))"),
    (r"|w|", "norm(w)"),
    (r"\sqrt{w}", "sqrt(w)"),
]
DERIVATIVES = [
    (r"\frac{\partial L}{\partial W}", "d(L)/d(W)"),
    (r"\frac{d L}{d W}", "d(L)/d(W)"),
    (r"\frac{dL}{dW}", "d(L)/d(W)"),
    (r"\frac{\mathrm{d} L}{\mathrm{d} W}", "d(L)/d(W)"),
    (r"\dfrac{\partial s_t}{\partial s_{t-1}}", "d(s[t])/d(s[t-1])"),
    (r"\frac{\partial^{+} s_t}{\partial W}", "d(s[t])/d(W)|s[t-1]"),
    (r"\frac{\partial^+ s_{t}}{\partial W}", "d(s[t])/d(W)|s[t-1]"),
    (r"\frac{\partial^{+} s_k}{\partial W}", "d(s[k])/d(W)|s[k-1]"),
    (r"\frac{\partial}{\partial W} L", "d(L)/d(W)"),
    (r"\nabla_W L", "d(L)/d(W)"),
    (r"\nabla_{s_t} L", "d(L)/d(s[t])ᵀ"),  # a gradient stands in the shape of what it is taken by
    (r"\left(\frac{\partial L}{\partial s_t}\right)^{\top}", "d(L)/d(s[t])ᵀ"),
    (r"\frac{\partial L}{\partial s_t} s_t", "(d(L)/d(s[t]) s[t])"),  # a product: only an empty ∂ acts on what follows
    (r"\frac{\partial L}{\partial s_t} W", "(d(L)/d(s[t]) W)"),
    (r"\frac{\partial L_t}{\partial o_t} \frac{\partial o_t}{\partial s_t}", "(d(L[t])/d(o[t]) d(o[t])/d(s[t]))"),
]
NAMES = [
    ("h^{(t)}", "h[t]"),
    ("h^{(t-1)}", "h[t-1]"),
    (r"h^{\langle t \rangle}", "h[t]"),
    ("h_t", "h[t]"),
    (r"h^{(t)\top} s_t", "(h[t]ᵀ s[t])"),
    (r"(h^{(t)})^{\top}", "h[t]ᵀ"),
    (r"\bar{o}_t", "o_bar[t]"),
    (r"\bar o_t", "o_bar[t]"),
    (r"\bar{o_t}", "o_bar[t]"),
    (r"\bar{o}", "o_bar"),
    (r"\mathbf{h}_t", "h_mathbf[t]"),
    ("W_{hh} s_t", "(W_hh s[t])"),
    ("s_{T}", "s[T]"),
    ("s_{t+2}", "s[t+2]"),
    ("s_{1}", "s[1]"),
]
BLOCKS = [
    (r"\begin{pmatrix} W & U \\ 0 & A_t \end{pmatrix}", None),
    (r"\begin{pmatrix} W & U \end{pmatrix}", "[W, U]"),
    (r"\begin{bmatrix} W & U \end{bmatrix} \begin{bmatrix} s_t \\ x_t \end{bmatrix}", "([W, U] [s[t]; x[t]])"),
    (r"\left[ \begin{array}{cc} W & U \end{array} \right]", "[W, U]"),
    (r"\begin{pmatrix} W & 0 \\ U^{\top} & 0_{d \times n} \end{pmatrix}", "[W, 0:n×n; Uᵀ, 0:d×n]"),
    (r"\begin{pmatrix} W & U \\ \mathbf{0} & I \end{pmatrix}", "[W, U; 0:d×n, I:d]"),
    (r"\begin{pmatrix} I & W \end{pmatrix}", "[I:n, W]"),
    (r"\begin{pmatrix} I & 0 \\ U^{\top} & I \end{pmatrix}", "[I:n, 0:n×d; Uᵀ, I:d]"),
    (r"\begin{pmatrix} -I & \lambda I - W \end{pmatrix} b", None),
    (r"\begin{pmatrix} W & \lambda I - A_t \end{pmatrix}", "[W, ((lambda I:n) + (-1 A[t]))]"),
    (r"\begin{pmatrix} W & \mathbf{1} \\ \mathbf{1}^{\top} & w \end{pmatrix}", "[W, 1:n×1; 1:1×n, w]"),
    (r"\begin{pmatrix} s_t \\ 0_{d \times 1} \end{pmatrix}", "[s[t]; 0:d×1]"),
    (r"\begin{pmatrix} s_t \\ \mathbf{0}_d \end{pmatrix}", "[s[t]; 0:d×1]"),
    (r"\begin{pmatrix} w & 0 \\ 1 & -2 \end{pmatrix}", "[w, 0; 1, -2]"),  # numbers: entry by entry
    (r"\begin{pmatrix} s_t \\ o_t \end{pmatrix}^{\top}", "[s[t]; o[t]]ᵀ"),
    (r"\begin{pmatrix} W & U \end{pmatrix}_{ij}", "[W, U][i,j]"),
]
SIZES = [
    ("I_n", "I:n"),
    ("I_{n} W", "(I:n W)"),
    ("I_{2n}", "I:2*n"),
    ("I_{n+d}", "I:d+n"),
    (r"I_{n \times n}", "I:n"),
    ("I_3", "I:3"),
    (r"\mathbf{I}_n", "I:n"),
    ("W - I", "(W + (-1 I:n))"),
    ("I - W", "(I:n + (-1 W))"),
    (r"W + \lambda (I + \frac{1}{2} I)", "(W + (lambda (I:n + (1/2 I:n))))"),
    (r"\frac{I}{w} + W", "((I:n / w) + W)"),
    ("I U", "(I:n U)"),
    ("U I", "(U I:d)"),
    (r"W (\lambda I) s_t", "(W lambda I:n s[t])"),
    ("(I - W)^{T} s_t", "((I:n + (-1 W))ᵀ s[t])"),
    (r"(\lambda I)^{\top} + W", "((lambda I:n) + W)"),
    (r"I \odot W", "(I:n ⊙ W)"),
    (r"0_{n \times d} + U", "(0:n×d + U)"),
    (r"\mathbf{1} - s_t", "(1:n×1 + (-1 s[t]))"),
    (r"\mathbf{1}_n^{\top} s_t", "(1:1×n s[t])"),
]
ENTRIES = [
    ("W_{ij}", "W[i,j]"),
    ("W_{i j}", "W[i,j]"),
    ("W_{i,j+1}", "W[i,j+1]"),
    ("U_{1,2}", "U[1,2]"),
    ("U_{12}", "U[1,2]"),
    ("W_{i1}", "W[i,1]"),
    ("W_{2i}", "W[2,i]"),  # of a matrix two indices, of a column one
    ("s_{t,2i}", "s[t][2*i]"),
    ("s_{t,i}", "s[t][i]"),
    ("s_{t-1,j}", "s[t-1][j]"),
    ("s_{3,i}", "s[3][i]"),
    ("b_i", "b[i]"),
    ("A_{t,ij}", "A[t][i,j]"),
    ("A_{t,i,j}", "A[t][i,j]"),
    ("W_{hh,ij}", "W_hh[i,j]"),
    ("h^{(t)}_{i}", "h[t][i]"),
    (r"\bar{o}_{t,i}", "o_bar[t][i]"),
    ("W_{ij}^2", "W[i,j]^2"),
    ("s_{t,i}^2", "s[t][i]^2"),
    ("[W s_{t-1}]_i", "(W s[t-1])[i]"),
    ("(W U)_{ij}", "(W U)[i,j]"),
    (r"(W^{\top})_{ij}", "Wᵀ[i,j]"),
    (r"[W]_{ij}^2", "W[i,j]^2"),
    (r"\left[\frac{\partial L}{\partial W}\right]_{ij}", "d(L)/d(W)[i,j]"),
    (r"\frac{\partial L}{\partial W_{ij}}", "d(L)/d(W)[i,j]"),  # the same, as it is mostly written
    (r"\frac{\partial L}{\partial s_{t,i}}", "d(L)/d(s[t])[i]"),
    (r"\frac{\partial s_{t,i}}{\partial s_{t-1,j}}", "d(s[t])/d(s[t-1])[i,j]"),
    (r"\frac{\partial}{\partial W_{ij}} L", "d(L)/d(W)[i,j]"),
    (r"(\nabla_W L)_{ij}", "d(L)/d(W)[i,j]"),
    (r"\sum_{l=1}^{n} W_{il} s_{t-1,l}", "Σ[l=1..n](W[i,l] s[t-1][l])"),
    (r"\sum_{i=1}^{n} \sum_{l=1}^{d} U_{il}^2", "Σ[i=1..n]Σ[l=1..d]U[i,l]^2"),
    (r"\sum_{l=1}^{n-1} W_{i,l+1}", "Σ[l=1..n-1]W[i,l+1]"),
    ("f'(a_{t,i})", "f'(a[t][i])"),
    ("f(a_t)_i", "f(a[t])[i]"),
    (r"\operatorname{softmax}(V s_t)_i", "softmax((V s[t]))[i]"),
    (r"\log o_{t,i}", "log(o[t][i])"),
]
SLOPES = [
    (text, "relu'(a[t])")
    for text in (
        r"\mathbf{1}[a_t > 0]", r"\mathbf{1}\left[a_t > 0\right]", r"\mathbb{1}[a_t > 0]", r"\mathbf{1}_{a_t > 0}",
        r"\mathbf{1}_{\{a_t > 0\}}", r"\mathbf{1}\{a_t > 0\}", r"\mathbf{1}(0 < a_t)", r"\mathbf{1}[a_t > \mathbf{0}]",
    )
] + [
    (r"\mathbf{1}[a_{t,i} > 0]", "relu'(a[t][i])"),
    (r"\mathbf{1}[a_t > 0] \odot (W^{\top} s_t)", "(relu'(a[t]) ⊙ (Wᵀ s[t]))"),
    (r"\operatorname{diag}(\mathbf{1}[W s_t > 0]) W", "(diag(relu'((W s[t]))) W)"),
    (r"\mathbf{1}[a_t > 0]^{\top} s_t", "(relu'(a[t])ᵀ s[t])"),
    (r"\mathbf{1}_{a_t > 0}^{\top} s_t", "(relu'(a[t])ᵀ s[t])"),
]  # fmt: skip
NORMS = [
    (r"\sigma_{\max}(W)", "norm(W)"),
    (r"\sigma_{\max}(W U)^2", "norm((W U))^2"),
    (r"\sigma_{\max}^2(W)", "norm(W)^2"),
    (r"\lVert W \rVert_2", "norm(W)"),
    (r"\lVert s_t \rVert_2^2", "squarednorm(s[t])"),
]
ALL = [*PRODUCTS, *SUMS, *DOTS, *SUPERSCRIPTS, *FUNCTIONS, *DERIVATIVES, *NAMES]
ALL += [*BLOCKS, *SIZES, *ENTRIES, *SLOPES, *NORMS]


@pytest.mark.parametrize(("text", "expected"), [pair for pair in ALL if pair[1] is not None])
def test_meaning(text, expected):
    assert show(meaning(text)) == expected


SHAPES = [
    ("U x_t", "n×1"),
    ("(W U)^{T} s_t", "d×1"),
    (r"s_t^{\top} W a_t", "1×1"),
    (r"s_t x_t^{\top}", "n×d"),
    (r"\operatorname{diag}(s_t) U", "n×d"),
    (r"\frac{\partial L}{\partial W}", "n×n"),  # of a scalar by a matrix: the matrix's own
    (r"\frac{\partial L}{\partial s_t}", "1×n"),
    (r"\frac{\partial s_t}{\partial x_t}", "n×d"),
    (r"\frac{\partial s_t}{\partial U}", "n×n×d"),
    (r"\frac{\partial L_t}{\partial s_t} \frac{\partial s_t}{\partial U}", "n×d"),  # a row contracts the first index
    (r"\nabla_U L", "n×d"),
    (r"\lVert W s_t \rVert", "1×1"),
    (r"\begin{pmatrix} s_t \\ x_t \end{pmatrix}", "d+n×1"),
]


@pytest.mark.parametrize(("text", "shape"), SHAPES)
def test_shape(text, shape):
    assert "×".join(str(size).replace(" ", "") for size in meaning(text).shape) == shape


# The text, carets under the place, and words of the message, of what was expected, or of what to do.
ERRORS = [
    ("W x_t", "^^^^^", "n×n times d×1"),
    ("b + W x_t", "    ^^^^^", "n×n times d×1"),
    ("b + W (a_t + x_t)", "       ^^^^^^^^^", "n×1 and d×1"),
    (r"x_t^{\top} W", "^^^^^^^^^^^^", "1×d times n×n"),
    ("W + U", "^^^^^", "n×n and n×d"),
    (r"s_t \odot x_t", "^^^^^^^^^^^^^", "n×1 and d×1"),
    ("s_t + L", "^^^^^^^", "n×1 and a scalar"),
    (r"\operatorname{diag}(W)", "^" * 22, "diag takes a column"),
    (r"\operatorname{softmax}(W)", "^" * 25, "softmax takes a column"),
    (r"\frac{s_t}{x_t}", "^" * 15, "n×1 and d×1"),
    (r"\prod_{j=1}^{t} U", "^" * 17, "square"),
    (r"U^2", "  ^", r"\odot 2"),
    (r"(s_t^{\top})^2", "             ^", r"\odot 2"),
    (r"W^{q}", "   ^", "superscript"),
    (r"s_t^{*}", "     ^", "superscript"),
    ("q_t", "^^^", "neither declared nor defined"),
    ("W q_t", "  ^^^", "neither declared nor defined"),
    ("s", "^", "neither declared nor defined"),  # s_t is known, s is another name
    (r"\hat{s}_t", "^^^^^^^^^", "neither declared nor defined"),
    ("s_t'", "^^^^", "neither declared nor defined"),
    ("W_{h} s_t", "^^^^^", "neither declared nor defined"),
    (r"W + \tanh", "    ^^^^^", "argument"),
    (r"\sigma", "^^^^^^", "argument"),
    ("f", "^", "argument"),
    (r"\sum L_t", "^^^^", r"\sum_{t=1}^{T}"),
    (r"\sum_{q} L_t", "^^^^^^^^", r"\sum_{t=1}^{T}"),
    (r"L + \sum_{k=1}^{q} L_k", "    ^^^^^^^^^^^^^^", r"\sum_{t=1}^{T}"),
    (r"s_t \otimes a_t", "    ^^^^^^^", "otimes"),
    (r"A_t \cdots", "    ^^^^^^", "either side"),
    (r"A_t \cdots W", "    ^^^^^^", "one shift of one index"),
    (r"s_t^{\top} \cdots A_t", "           ^^^^^^", "one shift of one index"),
    (r"\mathbf{1} w", "^^^^^^^^^^", "size"),
    (r"W^{q}", "   ^", "superscript"),
    # Blocks
    (r"\begin{pmatrix} W & U \\ V & W \end{pmatrix}", " " * 29 + "^", "m×d"),
    (r"\begin{pmatrix} W & 1 \\ 0 & W \end{pmatrix}", " " * 20 + "^", "a scalar"),
    (r"\begin{pmatrix} W & U \\ V \end{pmatrix}", " " * 25 + "^", "a row of 1 blocks below one of 2"),
    (r"\begin{pmatrix} W & 0 \\ 0 & I \end{pmatrix}", " " * 20 + "^", r"0_{n \times d}"),
    (r"\begin{pmatrix} s_t \\ 0 \end{pmatrix}", " " * 23 + "^", "the size of this 0"),
    (r"\begin{pmatrix} s_t \\ \mathbf{1} \end{pmatrix}", " " * 23 + "^" * 10, "the size of"),
    (r"\begin{pmatrix} W & \\ 0 & W \end{pmatrix}", " " * 19 + "^", "no block"),
    (r"\begin{pmatrix} W & \cdots \\ 0 & W \end{pmatrix}", " " * 20 + "^^^^^^", "dots"),
    (r"\begin{pmatrix} I & U \\ W & I \end{pmatrix}", " " * 29 + "^", "square"),
    (r"\begin{vmatrix} W & U \end{vmatrix}", "^" * 35, "not understood"),  # a determinant
    # Sizes
    ("I", "^", "I_n"),
    (r"\lambda I", "        ^", "I_n"),
    ("w + I", "    ^", "I_n"),
    ("U + I", "    ^", "square"),
    (r"I \odot U", "^", "square"),
    ("I_p", "  ^", "p is not a size"),
    ("I_k", "  ^", "k is not a size"),
    (r"I_{n \times d}", "   ^^^^^^^^^^", "square"),
    ("0_n", "  ^", "rows"),
    (r"0_{n \times d} + W", "^" * 18, "n×d and n×n"),
    # Entries: what counts steps counts no entries, and no index may leave its matrix
    ("W_i", "^^^", "2 indices"),
    ("s_{t,ij}", "^" * 8, "one index"),
    ("w_i", "^^^", "no entries"),
    ("W_{ijk}", "^" * 7, "neither declared nor defined"),
    ("W_{iq}", "^" * 6, "neither declared nor defined"),
    ("b_t", "^^^", "t counts steps"),
    ("W_{it}", "^" * 6, "t counts steps"),
    (r"\sum_{k=1}^{t} W_{ik}", " " * 15 + "^^^^^^", "k counts steps"),
    (r"\sum_{l=1}^{T} W_{il}", " " * 15 + "^^^^^^", "l counts steps"),
    (r"\sum_{l=1}^{n} s_l", " " * 15 + "^^^", "l runs over entries"),
    (r"\sum_{l=1}^{m} W_{il}", " " * 15 + "^^^^^^", "this index runs to m, the entries to n"),
    (r"\sum_{l=1}^{n} W_{i,l+1}", " " * 15 + "^" * 9, "this index runs to n + 1"),
    (r"\sum_{l=0}^{n} W_{il}", " " * 15 + "^^^^^^", "begins at 1"),
    (r"\sum_{l=1}^{p} W_{il}", "^" * 14, "bounds"),
    (r"f(a_t)_t", "       ^", "t counts steps"),
    (r"(W s_t)_{q}", "         ^", "names no entry"),
    (r"f(a_t)'", " ^^^^^^", "a prime"),
    (r"W^{\top}_{ij}", "   ^^^^", "brackets"),
    (r"W_{ij}^{\top}", "        ^^^^", "brackets"),
    (r"W^2_{ij}", "  ^", "brackets"),
    (r"W_{ij}^{-1}", "        ^^", "brackets"),
    (r"\frac{\partial s_t}{\partial s_{t-1,j}}", "^" * 39, "whole array"),
    (r"\frac{\partial s_{t,i}}{\partial W_{ij}}", "^" * 40, "3 indices"),
    (r"\frac{\partial L}{\partial W}_{ij}", "^" * 34, "brackets"),
    (r"\frac{\partial L}{\partial (W s_t)}", None, "both named"),
    # Slopes, norms, powers
    (r"\mathbf{1}[a_t \ge 0]", " " * 11 + "^" * 9, "a_t > 0"),
    (r"\mathbf{1}[a_t > b]", " " * 11 + "^" * 7, "a_t > 0"),
    (r"1[a_t > 0]", "  ^^^^^^^", "not understood"),
    (r"\sigma_{\max}(s_t)", "^" * 18, "of a matrix"),
    (r"\lVert W \rVert_F", "^" * 17, "singular value"),
    (r"\tanh^{-1}(a_t)", "       ^^", "f(x)"),
    (r"f^{(2)}(w)", "   ^^^", "f''(x)"),
    (r"(W)^{(2)}", "     ^^^", "brackets"),
    (r"W^{(f)}_{x}", "^" * 11, ""),  # two labels
    # Dots
    (r"2 \cdots 5", "  ^^^^^^", "one shift of one index"),
    (r"w^2 \cdots w^5", "    ^^^^^^", "one shift of one index"),
    (r"I_n \cdots I_d", "    ^^^^^^", "one shift of one index"),
    (r"W \cdots W", "  ^^^^^^", "one shift of one index"),
    (r"\frac{\partial}{\partial W}", "^" * 27, "nothing is differentiated"),
    (r"\frac{\partial W s_t}{\partial W}", " " * 17 + "^^^", "one quantity by one quantity"),
    (r"\frac{\partial W}{\partial L}", "^" * 29, "scalar or a vector"),
    ("a_t = b", "^^^^^^^", "not understood"),
    ("W ()", "   ^", "not understood"),
    ("s_t, a_t", "^^^^^^^^", "not understood"),
    # Not to be taken for something that it is not: 1ᵀ is no number, ∂ over d no derivative, W^{-1} not promised.
    (r"\frac{d L}{\partial W}", None, ""),
    (r"\int L_t", None, ""),
    (r"\operatorname{foo}(a_t)", None, ""),
    (r"\max(s_t)", None, ""),
    (r"W^{\top\top}", None, ""),
]


GATES = r"""
W_i, W_f \in \mathbb{R}^{n \times d}, b_i, b_f, i_t, f_t, h_t, a^{(i)}_t \in \mathbb{R}^{n}, x_t \in \mathbb{R}^{d}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i_t", "i[t]"),
        ("W_i x_t", "(W_i x[t])"),
        (r"i_t \odot f_t", "(i[t] ⊙ f[t])"),
        ("W_{i,ij}", "W_i[i,j]"),
        ("W_{f,ij}", "W_f[i,j]"),
        ("b_i", "b_i"),
        ("b_{i,i}", "b_i[i]"),
        ("i_{t,i}", "i[t][i]"),
        ("a^{(i)}_t", "a_i[t]"),
        ("a^{(i)}_{t,i}", "a_i[t][i]"),
        (r"\sum_{i=1}^{n} i_{t,i} b_{i,i}", "Σ[i=1..n](i[t][i] b_i[i])"),
    ],
)
def test_a_letter_may_be_an_index_a_gate_and_a_label(text, expected):
    where = replace(context(text, GATES, "tT"), letters=frozenset("tTij"))
    assert show(meaning(text, where)) == expected


def test_what_can_be_read_as_two_known_names_is_refused():
    where = replace(context("", r"W_i, W_t \in \mathbb{R}^{n}", "tT"), letters=frozenset("tTi"))
    with pytest.raises(DeriveError, match="two ways"):
        meaning("W_i", where)


def test_two_letters_that_are_a_label_somewhere_are_no_indices():
    where = replace(context("", r"W_{hh}, U \in \mathbb{R}^{n \times n}", "tT"), letters=frozenset("tThi"))
    assert show(meaning("U_{hi}", where)) == "U[h,i]"
    with pytest.raises(DeriveError, match="neither declared nor defined"):
        meaning("U_{hh}", where)


def test_a_size_or_an_identity_may_come_from_the_other_side_of_an_equation():
    n, d = (meaning("U").shape[position] for position in (0, 1))
    assert show(meaning("I", context("I"), (n, n))) == "I:n"
    assert show(meaning("0", context("0"), (n, d))) == "0:n×d"


def test_a_quantity_called_d_is_no_operator():
    declared = r"d, L \in \mathbb{R}, u \in \mathbb{R}^{n}"
    assert show(meaning(r"\frac{d L}{d}", context("", declared))) == "((d L) / d)"
    assert show(meaning(r"\frac{\mathrm{d} L}{\mathrm{d} u}", context("", declared))) == "d(L)/d(u)"


def error_of(text):
    with pytest.raises(DeriveError) as caught:
        meaning(text)
    return caught.value


@pytest.mark.parametrize(("text", "carets", "words"), ERRORS)
def test_error(text, carets, words):
    error = error_of(text)
    assert words in f"{error.message} {error.expected} {error.hint}"
    assert error.source is not None
    assert error.span is not None
    if carets is not None:
        assert error.source.excerpt(error.span).split("\n")[1].split("| ")[1] == carets


@pytest.mark.parametrize(
    ("text", "line", "column"), [("W\n x_t", 1, 1), ("b +\n  W q_t", 2, 5), ("b\n+ s_t\n+ q", 3, 3)]
)
def test_the_line_of_an_error(text, line, column):
    error = error_of(text)
    assert error.source.position(error.span.start) == (line, column)
    assert f"t:{line}:{column}: " in str(error)


@pytest.mark.parametrize("text", [r"\tanh", r"\nabla_W", r"\max", r"\partial", "f"])
def test_no_function_or_operator_is_proposed_as_a_vector(text):
    assert "mathbb{R}" not in str(error_of(text))


@pytest.mark.parametrize("text", [text for text, expected in ALL if expected is not None])
def test_brackets_around_the_whole_change_nothing(text):
    assert show(meaning(rf"\left( {text} \right)")) == show(meaning(text))


@pytest.mark.parametrize("text", [text for text, _ in [*PRODUCTS, *SUPERSCRIPTS] if _ is not None])
def test_a_transpose_turns_the_shape(text):
    shape = meaning(text).shape
    assert meaning(rf"({text})^{{\top}}").shape == shape[::-1]


FACTORS = st.lists(
    st.sampled_from(["W", "W_{hh}", r"\operatorname{diag}(s_t)", "A_t", "A_k", "w"]), min_size=2, max_size=6
)


@given(FACTORS)
def test_a_product_keeps_its_order_and_never_commutes(factors):
    product = meaning(" ".join(factors))
    assert [show(part) for part in product.args] == [show(meaning(factor)) for factor in factors]


LOOSE = [
    "+", "-", "(", ")", r"\odot", r"\cdots", "^{T}", "_{t-1}", ",", "=", r"\frac{1}", r"\sum_{k=1}^{t}", r"\log", "f",
    "f'", r"\partial", r"\mathbf{1}", r"\nabla_W", "0", "I", "_{ij}", "_i", "^2", "'", r"\sum_{l=1}^{n}",
    r"\begin{pmatrix}", r"\end{pmatrix}", "&", r"\\", r"[a_t > 0]",
]  # fmt: skip
PIECES = st.lists(st.sampled_from([*(text for text, _ in ALL), *LOOSE]), max_size=7).map(" ".join)


@given(PIECES)
def test_any_formula_has_a_meaning_or_an_error_with_a_place(text):
    where = context(text)
    try:
        tree = parse(where.source)
    except DeriveError:
        return
    try:
        assert resolve(tree, where).shape
    except DeriveError as refusal:
        error = refusal
    else:
        return
    assert error.source is not None
    assert error.span is not None
    assert error.span.end <= len(text)
    assert error.message
