"""The rules of a network, from equations that are read: where they begin, what parts of them are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import replace

from sympy import Expr, Symbol

from derive.algebra import symbols
from derive.algebra.build import substitute
from derive.algebra.expressions import Blocks, Expression, State, Sum, Variable
from derive.algebra.expressions import Number as NumberValue
from derive.algebra.functions import SPELLINGS
from derive.algebra.names import Name
from derive.algebra.shapes import SCALAR, Shape, is_scalar, is_vector, show
from derive.errors import DeriveError, Span
from derive.models.model import variables, walk
from derive.reader.resolve import resolve
from derive.reader.rows import split_entrywise
from derive.reader.surface import (
    Big,
    Brackets,
    Node,
    Row,
    Scripted,
    Terms,
)
from derive.verify import surfaces
from derive.verify.context import TextContext
from derive.verify.habits import USUAL
from derive.verify.kinds import Equation, is_loss
from derive.verify.network import Rule
from derive.verify.trees import counted, free

ENDS = ("T", "N", "tau", "n")
"""Letters that may count the steps of a network."""


def named_parts(rules: dict[Name, list[Rule]]) -> dict[Name, list[Rule]]:
    """The rules with each part that has a name of its own by that name: f(U x_t + W s_{t-1}) where a_t is that sum."""
    parts = {
        rule.right: rule.left
        for group in rules.values()
        for rule in group
        if not isinstance(rule.right, Variable | NumberValue) and not is_loss(rule.left.name)
    }

    own: dict[Variable, list[Expression]] = {}
    for part, name in parts.items():
        own.setdefault(name, []).append(part)

    def inside(rule: Rule) -> Rule:
        others = parts.copy()
        for part in (rule.right, *own.get(rule.left, ())):
            others.pop(part, None)
        right = rule.right.xreplace(others) if others else rule.right  # the same letter, bound or not
        assert isinstance(right, Expression)
        return replace(rule, right=right)

    return {name: [inside(rule) for rule in group] for name, group in rules.items()}


def stacked_at(whole: State) -> Callable[[Expr], Expression]:
    """The same at another step."""
    return lambda time: State(whole.args[0], time, *(part.at(time) for part in whole.parts))


def stacks_of(rules: Mapping[Name, Sequence[Rule]]) -> dict[Name, State]:
    """Names for several quantities of one step below each other: S_t = (c_t; h_t)."""
    found = {}
    for name, (rule, *more) in rules.items():
        right = rule.right
        if more or not isinstance(right, Blocks) or int(right.args[0]) != 1 or not rule.left.indices:
            continue
        parts = right.args[1:]
        if all(isinstance(part, Variable) and part.indices == rule.left.indices for part in parts):
            found[name] = State(name, rule.left.indices[0], *parts)
    return found


def classes_of(rules: Mapping[Name, Sequence[Rule]], horizon: Symbol) -> dict[Symbol, object]:
    """Letters that name one entry throughout, the class of a target: c in L_t = -log ŷ_{t,c}."""
    found: dict[Symbol, object] = {}
    for rule in each(rules):
        own = {letter for index in rule.left.indices for letter in index.free_symbols}
        loose = free(rule.right) - own - {horizon}
        for node in walk(rule.right):
            found.update({letter: size for letter, size in counted(node) if letter in loose})
    return found


def with_summand(rules: dict[Name, list[Rule]], named: dict[Name, Shape]) -> None:
    """The loss of one step as a name of its own, L_t, where the text has only their sum."""
    for name, (rule, *more) in list(rules.items()):
        if more or rule.left.indices or not isinstance(rule.right, Sum) or not is_loss(name):
            continue
        body, letter, *bounds = rule.right.args
        summand = Name(name.base, name.accents, name.label, 1, raised=name.raised)
        if isinstance(body, Variable) or summand in rules:
            continue
        left = Variable(summand, (letter,), SCALAR)
        named[summand] = SCALAR
        rules[summand] = [Rule(left, body)]
        rules[name] = [Rule(rule.left, Sum(left, letter, *bounds))]


def resolve_side(node: Node, context: TextContext, shape: Shape | None) -> Expression:
    found = resolve(node, context, shape)
    if shape is not None and isinstance(found, NumberValue) and is_scalar(found.shape):
        return NumberValue(found.value, shape)
    if shape is not None and found.shape != shape:
        raise context.error(node, f"this is {show(found.shape)}", f"{show(shape)}, as on the left side")
    return found


def marks(node: Node, shape: Shape) -> dict[Span, Shape]:
    """The parts of a side that must have its shape: its summands, what Σ sums, what stands on either side of ⊙.

    A square matrix may stand for one that is written as a column, and then what stands beside ⊙ is a column too.
    """
    found: dict[Span, Shape] = {node.span: shape}
    groups, operators = split_entrywise(node.items) if isinstance(node, Row) else ([], [])
    if operators and is_vector(shape):
        found |= {group[0].span.to(group[-1].span): shape for group in groups if group}
    if isinstance(node, Terms):
        for part in node.summands:
            found |= marks(part, shape)
    elif isinstance(node, Row):
        for position, item in enumerate(node.items):
            base = item.base if isinstance(item, Scripted) else item
            if isinstance(base, Big) and base.name == "sum" and position == 0 and len(node.items) == 2:
                found |= marks(node.items[1], shape)
            if len(node.items) == 2 and position == 0 and _keeps_shape(item) and isinstance(node.items[1], Brackets):
                found |= marks(node.items[1], shape)
    elif isinstance(node, Brackets):
        found |= marks(node.body, shape)
    return found


def _keeps_shape(item: Node) -> bool:
    """Whether an item is a function that works entry by entry, or softmax: its argument has the shape of its value."""
    name = surfaces.function_name(item)
    return name is not None and (name in SPELLINGS or name in USUAL or name == "softmax")


def rule_of(equation: Equation, right: Expression, named: Mapping[Name, Shape], sizes: Set[Symbol]) -> Rule:
    """left = right, with the left side's letter where it says t + 1; what needs an earlier step begins at the first.

    Error: DeriveError for a letter on the right that is neither on the left, nor bound, nor one of the `sizes`.
    """
    reading = equation.name
    left = Variable(reading.name, reading.indices, named[reading.name])
    moves = {}
    for index in reading.indices:
        for letter in index.free_symbols:
            if index != letter:
                moves[letter] = letter - (index - letter)
    if moves:
        moved_left, moved = substitute(left, moves), substitute(right, moves)
        assert isinstance(moved_left, Variable)
        assert isinstance(moved, Expression)
        left, right = moved_left, moved
    named_letters = {s for index in left.indices for s in index.free_symbols}
    counted_here = {letter for node in walk(right) for letter, _ in counted(node)}
    loose = sorted(map(str, free(right) - counted_here - named_letters - sizes - {symbols.index(x) for x in ENDS}))
    if loose:
        raise DeriveError(
            f"{loose[0]} has no value on the right side", source=equation.source, span=equation.right.span
        )
    return Rule(left, right, _firsts(left, right))


def _firsts(left: Variable, right: Expression) -> tuple[int | None, ...]:
    """For each index that reaches back in its own equation the first value from which this one counts."""
    found: list[int | None] = [None] * len(left.indices)
    for used in variables(right):
        if len(used.indices) != len(left.indices):
            continue
        for place, (own, other) in enumerate(zip(left.indices, used.indices, strict=True)):
            lag = own - other
            if isinstance(own, Symbol) and lag.is_Integer and lag > 0:
                found[place] = 1
    return tuple(found)


def time_of_rules(rules: Mapping[Name, Sequence[Rule]]) -> Symbol:
    for group in rules.values():
        for rule in group:
            if rule.left.indices and isinstance(rule.left.indices[0], Symbol):
                return rule.left.indices[0]
    return symbols.index("t")


def horizon_of(rules: Mapping[Name, Sequence[Rule]], usual: str) -> Symbol:
    for group in rules.values():
        for rule in group:
            if not rule.left.indices and isinstance(rule.right, Sum):
                letters = sorted(rule.right.args[3].free_symbols, key=str)
                if letters and isinstance(letters[0], Symbol) and not letters[0].is_positive:
                    return symbols.index(str(letters[0]))
    return symbols.index(usual)


def each(rules: Mapping[Name, Sequence[Rule]]) -> Iterator[Rule]:
    for group in rules.values():
        yield from group
