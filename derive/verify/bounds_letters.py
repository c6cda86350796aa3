"""The letters that bound something, γ, β_W, λ_1, ρ: what the text says that they are, in a formula or in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from derive.algebra.names import Name
from derive.algebra.shapes import Shape
from derive.reader.context import function_of
from derive.reader.naming import Reading, read_name
from derive.reader.surface import Accent, Big, Brackets, Letter, Node, Operator, Row, Scripted, Word
from derive.verify.alike import alike
from derive.verify.bounds_points import LetterKey
from derive.verify.bounds_text import goals, is_bound, prepared, supremum
from derive.verify.bounds_words import around, is_condition
from derive.verify.context import TextContext
from derive.verify.surfaces import function_name
from derive.verify.survey import ORDERED, Formula

BOUNDS, LARGEST, RADIUS, STEEPEST = "bounds", "largest", "radius", "steepest"
SINGULAR = re.compile(
    r"(largest|maxim\w+|biggest|dominant|leading|top) singular value|spectral norm|最大奇异值|谱范数"
    r"|größte\w* Singulärwert|Spektralnorm|plus grande valeur singulière|norme spectrale|сингулярн\w+ (число|значение)",
    re.IGNORECASE,
)
EIGEN = re.compile(
    r"spectral radius|eigenvalue|特征值|谱半径|Eigenwert|Spektralradius|valeur propre|rayon spectral|собственн",
    re.IGNORECASE,
)
UPPER = re.compile(
    r"upper bound|bounds? (of|on|for)|bounded by|上界|上限|obere Schranke|borne sup|majorant|верхн\w+ границ",
    re.IGNORECASE,
)
OF_MATRICES = frozenset({"lambda", "rho", "sigma", "s"})
"""Letters that usually are of a matrix: what they are has to be said, and a formula that they bound does not do."""
NEAR = 60


@dataclass(frozen=True)
class Meaning:
    """What a letter is. `bounded`: the norms it bounds; `matrix`: that whose value it is; `function`: whose slope."""

    kind: str
    bounded: tuple[tuple[Node, Formula], ...] = ()
    matrix: str = ""
    function: str = ""


def key(reading: Reading) -> LetterKey:
    return (reading.name, reading.indices)


def letters_of(formulas: Sequence[Formula], context: TextContext) -> dict[LetterKey, Meaning]:
    """What the formulas of a text say of its bounding letters; the first that explains a letter does."""
    found: dict[LetterKey, Meaning] = {}
    for formula in formulas:
        for reading, meaning in _explained(formula, context, found):
            found.setdefault(key(reading), meaning)
    return found


def _explained(
    formula: Formula, context: TextContext, known: dict[LetterKey, Meaning]
) -> Iterator[tuple[Reading, Meaning]]:
    link = formula.link
    if link.relation == "=":
        reading = lone(link.left, context, formula, defined=True)
        function = _supremum_of(prepared(link.right), context)
        if reading is not None and function:
            yield reading, Meaning(STEEPEST, function=function)
        return
    if not is_bound(formula) or link.relation not in ORDERED:
        return
    for goal in goals(formula):
        yield from _bounding(goal.small, goal.large, formula, context, known)


def _bounding(
    small: Node, large: Node, formula: Formula, context: TextContext, known: dict[LetterKey, Meaning]
) -> Iterator[tuple[Reading, Meaning]]:
    """The letters of a right side, each with the factor that it bounds. What is on both sides is left out."""
    mine, theirs = _factors(small), _factors(large)
    alone = len(theirs) == 1
    for part in list(theirs):
        same = next((other for other in mine if alike(part, other)), None)
        if same is not None:
            mine.remove(same)
            theirs.remove(part)
    readings = [lone(part, context, formula) for part in theirs]
    fresh = [r for r in readings if r is not None and key(r) not in known and in_words(r, formula, context) is None]
    if not fresh or len(fresh) != len(readings):
        return
    if alone:
        if fresh[0].name.base in OF_MATRICES and not (is_condition(formula) or UPPER.search(around(formula, NEAR))):
            return
        function = _slope_alone(small, context)
        bounded = Meaning(STEEPEST, function=function) if function else Meaning(BOUNDS, ((small, formula),))
        yield fresh[0], bounded
    elif len(mine) == len(theirs) and UPPER.search(around(formula)):
        for reading, part in zip(fresh, mine, strict=True):
            yield reading, Meaning(BOUNDS, ((part, formula),))


def _factors(node: Node) -> list[Node]:
    """What a product is made of, without its signs and brackets."""
    if isinstance(node, Brackets) and node.opening == "(":
        return _factors(node.body)
    if isinstance(node, Scripted) and isinstance(node.base, Brackets) and node.base.opening == "(" and node.sub is None:
        return _factors(node.base)  # a power
    if isinstance(node, Row):
        return [part for item in node.items if not _is_sign(item) for part in _factors(item)]
    return [node]


def _is_sign(node: Node) -> bool:
    return isinstance(node.base if isinstance(node, Scripted) else node, Operator | Big)


def lone(node: Node, context: TextContext, formula: Formula, defined: bool = False) -> Reading | None:
    """The name that a side is, if the text's network does not know it."""
    if isinstance(node, Brackets) and node.opening == "(":
        node = node.body
    if not isinstance(node, Letter | Scripted | Accent) or (
        isinstance(node, Scripted) and isinstance(node.base, Brackets)
    ):
        return None
    if function_of(node, context) is not None:
        return None
    reading = read_name(node, context.letters, formula.source)
    if reading is None or reading.above:
        return None
    return reading if defined or reading.name not in context.shapes else None


def _supremum_of(node: Node, context: TextContext) -> str:
    """f, where a side is sup |f'| or max |f'(z)|."""
    if not isinstance(node, Row) or not supremum(node.items[0]):
        return ""
    rest = node.items[1:]
    return _slope_alone(rest[0] if len(rest) == 1 else Row(node.span, rest), context)


def _slope_alone(node: Node, context: TextContext) -> str:
    """f, where a side is |f'|, f' or |f'(z)|, for any argument."""
    if isinstance(node, Brackets) and node.opening in "|‖(":
        return _slope_alone(node.body, context)
    slope = node.items[0] if isinstance(node, Row) and len(node.items) == 2 else node
    if not isinstance(slope, Scripted) or slope.primes != 1:
        return ""
    if isinstance(node, Row):
        after = node.items[1]
        argument = after.body if isinstance(after, Brackets) else None
        if not isinstance(argument, Letter | Operator):
            return ""
    name = function_name(slope) or ""
    return name if name in context.functions else ""


# ---- in words


def in_words(reading: Reading, formula: Formula, context: TextContext) -> Meaning | None:
    """What the words around a letter say that it is: a largest singular value, or one of eigenvalues."""
    text = formula.link.statement.passage.source.text
    for place in _mentions(reading, text):
        after = re.split(r"\n\s*\n|[.;。；]", text[place[1] : place[1] + 2 * NEAR])[0].lstrip("$\\) ")
        before = re.split(r"\n\s*\n|[.;。；,，]", text[max(0, place[0] - NEAR) : place[0]])[-1].rstrip("$\\( ")
        for words in (after.split("$")[0], before.split("$")[-1]):
            for pattern, kind in ((SINGULAR, LARGEST), (EIGEN, RADIUS)):
                said = pattern.search(words)
                if said:
                    return Meaning(kind, matrix=_matrix(after, context))
    return None


def _mentions(reading: Reading, text: str) -> Iterator[tuple[int, int]]:
    """Where a letter stands in the text."""
    base = reading.name.base
    letter = re.escape(base if base.startswith("\\") or len(base) == 1 else f"\\{base}")
    label = reading.name.label or "".join(map(str, reading.indices))
    below = rf"\s*_\s*\{{?\s*(\\\w+\s*\{{?)?{re.escape(label)}\s*\}}*" if label else r"(?!\s*[_A-Za-z])"
    for found in re.finditer(rf"{letter}{below}", text):
        yield found.span()


def _matrix(words: str, context: TextContext) -> str:
    """The parameter that the words after a letter name, by its plain spelling; else the only square one."""
    square = {n.plain: n for n, s in context.network.shapes.items() if _is_square(n, s, context)}
    for snippet in re.findall(r"\$([^$]+)\$", words):
        spelled = re.sub(r"\\(mathbf|boldsymbol|bm|mathrm|text\w*|vec|operatorname)|[{}\s\\$^_()]", "", snippet)
        for plain in square:
            if plain.replace("_", "") == spelled:
                return plain
    return next(iter(square)) if len(square) == 1 else ""


def _is_square(name: Name, shape: Shape, context: TextContext) -> bool:
    return not name.arity and name not in context.network.rules and len(shape) == 2 and shape[0] == shape[1]


__all__ = ["BOUNDS", "LARGEST", "RADIUS", "STEEPEST", "Meaning", "Word", "in_words", "key", "letters_of", "lone"]
