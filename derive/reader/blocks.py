"""Stage 2 for matrices written out: blocks beside and below each other, a 0 or I as large as its row and column say."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr

from derive.algebra import shapes
from derive.algebra.build import zero
from derive.algebra.expressions import Blocks, Expression
from derive.algebra.shapes import ONE
from derive.errors import Absent
from derive.reader.context import Context, located
from derive.reader.sizes import Read, Unsized, unclear
from derive.reader.surface import Accent, Dots, Empty, Node, Number, Table

MATRICES = frozenset({"matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array"})
"""The environments that set a matrix; vmatrix is its determinant."""
Part = Expression | Unsized | None
"""A block as far as it is read; None for a 0, which may be of any size."""


def blocks(table: Table, context: Context, read: Read) -> Expression:
    """The matrix of blocks. Error: DeriveError for a block that does not fit or whose size nothing says."""
    width = len(table.rows[0])
    for row in table.rows:
        if len(row) != width:
            raise context.error(row[0], f"a row of {len(row)} blocks below one of {width}", "as many in each row")
    parts = [[_part(cell, context, read) for cell in row] for row in table.rows]
    heights, widths = _sizes(table, parts, context)
    found = [
        _sized(part, cell, heights[i], widths[j], context)
        for i, (row, cells) in enumerate(zip(parts, table.rows, strict=True))
        for j, (part, cell) in enumerate(zip(row, cells, strict=True))
    ]
    with located(context, table.span):
        return Blocks(width, *found)


def _part(cell: Node, context: Context, read: Read) -> Part:
    match cell:
        case Empty():
            raise context.error(cell, "there is no block here", "0, where nothing stands")
        case Dots():
            raise context.error(cell, "a matrix with dots is not understood", "every block written out")
        case Number(text="0") | Accent(body=Number(text="0")):
            return None
    return read(cell, context)


def _sizes(
    table: Table, parts: Sequence[Sequence[Part]], context: Context
) -> tuple[list[Expr | None], list[Expr | None]]:
    """The rows of each row of blocks and the columns of each column, as far as the blocks say them."""
    heights: list[Expr | None] = [None] * len(parts)
    widths: list[Expr | None] = [None] * len(parts[0])
    places = [(i, j) for i in range(len(heights)) for j in range(len(widths))]
    for i, j in places:
        part = parts[i][j]
        if isinstance(part, Expression):
            height, width = part.shape[0], part.shape[-1]
            if len(part.shape) > 2 or heights[i] not in (None, height) or widths[j] not in (None, width):
                wanted = shapes.show((heights[i] or height, widths[j] or width))
                words = f"this block is {shapes.show(part.shape)}"
                raise Absent(words, source=context.source, span=table.rows[i][j].span, expected=wanted)
            heights[i], widths[j] = height, width
    while any(_spread(parts[i][j], i, j, heights, widths) for i, j in places):
        continue
    if all(size in (None, ONE) for size in (*heights, *widths)) and not any(
        isinstance(part, Unsized) for row in parts for part in row
    ):
        return [ONE] * len(heights), [ONE] * len(widths)  # a matrix of numbers
    return heights, widths


def _spread(part: Part, i: int, j: int, heights: list[Expr | None], widths: list[Expr | None]) -> bool:
    """Whether a block without a size says one of its row or column that was not known: I is square, **1** a column."""
    if not isinstance(part, Unsized):
        return False
    before = heights[i], widths[j]
    if heights[i] is None:
        heights[i] = {"square": widths[j], "row": ONE}.get(part.kind)
    if widths[j] is None:
        widths[j] = {"square": heights[i], "column": ONE}.get(part.kind)
    return before != (heights[i], widths[j])


def _sized(part: Part, cell: Node, height: Expr | None, width: Expr | None, context: Context) -> Expression:
    if isinstance(part, Expression):
        return part
    if height is None or width is None:
        if isinstance(part, Unsized):
            raise unclear(part, context)
        raise context.error(cell, "the size of this 0 is not clear here", "a block beside it and one above or below it",
                            "0_{n \\times d}")  # fmt: skip
    if part is None:
        return zero((height, width))
    with located(context, cell.span):
        return part.fitted((height, width))
