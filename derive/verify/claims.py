"""A claim under one reading: both sides as expressions of one shape, with what their author left open filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sympy import Expr, Symbol

from derive.algebra import build, shapes, symbols
from derive.algebra.expressions import (
    Derivative,
    Diag,
    Entry,
    Expression,
    Number,
    State,
    Sum,
    Variable,
)
from derive.algebra.generic import Kronecker
from derive.algebra.names import Name
from derive.algebra.shapes import Shape
from derive.errors import DeriveError, ShapeError
from derive.models.model import walk
from derive.reader.resolve import resolve
from derive.reader.surface import Node
from derive.verify.choices import Script, ways
from derive.verify.context import TextContext
from derive.verify.network import Network
from derive.verify.paths import by_parameter, ends_of_paths
from derive.verify.readings import Reading
from derive.verify.rules import marks
from derive.verify.surfaces import is_derivative
from derive.verify.survey import Formula
from derive.verify.trees import counted, free
from derive.verify.words import renamed


@dataclass(frozen=True)
class Claim:
    """left = right, and what had to be filled in. `ranges`: how many entries a free letter counts, None for steps."""

    left: Expression
    right: Expression
    relation: str
    notes: tuple[str, ...]
    ranges: Mapping[Symbol, Expr | None]

    def renamed(self, variant: Mapping[str, str]) -> Claim:
        """The same with functions by other names."""
        if not variant:
            return self
        return replace(self, left=renamed(self.left, variant), right=renamed(self.right, variant))

    def doubt(self, network: Network) -> str:
        """Why it may be no claim at all if it is false: it is about a given thing, or one entry that is not named."""
        names = _names(self.left) | _names(self.right)
        inputs = {name for name in names if name not in network.rules}
        derived = any(isinstance(node, Derivative) for side in (self.left, self.right) for node in walk(side))
        if names == inputs and any(name.arity for name in inputs) and not derived and isinstance(self.right, Number):
            return f"it speaks of {', '.join(sorted(map(str, names)))} alone, which is given: an assumption"
        own, other = ({x for x in free(side) if self.ranges.get(x) is not None} for side in (self.left, self.right))
        lonely = sorted(map(str, own | other)) if not (own and other) else []
        return f"nothing says which entry {lonely[0]} is: it stands on one side only" if lonely else ""

    @property
    def pairs(self) -> tuple[tuple[Symbol, Symbol], ...]:
        """Pairs of letters of which the second may not be the later one: of ∂X_t/∂Y_k."""
        found = []
        for side in (self.left, self.right):
            for node in walk(side):
                if isinstance(node, Derivative):
                    top, bottom = time_of(node.top), time_of(node.bottom)
                    if isinstance(top, Symbol) and isinstance(bottom, Symbol) and top != bottom:
                        found.append((top, bottom))
        return tuple(dict.fromkeys(found))


def time_of(expression: Expression) -> Expr | None:
    return expression.time if isinstance(expression, Variable | State) else None


class Misshapen(ShapeError):
    """Two sides that can never be equal, since their shapes differ. `names`: what they speak of.

    `entries`: whether the left side is about entries, which is a matter of how an index is read.
    """

    names: frozenset[Name] = frozenset()
    entries: bool = False


def is_loose(error: ShapeError) -> bool:
    """Whether shapes do not fit by no more than people leave out: a transpose of a row or column, a third index."""
    if any(len(shape) > 2 for shape in error.between) or not error.between:
        return True  # or no two shapes at all: a derivative that has more indices than are computed
    turned = [shapes.is_vector(shape) and not shapes.is_scalar(shape) for shape in error.between if len(shape) == 2]
    return (len(turned) == 2 and all(turned)) or (isinstance(error, Misshapen) and error.entries)


def names_of(claim: Claim) -> frozenset[Name]:
    """The names that a claim speaks of."""
    return _names(claim.left) | _names(claim.right)


def _names(side: Expression) -> frozenset[Name]:
    return frozenset(node.name for node in walk(side) if isinstance(node, Variable)) | frozenset(
        part.name for state in side.atoms(State) for part in state.parts
    )


def readings_of(formula: Formula, context: TextContext, reading: Reading) -> Iterator[Claim | DeriveError]:
    """The claim of a formula under a reading, in each way that its text allows."""
    for found in ways(lambda script: _read(formula, context, reading, script)):
        yield found if isinstance(found, DeriveError) else replace(found[0], notes=found[1])


def _read(formula: Formula, context: TextContext, reading: Reading, script: Script) -> Claim:
    left, inside = left_of(formula, context, reading, script)
    right = _side(formula.link.right, inside, left.shape)
    left, right = sized(*_fitted(left, right, formula.link.left, inside))
    return Claim(left, right, formula.link.relation, (), ranges(left, right, context))


def left_of(
    formula: Formula, context: TextContext, reading: Reading, script: Script
) -> tuple[Expression, TextContext]:  # fmt: skip
    """The left side of a formula, and the context in which its right side is read."""
    link = formula.link
    inside = replace(
        context,
        source=formula.source,
        reading=reading,
        script=script,
        held=context.network.before,
    )
    found = ends_of_paths(link.right, link.left, inside)
    ends = found[script.pick(len(found))] if len(found) > 1 else found[0]
    if not is_derivative(link.left):
        ends |= ends_of_paths(link.left, link.right, inside)[0]
    elif by_parameter(link.left, inside) and not any(map(is_derivative, link.right.walk())):  # ∂a_t/∂b = 1
        ends |= {link.left.span}
    inside = replace(inside, ends=ends)
    left = _side(link.left, inside, None)
    return left, replace(inside, about=_about(left), spoken=frozenset(free(left)))


def _side(node: Node, context: TextContext, shape: Shape | None) -> Expression:
    if shape is not None:
        context = replace(context, wanted=marks(node, shape))
    return resolve(node, context, shape)


def _about(left: Expression) -> Variable | None:
    for node in walk(left):
        if isinstance(node, Derivative) and isinstance(node.top, Variable):
            return node.top
        if isinstance(node, Variable):
            return node
    return None


def _fitted(left: Expression, right: Expression, node: Node, context: TextContext) -> tuple[Expression, Expression]:
    """Two sides of one shape: a number fills an array, a column stands for its diagonal matrix."""
    if left.shape == right.shape:
        return left, right
    for one, other, swapped in ((left, right, False), (right, left, True)):
        made = _as_large(other, one.shape, context)
        if made is not None:
            return (made, one) if swapped else (one, made)
    error = Misshapen(f"the left side is {shapes.show(left.shape)}, the right side {shapes.show(right.shape)}",
                      source=context.source, span=node.span, between=(left.shape, right.shape))  # fmt: skip
    error.names = _names(left) | _names(right)
    error.entries = any(isinstance(node, Entry) for node in walk(left))
    raise error


def _as_large(expression: Expression, shape: Shape, context: TextContext) -> Expression | None:
    if isinstance(expression, Number) and shapes.is_scalar(expression.shape) and expression.value == 0:
        return build.zero(shape)
    square = len(shape) == 2 and shape[0] == shape[1] and not shapes.is_scalar(shape)
    vector = (
        len(expression.shape) == 2 and shapes.is_vector(expression.shape) and not shapes.is_scalar(expression.shape)
    )
    if square and vector and shapes.length(expression.shape) == shape[0]:
        context.script.note("a column stands for the diagonal matrix of it")
        return Diag(expression if shapes.is_column(expression.shape) else build.transpose(expression))
    return None


def sized(left: Expression, right: Expression) -> tuple[Expression, Expression]:
    """Two sides in which the n of W_{ni} beside Σ_{j=1}^{n-1} is the size that it is in the bound."""
    bounds = {
        symbol
        for side in (left, right)
        for node in walk(side)
        if isinstance(node, Sum)
        for symbol in node.args[2].free_symbols | node.args[3].free_symbols
        if symbol == symbols.size(str(symbol))
    }
    moves = {symbols.index(str(size)): size for size in bounds}
    return _placed(left, moves), _placed(right, moves)


def _placed(side: Expression, moves: Mapping[Symbol, Symbol]) -> Expression:
    entries = {node: Entry(node.body, *(i.xreplace(moves) for i in node.args[1:])) for node in side.atoms(Entry)}
    changed = side.xreplace({node: new for node, new in entries.items() if node != new})
    assert isinstance(changed, Expression)
    return changed


def ranges(left: Expression, right: Expression, context: TextContext) -> dict[Symbol, Expr | None]:
    """The free letters of a claim, and how far each goes that counts entries."""
    found: dict[Symbol, Expr | None] = {}
    fixed = {context.network.horizon, *context.network.classes}
    for side in (left, right):
        for letter in sorted(free(side) - context.sizes - fixed, key=str):  # the same counterexample in each run
            found.setdefault(letter, None)
        for node in walk(side):
            for letter, size in counted(node):
                if letter in found:
                    found[letter] = size
    pairs = [node.args for side in (left, right) for node in walk(side) if isinstance(node, Kronecker)]
    for one, other in pairs:
        for letter, beside in ((one, other), (other, one)):
            if letter in found and found[letter] is None and found.get(beside) is not None:
                found[letter] = found[beside]
    return found
