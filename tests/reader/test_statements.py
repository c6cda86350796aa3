"""A cell file to statements: where they end, what continues them, what the leading comments say."""

import pytest

from derive.errors import DeriveError, Source
from derive.reader.statements import MAX_DOCUMENT, read_statements
from tests.reader.sexpr import show

CELL = r"""% title: The simple recurrent network
% source: Elman 1990,
%    Finding structure in time
% a remark

x_t \in \mathbb{R}^{d}, \quad U \in \mathbb{R}^{n \times d}
V, W \in \mathbb{R}^{n}   % a comment: not metadata
t = 1, \dots, T
\theta = (U, W, V)

a_t = U x_t
    + W s_{t-1}
s_t = \tanh(
    a_t)
L = \sum_{t=1}^{T} L_t.
"""


def statements(text: str) -> list[str]:
    return [show(node) for node in read_statements(Source("t", text)).statements]


def test_a_cell() -> None:
    document = read_statements(Source("elman.tex", CELL))
    assert document.metadata == {
        "title": "The simple recurrent network",
        "source": "Elman 1990, Finding structure in time",
    }
    assert [show(node) for node in document.statements] == [
        "([x _t] in [(mathbb R) ^d])",
        "(U in [(mathbb R) ^(row n .times d)])",
        "((items V W) in [(mathbb R) ^n])",
        "(t = (items 1 ~dots T))",
        "(theta = <( (items U W V) )>)",
        "([a _t] = (sum +(row U [x _t]) +(row W [s _(sum +t -1)])))",
        '([s _t] = (row "tanh" <( [a _t] )>))',
        "(L = (row [#sum _(t = 1) ^T] [L _t]))",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("% only: this", []),
        ("a = b\nc = d", ["(a = b)", "(c = d)"]),
        ("a = b\n= c", ["(a = b = c)"]),
        ("a =\nb", ["(a = b)"]),
        ("a = b\n\\cdot c", ["(a = (row b .cdot c))"]),
        ("a = b &\n+ c", ["(a = (sum +b +c))"]),
        ("a = b % so\n% and so\n + c", ["(a = (sum +b +c))"]),
        ("a = b\n\n-c = d", ["(a = b)", "((sum -c) = d)"]),
        ("a = b,\n-c = d;\n e = f.", ["(a = b)", "((sum -c) = d)", "(e = f)"]),
        ("a = W^*\nb = c", ["(a = [W ^.*])", "(b = c)"]),
        ("a = (b\n+ c)", ["(a = <( (sum +b +c) )>)"]),
        ("a = \\left( b\nc \\right)", ["(a = <( (row b c) )>)"]),
        ("a = |b\n+ c|", ["(a = <| (sum +b +c) |>)"]),
        (r"a = b \\ c = d \\[2pt] = e", ["(a = b)", "(c = d = e)"]),
        (r"a = 50 \% b", None),
        ("U, V,\nW \\in X", ["((items U V W) in X)"]),
        (r"U, \quad V \in X; A \in B \quad C \in D", ["((items U V) in X)", "(A in B)", "(C in D)"]),
        (r"A, B \in X, C \in Y", ["((items A B) in X)", "(C in Y)"]),
        (r"h = f(a), \quad t = 1, \dots, T", ["(h = (row f <( a )>))", "(t = (items 1 ~dots T))"]),
        (r"h = f(a) \quad (t \ge 1)", ["(h = (row f <( a )>))", "<( (t ge 1) )>"]),
        (r"a = b \quad \text{(chain rule)}", ["(a = b)"]),
        ("\\begin{align*}\na &= b, \\\\\nc &= d\n\n\\end{align*}\nx = y", ["(a = b)", "(c = d)", "(x = y)"]),
        (r"\begin{equation}\begin{aligned} a &= b \\ c &= d \end{aligned}\end{equation}", ["(a = b)", "(c = d)"]),
        ("\\[ a = b\n + c. \\]\n$$ d = e $$ $f = g$ \\(h = i\\)",
         ["(a = (sum +b +c))", "(d = e)", "(f = g)", "(h = i)"]),
        ("\\begin{cases} a & b \\\\ c \\end{cases}\nd = e", ["(cases a & b | c)", "(d = e)"]),
    ],
)  # fmt: skip
def test_where_statements_end(text: str, expected: list[str] | None) -> None:
    if expected is None:
        with pytest.raises(DeriveError):
            statements(text)
    else:
        assert statements(text) == expected


def test_places_are_those_of_the_file() -> None:
    text = "% a: b\nx = y\n\nz = \\frac12"
    first, second = read_statements(Source("t", text)).statements
    assert [text[node.span.start : node.span.end] for node in (first, second)] == ["x = y", "z = \\frac12"]


def test_an_error_names_its_line() -> None:
    with pytest.raises(DeriveError) as caught:
        read_statements(Source("cell.tex", "a = b\nc = d_e_f\n"))
    assert str(caught.value).startswith("cell.tex:2:8: a second subscript\n    2 | c = d_e_f\n")


def test_length_is_bounded() -> None:
    with pytest.raises(DeriveError, match="too long"):
        statements("a\n" * MAX_DOCUMENT)
