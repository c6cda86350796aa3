"""Writing Σ and ∏ with numbers as bounds out, term by term."""

from __future__ import annotations

from sympy import Integer

from derive.algebra.build import add, product, substitute, zero
from derive.algebra.expressions import Add, Chain, Expression, Identity, Product, Sum


def expand(expression: Expression) -> Expression:
    """Every Σ and ∏ whose bounds are numbers as its terms and factors, sums multiplied out over nothing else."""
    if isinstance(expression, Sum) and expression.args[2].is_Integer and expression.args[3].is_Integer:
        body, index, lower, upper = expression.args
        values = range(int(lower), int(upper) + 1)
        terms = [expand(substitute(body, {index: Integer(i)})) for i in values]
        return add(*terms) if terms else zero(expression.shape)
    if isinstance(expression, Chain) and expression.args[2].is_Integer and expression.args[3].is_Integer:
        body, index, lower, upper, descending = expression.args
        values = range(int(lower), int(upper) + 1)
        factors = [expand(substitute(body, {index: Integer(i)})) for i in values]
        ordered = factors[::-1] if descending else factors
        return product(*ordered) if ordered else Identity(expression.shape[0])
    if isinstance(expression, Add):
        return add(*map(expand, expression.args))
    if isinstance(expression, Product):
        return product(*map(expand, expression.args))
    return expression
