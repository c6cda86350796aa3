"""Texts that nobody would write: derivations with random edits, and formulas put together at random."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

from tests.verify.faults import PLANTED

DERIVATIONS = Path(__file__).parents[1] / "derivations"
SNIPPETS = (
    r"""$s_t = f(U x_t + W s_{t-1})$, $o_t = \operatorname{softmax}(V s_t)$, $L = \sum_t -\bar{o}_t^\top \log o_t$.

$$\frac{\partial L}{\partial W} = \sum_{t=1}^{T} \sum_{k=1}^{t} \frac{\partial L_t}{\partial o_t}
\frac{\partial o_t}{\partial s_t} \left(\prod_{j=k+1}^{t} \frac{\partial s_j}{\partial s_{j-1}}\right)
\frac{\partial^+ s_k}{\partial W}$$ where $\frac{\partial s_j}{\partial s_{j-1}} = \operatorname{diag}(f'(a_j)) W$.
""",
    r"""\begin{align*}
a_t &= U x_t + W s_{t-1}, & s_t &= \tanh(a_t) \\
\delta_t &:= \frac{\partial L}{\partial a_t}, & L &= \sum_{t} \tfrac12 \lVert s_t - y_t \rVert^2 \\
\frac{\partial L}{\partial W} &= \sum_{t=1}^{T} \delta_t s_{t-1}^{\top} \\
\delta_t &= (1 - s_t^2) \odot (s_t - y_t + W^\top \delta_{t+1})
\end{align*}
""",
    r"""\documentclass{article} \newcommand{\h}{\mathbf{h}} \newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}
\begin{document}
\[ \h_t = \sigma(\mathbf{W}_{hh} \h_{t-1} + \mathbf{W}_{xh} \mathbf{x}_t + \mathbf{b}_h), \quad \ell = \sum_t g(\h_t) \]
\begin{equation} \pd{\ell}{\h_t} = \pd{\ell}{\h_{t+1}} \pd{\h_{t+1}}{\h_t} + \pd{\ell_t}{\h_t} \tag{1} \end{equation}
\end{document}
""",
    r"""$h_t = \tanh(x_t W_x + h_{t-1} W_h + b)$ (rows), $y_t = h_t W_y$, $L = \sum_t (y_t - \hat{y}_t)^2$, so
$\frac{\partial L}{\partial W_y} = \sum_t 2 h_t^T (y_t - \hat{y}_t)$ and $\nabla_{W_h} L = \sum_t h_{t-1}^T \delta_t$.
""",
    r"""```math
f_t = \sigma(W_f [h_{t-1}, x_t] + b_f), \quad i_t = \sigma(W_i [h_{t-1}, x_t] + b_i)
\tilde{c}_t = \tanh(W_c [h_{t-1}, x_t] + b_c), \quad o_t = \sigma(W_o [h_{t-1}, x_t] + b_o)
c_t = f_t \odot c_{t-1} + i_t \odot \tilde{c}_t, \quad h_t = o_t \odot \tanh(c_t)
```
$\frac{\partial c_t}{\partial c_{t-1}} = \operatorname{diag}(f_t)$, $\frac{\partial h_t}{\partial o_t} = \tanh(c_t)$.
""",
    r"""$z_t = \sigma(W_z x_t + U_z h_{t-1})$, $r_t = \sigma(W_r x_t + U_r h_{t-1})$,
$\tilde{h}_t = \tanh(W x_t + U (r_t \circ h_{t-1}))$, $h_t = (1 - z_t) \circ h_{t-1} + z_t \circ \tilde{h}_t$.

$\frac{\partial h_t}{\partial h_{t-1}} \approx 1 - z_t$ and
$\dfrac{dL}{dz_t} = \dfrac{dL}{dh_t} \circ (\tilde{h}_t - h_{t-1})$
""",
    r"""$h_t = f(w_i x_t + w_h h_{t-1})$ with scalars, $y_t = f(w_o h_t)$, $L = g(y_T)$: $f'(a) \le \frac14$, hence
$\left| \frac{\partial h_T}{\partial h_k} \right| \le \left(\frac{|w_h|}{4}\right)^{T-k} \to 0$;
$\sigma'(a) \in (0, \frac14]$.
""",
    r"""$s_1 = f(W s_0)$, $s_2 = f(W s_1)$, $s_3 = f(W s_2)$, $L = g(s_3)$.

$$\frac{\partial s_3}{\partial W} = \frac{\partial s_3}{\partial s_2} \frac{\partial s_2}{\partial s_1}
\left.\frac{\partial s_1}{\partial W}\right|_{s_0} + \cdots + \left.\frac{\partial s_3}{\partial W}\right|_{s_2}$$
""",
    r"""$a^{(l)}_t = W^{(l)} h^{(l-1)}_t + U^{(l)} h^{(l)}_{t-1}$, $h^{(l)}_t = \mathrm{ReLU}(a^{(l)}_t)$, $l = 1, 2$.
$\frac{\partial h^{(2)}_t}{\partial h^{(1)}_t} = \mathrm{diag}(\mathbb{1}[a^{(2)}_t > 0]) W^{(2)}$
""",
    r"""$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$, $\frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} - p_j)$,
$\frac{\partial}{\partial z_j} \left(-\log p_c\right) = p_j - 1_{j = c}$, $\sigma'(x) = \sigma(x)(1 - \sigma(x))$.
""",
    r"""<!-- derive: model=elman -->
$\frac{\partial L}{\partial W_{ij}} = \sum_{t=1}^{T} \delta_{t,i} s_{t-1,j}$ and
$\frac{\partial s_t}{\partial W} = \frac{\partial^+ s_t}{\partial W}
+ \frac{\partial s_t}{\partial s_{t-1}} \frac{\partial s_{t-1}}{\partial W}$
""",
    r"""设$h_t=\phi(W_{hx}x_t+W_{hh}h_{t-1}+b_h)$，其中$\phi=\tanh$，$x_t\in\mathbb{R}^{d}$、$h_t\in\mathbb{R}^{n}$，
则$\frac{\partial h_t}{\partial h_{k}}=\prod_{i=k+1}^{t}W_{hh}^{T}diag[\phi^{'}(h_{i-1})]$，
$\|\cdot\|\leq\beta_w\beta_h$。
""",
    r"""$$A = \begin{pmatrix} 1 & 2 \\ 0 & 1 \end{pmatrix}, \quad h_t = A h_{t-1} + B u_t, \quad
f(x) = \begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}, \quad A^{t} = \overbrace{A \cdots A}^{t}$$
""",
)
SEEDS = (*SNIPPETS, *(path.read_text(encoding="utf-8") for path in sorted(DERIVATIONS.glob("*.md"))))

TOKENS = [
    *r"""
    $ $$ \( \) \[ \] \begin{align} \end{align} \begin{cases} \end{cases} \begin{pmatrix} \end{pmatrix} & \\ ``` ` {
    } ( ) [ ] | \| \left( \right) \left. \right| \bigl( _ ^ ' , ; . : = := \neq \le < > \in \to \approx \Rightarrow
    + - * / \cdot \times \circ \odot \otimes \cdots \ldots \dots \frac \dfrac{1}{2} \sqrt \sum \prod \sum_{k=1}^{T}
    \prod_{j=k+1}^{t} \int \lim \max \partial \nabla d \frac{\partial}{\partial \frac{d \mathrm \mathbf \text{if}
    \hat \bar \tilde \dot \underbrace \overbrace \boxed \tag{1} \label{a} \operatorname{diag} \operatorname{softmax}
    diag softmax tanh \tanh \sigma \exp \log \sin f f' f'' g \phi ReLU \mathbb{R}^{n} \mathbb{1} ^T ^\top ^{-1}
    ^{(t)} ^{\langle t\rangle} _t _{t-1} _{t+1} _k _{ij} _{T+1} _{t,i} s_t h_t x_t o_t a_t y_t c_t L L_t W U V b W_h
    w_h \delta_t \theta \lambda \rho T t k j i n 0 1 2 3 -1 10^{9} 99999 0.5 1/4 \infty \frac{1}{0} \log(0) NaN e^{
    {{7*7}} <script> \newcommand{\a}{\a\a} \newcommand{\q}[1]{#1#1} \q \def\x{y} \x % # ~ \, \quad \displaystyle
    \notacommand \verb|x| <!-- --> derive: model=lstm T=3 where let for all
    """.split(),
    " ", "\n", "\n\n", "\u202e", "\x00", "\x1b[31m", "∂", "ₜ", "，", "其中", "\ud800",
]  # fmt: skip
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[A-Za-z]+|\d+|\s+|.", re.DOTALL)

Edit = Callable[[list[str], int, int, str], list[str]]
EDITS: tuple[Edit, ...] = (
    lambda tokens, a, b, new: tokens[:a] + tokens[b:],
    lambda tokens, a, b, new: [*tokens[:a], new, *tokens[a:]],
    lambda tokens, a, b, new: [*tokens[:a], new, *tokens[a + 1 :]],
    lambda tokens, a, b, new: tokens[:b] + tokens[a:],
    lambda tokens, a, b, new: tokens[:a] + tokens[b : b + 1] + tokens[a + 1 : b] + tokens[a : a + 1] + tokens[b + 1 :],
    lambda tokens, a, b, new: [*tokens[:a], new, "{", *tokens[a:b], "}", *tokens[b:]],
    lambda tokens, a, b, new: tokens[:a] + tokens[a:b] * 3 + tokens[b:],
    lambda tokens, a, b, new: [*tokens[a:b], " ", new, "\n\n", *tokens[b:]],
)
"""Each takes the tokens of a text, two places in it, and a token that was drawn."""


@st.composite
def edited(draw: st.DrawFn) -> str:
    """A derivation, or the paragraphs of two, with up to eight edits."""
    text = draw(st.sampled_from(SEEDS))
    if draw(st.booleans()):
        parts = (*text.split("\n\n"), *draw(st.sampled_from(SEEDS)).split("\n\n"))
        text = "\n\n".join(draw(st.lists(st.sampled_from(parts), min_size=1, max_size=8)))
    tokens = _TOKEN.findall(text)
    for edit in draw(st.lists(st.sampled_from(EDITS), min_size=1, max_size=8)):
        first = draw(st.integers(0, len(tokens)))
        last = min(len(tokens), first + draw(st.integers(0, 40)))
        tokens = edit(tokens, first, last, draw(st.sampled_from(TOKENS)))
    return "".join(tokens)


NAMES = st.sampled_from(
    r"s_t s_{t-1} s_k h_t h_{t-1} x_t o_t L L_t W U V \delta_t \delta_{t+1} a_t \hat{y}_t W_{ij} 1 2 0 T t k".split()
)
FORMS = re.split(
    r"\s{3,}",
    r"""
    #1 #2   #1 + #2   #1 - #2   -#1   (#1)   \left(#1\right)   [#1]   [#1, #2]   \frac{#1}{#2}
    \frac{\partial #1}{\partial #2}   #1^{#2}   #1_{#2}   #1^\top   #1^T   #1'   f(#1)   f'(#1)   \tanh(#1)
    \sigma(#1)   \operatorname{softmax}(#1)   \operatorname{diag}(#1)   \log #1   e^{#1}   \sqrt{#1}   \|#1\|
    \sum_{k=1}^{#1} #2   \sum_{k=#1}^{T} #2   \prod_{j=k+1}^{#1} #2   \sum_t #1   #1 \odot #2   #1 \cdot #2
    #1 \cdots #2   #1 \otimes #2   \nabla_{#1} #2   \left.#1\right|_{#2}   \underbrace{#1}_{#2}   #1 \circ #2
    #1 / #2   \begin{cases} #1 & t = 1 \\ #2 & t > 1 \end{cases}   \begin{pmatrix} #1 \\ #2 \end{pmatrix}
    \mathbb{1}[#1 = #2]
""".strip(),
)
"""Three spaces stand between two of them; #1 and #2 are their parts."""
RELATIONS = st.sampled_from(
    ["=", "=", "=", "=", ":=", r"\le", "<", r"\in", r"\to", r"\approx", "&=", r"\propto", r"\neq"]
)
FRAMES = ("${}$", "$$\n{}\n$$", r"\[ {} \]", "\\begin{{align}}\n{}\n\\end{{align}}", "```math\n{}\n```")


def _grown(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda form, one, two: form.replace("#1", one).replace("#2", two), st.sampled_from(FORMS), parts, parts
    )


EXPRESSIONS = st.recursive(NAMES, _grown, max_leaves=12)


@st.composite
def composed(draw: st.DrawFn) -> str:
    """A network that is whole, or none, and formulas put together at random."""
    pieces = [draw(st.sampled_from(("", *SNIPPETS)))]
    for _ in range(draw(st.integers(1, 4))):
        sides = draw(st.lists(EXPRESSIONS, min_size=1, max_size=3))
        relations = [draw(RELATIONS) for _ in sides[1:]]
        formula = sides[0] + "".join(f" {relation} {side}" for relation, side in zip(relations, sides[1:], strict=True))
        pieces.append(draw(st.sampled_from(FRAMES)).format(formula))
    return "\n\n".join(pieces)


SOUP = st.lists(st.sampled_from(TOKENS), max_size=60).map(" ".join)
TEXTS = st.one_of(edited(), composed(), SOUP.map("$${}$$".format), SOUP, st.text(max_size=80)).map(
    lambda text: text + PLANTED
)
NOTEBOOKS = TEXTS.map(lambda text: json.dumps({"cells": [{"cell_type": "markdown", "source": text}]}))
