r"""What formulas mean: tables of LaTeX and meaning, of shapes, and of errors with their place."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import DeriveError
from derive.reader.parse import parse
from derive.reader.resolve import resolve
from tests.reader.formulas import ALL, PRODUCTS, SUPERSCRIPTS
from tests.reader.meaning import context, meaning, show
from tests.reader.refused import ERRORS


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


def test_the_longest_name_that_is_known_is_meant():
    where = replace(
        context("", r"W \in \mathbb{R}^{n \times n}, W_i \in \mathbb{R}^{n}", "tT"), letters=frozenset("tTij")
    )
    assert show(meaning("W_{i,j}", where)) == "W_i[j]"
    assert show(meaning("W_{ij}", where)) == "W[i,j]"


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
    ("begin", "end"),
    [
        (r"\sum_{k=1}^{t} ", ""),
        (r"\log ", ""),
        ("W + ", ""),
        ("2 (", ")"),
        ("(", ")"),
        (r"\begin{pmatrix} ", r" \end{pmatrix}"),
        (r"\nabla_W ", ""),
    ],
)
def test_depth_is_bounded(begin, end):
    for count in (20, 190, 300, 3000):
        with suppress(DeriveError):
            meaning(begin * count + "W" + end * count)


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
