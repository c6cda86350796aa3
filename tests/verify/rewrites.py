r"""The same said otherwise: changes of a tree that keep its value, as a person makes them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sympy import Integer, Symbol

from derive.algebra import symbols
from derive.algebra.build import MINUS, add, hadamard, negate, product, substitute, transpose
from derive.algebra.equation import Equation
from derive.algebra.expressions import (
    Add,
    Diag,
    Entry,
    Expression,
    Hadamard,
    Number,
    Power,
    Product,
    Sum,
    Transpose,
    Variable,
)
from derive.algebra.names import Name
from derive.algebra.shapes import is_column, is_scalar
from derive.errors import DeriveError
from tests.verify.trees import Path, built
from tests.verify.trees import places as every_place

LETTERS = ("r", "q", "p", "i", "j", "k", "tau")
"""For the index of a Σ."""


@dataclass(frozen=True)
class Known:
    """What a rewriting may use: the text's definitions at the generic step, letters that are taken, chance."""

    definitions: Mapping[Name, Equation]
    taken: frozenset[Symbol]
    source: random.Random


def permuted(node: Expression, known: Known) -> Expression | None:
    """Terms, factors of ⊙ and scalars in another order."""
    scalars = isinstance(node, Product) and all(is_scalar(arg.shape) for arg in node.args)
    if not isinstance(node, Add | Hadamard) and not scalars:
        return None
    first = 1 if scalars and isinstance(node.args[0], Number) else 0
    args = list(node.args[first:])
    known.source.shuffle(args)
    return node.func(*node.args[:first], *args)


def distributed(node: Expression, known: Known) -> Expression | None:
    """a (b + c) as a b + a c; Σ (b + c) as Σ b + Σ c."""
    if isinstance(node, Sum) and isinstance(node.args[0], Add):
        return Add(*(_signed_sum(term, node) for term in node.args[0].args))
    if not isinstance(node, Product | Hadamard):
        return None
    make = product if isinstance(node, Product) else hadamard
    for i, factor in enumerate(node.args):
        if isinstance(factor, Add):
            return add(*(_spread(make, node.args[:i], term, node.args[i + 1 :]) for term in factor.args))
        if isinstance(factor, Transpose) and isinstance(factor.args[0], Add):
            terms = (_turned(term) for term in factor.args[0].args)
            return add(*(_spread(make, node.args[:i], term, node.args[i + 1 :]) for term in terms))
    return None


def factored(node: Expression, known: Known) -> Expression | None:
    """Two neighbours in a product in brackets of their own."""
    first = 1 if isinstance(node, Product) and isinstance(node.args[0], Number) else 0
    if not isinstance(node, Product) or len(node.args) - first < 3:
        return None
    start = known.source.randrange(first, len(node.args) - 1)
    stop = known.source.randrange(start + 2, len(node.args) + 1)
    if stop - start == len(node.args) - first:
        return None
    return Product(*node.args[:start], Product(*node.args[start:stop]), *node.args[stop:])


def as_diagonal(node: Expression, known: Known) -> Expression | None:
    """u ⊙ v as diag(u) v."""
    if isinstance(node, Hadamard) and is_column(node.shape) and not is_scalar(node.shape):
        return Product(Diag(hadamard(*node.args[:-1])), node.args[-1])
    return None


def as_entrywise(node: Expression, known: Known) -> Expression | None:
    """diag(u) A v as u ⊙ (A v), also where a row follows."""
    if not isinstance(node, Product) or not isinstance(node.args[0], Diag):
        return None
    for count in range(2, len(node.args) + 1):
        column = product(*node.args[1:count])
        if is_column(column.shape):
            return product(Hadamard(node.args[0].args[0], column), *node.args[count:])
    return None


def first_apart(node: Expression, known: Known) -> Expression | None:
    """Σ with its first term apart."""
    return _apart(node, 2, 1)


def last_apart(node: Expression, known: Known) -> Expression | None:
    """Σ with its last term apart."""
    return _apart(node, 3, -1)


def sums_exchanged(node: Expression, known: Known) -> Expression | None:
    """Σ_{t=1}^{T} Σ_{k=1}^{t} as Σ_{k=1}^{T} Σ_{t=k}^{T}."""
    if not isinstance(node, Sum) or not isinstance(node.args[0], Sum):
        return None
    (inner, k, low, high), t, first, last = node.args[0].args, *node.args[1:]
    if (low, high, first) != (1, t, 1):
        return None
    return Sum(Sum(inner, t, k, last), k, first, last)


def relettered(node: Expression, known: Known) -> Expression | None:
    """Another letter for what a Σ runs over."""
    if not isinstance(node, Sum):
        return None
    taken = known.taken | node.free_symbols
    letters = [symbols.index(letter) for letter in LETTERS if symbols.index(letter) not in taken]
    if not letters:
        return None
    new = known.source.choice(letters)
    body, letter, low, high = node.args
    return Sum(substitute(body, {letter: new}), new, low, high)


def unfolded(node: Expression, known: Known) -> Expression | None:
    """What a name stands for in its place."""
    if not isinstance(node, Variable) or node.name not in known.definitions:
        return None
    step = node.indices[0]
    if not step.is_Symbol and not step.is_positive:
        return None  # what stands before the first step, or after the last, has no definition there
    definition = known.definitions[node.name]
    return substitute(definition.right, {definition.left.indices[0]: node.indices[0]})


def multiplied_out(node: Expression, known: Known) -> Expression | None:
    """x² as x ⊙ x."""
    return hadamard(node.args[0], node.args[0]) if isinstance(node, Power) and node.args[1] == 2 else None


def as_two_factors(node: Expression, known: Known) -> Expression | None:
    """1 − y² as (1 − y) ⊙ (1 + y)."""
    match node:
        case Add(args=(Number(value=Integer() as one), Product(args=(Number() as minus, Power(args=(body, two)))))):
            if one == 1 and minus == MINUS and two == 2:
                number = node.args[0]
                return hadamard(Add(number, negate(body)), Add(number, body))
    return None


def turned_round(node: Expression, known: Known) -> Expression | None:
    """(Aᵀ b) as (bᵀ A)ᵀ."""
    if isinstance(node, Product) and not isinstance(node.args[0], Number) and not _scalar_or_array(node):
        return Transpose(transpose(node))
    return None


def minus_twice(node: Expression, known: Known) -> Expression | None:
    """a − b as −(b − a)."""
    if isinstance(node, Add) and any(_negative(term) for term in node.args) and not isinstance(node.args[0], Number):
        return Product(MINUS, Add(*(negate(term) for term in node.args)))
    return None


def halves(node: Expression, known: Known) -> Expression | None:
    """A fraction that cancels: 2 · ½."""
    seldom = known.source.random() < 0.15
    if seldom and isinstance(node, Product) and not isinstance(node.args[0], Number) and len(node.shape) == 2:
        return Product(Number(2), Product(Number(Integer(1) / 2), *node.args))
    return None


REWRITES: tuple[Callable[[Expression, Known], Expression | None], ...] = (
    permuted, distributed, factored, as_diagonal, as_entrywise, first_apart, last_apart, sums_exchanged, relettered,
    unfolded, multiplied_out, as_two_factors, turned_round, minus_twice, halves,
)  # fmt: skip


def both_transposed(equation: Equation, known: Known) -> Equation | None:
    """Both sides transposed, the right one carried to the names or not."""
    if _scalar_or_array(equation.left):
        return None
    carried = transpose if known.source.random() < 0.7 else _turned
    return Equation(_turned(equation.left), carried(equation.right))


def exchanged_sides(equation: Equation, known: Known) -> Equation | None:
    """Right and left in each other's place."""
    return Equation(equation.right, equation.left)


def carried_across(equation: Equation, known: Known) -> Equation | None:
    """A term on the other side."""
    if not isinstance(equation.right, Add):
        return None
    i = known.source.randrange(len(equation.right.args))
    rest = [term for j, term in enumerate(equation.right.args) if j != i]
    return Equation(add(equation.left, negate(equation.right.args[i])), add(*rest))


def both_negated(equation: Equation, known: Known) -> Equation | None:
    """Both sides with the other sign."""
    return Equation(negate(equation.left), negate(equation.right)) if not isinstance(equation.left, Add) else None


WHOLE: tuple[Callable[[Equation, Known], Equation | None], ...] = (
    both_transposed, carried_across, both_negated, exchanged_sides,
)  # fmt: skip


def anywhere(expression: Expression, known: Known, rewrite: Callable[..., Expression | None]) -> Expression | None:
    """The rewriting at one of the places where it applies, drawn; None if there is none."""
    found = [(path, node) for path, node in every_place(expression) if not _within_entry(expression, path)]
    known.source.shuffle(found)
    for path, node in found:
        try:
            new = rewrite(node, known)
            if new is not None and new != node:
                return _placed(expression, path, new)
        except (DeriveError, ValueError):  # a grouping that does not multiply, a letter that would be bound
            continue
    return None


def _placed(node: Expression, path: Path, new: Expression) -> Expression:
    """Like `replaced`, with terms of a sum opened: a + (b + c) is a + b + c."""
    if not path:
        return new
    args = list(node.args)
    args[path[0]] = _placed(args[path[0]], path[1:], new)
    if isinstance(node, Add) and isinstance(args[path[0]], Add):
        return add(*args)
    return built(node, args)


def _within_entry(node: Expression, path: Path) -> bool:
    for step in path:
        if isinstance(node, Entry):
            return True
        node = node.args[step]
    return False


def _apart(node: Expression, which: int, by: int) -> Expression | None:
    if not isinstance(node, Sum):
        return None
    body, letter, *bounds = node.args
    end = bounds[which - 2]
    bounds[which - 2] = end + by
    alone, rest = substitute(body, {letter: end}), Sum(body, letter, *bounds)
    if isinstance(alone, Sum) and alone.args[2] == alone.args[3]:  # nobody writes a Σ of one term
        alone = substitute(alone.args[0], {alone.args[1]: alone.args[2]})
    return Add(alone, rest) if by > 0 else Add(rest, alone)


def _signed_sum(term: Expression, node: Sum) -> Expression:
    return negate(Sum(negate(term), *node.args[1:])) if _negative(term) else Sum(term, *node.args[1:])


def _spread(
    make: Callable[..., Expression], before: tuple[Expression, ...], term: Expression, after: tuple[Expression, ...]
) -> Expression:
    """One term of a distributed product, its sign in front."""
    if _negative(term):
        return negate(make(*before, negate(term), *after))
    return make(*before, term, *after)


def _turned(node: Expression) -> Expression:
    """The transpose as it is written on the whole: a derivative's too."""
    return node.args[0] if isinstance(node, Transpose) else Transpose(node)


def _negative(term: Expression) -> bool:
    return isinstance(term, Product) and isinstance(term.args[0], Number) and term.args[0].value < 0


def _scalar_or_array(node: Expression) -> bool:
    return len(node.shape) == 3 or is_scalar(node.shape)
