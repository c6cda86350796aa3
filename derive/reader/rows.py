"""Stage 2 for what stands side by side: products, ⊙, calls, what an operator applies to; and fractions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from derive.algebra import build, shapes
from derive.algebra.expressions import Expression, Product, Quotient
from derive.algebra.expressions import Number as NumberValue
from derive.errors import DeriveError, ShapeError, Span
from derive.reader import dots
from derive.reader.context import Context, UnknownShape, call, function_of, located
from derive.reader.derivatives import Resolve, applied, applies_to_rest, derivative
from derive.reader.scripts import raised
from derive.reader.surface import (
    Accent,
    Brackets,
    Dots,
    Fraction,
    Letter,
    Node,
    Number,
    Operator,
    Row,
    Scripted,
)

PRODUCTS = frozenset({"cdot", "times", "*", "ast"})
ENTRYWISE = frozenset({"odot", "circ", "oslash"})


def resolve_row(items: Sequence[Node], span: Span, context: Context, resolve: Resolve) -> Expression:
    """A row, left to right: what precedes Σ or ∏, its body to the end of the row; else factors, ⊙ binding loosest."""
    for position, item in enumerate(items):
        if applies_to_rest(item, last=position == len(items) - 1):
            body = applied(item, items[position + 1 :], span, context, resolve)
            return _with_factors_before(items[:position], body, span, context, resolve)
    groups, operators = split_entrywise(items)
    if any(not group for group in groups):
        raise context.error(items[0], "⊙ needs a factor on either side")
    factors = [_segment(group, span, context, resolve) for group in groups]
    with located(context, span):
        return _entrywise(factors, operators)


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
    before: Sequence[Node], body: Expression, span: Span, context: Context, resolve: Resolve
) -> Expression:
    """What stands before Σ, ∏ or ∂/∂x, times its body."""
    operator = before[-1] if before and isinstance(before[-1], Operator) else None
    if operator is not None and operator.name not in PRODUCTS | ENTRYWISE:
        raise context.error(operator, f"the operator {operator.name} is not understood here")
    factors = before[:-1] if operator is not None else before
    if not factors:
        return body
    left = resolve_row(factors, span, context, resolve)
    with located(context, span):
        if operator is not None and operator.name in ENTRYWISE:
            return _entrywise([left, body], [operator.name])
        return Product(*_opened(left), body)


def fraction(node: Fraction, context: Context, resolve: Resolve) -> Expression:
    """A derivative where ∂ or d stands above and below, otherwise a quotient."""
    differentiated = derivative(node, context, resolve)
    if differentiated is not None:
        return differentiated
    top, bottom = resolve(node.top, context), resolve(node.bottom, context)
    if build.is_zero(bottom):
        raise context.error(node.bottom, "this divides by 0")
    with located(context, node.span):
        if isinstance(top, NumberValue) and isinstance(bottom, NumberValue) and bottom.value != 0:
            return NumberValue(top.value / bottom.value, top.shape)
        if isinstance(top, NumberValue) and not shapes.is_scalar(bottom.shape):
            top = NumberValue(top.value, bottom.shape)
        return Quotient(top, bottom)


def _segment(items: Sequence[Node], span: Span, context: Context, resolve: Resolve) -> Expression:
    """A product: factors side by side or with a dot between, calls, dots ⋯ filled in."""
    factors: list[Expression | Dots | Ones] = []
    places: list[Node] = []
    position = 0
    while position < len(items):
        item = items[position]
        position += 1
        if isinstance(item, Operator) and item.name == "/":
            factors[-1:] = [_over(factors, items[position:], item, span, context, resolve)]
            position += 1
        elif isinstance(item, Operator):
            if item.name not in PRODUCTS:
                raise context.error(
                    item, f"the operator {item.name} is not understood here", "\\cdot, \\odot or nothing"
                )
        elif isinstance(item, Dots):
            factors.append(item)
        elif (ones := _ones(item)) is not None:
            factors.append(ones)
        elif _callable(item, context) is not None:
            arguments = items[position:]
            if arguments and isinstance(arguments[0], Brackets | Scripted) and _argument(arguments[0]) is not None:
                arguments = arguments[:1]
            factors.append(_call(item, arguments, context, resolve))
            position += len(arguments)
        else:
            factors.append(resolve(item, context))
        if len(factors) > len(places):
            places.append(item)
    _check_neighbours(factors, places, context)
    with located(context, span):
        filled = dots.fill(_sized(factors, context), dots.product_over, context)
        opened = [part for factor in filled for part in _opened(factor)]
        return filled[0] if len(filled) == 1 else Product(*build.grouped(opened))


def _check_neighbours(factors: Sequence[Expression | Dots | Ones], places: Sequence[Node], context: Context) -> None:
    """Error: DeriveError naming the two factors of a product that do not fit, and what would."""
    shape: shapes.Shape = shapes.SCALAR
    for position, (factor, place) in enumerate(zip(factors, places, strict=True)):
        if not isinstance(factor, Expression):
            return  # what ⋯ and **1** stand for is known only with their neighbours
        try:
            shape = shapes.product(shape, factor.shape)
        except ShapeError as error:
            before = places[position - 1]
            left, right = (context.source.text[node.span.start : node.span.end] for node in (before, place))
            raise DeriveError(
                f"{left} times {right} does not fit: {shapes.show(shape)} times {shapes.show(factor.shape)}",
                source=context.source,
                span=before.span.to(place.span),
                expected=error.expected,
            ) from None


class Ones(NamedTuple):
    """The vector **1**, whose size is that of its neighbour in the product."""

    node: Node
    row: bool


def _ones(item: Node) -> Ones | None:
    match item:
        case Accent(body=Number(text="1")):
            return Ones(item, row=False)
        case Scripted(base=Number(text="1"), sub=None, sup=Letter(text="top" | "intercal")):
            return Ones(item, row=True)
        case Scripted(base=Accent(body=Number(text="1")), sub=None, sup=Letter(text="top" | "T" | "intercal")):
            return Ones(item, row=True)
    return None


def _sized(factors: Sequence[Expression | Dots | Ones], context: Context) -> list[Expression | Dots]:
    """The factors with each **1** as long as its neighbour asks: 1ᵀ as what follows, 1 as what precedes."""
    sized: list[Expression | Dots] = []
    for position, factor in enumerate(factors):
        if isinstance(factor, Ones):
            neighbours = factors[position + 1 :] if factor.row else reversed(sized)
            beside = next(
                (n for n in neighbours if not isinstance(n, Expression) or not shapes.is_scalar(n.shape)), None
            )
            if not isinstance(beside, Expression):
                raise UnknownShape("the size of this vector of ones is not clear", source=context.source,
                                   span=factor.node.span, expected="a factor beside it")  # fmt: skip
            ones = build.ones(beside.shape[0] if factor.row else beside.shape[-1])
            sized.append(build.transpose(ones) if factor.row else ones)
        else:
            sized.append(factor)
    return sized


def _over(
    factors: Sequence[Expression | Dots | Ones],
    following: Sequence[Node],
    slash: Node,
    span: Span,
    context: Context,
    resolve: Resolve,
) -> Expression:
    """`a / b`: the factor before over the factor after. `a / b c` can be read in two ways and is refused."""
    top = factors[-1] if factors else None
    if not isinstance(top, Expression) or not following:
        raise context.error(slash, "/ needs something on either side")
    if len(following) > 1 and not isinstance(following[0], Number | Brackets | Operator):
        raise context.error(slash, "what this divides by can be read in two ways", hint="\\frac{…}{…}, or brackets")
    bottom = resolve(following[0], context)
    with located(context, span):
        if isinstance(top, NumberValue) and isinstance(bottom, NumberValue) and bottom.value != 0:
            return NumberValue(top.value / bottom.value, top.shape)
        return Quotient(top, bottom)


def _opened(factor: Expression) -> tuple[Expression, ...]:
    """A product that stands in brackets within a product is opened, unless it is a number of its own."""
    if isinstance(factor, Product) and not shapes.is_scalar(factor.shape):
        return tuple(factor.args)
    return (factor,)


def _callable(item: Node, context: Context) -> str | None:
    """The function that an item names, itself or with a power or primes above: f, f', \\tanh^2."""
    return function_of(item, context) or (
        function_of(item.base, context) if isinstance(item, Scripted) and item.sub is None else None
    )


def _argument(item: Node) -> Node | None:
    """The brackets of `(x)` or of `(x)^{\\top}` after a function."""
    if isinstance(item, Scripted):
        return _argument(item.base)
    return item if isinstance(item, Brackets) and item.opening in ("(", "[") else None


def _call(item: Node, arguments: Sequence[Node], context: Context, resolve: Resolve) -> Expression:
    """A function with its argument: brackets, or for \\log and the like all that follows in the product."""
    name = _callable(item, context)
    assert name is not None
    primes, power = (item.primes, item.sup) if isinstance(item, Scripted) else (0, None)
    if not arguments:
        raise context.error(item, f"the function {name} stands here without an argument", "its argument in brackets")
    after: tuple[Node, ...] = () if power is None else (power,)
    first = arguments[0]
    span = item.span.to(arguments[-1].span)
    if isinstance(first, Scripted) and isinstance(first.base, Brackets):
        after += () if first.sup is None else (first.sup,)
        first = first.base
    if len(arguments) == 1:
        argument = resolve(first.body if isinstance(first, Brackets) else first, context)
    else:
        argument = resolve_row(arguments, span, context, resolve)
    return raised(call(name, primes, argument, Row(span, (item, *arguments)), context), after, item, context)
