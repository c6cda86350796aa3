r"""Macros that a text defines: what becomes of the formulas, and where their characters then stand."""

import pytest

from derive.errors import DeriveError
from tests.texts.reading import formulas, read

EXPANDED = {
    r"\newcommand{\R}{\mathbb{R}} $x \in \R^n$": [r"x \in \mathbb{R}^n"],
    r"\newcommand*\R{\mathbb{R}} $\R$": [r"\mathbb{R}"],
    r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} $\pd{L}{W}$": [r"\frac{\partial L}{\partial W}"],
    r"\newcommand{\pd}[2]{\frac{#1}{#2}} $\pd Lw + \pd1{2}$": [r"\frac{L}{w} + \frac{1}{2}"],
    r"\newcommand{\at}[2][t]{#2_{#1}} $\at{h} = \at[t-1]{h}$": ["h_{t} = h_{t-1}"],
    r"\newcommand{\x}{a} \renewcommand{\x}{b} $\x$": ["b"],
    r"\newcommand{\x}{a} \providecommand{\x}{b} \providecommand\y{c} $\x\y$": ["ac"],
    r"$\x$ \newcommand{\x}{a} $\x$ \renewcommand{\x}{b} $\x$": [r"\x", "a", "b"],
    r"\def\x{a} \def\f#1#2{#2#1} $\x\f b{cd}$": ["acdb"],
    r"\DeclareMathOperator{\diag}{diag} $\diag(x)$": [r"\operatorname{diag}(x)"],
    r"\DeclareMathOperator*{\argmax}{arg max} $\argmax$": [r"\operatorname*{arg max}"],
    r"\DeclarePairedDelimiter{\norm}{\lVert}{\rVert} $\norm{W} \norm*{W} \norm[\big]{W}$": [
        r"\lVert W\rVert \left\lVert W\right\rVert \big\lVert W\big\rVert"
    ],
    r"\DeclarePairedDelimiter\abs\lvert\rvert $\abs{x}$": [r"\lvert x\rvert"],
    r"\let\eps\varepsilon $\eps$": [r"\varepsilon"],
    r"\let\old\phi \renewcommand{\phi}{\hat{\old}} $\phi$": [r"\hat{\phi}"],
    r"\newcommand{\a}{1} \let\b=\a \renewcommand{\a}{2} $\a\b$": ["21"],
    r"\newcommand{\vx}{\vec x} \renewcommand{\vec}[1]{\mathbf{#1}} $\vx$": [r"\mathbf{x}"],
    r"\newcommand{\d}{\pd} \newcommand{\pd}[1]{\partial#1} $\d{W} \d\alpha$": [r"\partial W \partial\alpha"],
    r"\newcommand{\R}{\ensuremath{\mathbb{R}}\xspace} $\R$": [r"\mathbb{R}"],
    # in mathematics, where only formulas are formulas
    r"$\newcommand{\R}{\mathbb{R}}$ and $\R$": [r"\mathbb{R}"],
    r"$$\def\R{\mathbb{R}} \def\N{N}$$ and $\R \N$": [r"\mathbb{R} N"],
    r"$\def\x{a} \x$ and $\x$": ["a", "a"],
    "$\\def\\x{\n a}\n\\x$": ["a"],
    # not understood: they stay, or define nothing
    r"\newcommand{\f}[1]{(#1)} $\f$ and $x \f}$": [r"\f", r"x \f}"],
    r"\newcommand{\f}[1]{(#1)} $\f{x$": [r"\f{x"],
    r"\def\f(#1){#1} $\f(x)$": [r"\f(x)"],
    r"\newcommand{\x $y$": ["y"],
    r"\newcommand{\x}{$a$} $\R$": [r"\R"],
    "`\\def\\x{a}` <!-- \\def\\x{b} --> $\\x$": [r"\x"],
}


@pytest.mark.parametrize(("text", "expected"), EXPANDED.items(), ids=EXPANDED)
def test_macros_are_put_in(text, expected):
    assert formulas(text, "markdown") == expected


def test_a_preamble_defines_and_its_comments_are_none_of_the_macro():
    text = (
        "\\newcommand{\\g}[1]{% the gradient\n \\nabla_{#1}}% \\def\\g{x}\n\\begin{document}$\\g{W} L$\\end{document}"
    )
    assert formulas(text, "latex") == [r"\nabla_{W} L"]


def test_macros_that_begin_and_end_an_environment():
    text = "\\newcommand{\\be}{\\begin{equation}}\n\\def\\ee{\\end{equation}}\nThen\n\\be a = b \\ee\nand $c$"
    document = read(text, "latex")
    assert [one.latex for one in document.passages] == [r"\begin{equation} a = b \end{equation}", "c"]
    assert document.source.position(document.passages[0].offsets[0]) == (4, 1)


def test_what_a_macro_puts_in_stands_where_the_macro_stands_and_its_arguments_where_they_are():
    text = r"\newcommand{\pd}[2]{\frac{#1}{#2}} $a + \pd{L}{W} b$"
    (one,) = read(text, "markdown").passages
    assert one.latex == r"a + \frac{L}{W} b"
    use = text.rindex(r"\pd")
    place = {latex: one.offsets[one.latex.index(latex)] for latex in ("a", r"\frac", "L", "}{", "W", "b")}
    assert place == {
        "a": text.index("$a") + 1,
        r"\frac": use,
        "L": text.index("L}"),
        "}{": text.index("L}"),  # places never fall
        "W": text.index("W}"),
        "b": text.index("b$"),
    }
    assert one.offsets[-1] == len(text) - 1


def test_arguments_in_the_other_order_do_not_let_places_fall():
    (one,) = read(r"\def\swap#1#2{#2#1} $\swap{a}{b} c$", "markdown").passages
    assert one.latex == "ba c"
    assert list(one.offsets) == sorted(one.offsets)


ENDLESS = {
    r"\a": "\\def\\a{\\a}\n$x + \\a$",
    r"\b": "\\def\\b{x\\c}\\def\\c{\\b}\n$xxxx\\b$",
    r"\d": "\\def\\d#1{\\d{#1#1}}\n$xxxx\\d{xx}$",
    r"\f": "\\def\\f#1{#1#1}\n$xxxx" + r"\f{" * 30 + "x" + "}" * 30 + "$",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_macros_without_an_end_are_named_with_their_place(name):
    with pytest.raises(DeriveError) as raised:
        read(ENDLESS[name], "markdown")
    assert "of line 1 puts in too much" in raised.value.message
    assert raised.value.message.startswith("the macro \\")
    assert raised.value.source.position(raised.value.span.start)[0] == 2
