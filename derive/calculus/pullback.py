"""One equation differentiated: the laws applied from the root of its right side down to the names in it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import NamedTuple

from sympy import Basic

from derive.algebra.build import add, transpose, zero
from derive.algebra.expressions import Expression, Identity, Variable
from derive.algebra.shapes import is_column
from derive.calculus.laws import LAWS, Law
from derive.calculus.rewrite import tidy
from derive.errors import DeriveError

Laws = tuple[tuple[type[Expression], Law], ...]


class Use(NamedTuple):
    """One occurrence of a variable in an equation and what it receives there."""

    variable: Variable
    received: Expression


def pullback(
    expression: Expression, cotangent: Expression, laws: Laws = LAWS, wanted: Variable | None = None
) -> list[Use]:
    """What each occurrence of a variable in `expression` receives, in the order in which they are written.

    With `wanted`, only the occurrences of that variable. Shapes: `cotangent` has the rows of `expression` and, where
    that is a column and only columns are wanted, any number of columns. Error: DeriveError where no law governs.
    """
    uses: list[Use] = []
    pending = [(expression, cotangent)]
    while pending:
        node, received = pending.pop()
        if isinstance(node, Variable):
            uses.append(Use(node, received))
        else:
            law = governing(node, laws)
            operands = [(i, arg) for i, arg in enumerate(node.args) if _leads_to(arg, wanted)]
            pending.extend((operand, law(node, i, received)) for i, operand in reversed(operands))
    return uses


def _leads_to(operand: Basic, wanted: Variable | None) -> bool:
    """Whether an operand has a variable in it, or the one that is wanted."""
    if not isinstance(operand, Expression):
        return False
    if isinstance(operand, Variable):
        return wanted is None or operand == wanted
    return any(_leads_to(part, wanted) for part in operand.args)


def jacobian(expression: Expression, variable: Variable, laws: Laws = LAWS) -> Expression:
    """∂expression/∂variable with every other variable held fixed, for columns: the pullback of I, transposed.

    Shapes: expression m×1, variable n×1: m×n.
    """
    if not (is_column(expression.shape) and is_column(variable.shape)):
        raise DeriveError(f"a Jacobian by law needs columns; {variable} is not one")
    opened = tidy(expression)  # diag(u) v is u ⊙ v: no matrix stands between the root and a column
    mine = [use.received for use in pullback(opened, Identity(expression.shape[0]), laws, variable)]
    return tidy(transpose(add(*mine))) if mine else zero((expression.shape[0], variable.shape[0]))


def laws_between(expression: Expression, wanted: Variable, laws: Laws = LAWS) -> tuple[Law, ...]:
    """The laws of the operations that lead from an expression down to a variable in it, each once."""
    if isinstance(expression, Variable) or not _leads_to(expression, wanted):
        return ()
    below = [law for operand in expression.args for law in laws_between(operand, wanted, laws)]
    return tuple(dict.fromkeys((governing(expression, laws), *below)))


def governing(node: Expression, laws: Laws = LAWS) -> Law:
    """The law of an operation. Error: DeriveError where there is none."""
    for kind, law in laws:
        if type(node) is kind:
            return law
    raise DeriveError(f"no law says how to differentiate {type(node).__name__.lower()}")


def sections(law: Callable[..., object]) -> dict[str, str]:
    """A law's docstring by its parts: Statement (the first sentence), Law, Shapes, Conditions, Source, Example.

    A line that is indented continues the one before.
    """
    head, *lines = (inspect.getdoc(law) or "").splitlines()
    parts, last = {"Statement": head}, "Statement"
    for line in lines:
        key, colon, text = line.partition(": ")
        if colon and key.isalpha():
            parts[key], last = text, key
        elif line.startswith(" "):
            parts[last] += " " + line.strip()
    return parts
