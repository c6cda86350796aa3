"""Products that do not fit as they stand, and what their authors may mean: diag left out, ⊙ for a dot, x for xᵀ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product

from derive.algebra import build, shapes
from derive.algebra.expressions import Apply, Diag, Expression, Hadamard, Product, Quotient, Transpose
from derive.algebra.shapes import ONE, Shape
from derive.errors import ShapeError

MOST_CHANGES = 3
"""How many places of one product are filled in."""
MOST_FACTORS = 12


STARRED, BESIDE, SLOPE, DIAGONAL, OUTER, INNER, TURNED, CONTRACTED = PREFERRED = (
    "",
    "columns side by side are multiplied entry by entry",
    "a slope such as f'(a) stands for diag(f'(a))",
    "a column stands for the diagonal matrix of it",
    "the product of two columns is their outer product u vᵀ",
    "the product of two columns is their inner product uᵀ v",
    "a row stands for its column",
    "a derivative array before a column is contracted by its first index",
)
"""What may be filled in, the likeliest first."""


@dataclass(frozen=True)
class Fit:
    """A product that fits, and what was filled in."""

    factors: tuple[Expression, ...]
    notes: tuple[str, ...]


def shape_of(factors: Sequence[Expression]) -> Shape | None:
    """The shape of a product; None where it does not fit."""
    shape: Shape = shapes.SCALAR
    try:
        for factor in factors:
            shape = shapes.product(shape, factor.shape)
    except ShapeError:
        return None
    return shape


def fits(factors: Sequence[Expression], operators: Sequence[str], wanted: Shape | None) -> list[Fit]:
    """The ways to make a product fit with the fewest changes; the product itself alone if it fits as it stands."""
    plain = shape_of(factors)
    outer = any(operator == "otimes" for operator in operators)
    stars = any(operator in ("*", "star", "times") for operator in operators)
    if plain is not None and (wanted is None or plain == wanted) and not outer and not stars:
        return [Fit(tuple(factors), (CONTRACTED,) if _contracts(factors) else ())]
    if len(factors) > MOST_FACTORS:
        return []
    places = [
        i
        for i, factor in enumerate(factors)
        if _is_long(factor) and not isinstance(factor, Transpose) and (plain is None or outer or is_slope(factor))
    ]
    if plain is not None and (wanted is None or plain == wanted) and not outer:
        return [Fit(tuple(factors), ())]
    merged = _merged(factors, operators)
    shape = None if merged is None else shape_of(merged.factors)
    entrywise = [merged] if merged is not None and shape is not None and wanted in (None, shape) else []
    for count in range(1, min(MOST_CHANGES, len(places)) + 1):
        found = [
            fit
            for chosen in combinations(places, count)
            for fit in _changed(factors, operators, chosen)
            if (shape := shape_of(fit.factors)) is not None and (wanted is None or shape == wanted)
        ]
        if found:
            likely = sorted(found, key=lambda fit: [PREFERRED.index(note) for note in fit.notes])
            return _unique([*entrywise, *likely] if stars else [*likely, *entrywise])
    return entrywise


def _merged(factors: Sequence[Expression], operators: Sequence[str]) -> Fit | None:
    """Rows, or columns, side by side, all multiplied entry by entry; None where no three stand so."""
    made: list[Expression] = []
    notes: list[str] = []
    count = 0
    for factor, operator in zip(factors, operators, strict=True):
        before = made[-1] if made else None
        if before is not None and _is_long(factor) and before.shape == factor.shape and operator != "otimes":
            made[-1] = Hadamard(before, factor)
            notes.append(STARRED if operator in ("*", "star") else BESIDE)
            count += 1
        else:
            made.append(factor)
    return Fit(tuple(made), tuple(dict.fromkeys(notes))) if count > 1 else None


def _contracts(factors: Sequence[Expression]) -> bool:
    """Whether a derivative array stands before a column, as no plain product has it."""
    return any(len(a.shape) == 3 and not shapes.is_scalar(b.shape) for a, b in pairwise(factors))


def _is_long(factor: Expression) -> bool:
    return len(factor.shape) == 2 and shapes.is_vector(factor.shape) and not shapes.is_scalar(factor.shape)


def _changed(factors: Sequence[Expression], operators: Sequence[str], chosen: Sequence[int]) -> Iterator[Fit]:
    options = [list(_options(factors, operators, place)) for place in chosen]
    for combination in product(*options):
        made: list[Expression | None] = list(factors)
        notes: list[str] = []
        usable = True
        for place, (kind, note) in zip(chosen, combination, strict=True):
            factor = made[place]
            if factor is None:
                usable = False
                break
            if kind == "diag":
                made[place] = Diag(factor if factor.shape[1] == ONE else build.transpose(factor))
            elif kind in ("transpose", "transpose-left"):
                made[place] = build.transpose(factor)
            else:  # entrywise with the factor before
                before = made[place - 1]
                if before is None or before.shape != factor.shape:
                    usable = False
                    break
                made[place - 1], made[place] = None, Hadamard(before, factor)
            notes.append(note)
        if usable:
            yield Fit(tuple(factor for factor in made if factor is not None), tuple(dict.fromkeys(notes)))


def _options(factors: Sequence[Expression], operators: Sequence[str], place: int) -> Iterator[tuple[str, str]]:
    factor = factors[place]
    before = factors[place - 1] if place else None
    slope = is_slope(factor)
    if before is not None and before.shape == factor.shape and operators[place] != "otimes":
        yield (
            "entrywise",
            STARRED if operators[place] in ("*", "star") else BESIDE,
        )
    columns = before is not None and _is_long(before) and not isinstance(before, Transpose)
    if operators[place] == "otimes" or (not slope and columns):
        yield (
            "transpose",
            STARRED if operators[place] == "otimes" else _turned(factor, OUTER),
        )
    if slope:
        yield "diag", SLOPE
    elif place == 0 or operators[place] != "otimes":
        if place + 1 < len(factors) and not slope:
            yield "transpose-left", _turned(factor, INNER)
        yield "diag", DIAGONAL


def _turned(factor: Expression, words: str) -> str:
    """What is said of a factor that is transposed: `words` of a column."""
    return words if shapes.is_column(factor.shape) else TURNED


def is_slope(expression: Expression) -> bool:
    """Whether an expression is made with the slope of a function: f'(a), 1 - h ⊙ h, f'(a) ⊙ u."""
    match expression:
        case Apply(function=function):
            return function.order > 0
        case Hadamard() | Product() | Quotient():
            return any(is_slope(part) for part in expression.args if isinstance(part, Expression))
    return expression.__class__.__name__ == "Add" and any(
        part.__class__.__name__ == "Number" for part in expression.args
    )


def _unique(found: Sequence[Fit]) -> list[Fit]:
    known: dict[tuple[Expression, ...], Fit] = {}
    for fit in found:
        known.setdefault(fit.factors, fit)
    return list(known.values())
