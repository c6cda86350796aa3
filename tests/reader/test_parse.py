r"""LaTeX to the surface tree: tables of (input, tree in short), places, errors, limits, and any text whatsoever."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import DeriveError, Source, Span
from derive.reader import lalr
from derive.reader.parse import MAX_DEPTH, MAX_LENGTH, parse
from derive.reader.statements import read_statements
from derive.reader.surface import Empty, Node, Operator
from derive.reader.symbols import SYMBOLS
from tests.reader.sexpr import show

ATOMS = [
    ("a", "a"),
    (r"\alpha", "alpha"),
    ("12.5", "12.5"),
    ("{}", "()"),
    ("{a}", "a"),
    (r"\bar o_t", "[(bar o) _t]"),
    (r"\mathbf{h}_t", "[(mathbf h) _t]"),
    (r"\mathbf h_t", "[(mathbf h) _t]"),
    (r"\mathbf{W}_{hx}", "[(mathbf W) _(row h x)]"),
    (r"\mathbf{1}", "(mathbf 1)"),
    (r"\mathrm{d}", "(mathrm d)"),
    (r"\mathrm{diag}", '"diag"'),
    (r"\operatorname*{arg\,max}", '"argmax"'),
    (r"\text{ if }", '"if"'),
    (r"\text{中文}", '"中文"'),
    (r"\log", '"log"'),
    (r"\overline{a b}", "(overline (row a b))"),
    (r"\overleftarrow{\prod}_{j}", "[(overleftarrow #prod) _j]"),
    (r"\overset{\leftarrow}{\prod}_{j}", "[(overleftarrow #prod) _j]"),
    (r"\frac12", "(frac 1 2)"),
    (r"\frac ab", "(frac a b)"),
    (r"\frac{1}2 3", "(row (frac 1 2) 3)"),
    (r"x^\frac12", "[x ^(frac 1 2)]"),
    (r"\frac{}{}", "(frac () ())"),
    (r"\sqrt{x}", "(root x)"),
    (r"1, \dots, T", "(items 1 ~dots T)"),
]
SCRIPTS = [
    ("x_t^2", "[x _t ^2]"),
    ("x^2_t", "[x _t ^2]"),
    ("x_12", "(row [x _1] 2)"),
    ("f'", "[f']"),
    ("f''_t", "[f'' _t]"),
    (r"f^{\prime}", "[f']"),
    ("f^{'}", "[f']"),
    ("f'^{2}", "[f' ^2]"),
    (r"W_{hh}^{\top}", "[W _(row h h) ^top]"),
    (r"W_\text{in}", '[W _"in"]'),
    (r"\partial^{+} s", "(row [partial ^.+] s)"),
    (r"\partial^+ s", "(row [partial ^.+] s)"),
    ("a^*", "[a ^.*]"),
    ("a^{-}", "[a ^.-]"),
    ("a^{-1}", "[a ^(sum -1)]"),
    (r"a^{\circ 2}", "[a ^(row .circ 2)]"),
    ("a^{(t)}", "[a ^<( t )>]"),
    (r"a^{\langle t \rangle}", "[a ^<⟨ t ⟩>]"),
    ("a^{<t>}", "[a ^<⟨ t ⟩>]"),
    ("a^{[l]}", "[a ^<[ l ]>]"),
    ("a_{t,i}", "[a _(items t i)]"),
    (r"a_{k \le t}", "[a _(k le t)]"),
    ("a_{1:T}", "[a _(1 : T)]"),
    ("a_{<t}", "[a _(() < t)]"),
    ("W_{:,i}", "[W _(items (() : ()) i)]"),
    ("W^{T-k}", "[W ^(sum +T -k)]"),
    ("{a b}^{2}", "[(row a b) ^2]"),
    ("{}_a x", "(row [() _a] x)"),
]
FORMULAS = [
    (r"s_t = \tanh(U x_t)", '([s _t] = (row "tanh" <( (row U [x _t]) )>))'),
    ("-a + b - -c", "(sum -a +b +c)"),
    ("a = -b", "(a = (sum -b))"),
    ("a + -b", "(sum +a -b)"),
    (r"\sum_t -a b + c", "(sum +(row [#sum _t] (sum -(row a b))) +c)"),
    (r"\sum\limits_{t=1}^{T} a", "(row [#sum _(t = 1) ^T] a)"),
    (r"a \odot b / c", "(row a .odot b ./ c)"),
    (r"a := b \triangleq c \stackrel{\text{def}}{=} d", "(a := b := c := d)"),
    (r"a \leq b \neq c \not= d \not\in A", "(a le b ne c ne d notin A)"),
    (r"a \overset{(1)}{=} b {=} c", "(a = b = c)"),
    (r"a &{}= b", "(a = b)"),
    ("= b", "(() = b)"),
    (r"f(\cdot)", "(row f <( .cdot )>)"),
    ("|a||b|", "(row <| a |> <| b |>)"),
    (r"\|W\|_2 + ||x||", "(sum +[<‖ W ‖> _2] +<‖ x ‖>)"),
    ("p(y | x)", "(row p <( (y mid x) )>)"),
    (r"\left. \frac{a}{b} \right|_{s}", "[<. (frac a b) |> _s]"),
    (r"\frac{a}{b}\Big|_{s}", "[<. (frac a b) |> _s]"),
    (r"\left( a \right. + \left. b \right)", "<( (sum +a +b) )>"),
    (r"\bigl( a \bigr)", "<( a )>"),
    (r"\sigma' \in (0, 1]", "([sigma'] in <( (items 0 1) ]>)"),
    (r"\frac{\partial s_j}{\partial s_{j-1}}", "(frac (row partial [s _j]) (row partial [s _(sum +j -1)]))"),
    (r"\underbrace{a b}_{\text{error}} \boxed{c} \textcolor{red}{d}", "(row (row a b) c d)"),
    (r"A, B \in X, C \in Y", "(items ((items A B) in X) (C in Y))"),
    (r"t = 1, \dots, T", "(t = (items 1 ~dots T))"),
    (r"t = 1, \dots, T, x = 2", "(items (t = (items 1 ~dots T)) (x = 2))"),
    ("αβ ∈ ∂", "((row alpha beta) in partial)"),
    (r"\mathbf{1}[a_t > 0]", "(row (mathbf 1) <[ ([a _t] > 0) ]>)"),
    (r"\mathbf{1}_{0 < a}", "[(mathbf 1) _(0 < a)]"),
    (r"\left[\frac{a}{b}\right]_{ij}", "[<[ (frac a b) ]> _(row i j)]"),
    (r"0_{n \times d}", "[0 _(row n .times d)]"),
    (r"\sigma_{\max}(W)", '(row [sigma _"max"] <( W )>)'),
]
ENVIRONMENTS = [
    (r"\begin{pmatrix} a & -b \\ & d \\ \end{pmatrix}^T", "[(pmatrix a & (sum -b) | () & d) ^T]"),
    (r"\begin{array}{cc} a & b \end{array}", "(array a & b)"),
    (r"\begin{cases} x, & x > 0 \\ 0 & \text{else}. \end{cases}", '(cases x & (x > 0) | 0 & "else")'),
    (r"\begin{aligned} a &= b \\ &= c \\ &\quad + d. \end{aligned}", "(a = b = (sum +c +d))"),
    (r"\begin{aligned} a &= b, \\ -c &= d. \end{aligned}", "(aligned (a = b) | ((sum -c) = d))"),
    (r"\begin{align} a &= b & c &= d \end{align}", "(items (a = b) (c = d))"),
    (r"\begin{eqnarray} a &=& b \\ &=& c \end{eqnarray}", "(a = b = c)"),
    (r"\begin{aligned} & (a \\ & + b) = c \end{aligned}", "(<( (sum +a +b) )> = c)"),
    (r"\begin{align} a &= b && \text{(chain rule)} \\ &= c \end{align}", "(a = b = c)"),
    (r"\begin{align} a &= b && \text{if so} \end{align}", '(items (a = b) "if so")'),
]  # fmt: skip
ALL = ATOMS + SCRIPTS + FORMULAS + ENVIRONMENTS


def read(text: str) -> Node:
    return parse(Source("t", text))


@pytest.mark.parametrize(("text", "tree"), ALL)
def test_tree(text: str, tree: str) -> None:
    assert show(read(text)) == tree


@pytest.mark.parametrize("text", [text for text, _ in ALL])
def test_children_lie_inside_their_parent_one_after_the_other(text: str) -> None:
    for node in read(text).walk():
        at = node.span.start
        for child in sorted(node.children(), key=lambda child: child.span.start):  # x^2_t: the tree has _t first
            assert at <= child.span.start <= child.span.end <= node.span.end
            at = child.span.end


# What faces a bar, a lone operator or the halves of a bracket stands only where it stands.
ANYWHERE = [text for text, _ in ATOMS + SCRIPTS + FORMULAS if not re.search(r"\||<t>|\\right\.", text)]


@pytest.mark.parametrize("text", ANYWHERE)
def test_the_text_of_a_place_is_read_as_its_node(text: str) -> None:
    for node in read(text).walk():
        if not any(isinstance(part, Empty | Operator) for part in node.walk()):
            assert show(read(text[node.span.start : node.span.end])) == show(node)


def test_a_range_of_a_longer_text() -> None:
    node = parse(Source("t", "see $a = b$ there"), Span(4, 11))
    assert show(node) == "(a = b)"
    assert node.span == Span(5, 10)


AFTER_AN_OPERAND = "a factor, a script, an operator, a sign, a relation, a comma or the end of the formula"
ERRORS = [  # text, where, what, what was expected there
    ("a_b_c", "   ^^", "a second subscript", None),
    ("a^{b}^c", "     ^^", "a second superscript", None),
    ("a =", "   ^", "the formula ends too early", "a factor or a sign"),
    (r"a \cdot \cdot b", r"        ^^^^^", r"\cdot cannot stand here", "a factor"),
    ("a . b", "  ^", ". cannot stand here", AFTER_AN_OPERAND),
    ("x^(t)", "  ^", "( cannot stand here", "an argument in braces, an operator or a sign"),
    (r"\frac{a}", "        ^", "the formula ends too early", "an argument in braces"),
    ("[a + (b]", "^", "[ is never closed", "]"),
    ("(a + b", "^", "( is never closed", ")"),
    ("a)", " ^", ") closes nothing", None),
    (r"{a \left( b}", "           ^", r"} does not close the \left( of line 1, column 4", r"\right)"),
    (r"\left( a ]", "         ^", r"] does not close the \left( of line 1, column 1", r"\right)"),
    (r"\begin{aligned} a \end{align}", " " * 18 + "^" * 11,
     r"\end{align} does not close the \begin{aligned} of line 1, column 1", r"\end{aligned}"),
    (r"\begin{alined} a", "^" * 14, "unknown environment alined", None),
    (r"a = \taanh b", "    ^^^^^^", r"unknown command \taanh", None),
    ("a 中 b", "  ^^", "unknown character 中 (U+4E2D)", "mathematics in LaTeX; words stand in \\text{…}"),
    (r"\left. a \right)", "^" * 16, "only one half of a pair of brackets: . )", None),
    (r"a \\ b", r"  ^^", "a second formula begins here", AFTER_AN_OPERAND),
    ("", "^", "there is nothing to read", "a formula"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "carets", "message", "expected"), ERRORS)
def test_errors_point_and_say(text: str, carets: str, message: str, expected: str | None) -> None:
    with pytest.raises(DeriveError) as caught:
        read(text)
    error = caught.value
    assert (error.message, error.expected) == (message, expected)
    assert error.source is not None
    assert error.span is not None
    assert error.source.excerpt(error.span).split("\n")[1].split("| ")[1] == carets


def test_a_near_command_is_proposed() -> None:
    with pytest.raises(DeriveError) as caught:
        read(r"\taanh x")
    assert r"\tanh" in str(caught.value.hint)


SOUP = st.lists(
    st.sampled_from([*SYMBOLS, *"{}{}{}()()[]||__^^''=+-,;&\n %xyW12", r"\\", r"\left(", r"\right)", r"\text{a}"])
    | st.sampled_from([rf"\{side}{{{name}}}" for side in ("begin", "end") for name in ("aligned", "cases", "array")])
    | st.text(max_size=3),
    max_size=25,
).map("".join)


@given(SOUP)
def test_any_text_gives_a_tree_or_an_error_with_a_place(text: str) -> None:
    for reading in (parse, read_statements):
        error = error_of(reading, text)
        if error is not None:
            assert error.source is not None
            assert error.span is not None
            assert error.span.start <= len(text)
            assert str(error)


def error_of(reading: Callable[[Source], object], text: str) -> DeriveError | None:
    try:
        reading(Source("soup", text))
    except DeriveError as error:
        return error
    return None


@pytest.mark.parametrize(
    "text",
    [
        "(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH,
        r"\bar " * MAX_DEPTH + "x",
        r"\frac1" * MAX_DEPTH + "2",
        r"\sum-" * MAX_DEPTH + "x",
        "x" + "|_a" * MAX_DEPTH,
        "x" + "^{x" * 20_000 + "}" * 20_000,
    ],
)
def test_depth_is_bounded(text: str) -> None:
    with pytest.raises(DeriveError, match="nested too deep"):
        read(text)


def test_length_is_bounded() -> None:
    with pytest.raises(DeriveError, match="too long"):
        read("a" * (MAX_LENGTH + 1))


def test_a_spoilt_cache_is_ignored(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    make = lalr.parser.__wrapped__
    make()
    (file,) = (tmp_path / "derive").iterdir()
    whole = file.read_bytes()
    file.write_bytes(b"not a table")
    make()
    assert len(file.read_bytes()) == len(whole)
