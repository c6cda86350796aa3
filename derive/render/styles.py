r"""The two alphabets in which one printer writes: LaTeX, Unicode for a terminal. Tables and spellings, no structure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import ClassVar

from derive.algebra.names import Name

SUBSCRIPTS = str.maketrans("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
SUPERSCRIPTS = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
COMBINING = {"bar": "\u0304", "overline": "\u0304", "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303",
             "widetilde": "\u0303", "dot": "\u0307", "ddot": "\u0308", "vec": "\u20d7"}  # fmt: skip
GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma tau "
        "upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell".split(),
        "αβγδϵεζηθϑικλμνξπρστυϕφχψωΓΔΘΛΞΠΣΥΦΨΩℓ",
        strict=True,
    )
)


LABEL = re.compile(r"\^\{\([^()]*\)[^{}]*\}")
"""A label or a time above a name, `^{(f)}`: its brackets do not count when brackets around it are made larger."""

LATEX_SIGNS = {
    "times": r" \odot ", "over": r" \oslash ", "dots": r" \cdots ", "partial": r"\partial", "sum": r"\sum",
    "product": r"\prod", "transpose": r"\top", "ones": r"\mathbf{1}", "entrywise": r"\circ ", "minus": "-",
    "range": r", \dots, ", "quad": r", \quad ", "immediate": r"\partial^{+}", "in": r" \in ", "real": r"\mathbb{R}",
    "by": r" \times ", "largest": r"\sigma_{\max}",
}  # fmt: skip
LATEX_FUNCTIONS = {
    "tanh": r"\tanh", "sigmoid": r"\sigma", "exp": r"\exp", "log": r"\log", "relu": r"\operatorname{ReLU}",
    "softmax": r"\operatorname{softmax}", "diag": r"\operatorname{diag}", "sqrt": r"\operatorname{sqrt}",
}  # fmt: skip
UNICODE_SIGNS = {
    "times": " ⊙ ", "over": " ⊘ ", "dots": " ⋯ ", "partial": "∂", "sum": "Σ", "product": "∏", "transpose": "ᵀ",
    "ones": "𝟏", "entrywise": "∘", "minus": "−", "range": ", …, ", "quad": ",  ", "immediate": "∂⁺", "in": " ∈ ",
    "real": "ℝ", "by": "×", "largest": "σ_max",
}  # fmt: skip
UNICODE_FUNCTIONS = {
    "sigmoid": "σ", "relu": "ReLU", "tanh": "tanh", "exp": "exp", "log": "log", "softmax": "softmax", "diag": "diag",
    "sqrt": "sqrt",
}  # fmt: skip


ALPHABETS = {"mathbf": "BOLD", "boldsymbol": "BOLD", "bm": "BOLD", "mathcal": "SCRIPT", "mathfrak": "FRAKTUR"}


def alphabet(accent: str, text: str) -> str:
    """A letter in the alphabet of mathbf, mathcal …, where Unicode has it."""
    kind, case = ALPHABETS.get(accent), "CAPITAL" if text.isupper() else "SMALL"
    if kind is None or len(text) != 1 or not text.isascii():
        return text
    for name in (f"MATHEMATICAL {kind} {case} {text}", f"{kind} {case} {text}"):
        try:
            return unicodedata.lookup(name)
        except KeyError:
            continue
    return text


class Latex:
    """The spellings of LaTeX with amsmath."""

    signs: ClassVar[Mapping[str, str]] = LATEX_SIGNS
    functions: ClassVar[Mapping[str, str]] = LATEX_FUNCTIONS

    def name(self, name: Name) -> str:
        return name.letter

    def letter(self, letter: str) -> str:
        return letter if len(letter.rstrip("'")) == 1 else f"\\{letter}"

    def sub(self, text: str) -> str:
        return f"_{text}" if len(text) == 1 else f"_{{{text}}}"

    def sup(self, text: str) -> str:
        return f"^{text}" if len(text) == 1 else f"^{{{text}}}"

    def label(self, text: str) -> str:
        return text

    def fraction(self, top: str, bottom: str) -> str:
        return rf"\frac{{{top}}}{{{bottom}}}"

    def brackets(self, text: str) -> str:
        """Round brackets as tall as what they hold needs."""
        if r"\frac" in text or r"\sum" in text or r"\left" in text:
            return rf"\left({text}\right)"
        return rf"\bigl({text}\bigr)" if "(" in LABEL.sub("", text) else f"({text})"

    def square(self, text: str) -> str:
        """Square brackets around what an entry is taken of, or a condition."""
        tall = any(sign in text for sign in (r"\frac", r"\sum", r"\left", r"\begin"))
        return rf"\left[{text}\right]" if tall else f"[{text}]"

    def blocks(self, rows: Sequence[Sequence[str]]) -> str:
        text = r" \\ ".join(" & ".join(row) for row in rows)
        return rf"\begin{{pmatrix}} {text} \end{{pmatrix}}"

    def at(self, text: str, held: str) -> str:
        return rf"\left. {text} \right|_{{{held}}}"

    def norm(self, text: str) -> str:
        return rf"\left\lVert {text} \right\rVert"

    def root(self, text: str) -> str:
        return rf"\sqrt{{{text}}}"

    def magnitude(self, text: str) -> str:
        return rf"\left\lvert {text} \right\rvert"


class Unicode:
    """The spellings for a terminal: one line, sub- and superscripts where Unicode has them."""

    signs: ClassVar[Mapping[str, str]] = UNICODE_SIGNS
    functions: ClassVar[Mapping[str, str]] = UNICODE_FUNCTIONS

    def name(self, name: Name) -> str:
        text = self.letter(name.base)
        for accent in name.accents:
            text = alphabet(accent, text)
        for accent in name.accents:
            text += COMBINING.get(accent, "")
        return text

    def letter(self, letter: str) -> str:
        bare = letter.rstrip("'")
        return GREEK.get(bare, bare.removeprefix("\\mathrm{").removesuffix("}")) + "′" * (len(letter) - len(bare))

    def sub(self, text: str) -> str:
        small = text.translate(SUBSCRIPTS)
        if all(a != b for a, b in zip(text, small, strict=True)):
            return small
        return f"_{text}" if len(text) == 1 else f"_{{{text}}}"

    def sup(self, text: str) -> str:
        if text in ("ᵀ", "∘2"):
            return text
        small = text.translate(SUPERSCRIPTS)
        if all(a != b for a, b in zip(text, small, strict=True)):
            return small
        return f"^{text}" if len(text) == 1 else f"^{{{text}}}"

    def label(self, text: str) -> str:
        """A label with the commonest commands of LaTeX spelled out."""
        for accent, mark in COMBINING.items():
            while f"\\{accent}{{" in text:
                before, _, rest = text.partition(f"\\{accent}{{")
                inside, _, after = rest.partition("}")
                text = before + inside + mark + after
        for command, letter in GREEK.items():
            text = text.replace(f"\\{command}", letter)
        return text.replace("\\text{", "").replace("\\mathrm{", "").replace("}", "")

    def fraction(self, top: str, bottom: str) -> str:
        return "/".join(f"({part})" if " " in part else part for part in (top, bottom))

    def brackets(self, text: str) -> str:
        return f"({text})"

    def square(self, text: str) -> str:
        return f"[{text}]"

    def blocks(self, rows: Sequence[Sequence[str]]) -> str:
        return f"[{'; '.join(', '.join(row) for row in rows)}]"

    def at(self, text: str, held: str) -> str:
        return f"{text}|_{{{held}}}"

    def norm(self, text: str) -> str:
        return f"‖{text}‖"

    def root(self, text: str) -> str:
        return f"√({text})"

    def magnitude(self, text: str) -> str:
        return f"|{text}|"


Style = Latex | Unicode
