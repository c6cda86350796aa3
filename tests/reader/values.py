"""Values for expressions without a network: each name, and each derivative symbol, has one that is its own."""

import random
from collections.abc import Mapping

import numpy as np
from sympy import Expr, Symbol

from derive.algebra.expressions import Apply, Derivative, Expression, Variable
from derive.evaluate.arithmetic import Arithmetic, Floats
from derive.evaluate.evaluator import Evaluator, whole
from derive.models.model import walk

AT = {"T": 5, "t": 4, "k": 2, "j": 2}
"""Where index letters stand; all others at 1. As an index of entries none is above the smallest size."""


def wave(argument, order):
    """An analytic function whose slopes are no functions of itself."""
    return np.sin(argument + order) + order


def value(expression: Expression, arithmetic: Arithmetic | None = None, sizes: Mapping[Symbol, int] | None = None):
    """An expression at those values; sizes are 2, 3, … in the order of their letters if none are given."""
    free = {symbol for node in walk(expression) for symbol in node.free_symbols}
    letters = sorted((symbol for symbol in free if symbol.is_positive), key=str)
    sizes = {symbol: number for number, symbol in enumerate(letters, 2)} if sizes is None else sizes
    indices = {symbol: AT.get(str(symbol), 1) for symbol in free if not symbol.is_positive}
    called = {node.function.name for node in walk(expression) if isinstance(node, Apply)}
    arithmetic = Floats(dict.fromkeys(called, wave)) if arithmetic is None else arithmetic
    shapes = {node.name: node.shape for node in walk(expression) if isinstance(node, Variable)}

    def quantity(name, at):
        return own(f"{name!s}{name.accents}{name.label}{at}", shapes[name])

    def slope(node: Derivative, at):
        return own(f"{node.top}{node.bottom}{node.held}{sorted(map(str, at.items()))}", node.shape)

    def own(key: str, shape: tuple[Expr, ...]):
        source = random.Random(key)
        numbers = [source.randrange(1, 100) for _ in range(int(np.prod([whole(size, sizes) for size in shape])))]
        whole_numbers = np.array(numbers, dtype=object).reshape([whole(size, sizes) for size in shape])
        return whole_numbers if not isinstance(arithmetic, Floats) else whole_numbers.astype(float) / 50

    return Evaluator(arithmetic, sizes, quantity, slope)(expression, {**sizes, **indices})
