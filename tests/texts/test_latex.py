r"""LaTeX: which stretches are mathematics, and what is comment, verbatim, preamble or behind `\end{document}`."""

import pytest

from tests.texts.reading import formulas, found

STARRED = ["equation", "align", "alignat", "flalign", "gather", "multline", "eqnarray"]
PLAIN = ["aligned", "gathered", "split", "displaymath", "math"]

MATHEMATICS = {
    "$a$ and $ b $ and $5$0": [("a", 1, 2), ("b", 1, 11), ("5", 1, 20)],
    "$$a$$": [("a", 1, 3)],
    r"\(a\) and \[b\]": [("a", 1, 3), ("b", 1, 13)],
    r"one\\(two) and \\[4pt] three": [],
    "a % $b$\n$c$": [("c", 2, 2)],
    r"5\% of $c$": [("c", 1, 9)],
    r"\\% $c$": [],
    "\\[\n a % = c\n % b\n = b\n\\]": [("a \n = b", 2, 2)],
    "\\begin{align}% \\end{align}\na\\end{align}": [("\\begin{align}\na\\end{align}", 1, 1)],
    "$a\n\n$b$": [("b", 3, 2)],
    "\\documentclass{a}\\title{$a$}\n\\begin{document}$b$\\end{document}$c$": [("b", 2, 18)],
    "\\begin{theorem}[$a$]\\label{eq:a_b}\\end{theorem}": [("a", 1, 18)],
    r"\ensuremath{a} \$5 $b$": [("b", 1, 21)],
    r"\begin{align}a\\\end{align}": [(r"\begin{align}a\\\end{align}", 1, 1)],
    "`$a$' and ``$b$''": [("a", 1, 3), ("b", 1, 14)],
    "\\begin{aligned}\\begin{aligned}a\\end{aligned}\\end{aligned}": [
        ("\\begin{aligned}\\begin{aligned}a\\end{aligned}\\end{aligned}", 1, 1)
    ],
}

DEAD = {
    "verbatim": "\\begin{verbatim}\n$x$\n\\end{verbatim}",
    "listings": "\\begin{lstlisting}[language=C]\n$x$ % \\end{verbatim}\n\\end{lstlisting}",
    "minted": "\\begin{minted}{python}\n$x$\n\\end{minted}",
    "comment": "\\begin{comment}\n$x$\n\\end{comment}",
    "verb": r"\verb|$x$| and \verb*+$x$+ and \lstinline!$x$!",
    "iffalse": "\\iffalse $x$ \\fi",
    "input": r"\input{x} \include{y} \usepackage{z}",
}


@pytest.mark.parametrize(("text", "expected"), MATHEMATICS.items(), ids=MATHEMATICS)
def test_mathematics_and_where_it_begins(text, expected):
    assert found(text, "latex") == expected


@pytest.mark.parametrize("name", [*STARRED, *(f"{name}*" for name in STARRED), *PLAIN])
def test_an_environment_is_one_formula_with_its_begin_and_end(name):
    latex = rf"\begin{{{name}}}a = b\end{{{name}}}"
    assert found(f"Then\n{latex}, and so on", "latex") == [(latex, 2, 1)]


@pytest.mark.parametrize("text", DEAD.values(), ids=DEAD)
def test_what_is_dead(text):
    assert formulas(f"{text} $y$", "latex") == ["y"]
