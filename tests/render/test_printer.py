r"""Expressions as LaTeX and as a line for a terminal: tables, and what holds of everything that is printed."""

import re
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Integer, Rational

from derive import api
from derive.algebra import symbols
from derive.algebra.build import ones, transpose
from derive.algebra.expressions import (
    Add,
    Apply,
    Blocks,
    Chain,
    Derivative,
    Diag,
    Expression,
    Hadamard,
    Identity,
    Number,
    Power,
    Product,
    Quotient,
    Softmax,
    Sum,
    Transpose,
    Variable,
)
from derive.algebra.names import Function, Name
from derive.errors import Source
from derive.models.model import walk
from derive.reader.context import UnknownShape
from derive.reader.parse import parse
from derive.render.printer import latex, unicode
from tests.reader.meaning import context, meaning, show

# What is read, how it is printed in LaTeX, and how in a terminal; None: as it is read.
PRINTED = [
    ("W s_t", None, "W sₜ"),
    (r"U x_t + W s_{t-1}", None, "U xₜ + W sₜ₋₁"),
    (r"W^{\top} s_t", r"W^\top s_t", "Wᵀ sₜ"),
    (r"(W U)^{\top}", None, "(W U)ᵀ"),
    (r"W (U x_t + b)", None, "W (U xₜ + b)"),
    (r"(a_t + b)^{\top} W", None, "(aₜ + b)ᵀ W"),
    (r"W (s_t \odot a_t)", None, "W (sₜ ⊙ aₜ)"),
    (r"(W s_t) \odot a_t", None, "(W sₜ) ⊙ aₜ"),
    (r"(s_t - a_t) \odot b", None, "(sₜ - aₜ) ⊙ b"),
    (r"1 - s_t", None, "1 - sₜ"),
    (r"(1 - s_t) \odot a_t", None, "(1 - sₜ) ⊙ aₜ"),
    (r"-s_t", None, "-sₜ"),
    (r"-W s_t - a_t", None, "-W sₜ - aₜ"),
    (r"a_t - (s_t - b)", None, "aₜ - (sₜ - b)"),
    (r"a_t - (s_t + b)", None, "aₜ - (sₜ + b)"),
    (r"-(s_t + b)", None, "-(sₜ + b)"),
    (r"2 W s_t", None, "2 W sₜ"),
    (r"\frac{1}{2} w", None, "1/2 w"),
    (r"\frac{1}{2} \lVert s_t \rVert", r"\frac{1}{2} \left\lVert s_t \right\rVert", "1/2 ‖sₜ‖"),
    (r"\frac{s_t}{w}", None, "sₜ/w"),
    (r"\frac{s_t}{1 + w}", None, "sₜ/(1 + w)"),
    (r"\frac{1}{1 + w}", None, "1/(1 + w)"),
    (r"\frac{w + L}{2}", None, "(w + L)/2"),
    (r"f(a_t)", None, "f(aₜ)"),
    (r"f'(a_t) \odot (W^{\top} s_t)", r"f'(a_t) \odot (W^\top s_t)", "f′(aₜ) ⊙ (Wᵀ sₜ)"),
    (r"\sigma'(a_t)", None, "σ′(aₜ)"),
    (r"\tanh''(a_t)", None, "tanh′′(aₜ)"),
    (r"f(W s_t)^{\top} a_t", r"(f(W s_t))^{\top} a_t", "(f(W sₜ))ᵀ aₜ"),
    (r"\operatorname{diag}(f'(a_t)) W", r"\operatorname{diag}(f'(a_t)) W", "diag(f′(aₜ)) W"),
    (r"\operatorname{softmax}(V s_t)", None, "softmax(V sₜ)"),
    (r"-\bar{o}_t^{\top} \log o_t", r"-\bar{o}_t^\top \log o_t", "-ōₜᵀ log oₜ"),
    (r"\log(w) L_t", r"(\log w) L_t", "(log w) Lₜ"),
    (r"\log(w L_t)", None, "log(w Lₜ)"),
    (r"w^{2}", "w^2", "w²"),
    (r"(w + L)^{2}", "(w + L)^2", "(w + L)²"),
    (r"w^{-1}", None, "w⁻¹"),
    (r"W^{t-k}", r"W^{t-k}", None),
    (r"\mathbf{1}^{\top} o_t", r"\mathbf{1}^\top o_t", "𝟏ᵀ oₜ"),
    (r"h^{(t)}", None, "h^{(t)}"),
    (r"h^{(t-1)\top} s_t", None, None),
    (r"\mathbf{h}_t", None, None),
    ("W_{hh} s_t", None, "Wₕₕ sₜ"),
    (r"\frac{\partial L}{\partial W}", None, "∂L/∂W"),
    (r"\frac{\partial^{+} s_t}{\partial W}", None, "∂⁺sₜ/∂W"),
    (r"\left(\frac{\partial L}{\partial s_t}\right)^{\top}", None, "(∂L/∂sₜ)ᵀ"),
    (r"\sum_{t=1}^{T} L_t", None, "Σ_{t=1}^{T} Lₜ"),
    (r"\sum_{t=1}^{T} (s_t + b)", None, "Σ_{t=1}^{T} (sₜ + b)"),
    (r"A_t \cdots A_{k+1}", None, "Aₜ ⋯ Aₖ₊₁"),
    (r"A_{k+1} \cdots A_t", None, "Aₖ₊₁ ⋯ Aₜ"),
    (r"\begin{pmatrix} s_t \\ o_t \end{pmatrix}", None, "[sₜ; oₜ]"),
    (r"\begin{pmatrix} W & 0 \\ A_t & W \end{pmatrix}", None, "[W, 0; Aₜ, W]"),
    (
        r"\begin{pmatrix} W & U \\ 0 & I \end{pmatrix}",
        r"\begin{pmatrix} W & U \\ 0 & I_d \end{pmatrix}",
        "[W, U; 0, I_d]",
    ),
    (r"\begin{pmatrix} 0_{n \times d} & W \end{pmatrix}", None, "[0_{n×d}, W]"),  # nothing above or below it says it
    (r"\begin{pmatrix} w & 0 \\ 0 & 0 \end{pmatrix}", None, "[w, 0; 0, 0]"),
    ("I - W", "I_n - W", "Iₙ - W"),
    ("I_{2n}", None, None),
    ("W_{ij}", None, "Wᵢⱼ"),
    ("W_{i,j+1}", None, None),
    ("s_{t-1,i}", None, None),
    ("W_{hh,ij}", None, None),
    (r"h^{(t)}_{i}", None, None),
    ("W_{ij}^{2}", "W_{ij}^2", "Wᵢⱼ²"),
    (r"\left[\frac{\partial L}{\partial W}\right]_{ij}", None, "[∂L/∂W]ᵢⱼ"),
    ("[W s_{t-1}]_i", None, "[W sₜ₋₁]ᵢ"),
    (r"\sum_{l=1}^{n} W_{il} s_{t-1,l}", None, None),
    (r"\mathbf{1}[a_t > 0]", None, "𝟏[aₜ > 0]"),
    (r"\operatorname{diag}(\mathbf{1}[W s_t > 0])", None, "diag(𝟏[W sₜ > 0])"),
    (r"\lVert W \rVert", r"\sigma_{\max}(W)", "σ_max(W)"),
    (r"\lVert W U \rVert", r"\left\lVert W U \right\rVert", "‖W U‖"),
    ("s_t^2", None, "sₜ²"),
    (r"W^{\circ 2}", None, None),
    (r"\tanh^2(a_t)", None, "tanh²(aₜ)"),
]


def plain(text):
    r"""LaTeX without what changes only its looks: the size of brackets, spaces, braces around one character."""
    text = re.sub(r"\\(?:left|right|bigl|bigr)\b\s*(?=[()|\[\].\\])", "", text)
    text = re.sub(r"([_^])\{(\\?\w|\\top)\}", r"\1\2", text)
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize(("read", "in_latex", "in_terminal"), PRINTED)
def test_printed(read, in_latex, in_terminal):
    expression = meaning(read)
    assert plain(latex(expression)) == plain(in_latex or read)
    assert in_terminal is None or normalize("NFC", unicode(expression)) == in_terminal


@pytest.mark.parametrize(("read", "in_latex", "in_terminal"), PRINTED)
def test_what_is_printed_reads_back(read, in_latex, in_terminal):
    assert show(meaning(latex(meaning(read)))) == show(meaning(read))


# ---- any expression

n, t, k, j = symbols.size("n"), symbols.index("t"), symbols.index("k"), symbols.index("j")
SQUARE, COLUMN, ROW, SCALAR = (n, n), (n, Integer(1)), (Integer(1), n), (Integer(1), Integer(1))


def variable(base, shape, *indices):
    return Variable(Name(base, (), "", len(indices)), indices, shape)


LEAVES = {
    SQUARE: [variable("W", SQUARE), variable("A", SQUARE, t), variable("A", SQUARE, k)],
    COLUMN: [variable("s", COLUMN, t), variable("a", COLUMN, t - 1), variable("b", COLUMN)],
    ROW: [Transpose(variable("s", COLUMN, t)), Derivative(variable("L", SCALAR), variable("s", COLUMN, t))],
    SCALAR: [variable("w", SCALAR), variable("L", SCALAR, t), variable("lambda", SCALAR)],
}


@st.composite
def expressions(draw, shape=None, depth=4) -> Expression:
    """Any expression of a shape: what the laws make, and worse."""
    shape = draw(st.sampled_from(sorted(LEAVES, key=str))) if shape is None else shape

    def inner(wanted=shape):
        return draw(expressions(wanted, depth - 1))

    if depth == 0:
        return draw(st.sampled_from(LEAVES[shape]))
    kinds = ["leaf", "add", "minus", "product", "number times", "fraction", "function", "sum", "nested add"]
    kinds += {
        SQUARE: ["diag", "identity", "outer", "chain", "transpose", "hadamard"],
        COLUMN: ["hadamard", "softmax", "power", "ones"],
        ROW: ["transpose"],
        SCALAR: ["inner", "power", "log"],
    }[shape]
    match draw(st.sampled_from(kinds)):
        case "add":
            return Add(inner(), inner())
        case "nested add":
            return Add(inner(), Add(inner(), inner()))
        case "minus":
            body = inner()
            return body if isinstance(body, Product) else Product(Number(-1), body)
        case "product":
            left, right = {
                SQUARE: (SQUARE, SQUARE),
                COLUMN: (SQUARE, COLUMN),
                ROW: (ROW, SQUARE),
                SCALAR: (SCALAR, SCALAR),
            }[shape]
            return Product(inner(left), inner(right))
        case "number times":
            return Product(Number(draw(st.sampled_from([2, -3, Rational(1, 2), Rational(-2, 3)]))), inner())
        case "fraction":
            return Quotient(inner(), inner(SCALAR))
        case "function":
            return Apply(
                Function(draw(st.sampled_from(["f", "tanh", "sigmoid", "exp", "relu"])), draw(st.integers(0, 1))),
                inner(),
            )
        case "sum":
            return Sum(inner(), j, Integer(1), draw(st.sampled_from([t, Integer(3), t - 1])))
        case "chain":
            return Chain(variable("A", SQUARE, j), j, k + 1, t, draw(st.booleans()) and Integer(1) == 1)
        case "transpose":
            body = inner(SQUARE if shape == SQUARE else COLUMN)
            return transpose(body) if isinstance(body, Number) else Transpose(body)
        case "hadamard":
            return Hadamard(inner(), inner())
        case "outer":
            return Product(inner(COLUMN), inner(ROW))
        case "inner":
            return Product(inner(ROW), inner(COLUMN))
        case "diag":
            return Diag(inner(COLUMN))
        case "identity":
            return Identity(n)
        case "softmax":
            return Softmax(inner())
        case "power":
            return Power(inner(), draw(st.sampled_from([2, 3])))
        case "ones":
            return ones(n)
        case "log":
            return Apply(Function("log"), inner())
    return draw(st.sampled_from(LEAVES[shape]))


@given(expressions())
def test_braces_and_brackets_match(expression):
    text = latex(expression)
    assert text.count("{") == text.count("}")
    assert len(re.findall(r"\\left\b", text)) == len(re.findall(r"\\right\b", text))
    assert len(re.findall(r"\\bigl\b", text)) == len(re.findall(r"\\bigr\b", text))
    assert text.count("(") == text.count(")")
    line = unicode(expression)
    assert "\n" not in line
    assert "\\" not in line
    assert line.count("(") == line.count(")")
    assert parse(Source("printed", text))


@given(expressions())
def test_two_signs_never_meet(expression):
    assert not re.search(r"[-+] ?[-+]", re.sub(r"[_^]\{[^{}]*\}", "", latex(expression)))


@given(expressions(), expressions())
def test_a_sum_within_a_product_stands_in_brackets(one, other):
    if one.shape != other.shape:
        return
    total = Add(one, other)
    for product in (Product(Number(2), total), Product(variable("w", SCALAR), total)):
        for printed in (latex, unicode):
            text = printed(product)
            start = "2" if product.args[0] == Number(2) else "w"
            assert re.match(rf"{start} (\\left|\\bigl)?\s*\(", text), text


def says_no_shape(node: Expression) -> bool:
    """A sum of nothing but numbers, 1 - 1, which may stand for arrays of any shape."""

    def is_number(term):
        return isinstance(term, Number) or (isinstance(term, Product) and all(map(is_number, term.args)))

    return isinstance(node, Add) and all(is_number(term) or says_no_shape(term) for term in node.args)


@given(expressions(depth=3))
def test_what_is_printed_has_the_shape_and_the_value_that_was_meant(expression):
    """Read back and evaluated at numbers; brackets that mean nothing may be gone."""
    import numpy as np

    from derive.evaluate.arithmetic import Floats
    from derive.evaluate.evaluator import Evaluator

    if any(map(says_no_shape, walk(expression))):
        return
    declared = r"W, A_t \in \mathbb{R}^{n \times n}, s_t, a_t, b \in \mathbb{R}^{n}, w, L, L_t, \lambda \in \mathbb{R}"
    text = latex(expression)
    try:
        read = meaning(text, context(text, declared))
    except UnknownShape:  # how long a **1** is, its neighbours must say
        return
    assert read.shape == expression.shape

    def value(name, indices):
        generator = np.random.default_rng(sum(map(ord, name.base)) + sum(7 * i for i in indices))
        shape = {"W": (3, 3), "A": (3, 3), "s": (3, 1), "a": (3, 1), "b": (3, 1)}.get(name.base, (1, 1))
        return generator.uniform(0.5, 1.0, shape) / 2

    def slope(node, indices):
        return np.full((1, 3), 0.3)

    evaluate = Evaluator(Floats({"f": lambda x, order: np.sin(x + order)}), {n: 3}, value, slope)
    at = {t: 4, k: 1, symbols.index("T"): 5}
    with np.errstate(all="ignore"):
        expected, found = evaluate(expression, at), evaluate(read, at)
    if np.all(np.isfinite(expected)):
        assert np.allclose(found, expected, rtol=1e-6), show(read)


def test_a_stack_of_columns():
    stack = Blocks(1, variable("s", COLUMN, t), variable("b", COLUMN))
    assert latex(stack) == r"\begin{pmatrix} s_t \\ b \end{pmatrix}"
    assert unicode(stack) == "[sₜ; b]"


def test_an_immediate_derivative_of_a_whole_loss_holds_what_comes_after():
    state, loss = variable("s", COLUMN, t), variable("L", SCALAR)
    assert unicode(Derivative(loss, state, (state.at(t + 1),))) == "∂⁺L/∂sₜ"
    assert unicode(Derivative(loss, state, (state.at(t - 1),))) == "∂L/∂sₜ|_{sₜ₋₁}"
    assert unicode(Derivative(state.at(t + 1), state, (state.at(t + 1),))) == "∂sₜ₊₁/∂sₜ|_{sₜ₊₁}"


@pytest.mark.parametrize("cell", api.cells())
def test_every_quantity_of_a_cell_has_a_line_of_its_own(cell):
    """Two quantities that differ print differently, in LaTeX and in a terminal."""
    model = api.load(cell).model
    known = [*model.parameters, *model.inputs, *(s.left for s in model.steps), model.loss.left]
    assert len({latex(v) for v in known}) == len(known)
    assert len({unicode(v) for v in known}) == len(known)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("h", r"\mathbf{h}"),
        ("L", r"\mathcal{L}"),
        (r"\bar{h}", r"\mathbf{\bar{h}}"),
        ("x", r"\vec{x}"),
        (r"\phi", r"\varphi"),
        (r"\epsilon", r"\varepsilon"),
    ],
)
def test_two_names_stay_two_in_a_terminal(one, other):
    declared = rf"{one}_t, {other}_t \in \mathbb{{R}}^{{n}}"
    printed = [unicode(meaning(f"{name}_t", context("", declared))) for name in (one, other)]
    assert printed[0] != printed[1]
