r"""What a text declares itself: `x_t \in \mathbb{R}^{d}`, with sizes of any spelling."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr

from derive.algebra import symbols
from derive.algebra.names import Name
from derive.algebra.shapes import ONE, SCALAR, Shape
from derive.reader.naming import read_name, text_of
from derive.reader.surface import Items, Node, Number, Operator, Row, Scripted
from derive.verify.names import own_letters
from derive.verify.survey import Formula, Survey


def declared_shapes(formulas: Sequence[Formula], survey: Survey) -> dict[Name, Shape]:
    """The shapes that a text states, by name. A statement that is not understood states nothing."""
    found: dict[Name, Shape] = {}
    for formula in formulas:
        shape = _space(formula)
        if shape is None:
            continue
        left = formula.link.left
        for node in left.items if isinstance(left, Items) else (left,):
            letters = own_letters(node, survey.habits)
            reading = read_name(node, letters, formula.source)
            if reading is not None:
                found[reading.name] = shape
    return found


def _space(formula: Formula) -> Shape | None:
    right = formula.link.right
    if not isinstance(right, Scripted) or right.sup is None:
        return SCALAR
    parts: list[list[Node]] = [[]]
    for item in right.sup.items if isinstance(right.sup, Row) else (right.sup,):
        if isinstance(item, Operator) and item.name == "times":
            parts.append([])
        else:
            parts[-1].append(item)
    if not all(parts) or len(parts) > 2:
        return None
    sizes = [_size(part, formula) for part in parts]
    return (sizes[0], sizes[1] if len(sizes) == 2 else ONE)


def _size(part: Sequence[Node], formula: Formula) -> Expr:
    """A size by its spelling; a number is any size, for the formulas are the same for all, but 1 is 1."""
    span = part[0].span.to(part[-1].span)
    if len(part) == 1 and isinstance(part[0], Number):
        return ONE if part[0].text == "1" else symbols.size(f"size{part[0].text}")
    text = "".join(c for c in formula.source.text[span.start : span.end] if c.isalnum())
    return symbols.size(text or text_of(part[0], formula.source))
