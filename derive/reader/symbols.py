r"""The tables of the reader: what each character and each command of LaTeX is. Data only.

`SYMBOLS` gives for a spelling (`+`, `\alpha`) the pair (kind, text): the kind is a terminal of `latex.lark` if it is
in capitals, else the name of what the scanner does with it; the text is the name by which the tree knows it.
"""

from __future__ import annotations

import re
from string import ascii_letters

LETTERS = """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi omicron pi
    varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon
    Phi Psi Omega partial nabla ell infty hbar imath jmath emptyset varnothing top bot intercal perp dagger ddagger
    forall exists Re Im aleph wp
"""
WORDS = """
    log ln lg exp sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan arg max min sup inf lim limsup
    liminf det dim ker deg gcd Pr tr Tr diag rank softmax sigmoid relu ReLU
"""
BIGS = "sum prod coprod int oint bigcup bigcap bigoplus bigotimes bigodot"
DOTS = "cdots ldots dots dotsc dotsb dotsm vdots ddots"
ACCENTS = """
    bar hat tilde dot ddot vec check breve acute grave overline underline widehat widetilde overrightarrow
    overleftarrow mathbf mathcal mathbb mathfrak mathscr boldsymbol bm pmb mathring
"""
# Over several letters these make one word (`\mathrm{diag}`), over one letter an accent (`\mathrm{d}`).
UPRIGHT = "mathrm mathsf mathtt mathit mathnormal"
TEXTS = "text textrm textbf textit textsf texttt textnormal textup mbox operatorname"
FRACTIONS = "frac dfrac tfrac cfrac"
OPERATORS = """
    cdot times odot circ otimes star div bullet oplus ominus oslash cap cup setminus backslash wedge vee
    amalg diamond boxdot
"""
RELATIONS = """
    equiv in ni notin subset subseteq supset supseteq approx sim simeq cong propto to mapsto Rightarrow Leftarrow
    Leftrightarrow leftrightarrow implies impliedby iff ll gg prec succ preceq succeq doteq asymp mid parallel
    longrightarrow longmapsto leftarrow curvearrowleft curvearrowright therefore models vdash gets
"""
SPACES = r"""
    \, \; \: \! \> \/ \- ~ \enspace \thinspace \medspace \thickspace \negthinspace \displaystyle \textstyle
    \scriptstyle \scriptscriptstyle \limits \nolimits \displaylimits \mathstrut \strut \nonumber \notag \hfill
    \allowbreak \nobreak \noindent \hline \centering \boxed \mathop \mathbin \mathrel \mathord \mathopen \mathclose
    \mathinner \mathpunct \ensuremath \smash
"""
SIZES = r"\big \Big \bigg \Bigg \bigl \bigr \bigm \Bigl \Bigr \Bigm \biggl \biggr \biggm \Biggl \Biggr \Biggm"
# Spelled otherwise, or drawn with characters of their own, but the same thing.
SAME = {
    "RELATION": {
        "=": "=", ":": ":", ":=": ":=", "=:": "=:", r"\coloneqq": ":=", r"\colon": ":",
        r"\coloneq": ":=", r"\triangleq": ":=", r"\eqqcolon": "=:", r"\leq": "le", r"\le": "le", r"\geq": "ge",
        r"\ge": "ge", r"\leqslant": "le", r"\geqslant": "ge", r"\lt": "<", r"\gt": ">", r"\neq": "ne", r"\ne": "ne",
        r"\rightarrow": "to", "≤": "le", "≥": "ge", "≠": "ne", "≈": "approx", "∈": "in", "∉": "notin", "→": "to",
        "⇒": "Rightarrow", "⇔": "Leftrightarrow",
        "←": "leftarrow", "≔": ":=", "≡": "equiv", "∝": "propto", "↦": "mapsto",
    },
    "OPERATOR": {
        "*": "*", "/": "/", r"\ast": "*", r"\slash": "/", r"\cdotp": "cdot", "·": "cdot", "⋅": "cdot", "×": "times",
        "⊙": "odot", "∘": "circ", "⊗": "otimes", "∗": "*",
    },
    "SIGN": {"+": "+", "-": "-", "−": "-"},
    "DOTS": {"...": "ldots", "…": "ldots", "⋯": "cdots", "⋮": "vdots", "⋱": "ddots"},
    "BIG": {"∑": "sum", "∏": "prod", "∫": "int"},
    "LETTER": {letter: letter for letter in ascii_letters} | {"∂": "partial", "∇": "nabla",
        "∞": "infty", "ℓ": "ell", "⊤": "top", "ϵ": "epsilon", "ε": "varepsilon", "ϑ": "vartheta", "φ": "varphi",
        "ϕ": "phi", "ς": "varsigma"}
        | dict(zip("αβγδζηθικλμνξοπρστυχψω",
                   "alpha beta gamma delta zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon "
                   "chi psi omega".split(), strict=True))
        | dict(zip("ΓΔΘΛΞΠΣΦΨΩ", "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split(), strict=True)),
    "PRIME": {"'": "'", r"\prime": "'", "′": "'", "’": "'"},
}  # fmt: skip
# Brackets by their own characters: (opening, closing); a bar is both, and the scanner decides which.
OPENINGS = {"(": "(", "[": "[", r"\{": "{", r"\lbrace": "{", r"\lbrack": "[", r"\langle": "⟨", "⟨": "⟨",
            r"\lfloor": "⌊", r"\lceil": "⌈", r"\lvert": "|", r"\lVert": "‖"}  # fmt: skip
CLOSINGS = {")": ")", "]": "]", r"\}": "}", r"\rbrace": "}", r"\rbrack": "]", r"\rangle": "⟩", "⟩": "⟩",
            r"\rfloor": "⌋", r"\rceil": "⌉", r"\rvert": "|", r"\rVert": "‖"}  # fmt: skip
BARS = {"|": "|", r"\vert": "|", r"\|": "‖", r"\Vert": "‖", "‖": "‖"}
CLOSING_OF = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "⌊": "⌋", "⌈": "⌉", "|": "|", "‖": "‖"}
HALF_OPEN = ("(]", "[)")  # intervals
DELIMITERS = OPENINGS | CLOSINGS | BARS | {".": ".", "<": "⟨", ">": "⟩"}

# What stands above: a sign that defines, the direction of a product.
DEFINITION = re.compile(r"def|triangle|Delta")
ARROWS = {r"\leftarrow": "overleftarrow", r"\curvearrowleft": "overleftarrow",
          r"\rightarrow": "overrightarrow", r"\curvearrowright": "overrightarrow"}  # fmt: skip
# Words beside a row that only name a reason. Whatever else is said there may be a condition, and stays.
REMARK = re.compile(
    r"\W*((by|using|use|via|see|from|cf)\b|((the|multivariate|total) )*(chain|product|quotient|sum|power) rule\W*$"
    r"|(by |the )?definition\W*$|def\.?\W*$|linearity\W*$|total derivative\W*$)(?!.*\b(if|when|where|only|for)\b)",
    re.I,
)

# Commands whose braced arguments say nothing about the mathematics: how many of them to skip.
SKIPPED = {"phantom": 1, "hphantom": 1, "vphantom": 1, "hspace": 1, "vspace": 1, "label": 1, "tag": 1, "color": 1,
           "textcolor": 1, "mspace": 1, "colorbox": 1, "textcircled": 1, "footnote": 1, "cite": 1}  # fmt: skip

# What to write for commands that are not read.
INSTEAD = {r"\pm": "the two formulas, each by itself", r"\mp": "the two formulas, each by itself",
           r"\rm": r"\mathrm{…}", r"\bf": r"\mathbf{…}", r"\it": r"\mathit{…}", r"\cal": r"\mathcal{…}",
           r"\R": r"\mathbb{R}", r"\N": r"\mathbb{N}", r"\E": r"\mathbb{E}"}  # fmt: skip

# Environments whose rows are whole statements, in which `&` only aligns; and those whose cells stand for themselves.
STATEMENT_ENVIRONMENTS = frozenset(
    "aligned align align* alignat alignat* split gather gather* gathered equation equation* multline multline* "
    "eqnarray eqnarray* displaymath math flalign flalign*".split()
)
CELL_ENVIRONMENTS = frozenset(
    "cases dcases rcases matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix array".split()
)
COLUMNED_ENVIRONMENTS = frozenset(["array", "alignat", "alignat*"])
ENVIRONMENTS = STATEMENT_ENVIRONMENTS | CELL_ENVIRONMENTS

_SCANNED = {
    "{": "group", "}": "ungroup", r"\left": "left", r"\right": "right", r"\middle": "middle", r"\begin": "begin",
    r"\end": "end", "&": "align", r"\\": "row", r"\newline": "row", r"\cr": "row", r"\quad": "quad", r"\qquad": "quad",
    "<": "angle", ">": "angle",
    "$": "math", "$$": "math", r"\[": "math", r"\]": "math", r"\(": "math", r"\)": "math", r"\stackrel": "stack",
    r"\overset": "stack", r"\not": "negate", ",": "COMMA", ";": "semicolon", ".": "PERIOD", "_": "SUB", "^": "SUP",
    r"\sqrt": "ROOT", r"\underbrace": "UNDERBRACE", r"\overbrace": "UNDERBRACE",
}  # fmt: skip


def _commands(kind: str, names: str) -> dict[str, tuple[str, str]]:
    return {f"\\{name}": (kind, name) for name in names.split()}


SYMBOLS: dict[str, tuple[str, str]] = {
    **_commands("LETTER", LETTERS),
    **_commands("WORD", WORDS),
    **_commands("BIG", BIGS),
    **_commands("DOTS", DOTS),
    **_commands("ACCENT", ACCENTS),
    **_commands("upright", UPRIGHT),
    **_commands("text", TEXTS),
    **_commands("FRACTION", FRACTIONS),
    **_commands("OPERATOR", OPERATORS),
    **_commands("RELATION", RELATIONS),
    **_commands("skip", " ".join(SKIPPED)),
    **{spelling: (kind, text) for kind, table in SAME.items() for spelling, text in table.items()},
    **{spelling: ("open", text) for spelling, text in OPENINGS.items()},
    **{spelling: ("close", text) for spelling, text in CLOSINGS.items()},
    **{spelling: ("bar", text) for spelling, text in BARS.items()},
    **{spelling: ("space", spelling) for spelling in [*SPACES.split(), "\\ ", "\\\n", "\\\t"]},
    **{spelling: ("size", spelling) for spelling in SIZES.split()},
    **{spelling: (kind, spelling) for spelling, kind in _SCANNED.items()},
}
