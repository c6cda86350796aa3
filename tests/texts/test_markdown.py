"""Markdown: which stretches are mathematics, what their LaTeX is, and where it begins."""

import pytest

from tests.texts.reading import formulas, found, read

MATHEMATICS = {
    # inline
    "let $x_t$ be": [("x_t", 1, 6)],
    "$a$ and\n$b$": [("a", 1, 2), ("b", 2, 2)],
    "$a$$b$": [("a", 1, 2), ("b", 1, 5)],
    "one formula $a =\nb$ in two lines": [("a =\nb", 1, 14)],
    r"let \(x_t\) be": [("x_t", 1, 7)],
    r"let \\(x_t\\) be": [("x_t", 1, 8)],
    "GitHub's $`a_t`$ too": [("a_t", 1, 12)],
    "where $$h_t$$ is the state": [("h_t", 1, 9)],
    "with space, $ h_t = o_t $ as in Jupyter": [("h_t = o_t", 1, 15)],
    "$\\large{\na} $.": [("\\large{\na}", 1, 2)],
    "其中$x_t$是输入，$h_t$是状态。": [("x_t", 1, 4), ("h_t", 1, 13)],
    r"$s \text{ if $t = 1$ or } u$": [(r"s \text{ if $t = 1$ or } u", 1, 2)],
    r"$5 = \$5$": [(r"5 = \$5", 1, 2)],
    "| $a$ | $b$ |": [("a", 1, 4), ("b", 1, 10)],
    # displays
    "$$a = b$$": [("a = b", 1, 3)],
    "$$\na = b\n$$": [("a = b", 2, 1)],
    "text:\n\n$$ a\n= b $$\n": [("a\n= b", 3, 4)],
    "$$\na\n\nb\n$$\n": [("a\n\nb", 2, 1)],
    "\\[\n  a = b\n\\]": [("a = b", 2, 3)],
    "\\\\[\n  a = b\n\\\\]": [("a = b", 2, 3)],
    "$$a \\\\$$ and $b$": [("a \\\\", 1, 3), ("b", 1, 15)],
    "$$a\\ $$": [("a\\ ", 1, 3)],
    r"$$a, \text{ where $b$ is } c$$": [(r"a, \text{ where $b$ is } c", 1, 3)],
    # environments
    "so\n\\begin{align}\n a &= b \\\\\n c &= d\n\\end{align}\n": [
        ("\\begin{align}\n a &= b \\\\\n c &= d\n\\end{align}", 2, 1)
    ],
    r"\begin{aligned}a\end{aligned}": [(r"\begin{aligned}a\end{aligned}", 1, 1)],
    r"$$\begin{aligned}a\end{aligned}$$": [(r"\begin{aligned}a\end{aligned}", 1, 3)],
    r"\begin{equation}\begin{aligned}a\end{aligned}\end{equation}": [
        (r"\begin{equation}\begin{aligned}a\end{aligned}\end{equation}", 1, 1)
    ],
    "\\begin{gather*}\na\n\nb\n\\end{gather*}": [("\\begin{gather*}\na\n\nb\n\\end{gather*}", 1, 1)],
    r"\begin{foo}$a$\end{foo}": [("a", 1, 13)],
    # fences
    "```math\na = b\n```\nand $c$": [("a = b", 2, 1), ("c", 4, 6)],
    "~~~ math\na\n\nb\n~~~": [("a\n\nb", 2, 1)],
    "```{math}\n:label: loss\n\nL = 1\n```": [("L = 1", 4, 1)],
    "- item\n\n  ```math\n  a\n  ```": [("a", 4, 3)],
    # quotations and lists do not leak into it
    "> $$\n> a\n> = b\n> $$": [("a\n= b", 2, 3)],
    ">$$\n>\\begin{aligned}\n> a &> b\n>\\end{aligned}\n>$$": [("\\begin{aligned}\na &> b\n\\end{aligned}", 2, 2)],
    "> > \\[ a\n> > > b \\]": [("a\n> b", 1, 8)],
    "> ```math\n> a\n> b\n> ```": [("a\nb", 2, 3)],
    "> > note $a\n> > + b$": [("a\n+ b", 1, 11)],
    "$$\na\n> b\n$$": [("a\n> b", 2, 1)],
    "1. so\n   $$\n   a\n   = b\n   $$": [("a\n   = b", 3, 4)],
    # escapes that are Markdown's, not mathematics'
    r"$W\_{hh} h\_t$": [("W_{hh} h_t", 1, 2)],
    r"$h_t = \text{a\_b}$": [(r"h_t = \text{a\_b}", 1, 2)],
    r"$h_t + a\_b$": [(r"h_t + a\_b", 1, 2)],
    r"$a^\*$": [("a^*", 1, 2)],
    r"$$a \\\\ b$$": [(r"a \\ b", 1, 3)],
    r"$$a \\\\ \\{b\\}$$": [(r"a \\ \{b\}", 1, 3)],
    r"$$a \\{b\\}$$": [(r"a \\{b\\}", 1, 3)],
    r"\\(f\\{a\\}, \_\\)": [(r"f\{a\}, _", 1, 4)],
    "$$a &amp;= b &lt; c$$": [("a &= b < c", 1, 3)],
    "$$a % = c\n= b$$": [("a \n= b", 1, 3)],
    "$$a\n % a remark\n= b \\% 2$$": [("a\n= b \\% 2", 1, 3)],
    # line ends, tabs, byte order marks
    "a\r\n\r\n$$\r\nx\r\n$$\r\n": [("x", 4, 1)],
    "\ufeff$x$": [("x", 1, 3)],
    "\t$x$": [("x", 1, 3)],
    "\ufeff---\ntitle: $x$\n---\n$y$": [("y", 4, 2)],
    "---\n$x$\n---": [("x", 2, 2)],  # two rules
}

NO_MATHEMATICS = {
    "code": "`$x$` and ``\\(`x`\\)``",
    "a span of code in two lines": "`$x$\n$y$`",
    "a fence": "```python\n$x$\n```",
    "a fence in a quotation": "> ```\n> $x$\n> ```",
    "a fence at a list's item": "* ```\n  $x$\n  ```",
    "a longer fence around a shorter": "````\n```math\nx\n```\n````",
    "a fence that is never closed": "~~~\n$x$\n\n$y$",
    "a comment": "<!-- $x$\n\n$y$ -->",
    "elements of HTML": "<pre>$x$\n\n</pre> <code>$x$</code> <SCRIPT async>$x$</SCRIPT><style>$x$</style>",
    "front matter": "---\ntitle: $x$\n---\n",
    "escaped dollars": r"\$x$ and \$y\$",
    "prices": "$5 and $10",
    "prices with text": "It is $5, not $10, and (with $3 for the book) more than $30.",
    "a range of prices": "$5-$10",
    "one dollar": "US$ is a currency",
    "a shell": "    $ cd a_b\n    $ make",
    "a blank line": "$x\n\ny$",
    "a blank line in a quotation": "> $x\n>\n> y$",
    "a bracket that does not close": r"\(x and \\(y",
    "nothing": "$$ $$ and $$$$ and \\( \\) and ```math\n```",
    "dead macros": r"\input{x} \include{y} \usepackage{z}",
}


@pytest.mark.parametrize(("text", "expected"), MATHEMATICS.items(), ids=MATHEMATICS)
def test_mathematics_and_where_it_begins(text, expected):
    assert found(text, "markdown") == expected


@pytest.mark.parametrize("text", NO_MATHEMATICS.values(), ids=NO_MATHEMATICS)
def test_what_is_no_mathematics(text):
    assert formulas(text, "markdown") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "$5 where $x$ is": ["x"],
        "$x and\n\n$y$": ["y"],
        "$$\na_t = b\n\nthen $y$": ["a_t = b", "y"],
        "cost $$ a lot, $y$": ["y"],
        "\\[ a_t\n\nthen $y$": ["a_t", "y"],
        "see \\[a_t] and \\\\[2pt], $y$": ["y"],
        "\\[ a_t\n\n\\[ b \\]": ["a_t", "b"],
        "\\begin{align} a\n\nthen $y$": [r"\begin{align} a", "y"],
        "\\begin{align} a\n\n\\begin{align}b\\end{align}": [r"\begin{align} a", r"\begin{align}b\end{align}"],
        "$$\na_t\n\n$$ b $$": ["a_t", "b"],
        "`code and\n\n$y$": ["y"],
        "<!-- and $y$": ["y"],
        "<pre> and $y$": ["y"],
        "```math\na\n\n$y$": ["a", "y"],
        "$h_{t$ and $y$": ["h_{t", "y"],
        r"$\text{a$ and $y$": [r"\text{a", "y"],
    }.items(),
)
def test_what_is_never_closed_swallows_nothing(text, expected):
    """A display ends at the blank line, inline mathematics is none. A fence of code runs on, as it does on the page."""
    assert formulas(text, "markdown") == expected


@pytest.mark.parametrize(
    ("text", "display"),
    {
        "$x$": False,
        r"\(x\)": False,
        "$`x`$": False,
        "so $$x$$ is": False,
        "$$x$$": True,
        "so: $$x$$": True,
        "- $$x$$": True,
        r"so \[x\] is": True,
        r"\begin{align}x\end{align}": True,
        r"\begin{math}x\end{math}": False,
        "```math\nx\n```": True,
    }.items(),
)
def test_a_display_stands_on_its_own(text, display):
    assert [one.display for one in read(text, "markdown").passages] == [display]


def test_before_a_formula_stands_the_prose_since_the_last_one():
    text = "# Title\nLet $x$ be `code` <!-- no -->columns.\n\n```\ncode\n```\nThen\n$$y$$\n"
    assert [one.before for one in read(text, "markdown").passages] == [
        "# Title\nLet",
        "be  columns.\n\nThen",
    ]


def test_a_row_of_an_environment_is_found_by_its_offsets():
    text = "> \\begin{align}\n> a &= b \\\\\n> c &= d % remark\n> \\end{align}"
    document = read(text, "markdown")
    (one,) = document.passages
    row = one.latex.index("c &= d")
    assert document.source.position(one.offsets[row]) == (3, 3)
    assert [text[offset] for offset in one.offsets[row : row + 6]] == list("c &= d")
