"""Stage 2 for what stands side by side: products, ⊙, calls, what an operator applies to; and fractions."""

from __future__ import annotations

from collections.abc import Sequence

from derive.algebra import build, shapes
from derive.algebra.expressions import Expression, Product, Quotient
from derive.algebra.expressions import Number as NumberValue
from derive.errors import ShapeError, Span
from derive.reader import dots, sizes
from derive.reader.calls import applied_to, argument_count, condition, is_callable, slope_of_relu
from derive.reader.context import Context, located
from derive.reader.derivatives import applied, applies_to_rest, derivative
from derive.reader.entries import with_scripts
from derive.reader.sizes import Read, Unsized, closed
from derive.reader.surface import Brackets, Dots, Fraction, Node, Number, Operator, Scripted

PRODUCTS = frozenset({"cdot", "times", "*", "ast"})
ENTRYWISE = frozenset({"odot", "circ", "oslash"})
Factor = Expression | Dots | Unsized


def read_row(items: Sequence[Node], span: Span, context: Context, read: Read) -> Expression | Unsized:
    """A row, left to right: what precedes Σ or ∏, its body to the end of the row; else factors, ⊙ binding loosest."""
    for position, item in enumerate(items):
        if applies_to_rest(item, context, last=position == len(items) - 1):
            body = applied(item, items[position + 1 :], span, context, closed(read))
            return _with_factors_before(items[:position], body, span, context, read)
    groups, operators = split_entrywise(items)
    if any(not group for group in groups):
        raise context.error(items[0], "⊙ needs a factor on either side")
    if len(groups) == 1:
        return _segment(items, span, context, read)
    factors = [_segment(group, group[0].span.to(group[-1].span), context, read) for group in groups]
    shape = next((factor.shape for factor in factors if isinstance(factor, Expression)), None)
    with located(context, span):
        return _entrywise([sizes.sized(factor, context, shape) for factor in factors], operators)


def split_entrywise(items: Sequence[Node]) -> tuple[list[list[Node]], list[str]]:
    """What stands between the operators ⊙, ∘, ⊘, and the operators."""
    groups: list[list[Node]] = [[]]
    operators = []
    for item in items:
        if isinstance(item, Operator) and item.name in ENTRYWISE:
            operators.append(item.name)
            groups.append([])
        else:
            groups[-1].append(item)
    return groups, operators


def _entrywise(factors: Sequence[Expression], operators: Sequence[str]) -> Expression:
    """u ⊙ v ⊘ w from left to right."""
    result = factors[0]
    for operator, factor in zip(operators, factors[1:], strict=True):
        if operator == "oslash" and isinstance(result, NumberValue):
            result = NumberValue(result.value, factor.shape)
        result = Quotient(result, factor) if operator == "oslash" else build.hadamard(result, factor)
    return result


def _with_factors_before(
    before: Sequence[Node], body: Expression, span: Span, context: Context, read: Read
) -> Expression:
    """What stands before Σ, ∏ or ∂/∂x, times its body."""
    operator = before[-1] if before and isinstance(before[-1], Operator) else None
    if operator is not None and operator.name not in PRODUCTS | ENTRYWISE:
        raise context.error(operator, f"the operator {operator.name} is not understood here")
    factors = before[:-1] if operator is not None else before
    if not factors:
        return body
    left = sizes.sized(read_row(factors, span, context, read), context)
    with located(context, span):
        if operator is not None and operator.name in ENTRYWISE:
            return _entrywise([left, body], [operator.name])
        return Product(*_opened(left), body)


def fraction(node: Fraction, context: Context, read: Read) -> Expression | Unsized:
    """A derivative where ∂ or d stands above and below, otherwise a quotient."""
    differentiated = derivative(node, context, closed(read))
    if differentiated is not None:
        return differentiated
    top, bottom = read(node.top, context), closed(read)(node.bottom, context)
    if build.is_zero(bottom):
        raise context.error(node.bottom, "this divides by 0")
    with located(context, node.span):
        if isinstance(top, Unsized):
            above = top
            return Unsized(above.node, above.kind, lambda shape: Quotient(above.at(shape), bottom))
        if isinstance(top, NumberValue) and isinstance(bottom, NumberValue) and bottom.value != 0:
            return NumberValue(top.value / bottom.value, top.shape)
        if isinstance(top, NumberValue) and not shapes.is_scalar(bottom.shape):
            top = NumberValue(top.value, bottom.shape)
        return Quotient(top, bottom)


def _segment(items: Sequence[Node], span: Span, context: Context, read: Read) -> Expression | Unsized:
    """A product: factors side by side or with a dot between, calls, dots ⋯ filled in."""
    factors: list[Factor] = []
    places: list[Node] = []
    operators: list[str] = []
    position, before = 0, ""
    while position < len(items):
        item, following = items[position], items[position + 1 :]
        used = 1
        if isinstance(item, Operator) and item.name == "/":
            factors[-1:] = [_over(factors, following, item, context, read)]
            used = 2
        elif isinstance(item, Operator):
            if item.name not in PRODUCTS and item.name != context.outer:
                raise context.error(
                    item, f"the operator {item.name} is not understood here", "\\cdot, \\odot or nothing"
                )
            before = item.name
        elif isinstance(item, Dots):
            factors.append(item)
        else:
            factor, used = _factor(item, following, context, read)
            factors.append(factor)
        if len(factors) > len(places):
            places.append(item)
            operators.append(before)
            before = ""
        position += used
    factors = context.side_by_side(factors, places, operators, span)
    _check_neighbours(factors, places, context)
    return _product(factors, span, context)


def _factor(item: Node, following: Sequence[Node], context: Context, read: Read) -> tuple[Expression | Unsized, int]:
    """A factor, and how many items it takes: a function takes its argument, **1** a condition."""
    if is_callable(item, context) and not context.is_bare(item, following):
        count = argument_count(following)
        return applied_to(item, following[:count], context, closed(read)), count + 1
    if not isinstance(item, Scripted) and following:
        asked = condition(item, following[0])
        if asked is not None:
            slope = slope_of_relu(asked, context, closed(read))
            after = following[0]
            return (with_scripts(slope, after, context) if isinstance(after, Scripted) else slope), 2
    return read(item, context), 1


def _product(factors: Sequence[Factor], span: Span, context: Context) -> Expression | Unsized:
    """The factors as one product; of scalars and one I or **1**, as large as the surroundings will say."""
    unsized = [factor for factor in factors if isinstance(factor, Unsized)]
    scalars = [factor for factor in factors if isinstance(factor, Expression) and shapes.is_scalar(factor.shape)]
    if len(unsized) == 1 and len(scalars) == len(factors) - 1:
        (only,) = unsized

        def at(shape: shapes.Shape) -> Expression:
            at_shape = [only.at(shape) if isinstance(factor, Unsized) else factor for factor in factors]
            return _joined(at_shape, span, context)

        return only if not scalars else Unsized(only.node, only.kind, at)
    return _joined(sizes.beside(factors, context), span, context)


def _joined(factors: Sequence[Expression | Dots], span: Span, context: Context) -> Expression:
    with located(context, span):
        filled = dots.fill(factors, dots.product_over, context)
        opened = [part for factor in filled for part in _opened(factor)]
        return filled[0] if len(filled) == 1 else Product(*build.grouped(opened))


def _check_neighbours(factors: Sequence[Factor], places: Sequence[Node], context: Context) -> None:
    """Error: DeriveError naming the two factors of a product that do not fit, and what would."""
    shape: shapes.Shape = shapes.SCALAR
    for position, (factor, place) in enumerate(zip(factors, places, strict=False)):
        if not isinstance(factor, Expression):
            return  # what ⋯ and **1** stand for is known only with their neighbours
        try:
            shape = shapes.product(shape, factor.shape)
        except ShapeError as error:
            before = places[position - 1]
            left, right = (context.source.text[node.span.start : node.span.end] for node in (before, place))
            raise ShapeError(
                f"{left} times {right} does not fit: {shapes.show(shape)} times {shapes.show(factor.shape)}",
                source=context.source,
                span=before.span.to(place.span),
                expected=error.expected,
                between=error.between,
            ) from None


def _over(
    factors: Sequence[Factor], following: Sequence[Node], slash: Node, context: Context, read: Read
) -> Expression:
    """`a / b`: the factor before over the factor after. `a / b c` can be read in two ways and is refused."""
    top = factors[-1] if factors else None
    if not isinstance(top, Expression) or not following:
        raise context.error(slash, "/ needs something on either side")
    if len(following) > 1 and not isinstance(following[0], Number | Brackets | Operator):
        raise context.error(slash, "what this divides by can be read in two ways", hint="\\frac{…}{…}, or brackets")
    bottom = closed(read)(following[0], context)
    with located(context, following[0].span):
        if isinstance(top, NumberValue) and isinstance(bottom, NumberValue) and bottom.value != 0:
            return NumberValue(top.value / bottom.value, top.shape)
        return Quotient(top, bottom)


def _opened(factor: Expression) -> tuple[Expression, ...]:
    """A product that stands in brackets within a product is opened, unless it is a number of its own."""
    if isinstance(factor, Product) and not shapes.is_scalar(factor.shape):
        return tuple(factor.args)
    return (factor,)
