r"""The scalar functions that the program knows, each with its slope as a rational expression in value and argument.

The table serves the laws, the evaluation and the printer alike; a function that is not in it is *abstract*: nothing is
assumed of it but that it is differentiable and acts entry by entry.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer, Interval, Rational, Symbol

VALUE, ARGUMENT = Symbol("y"), Symbol("x")


@dataclass(frozen=True)
class Elementary:
    """A named function y = f(x). `slope` is f'(x) in VALUE and ARGUMENT; None for a function of pieces (ReLU).

    `values` is the range of f where it is bounded, `steepest` is sup |f'| where it is finite.
    """

    name: str
    slope: Expr | None
    spellings: tuple[str, ...]
    values: Interval | None = None
    steepest: Rational | None = None

    def __post_init__(self) -> None:
        if self.slope is not None and not self.slope.free_symbols <= {VALUE, ARGUMENT}:
            raise ValueError(f"the slope of {self.name} speaks of something else than its value and argument")


ELEMENTARY = {
    function.name: function
    for function in (
        Elementary("tanh", 1 - VALUE**2, ("tanh",), Interval.open(-1, 1), Integer(1)),
        Elementary("sigmoid", VALUE * (1 - VALUE), ("sigmoid", "sigm", "sigma"), Interval.open(0, 1), Rational(1, 4)),
        Elementary("exp", VALUE, ("exp",)),
        Elementary("log", 1 / ARGUMENT, ("log", "ln")),
        Elementary("relu", None, ("relu", "ReLU"), None, Integer(1)),
        Elementary("identity", Integer(1), ("identity",), None, Integer(1)),
        Elementary("sqrt", Rational(1, 2) / VALUE, ()),
    )
}
SPELLINGS = {spelling: f.name for f in ELEMENTARY.values() for spelling in f.spellings}
ACTIVATIONS = ("f", "tanh", "sigmoid", "relu", "identity")


def is_abstract(name: str) -> bool:
    return name not in ELEMENTARY


def slope(name: str, order: int) -> Expr | None:
    """The `order`-th derivative of a named function in terms of VALUE and ARGUMENT; None where there is none."""
    first = ELEMENTARY[name].slope
    if first is None:
        return None
    result = first
    for _ in range(order - 1):
        result = result.diff(ARGUMENT) + result.diff(VALUE) * first
    return result
