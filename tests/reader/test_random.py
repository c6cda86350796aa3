"""Random expressions print and read back equal in value, without any rounding: matrices of blocks and entries too."""

import random

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from sympy import Integer

from derive.algebra import shapes, symbols
from derive.algebra.build import zero
from derive.algebra.expressions import (
    Add,
    Apply,
    Blocks,
    Diag,
    Entry,
    Expression,
    Hadamard,
    Identity,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Transpose,
    Variable,
)
from derive.algebra.names import Function, Name
from derive.algebra.shapes import ONE, SCALAR, Shape
from derive.errors import Source
from derive.evaluate.field import Vanishes
from derive.models.model import walk
from derive.reader.context import Context
from derive.render.printer import latex
from tests.expressions import COLUMN, OTHER, ROW, SHAPES, SQUARE, VARIABLES, WIDE, M, N, expression, field
from tests.reader.meaning import meaning, show
from tests.reader.values import value

FIRST, SECOND, BETWEEN = map(symbols.index, "ijl")
STEP = symbols.index("t")
TIMED = {
    SCALAR: Variable(Name("r", (), "", 1), (STEP,), SCALAR),
    COLUMN: Variable(Name("s", (), "", 1), (STEP - 1,), COLUMN),
    OTHER: Variable(Name("delta", (), "f", 1, raised=True), (STEP,), OTHER),
    SQUARE: Variable(Name("W", (), "hh"), (), SQUARE),
    WIDE: Variable(Name("K", ("tilde",), "", 1, time_above=True), (STEP,), WIDE),
}
"""Names with an index, a label, a decoration, beside the bare ones of `tests.expressions`."""
SHAPE_OF = {(N, ONE): COLUMN, (M, ONE): OTHER, (N, N): SQUARE, (M, N): WIDE, (ONE, ONE): SCALAR, (ONE, N): ROW}


def where() -> Context:
    known = {v.name: v.shape for v in (*VARIABLES, *TIMED.values())}
    return Context(Source("printed", ""), known, frozenset("tTij"), frozenset("f"),
                   bounds={"t": (Integer(1), symbols.HORIZON)})  # fmt: skip


def leaf(source: random.Random, shape: Shape) -> Expression:
    """A name of that shape, or for a row a transposed one."""
    if shape == ROW:
        return Transpose(leaf(source, COLUMN))
    return source.choice([TIMED[shape], *(v for v in VARIABLES if v.shape == shape)])


def part(source: random.Random, shape: Shape, depth: int) -> Expression:
    """A block of that shape: an expression, a name, the slope of ReLU, or 0."""
    kind = source.choice(["any", "name", "slope", "zero"])
    if kind == "zero" and not shapes.is_scalar(shape):
        return zero(shape)
    if kind == "slope" and shape in (COLUMN, OTHER):
        return Apply(Function("relu", 1), leaf(source, shape))
    return leaf(source, shape) if kind == "name" else expression(source, shape, depth)


def blocks(source: random.Random, depth: int) -> Blocks:
    """One to three rows and columns of blocks of the shapes that there are."""
    heights = [source.choice((N, M, ONE)) for _ in range(source.choice((1, 2, 2, 3)))]
    widths = [source.choice((N, ONE)) for _ in range(source.choice((1, 2, 2, 3)))]
    return Blocks(
        len(widths), *(part(source, SHAPE_OF[height, width], depth) for height in heights for width in widths)
    )


def entry(source: random.Random, depth: int) -> Entry:
    """An entry of a name, of an expression or of a matrix of blocks."""
    shape = source.choice([COLUMN, OTHER, SQUARE, WIDE, ROW])
    stacked = Blocks(1, leaf(source, SQUARE), leaf(source, WIDE))
    body = source.choice([leaf(source, shape), expression(source, shape, depth), stacked])
    count = sum(size != ONE for size in body.shape)
    return Entry(body, *(source.choice((FIRST, SECOND, ONE)) for _ in range(count)))


def sum_of_entries(source: random.Random) -> Sum:
    """A product of matrices entry by entry: Σ_l A_{il} s_{t-1,l}."""
    size = source.choice((N, M))
    left, right = (leaf(source, SQUARE), COLUMN) if size == N else (Transpose(leaf(source, WIDE)), OTHER)
    return Sum(Product(Entry(left, FIRST, BETWEEN), Entry(leaf(source, right), BETWEEN)), BETWEEN, ONE, size)


def of_entries(source: random.Random, depth: int) -> Expression:
    """Entries, sums of them and scalars, joined."""
    kinds = [lambda: entry(source, depth), lambda: sum_of_entries(source), lambda: leaf(source, SCALAR)]
    one, other, third = (source.choice(kinds)() for _ in range(3))
    joined = [
        Add(one, Product(other, third)),
        Product(one, Add(other, third)),
        Apply(Function("tanh", 1), one),
        Power(Entry(leaf(source, SQUARE), FIRST, SECOND), 2),
        Sum(Product(one, Entry(leaf(source, COLUMN), BETWEEN)), BETWEEN, ONE, N),
    ]
    return source.choice(joined)


def anything(source: random.Random, depth: int) -> Expression:
    """An expression in which blocks and entries stand among all others."""
    body = blocks(source, depth)
    matrix, column = expression(source, SQUARE, depth), expression(source, COLUMN, depth)
    made = [
        body,
        Product(Number(2), Transpose(body), body),
        entry(source, depth),
        sum_of_entries(source),
        of_entries(source, depth),
        Product(Diag(Apply(Function("relu", 1), column)), leaf(source, SQUARE)),
        Product(Add(Identity(N), matrix), column),
        Hadamard(Power(leaf(source, COLUMN), 2), Power(Apply(Function("tanh"), leaf(source, COLUMN)), 3)),
        expression(source, source.choice(SHAPES), depth),
    ]
    return source.choice(made)


def is_lost(node: Expression) -> bool:
    """An array of ones over a number: what is printed of it does not say how large it is."""
    match node:
        case Quotient(args=(Number() as top, bottom)):
            return shapes.is_scalar(bottom.shape) and not shapes.is_scalar(top.shape)
    return False


@given(st.integers(0, 2**32), st.integers(0, 3))
def test_what_is_printed_reads_back_equal(seed, depth):
    source = random.Random(seed)
    printed = anything(source, depth)
    assume(not any(map(is_lost, walk(printed))))
    read = meaning(latex(printed), where(), printed.shape)
    assert read.shape == printed.shape
    assert_equal(read, printed, source)


def assert_equal(read: Expression, printed: Expression, source: random.Random) -> None:
    arithmetic = field(source)
    try:
        values = [value(side, arithmetic, {N: 3, M: 2}) % arithmetic.prime for side in (read, printed)]
    except Vanishes:
        return
    assert np.array_equal(*values), f"{latex(printed)}\n{show(read)}\n{show(printed)}"
