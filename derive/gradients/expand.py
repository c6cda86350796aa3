"""Writing Σ and ∏ with numbers as bounds out, term by term."""

from __future__ import annotations

from sympy import Integer

from derive.algebra.build import add, hadamard, product, substitute, zero
from derive.algebra.expressions import Add, Chain, Expression, Hadamard, Identity, MatrixPower, Product, Sum


def write_out(expression: Expression) -> Expression:
    r"""A Σ or ∏ whose bounds are numbers is its terms or factors; nothing else is multiplied out.

    Law: \sum_{t=1}^{3} u_t = u_1 + u_2 + u_3
    Conditions: the bounds are numbers
    Source: the definition of Σ and ∏
    """
    if isinstance(expression, Sum) and expression.args[2].is_Integer and expression.args[3].is_Integer:
        body, index, lower, upper = expression.args
        values = range(int(lower), int(upper) + 1)
        terms = [write_out(substitute(body, {index: Integer(i)})) for i in values]
        return add(*terms) if terms else zero(expression.shape)
    if isinstance(expression, Chain) and expression.args[2].is_Integer and expression.args[3].is_Integer:
        body, index, lower, upper, descending = expression.args
        values = range(int(lower), int(upper) + 1)
        factors = [write_out(substitute(body, {index: Integer(i)})) for i in values]
        ordered = factors[::-1] if descending else factors
        return product(*ordered) if ordered else Identity(expression.shape[0])
    if isinstance(expression, MatrixPower) and expression.args[1] in (0, 1):
        return expression.args[0] if expression.args[1] == 1 else Identity(expression.shape[0])
    if isinstance(expression, Add):
        return add(*map(write_out, expression.args))
    if isinstance(expression, Product):
        return product(*map(write_out, expression.args))
    if isinstance(expression, Hadamard):
        return hadamard(*map(write_out, expression.args))
    return expression
