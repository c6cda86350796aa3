r"""What formulas mean: tables of LaTeX and meaning, of shapes, and of errors with their place."""

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
ALL = [*PRODUCTS, *SUMS, *DOTS, *SUPERSCRIPTS, *FUNCTIONS, *DERIVATIVES, *NAMES]


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
    (r"s_t^2", "    ^", r"\odot 2"),
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
    (r"\mathbf{1} w", "^^^^^^^^^^", "ones"),
    (r"\begin{pmatrix} s_t & a_t \end{pmatrix}", "^" * 39, "column of blocks"),
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


PIECES = st.lists(
    st.sampled_from([*(text for text, _ in ALL), "+", "-", "(", ")", r"\odot", r"\cdots", "^{T}", "_{t-1}", ",", "=",
                     r"\frac{1}", r"\sum_{k=1}^{t}", r"\log", "f", "f'", r"\partial", r"\mathbf{1}", r"\nabla_W", "0"]),
    max_size=7,
).map(" ".join)  # fmt: skip


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
