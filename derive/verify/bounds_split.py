"""Ways to take apart what stands within a norm: as it is written, by a definition, or as a Jacobian is a product.

Whether a Jacobian *is* that product is an identity that the caller has to see; a way that is known needs none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from sympy import Expr, Symbol, false, true

from derive.algebra import build, symbols
from derive.algebra.expressions import (
    Apply,
    Chain,
    Derivative,
    Diag,
    Expression,
    Hadamard,
    Product,
    Quotient,
    Transpose,
    Variable,
)
from derive.algebra.expressions import Number as NumberValue
from derive.algebra.functions import is_abstract
from derive.algebra.names import Function
from derive.algebra.shapes import is_column, is_scalar, is_vector
from derive.errors import ShapeError
from derive.models.model import walk
from derive.verify.network import Network

STEP = symbols.index("_j")
TRANSPOSED, SUBMULTIPLICATIVE, CHAIN_RULE = "transposition", "submultiplicativity", "chain rule"


@dataclass(frozen=True)
class Parts:
    """The norm of `whole` is at most the product of those of `pieces`. `known`: what is taken apart *is* `whole`."""

    whole: Expression
    pieces: tuple[Expression, ...]
    laws: tuple[str, ...]
    known: bool = False


def parts_of(body: Expression, network: Network, index: Symbol | None) -> Iterator[Parts]:
    """Ways to take apart an expression within a norm, the plainest first."""
    match body:
        case Transpose():
            yield Parts(body, (body.args[0],), (TRANSPOSED,), True)
        case Product():
            yield Parts(body, body.args, (SUBMULTIPLICATIVE,), True)
        case Quotient(args=(top, NumberValue() as number)) if number.value:
            yield Parts(body, (NumberValue(1 / number.value), top), ("homogeneity",), True)
        case Hadamard() if is_column(body.shape):
            first, *rest = body.args
            yield Parts(body, (Diag(first), build.hadamard(*rest)), ("diagonal matrices", SUBMULTIPLICATIVE), True)
        case Variable():
            meaning = _meaning(body, network)
            if meaning is not None:
                yield Parts(body, (meaning,), ("definition",), True)
        case Derivative():
            yield from _derivative(body, network, index)


def _meaning(variable: Variable, network: Network) -> Expression | None:
    """What a name stands for that is no quantity of the forward pass: a Jacobian, a diagonal matrix of slopes."""
    rule = network.generic(variable)
    if rule is None or not any(isinstance(node, Derivative | Diag) for node in walk(rule.right)):
        return None
    moves = {i: j for i, j in zip(rule.left.indices, variable.indices, strict=True) if isinstance(i, Symbol)}
    moved = build.substitute(rule.right, moves)
    return moved if isinstance(moved, Expression) else None


def _derivative(node: Derivative, network: Network, index: Symbol | None) -> Iterator[Parts]:
    top, bottom = node.top, node.bottom
    if not isinstance(top, Variable) or not isinstance(bottom, Variable):
        return
    later, earlier = top.time, bottom.time
    if earlier is None or later is None:
        return
    gap = later - earlier
    if gap.is_Integer and gap <= 1:
        yield from _one_step(network, later, earlier)
        return
    state = bottom.name
    first = Variable(state, (later,), bottom.shape)
    steps = Derivative(Variable(state, (STEP,), bottom.shape), Variable(state, (STEP - 1,), bottom.shape))
    if index is not None or len(steps.shape) != 2:
        return
    for direction in (true, false):
        try:
            chain = Chain(steps, STEP, earlier + 1, later, direction)
            if top.name == state:
                yield Parts(chain, (chain,), (CHAIN_RULE,))
            else:
                begin = Derivative(top, first)
                yield Parts(Product(begin, chain), (begin, chain), (CHAIN_RULE, SUBMULTIPLICATIVE))
        except ShapeError:
            continue


def _one_step(network: Network, later: Expr, earlier: Expr) -> Iterator[Parts]:
    """A Jacobian over one step, or within one, as diag(f'(a)) W in either order, or one of the two alone."""
    matrices = [Variable(name, (), shape) for name, shape in network.shapes.items()
                if not name.arity and name not in network.rules and len(shape) == 2]  # fmt: skip
    slopes = list(dict.fromkeys(_slopes(network, later, earlier)))
    for one in (*slopes, *matrices):
        yield Parts(one, (one,), (CHAIN_RULE,))
    turned = [m if is_scalar(m.shape) else Transpose(m) for m in matrices]
    for slope, matrix in product(slopes, dict.fromkeys((*matrices, *turned))):
        for pair in ((slope, matrix), (matrix, slope)):
            try:
                yield Parts(Product(*pair), pair, (CHAIN_RULE, SUBMULTIPLICATIVE))
            except ShapeError:
                continue


def _slopes(network: Network, later: Expr, earlier: Expr) -> Iterator[Expression]:
    """The diagonal matrices that a Jacobian may have: of slopes of the functions, and of columns of the step."""
    for rules in network.rules.values():
        for rule in rules:
            for time in (later, earlier):
                for node in walk(rule.right):
                    if isinstance(node, Apply) and not node.function.order:
                        moved = _moved(node.body, rule.left, time)
                        yield from _diagonal(Apply(Function(node.function.name, 1), moved))
    for name, shape in network.shapes.items():
        if name.arity == 1 and name in network.rules and is_vector(shape):
            yield from _diagonal(Variable(name, (later,), shape))


def _moved(body: Expression, left: Variable, time: Expr) -> Expression:
    """What stands in the equation for one step, for another."""
    if left.time is None:
        return body
    if isinstance(left.time, Symbol):
        moved = build.substitute(body, {left.time: time})
    else:  # equations for t = 1, 2, 3 only
        moved = body.xreplace({v: v.at(time + v.time - left.time) for v in body.atoms(Variable) if v.time is not None})
    assert isinstance(moved, Expression)
    return moved


def _diagonal(entries: Expression) -> Iterator[Expression]:
    if is_scalar(entries.shape):
        yield entries
    elif is_vector(entries.shape):
        yield Diag(entries if is_column(entries.shape) else build.transpose(entries))


__all__ = ["Parts", "is_abstract", "parts_of"]
