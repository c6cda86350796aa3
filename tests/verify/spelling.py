r"""The same formula in other LaTeX: what changes the source and not what is read on the page.

Each takes the LaTeX of one claim, `left = right` with what stands beside it, as the program's printer writes it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

Spelling = Callable[[str, random.Random], str]
PLAIN = r"(?:[^{}=]|\{[^{}]*\})*"
"""What may stand below a derivative: names, with braces one deep."""
BIG = r"\\(?:bigl|bigr|left|right)(?=[()\[\]])"


def replaced_by_one_of(pattern: str, *choices: str) -> Spelling:
    """One of `choices` for each thing that `pattern` finds, the same throughout the claim."""

    def spelled(text: str, source: random.Random) -> str:
        choice = source.choice(choices)
        return re.sub(pattern, lambda found: found.expand(choice), text)

    return spelled


def spaced(text: str, source: random.Random) -> str:
    r"""Spaces that are set, or seen in the source only; none within a command's name."""
    kinds = (r" \, ", r" \; ", r" \! ", "  ", "\n", r" {} ", " ~ ")
    weights = (6, 3, 2, 4, 3, 1, 1)
    parts = re.split(r" (?=\\(?:frac|operatorname|sum|delta|partial|tanh)|[A-Za-z(])", text)
    return parts[0] + "".join(
        (source.choices(kinds, weights)[0] if source.random() < 0.4 else " ") + p for p in parts[1:]
    )


def tight(text: str, source: random.Random) -> str:
    """No space that is not needed."""
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"(?<![A-Za-z]) (?=\S)|(?<=\S) (?![A-Za-z])", "", re.sub(r"\\\\(\[4pt\])?", r"\\\\ ", text))
    return re.sub(r"(?<![A-Za-z\\]) ", "", text)


def braced(text: str, source: random.Random) -> str:
    """Braces around each script: s_{t}, W^{T}."""
    return re.sub(r"([_^])([A-Za-z0-9])(?![A-Za-z{])", r"\1{\2}", text)


def scripts_exchanged(text: str, source: random.Random) -> str:
    r"""\sum^{T}_{t=1}."""
    return re.sub(r"\\(sum|prod)_(\{[^{}]*\})\^(\{[^{}]*\})", r"\\\1^\3_\2", text)


def derivative_of_a_bracket(text: str, source: random.Random) -> str:
    r"""\frac{\partial}{\partial W} L for the derivative on the left side, if it stands there alone."""
    found = re.match(rf"\\frac\{{\\partial (L(?:_\d)?)\}}\{{(\\partial {PLAIN})\}}(?= =)", text)
    return text if found is None else rf"\frac{{\partial}}{{{found[2]}}} {found[1]}" + text[found.end() :]


def slanted(text: str, source: random.Random) -> str:
    r"""∂L / ∂W on one line, on the left side."""
    found = re.match(rf"\\frac\{{(\\partial L(?:_\d)?)\}}\{{(\\partial {PLAIN})\}}(?= =)", text)
    return text if found is None else f"{found[1]} / {found[2]}" + text[found.end() :]


def nabla(text: str, source: random.Random) -> str:
    r"""\nabla_{W} L for a derivative by a matrix, on the left side."""
    found = re.match(
        r"\\frac\{\\partial (L(?:_\d)?)\}\{\\partial ((?:\\mathbf\{)?[UVW]\}?(?:_[a-z]|_\{[a-z]+\})?)\}(?= =)", text
    )
    return text if found is None else rf"\nabla_{{{found[2]}}} {found[1]}" + text[found.end() :]


def by_macros(text: str, source: random.Random) -> str:
    """The macros of `MACROS`, for what they stand for."""
    text = re.sub(r"\\frac\{\\partial ([^{}\s]+)\}\{\\partial ([^{}\s]+)\}", r"\\pd{\1}{\2}", text)
    text = text.replace(r"^{\top}", r"\tp").replace(r"\operatorname{diag}", r"\diag")
    return text.replace(r"\odot", r"\had") if source.random() < 0.5 else text


MACROS = (
    r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}",
    r"\newcommand{\tp}{^{\top}}",
    r"\newcommand\had{\odot}",
    r"\DeclareMathOperator{\diag}{diag}",
)


def boxed(text: str, source: random.Random) -> str:
    return rf"\boxed{{{text}}}"


def labelled(text: str, source: random.Random) -> str:
    r"""\tag and \label, a full stop or a comma."""
    mark = source.choice((r" \tag{7}", r" \label{eq:gradient}", r" \tag{$\ast$}", ".", ",", r"\,.", r" \qquad (3)"))
    return text + mark


def sized(text: str, source: random.Random) -> str:
    return source.choice((r"\displaystyle ", r"\large ", r"\small ", r"{}")) + text


def underbraced(text: str, source: random.Random) -> str:
    """A brace with a word below one derivative of the right side."""
    left, equals, right = text.partition(" = ")
    found = list(re.finditer(r"\\frac\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", right))
    if not equals or not found:
        return text
    part = source.choice(found)
    word = source.choice((r"\text{local}", r"\text{see above}", "A"))
    return left + equals + right[: part.start()] + rf"\underbrace{{{part[0]}}}_{{{word}}}" + right[part.end() :]


def in_lines(text: str, source: random.Random) -> str:
    """Aligned at =, and perhaps broken before a term."""
    environment = source.choice(("aligned", "align*", "align", "split", "equation", "gather*", "multline*"))
    rows = text
    if " = " in text and environment in ("aligned", "align*", "align", "split"):
        rows = text.replace(" = ", " &= ", 1)
        depth = 0
        for i, sign in enumerate(rows):
            depth += (sign in "{([") - (sign in "})]")
            if depth == 0 and i > rows.index("&=") + 2 and rows[i : i + 3] == " + " and source.random() < 0.7:
                rows = (
                    rows[:i]
                    + source.choice((r" \\ &\quad + ", r" \\" + "\n" + r"& + ", r" \notag\\ &{}+ "))
                    + rows[i + 3 :]
                )
                break
    return f"\\begin{{{environment}}}\n{rows}\n\\end{{{environment}}}"


ALONE = r"(?<!\\bigl)(?<!\\left)(?<!\^\{)"
TOPS = ("^T", "^{T}", r"^\\top", r"^{\\mathsf{T}}", r"^\\intercal", r"^{\\mathrm{T}}")
DIAGS = (r"\\mathrm{diag}", r"\\text{diag}", r"\\operatorname*{diag}", r"\\mathop{\\mathrm{diag}}", "diag")
SPELLINGS: Mapping[str, Spelling] = {
    "top": replaced_by_one_of(r"\^\{\\top\}", *TOPS),
    "frac": replaced_by_one_of(r"\\frac", r"\\dfrac", r"\\tfrac", r"\\cfrac"),
    "diag": replaced_by_one_of(r"\\operatorname\{diag\}", *DIAGS),
    "dots": replaced_by_one_of(r"\\cdots", r"\\dots", r"\\ldots", r"\\dotsm", r"\\cdot \\ldots \\cdot"),
    "brackets": replaced_by_one_of(BIG, "", r"\\big", r"\\Bigg", r"\\Big"),
    "square": replaced_by_one_of(ALONE + r"\(([^()]*)\)", r"\\left(\1\\right)", r"\\left( \1 \\right)", r"{(\1)}"),
    "prime": replaced_by_one_of(r"(?<=[fg])'", r"^{\\prime}", r"^\\prime"),
    "plus": replaced_by_one_of(r"\\partial\^\{\+\}", r"\\partial^+", r"{\\partial^{+}}"),
    "sums": replaced_by_one_of(r"\\sum(?=_)", r"\\sum\\limits", r"\\displaystyle\\sum", r"\\textstyle\\sum"),
    "equals": replaced_by_one_of(r"(?<=.) = (?=.)", "=", r" \\;=\\; ", r" {=} ", "\n= "),
    "spaced": spaced,
    "tight": tight,
    "braced": braced,
    "scripts": scripts_exchanged,
    "operator": derivative_of_a_bracket,
    "slanted": slanted,
    "nabla": nabla,
    "sized": sized,
    "underbraced": underbraced,
}
AROUND: Mapping[str, Spelling] = {"boxed": boxed, "labelled": labelled, "lines": in_lines}
"""What stands around the whole of a claim, or behind it."""
