r"""Small changes of an equation, each a slip that a person makes: a transpose, an index, a sign, a factor too many.

An edit takes a node and what may be written in its place and returns another node, or None where it does not apply. A
result need not be well shaped: a product that does not multiply is kept as it is, with the shape that it had.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sympy import Expr, Integer, Rational, Symbol, Tuple

from derive.algebra.build import MINUS, substitute
from derive.algebra.expressions import (
    Add,
    Apply,
    Blocks,
    Chain,
    Derivative,
    Diag,
    Entry,
    Expression,
    Hadamard,
    Number,
    Power,
    Product,
    State,
    Sum,
    Transpose,
    Variable,
)
from derive.algebra.names import Function
from derive.algebra.shapes import is_column, is_scalar
from derive.errors import DeriveError, ShapeError
from derive.models.model import Model
from tests.verify.independent import free_letters
from tests.verify.trees import built, moved, places


@dataclass(frozen=True)
class Scope:
    """What may be written at a place: the network's quantities and the names of the text, and the letters around it."""

    model: Model
    quantities: tuple[Variable, ...]
    letters: tuple[Symbol, ...]
    source: random.Random

    def one(self, items: Sequence[Expression | Symbol]) -> object:
        return self.source.choice(items) if items else None


def transposed(node: Expression, scope: Scope) -> Expression | None:
    if isinstance(node, Transpose):
        return node.args[0]
    return Transpose(node) if len(node.shape) == 2 and not is_scalar(node.shape) and not _number(node) else None


def renamed(node: Expression, scope: Scope) -> Expression | None:
    """Another quantity, of the same shape rather than not."""
    if isinstance(node, Derivative):
        which = scope.source.choice((0, 1))
        part = node.args[which]
        other = renamed(part, scope)
        return None if other is None else _derivative(scope.model, *_with(node.args[:2], which, other), node)
    if not isinstance(node, Variable):
        return None
    others = [v for v in scope.quantities if v.name != node.name and len(v.indices) == len(node.indices)]
    alike = [v for v in others if v.shape == node.shape]
    chosen = scope.one(alike if scope.source.random() < 0.6 else others)
    return chosen.at(*node.indices) if isinstance(chosen, Variable) else None


def shifted(node: Expression, scope: Scope) -> Expression | None:
    """An index off by one."""
    return _index(node, scope, lambda index: index + scope.source.choice((-1, 1)))


def relettered(node: Expression, scope: Scope) -> Expression | None:
    """Another letter in an index: t for k."""

    def other(index: Expr) -> Expr | None:
        letters = [letter for letter in scope.letters if letter not in index.free_symbols]
        if not letters or not index.free_symbols:
            return None
        return index.subs(next(iter(index.free_symbols)), scope.source.choice(letters))

    return _index(node, scope, other)


def relettered_throughout(node: Expression, scope: Scope) -> Expression | None:
    """t for k in all of a factor or a term."""
    own = sorted(free_letters(node) & set(scope.letters), key=str)
    if isinstance(node, Variable | Entry) or not own or len(scope.letters) < 2:
        return None
    old, new = scope.source.choice(own), scope.source.choice(scope.letters)
    try:
        return substitute(node, {old: new}) if old != new else None
    except (ValueError, DeriveError):  # the letter would be bound
        return None


def exchanged_indices(node: Expression, scope: Scope) -> Expression | None:
    """W_{ji} for W_{ij}."""
    if isinstance(node, Entry) and len(node.args) == 3:
        return built(node, (node.body, node.args[2], node.args[1]))
    return None


def bounded(node: Expression, scope: Scope) -> Expression | None:
    """A bound off by one, or another letter in it."""
    if not isinstance(node, Sum | Chain):
        return None
    which = scope.source.choice((2, 3))
    T = scope.model.horizon
    letters = [letter for letter in scope.letters if letter != node.args[1]]
    bound = node.args[which]
    choices = [bound + 1, bound - 1, T, T - 1, Integer(0), *letters, *(letter - 1 for letter in letters)]
    return built(node, _with(node.args, which, scope.source.choice([c for c in choices if c != bound])))


def unsummed(node: Expression, scope: Scope) -> Expression | None:
    """A Σ forgotten: what stands in it at one of its ends."""
    if not isinstance(node, Sum):
        return None
    return moved(node.args[0], node.args[1], node.args[scope.source.choice((2, 3))])


def primed(node: Expression, scope: Scope) -> Expression | None:
    """f for f', f' for f; f'(a) without its argument's function, f''."""
    if not isinstance(node, Apply):
        return None
    order = scope.source.choice([order for order in (0, 1) if order != node.function.order])
    return Apply(Function(node.function.name, order), node.body)


def diagonal(node: Expression, scope: Scope) -> Expression | None:
    """diag missing, or too much."""
    if isinstance(node, Diag):
        return node.args[0]
    column = is_column(node.shape) and not is_scalar(node.shape) and not _number(node)
    return Diag(node) if column else None


def signed(node: Expression, scope: Scope) -> Expression | None:
    if isinstance(node, Product) and node.args[0] == MINUS:
        return built(node, node.args[1:])
    return None if _number(node) or len(node.shape) == 3 else Product(MINUS, node)


def exchanged(node: Expression, scope: Scope) -> Expression | None:
    """Two factors, terms or blocks in each other's place; -1 stays in front."""
    skip = 1 if isinstance(node, Blocks) or (isinstance(node, Product) and _number(node.args[0])) else 0
    if not isinstance(node, Add | Product | Hadamard | Blocks) or len(node.args) - skip < 2:
        return None
    args = list(node.args)
    i, j = scope.source.sample(range(skip, len(args)), 2)
    args[i], args[j] = args[j], args[i]
    return built(node, args)


def turned(node: Expression, scope: Scope) -> Expression | None:
    """∏ in the other direction."""
    return built(node, (*node.args[:4], ~node.args[4])) if isinstance(node, Chain) else None


def dropped(node: Expression, scope: Scope) -> Expression | None:
    """A factor or a term forgotten."""
    if not isinstance(node, Add | Product | Hadamard) or (len(node.args) == 2 and node.args[0] == MINUS):
        return None
    i = scope.source.randrange(len(node.args))
    return built(node, [arg for k, arg in enumerate(node.args) if k != i])


def doubled(node: Expression, scope: Scope) -> Expression | None:
    """A factor or a term twice."""
    if not isinstance(node, Add | Product | Hadamard):
        return None
    i = scope.source.randrange(len(node.args))
    return None if _number(node.args[i]) else built(node, [*node.args[: i + 1], *node.args[i:]])


def inserted(node: Expression, scope: Scope) -> Expression | None:
    """A factor or a term that does not belong there."""
    new = scope.one([v for v in scope.quantities if len(v.indices) < 2])
    if not isinstance(node, Add | Product | Hadamard) or not isinstance(new, Variable):
        return None
    if new.indices:
        times = [letter for letter in scope.letters if letter not in _entry_letters(node)]
        if not times:
            return None
        new = new.at(scope.source.choice(times))
    i = scope.source.randrange(1, len(node.args) + 1)
    return built(node, [*node.args[:i], new, *node.args[i:]])


def immediate(node: Expression, scope: Scope) -> Expression | None:
    """∂ for ∂⁺, ∂⁺ for ∂."""
    if not isinstance(node, Derivative) or node.top.time is None:
        return None
    return Derivative(node.top, node.bottom, () if node.held else scope.model.held(node.top, node.bottom))


def multiplied_otherwise(node: Expression, scope: Scope) -> Expression | None:
    """⊙ for a product of matrices, and a product for ⊙."""
    if isinstance(node, Hadamard):
        try:
            return Product(*node.args)
        except ShapeError:
            return Product._make(node.shape, *node.args)
    first = 1 if isinstance(node, Product) and _number(node.args[0]) else 0
    if not isinstance(node, Product) or len(node.args) - first < 2:
        return None
    i = scope.source.randrange(first, len(node.args) - 1)
    left, right = node.args[i : i + 2]
    pair = Hadamard._make(left.shape if len(left.shape) == 2 else right.shape, left, right)
    return built(node, [*node.args[:i], pair, *node.args[i + 2 :]])


def numbered(node: Expression, scope: Scope) -> Expression | None:
    """A number changed, or 2 or ½ in front."""
    if isinstance(node, Number):
        if node.value == 0 or node == MINUS:
            return None
        return Number(scope.source.choice((node.value + 1, node.value * 2, node.value / 2)), node.shape)
    if len(node.shape) == 3:
        return None
    return Product(Number(scope.source.choice((Integer(2), Rational(1, 2), Integer(3)))), node)


def powered(node: Expression, scope: Scope) -> Expression | None:
    """An exponent missing, too much or another."""
    if isinstance(node, Power):
        return node.args[0] if scope.source.random() < 0.5 else Power(node.args[0], 3)
    return Power(node, 2) if isinstance(node, Variable | Entry | Apply) and is_column(node.shape) else None


def reached_too_far(node: Expression, scope: Scope) -> Expression | None:
    """A bracket closed too early: a (b + c) becomes a b + c."""
    if not isinstance(node, Product | Hadamard):
        return None
    for i, factor in enumerate(node.args):
        if i > 0 and isinstance(factor, Add) and i == len(node.args) - 1:
            first, *others = factor.args
            return Add._make(node.shape, built(node, [*node.args[:i], first]), *others)
    return None


EDITS: tuple[Callable[[Expression, Scope], Expression | None], ...] = (
    transposed, renamed, shifted, relettered, relettered_throughout, exchanged_indices, bounded, unsummed, primed,
    diagonal, signed, exchanged, turned, dropped, doubled, inserted, immediate, multiplied_otherwise, numbered,
    powered, reached_too_far,
)  # fmt: skip


def _index(node: Expression, scope: Scope, change: Callable[[Expr], Expr | None]) -> Expression | None:
    if isinstance(node, Derivative):
        which = scope.source.choice((0, 1))
        part = _index(node.args[which], scope, change)
        return None if part is None else _derivative(scope.model, *_with(node.args[:2], which, part), node)
    if isinstance(node, State):
        time = change(node.time)
        return None if time is None else scope.model.state(time)
    if isinstance(node, Variable) and node.indices:
        new = change(node.indices[0])
        return None if new is None else node.at(new)
    if isinstance(node, Entry):
        i = scope.source.randrange(1, len(node.args))
        new = change(node.args[i])
        return None if new is None else built(node, _with(node.args, i, new))
    return None


def _derivative(model: Model, top: Expression, bottom: Expression, like: Derivative) -> Expression | None:
    """∂top/∂bottom, immediate if `like` is."""
    if not is_column(top.shape) or (like.held and getattr(top, "time", None) is None):
        return None
    return Derivative(top, bottom, model.held(top, bottom) if like.held else ())


def _with(args: Sequence[object], i: int, new: object) -> list[object]:
    return [*args[:i], new, *args[i + 1 :]]


def _number(node: object) -> bool:
    return isinstance(node, Number)


def _entry_letters(node: Expression) -> set[Symbol]:
    entries = (below for _, below in places(node) if isinstance(below, Entry))
    return {letter for entry in entries for index in entry.args[1:] for letter in Tuple(index).free_symbols}
