"""One equation differentiated: the laws applied from the root of its right side down to the names in it."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import NamedTuple

from derive.algebra.build import add, transpose, zero
from derive.algebra.expressions import Expression, Identity, Number, Variable
from derive.algebra.shapes import is_column
from derive.calculus.laws import LAWS, Law
from derive.calculus.rewrite import tidy
from derive.errors import DeriveError

Laws = tuple[tuple[type[Expression], Law], ...]


class Use(NamedTuple):
    """One occurrence of a variable in an equation and what it receives there."""

    variable: Variable
    received: Expression


def pullback(expression: Expression, cotangent: Expression, laws: Laws = LAWS) -> list[Use]:
    """What each occurrence of a variable in `expression` receives, in the order in which they are written.

    Shapes: `cotangent` has the rows of `expression` and, where that is a column, any number of columns.
    Error: DeriveError for an operation that no law governs.
    """
    uses: list[Use] = []
    pending = [(expression, cotangent)]
    while pending:
        node, received = pending.pop()
        if isinstance(node, Variable):
            uses.append(Use(node, received))
        elif not isinstance(node, Number | Identity):
            pending.extend(reversed(_law(node, laws)(node, received)))
    return uses


def received_by(variable: Variable, uses: Sequence[Use]) -> Expression:
    """The sum of all that a variable receives, tidied; 0 where it is not used."""
    mine = [use.received for use in uses if use.variable == variable]
    return tidy(add(*mine)) if mine else zero(variable.shape)


def jacobian(expression: Expression, variable: Variable, laws: Laws = LAWS) -> Expression:
    """∂expression/∂variable with every other variable held fixed, for columns: the pullback of I, transposed.

    Shapes: expression m×1, variable n×1: m×n.
    """
    if not (is_column(expression.shape) and is_column(variable.shape)):
        raise DeriveError(f"a Jacobian by law needs columns; {variable} is not one")
    mine = [u.received for u in pullback(expression, Identity(expression.shape[0]), laws) if u.variable == variable]
    return tidy(transpose(add(*mine))) if mine else zero((expression.shape[0], variable.shape[0]))


def _law(node: Expression, laws: Laws) -> Law:
    for kind, law in laws:
        if type(node) is kind:
            return law
    raise DeriveError(f"no law says how to differentiate {type(node).__name__.lower()}")


def sections(law: Law) -> dict[str, str]:
    """A law's docstring by its parts: Statement (the first sentence), Law, Shapes, Conditions, Source, Example."""
    head, *lines = inspect.getdoc(law).splitlines()  # type: ignore[union-attr]
    parts = {"Statement": head}
    for line in lines:
        key, colon, text = line.partition(": ")
        if colon and key.isalpha():
            parts[key] = text
    return parts
