"""Stage 2 for what applies to something: Σ and ∏ to their bodies, ∂/∂x and ∇ to what follows; and derivatives ∂y/∂x."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Symbol

from derive.algebra import build, symbols
from derive.algebra.expressions import Derivative, Entry, Expression, State, Transpose, Variable
from derive.algebra.names import Name
from derive.errors import Span
from derive.reader.context import Context, located
from derive.reader.entries import ends
from derive.reader.naming import index_expression
from derive.reader.sizes import Resolve
from derive.reader.surface import Accent, Big, Fraction, Letter, Node, Operator, Relation, Row, Scripted


def _big(item: Node) -> Big | None:
    base = item.base if isinstance(item, Scripted) else item
    return base if isinstance(base, Big) else None


def applies_to_rest(item: Node, context: Context, *, last: bool) -> bool:
    """Σ and ∏; with something behind them also ∂/∂W or d/dW, an operator on what follows, and ∇_W likewise."""
    if _big(item) is not None:
        return True
    if last:
        return False
    if isinstance(item, Fraction):
        operator = _d(item.top, context)
        return operator is not None and not operator[2]
    return isinstance(item, Scripted) and isinstance(item.base, Letter) and item.base.text == "nabla"


def applied(item: Node, following: Sequence[Node], span: Span, context: Context, resolve: Resolve) -> Expression:
    """A big operator, ∂/∂x or ∇ applied to all that follows it in the row."""
    if not following:
        raise context.error(item, "nothing follows this operator", "its body")
    if _big(item) is not None:
        return _bounded(item, following, span, context, resolve)
    body = _body(following, span, context, resolve)
    if not isinstance(body, Variable):
        body = context.differentiable(body, following[0])
    if isinstance(item, Fraction):
        immediate = _immediate(item, body, context, resolve)
        return context.differentiated(immediate, item)
    if not isinstance(item, Scripted) or item.sub is None or item.sup is not None or item.primes:
        raise context.error(item, "this ∇ does not say by what to differentiate", "\\nabla_{W}")
    by = resolve(item.sub, context)
    gradient = _differentiated(body, by, item, context)
    with located(context, span):
        return gradient if gradient.shape == by.shape else build.transpose(gradient)


def _body(following: Sequence[Node], span: Span, context: Context, resolve: Resolve) -> Expression:
    """All that follows in the row."""
    return resolve(following[0] if len(following) == 1 else Row(span, tuple(following)), context)


def _bounded(item: Node, following: Sequence[Node], span: Span, context: Context, resolve: Resolve) -> Expression:
    """Σ or ∏ with bounds; without them over the range that the document gives the letter."""
    big = _big(item)
    assert big is not None
    if big.name == "sum" and isinstance(item, Big):
        return context.sum_of_entries(_body(following, span, context, resolve), item)
    if big.name not in ("sum", "prod") or not isinstance(item, Scripted) or item.sub is None:
        raise context.error(item, f"{big.name} without an index is not understood", "\\sum_{t=1}^{T}")
    letter, lower, upper = _range(item, following, context)
    inside = context.binding(letter, lower, upper)
    body = _body(following, span, inside, resolve)
    with located(context, span):
        if big.name == "sum":
            return build.summation(body, letter, lower, upper)
        return context.product_over(body, letter, lower, upper)


def _range(item: Scripted, following: Sequence[Node], context: Context) -> tuple[Symbol, Expr, Expr]:
    """The letter and the bounds of Σ or ∏."""
    found = context.range_of(item, following)
    if found is not None:
        return found
    match item.sub:
        case Relation(sides=(Letter(text=letter), start), relations=("=",)) if item.sup is not None:
            lower = index_expression(start, context.letters)
            upper = _upper(item.sup, context)
            if lower is not None and upper is not None:
                return symbols.index(letter), lower, upper
        case Letter(text=letter) if letter in context.bounds and item.sup is None:
            return symbols.index(letter), *context.bounds[letter]
    raise context.error(item, "these bounds are not understood", "bounds such as \\sum_{t=1}^{T}")


def _upper(node: Node, context: Context) -> Expr | None:
    """The last value of an index: of a step (T, t-1), or of an entry (a size: n, 2n)."""
    step = index_expression(node, context.letters)
    if step is not None:
        return step
    size = index_expression(node, frozenset(map(str, context.sizes)))
    return None if size is None else size.xreplace({symbols.index(str(letter)): letter for letter in context.sizes})


def derivative(node: Fraction, context: Context, resolve: Resolve) -> Expression | None:
    """∂y/∂x, ∂⁺y/∂x or dy/dx; None for a fraction that is none of them."""
    above, below = _d(node.top, context), _d(node.bottom, context)
    if above is None or below is None or above[0] != below[0]:
        return None
    if not above[2]:
        raise context.error(node, "nothing is differentiated here", "a quantity after \\partial")
    top = _top(above[2], context, resolve)
    return context.differentiated(_immediate(node, top, context, resolve), node)


def _top(items: Sequence[Node], context: Context, resolve: Resolve) -> Expression:
    """What is differentiated: a name, an entry of one, or what the text may differentiate without a name."""
    whole = items[0] if len(items) == 1 else Row(items[0].span.to(items[-1].span), tuple(items))
    found = resolve(whole, context)
    return found if isinstance(_body_of(found), Variable | State) else context.differentiable(found, whole)


def _immediate(node: Fraction, top: Expression, context: Context, resolve: Resolve) -> Expression:
    """∂top/∂x, with what ∂⁺ holds fixed where that is written."""
    above = _d(node.top, context)
    assert above is not None
    bottom = _below(node, context, resolve)
    if not above[1]:
        return _differentiated(top, bottom, node, context)
    of, by = _body_of(top), _body_of(bottom)
    if context.held is None or not isinstance(of, Variable | State):
        raise context.error(node.top, "∂⁺ is not understood here: no network says what it holds fixed")
    return _differentiated(top, bottom, node, context, context.held(of, by))


def _differentiated(
    top: Expression, bottom: Expression, node: Node, context: Context, held: tuple[Expression, ...] = ()
) -> Expression:
    r"""∂top/∂bottom; of entries the entry: `\partial L / \partial W_{ij}` is the entry i, j of ∂L/∂W."""
    of, by = _body_of(top), _body_of(bottom)
    if isinstance(by, Transpose) and isinstance(by.args[0], Variable):  # ∂y/∂xᵀ: a row for each entry of y
        by = bottom = by.args[0]
    if not isinstance(of, Variable | State):
        of = context.differentiable(of, node)
    if not isinstance(by, Variable | State):
        raise context.error(node, "a derivative is of a quantity by a quantity, both named",
                            hint="a name for what is differentiated, defined by itself")  # fmt: skip
    with located(context, node.span):
        whole = Derivative(of, by, held)
        places = tuple(index for part in (top, bottom) if isinstance(part, Entry) for index in part.args[1:])
        if not places:
            return whole
        if len(places) != len(ends(whole.shape)) or len(whole.shape) > 2:
            return context.entry_by(top, bottom, held, node)
        return Entry(whole, *places)


def _body_of(quantity: Expression) -> Expression:
    """What an entry is one of."""
    return quantity.body if isinstance(quantity, Entry) else quantity


def _below(node: Fraction, context: Context, resolve: Resolve) -> Expression:
    below = _d(node.bottom, context)
    if below is None or not below[2]:
        raise context.error(node.bottom, "this is not what one differentiates by", "\\partial and a quantity")
    return _whole(below[2], context, resolve)


def _whole(items: Sequence[Node], context: Context, resolve: Resolve) -> Expression:
    if len(items) != 1:
        raise context.error(items[1], "a derivative is of one quantity by one quantity")
    return resolve(items[0], context)


def _d(node: Node, context: Context) -> tuple[str, bool, tuple[Node, ...]] | None:
    """Split `∂ s_t`, `∂^{+} s_t`, `d L`, `\\mathrm{d} L`: the operator, whether it is immediate, and what follows.

    A d that is a quantity of the document is no operator.
    """
    items = node.items if isinstance(node, Row) else (node,)
    head, immediate = items[0], False
    if isinstance(head, Scripted) and isinstance(head.sup, Operator) and head.sup.name == "+" and head.sub is None:
        head, immediate = head.base, True
    if isinstance(head, Accent) and head.name == "mathrm":
        head = head.body
    elif isinstance(head, Letter) and head.text == "d" and Name("d") in (*context.shapes, *context.expected):
        return None
    if isinstance(head, Letter) and head.text in ("partial", "d"):
        return head.text, immediate, tuple(items[1:])
    return None
