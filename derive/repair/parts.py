"""A formula's surface tree taken apart into what a slip can be in: products, sums, names, derivatives, bounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from derive.errors import Span
from derive.reader.surface import (
    Accent,
    Big,
    Brackets,
    Dots,
    Fraction,
    Items,
    Letter,
    Node,
    Number,
    Operator,
    Relation,
    Row,
    Scripted,
    Table,
    Terms,
    Word,
)
from derive.verify.surfaces import function_name, is_derivative, prose


@dataclass(frozen=True)
class Factor:
    """What stands in a product as one: a name, brackets, a function with its argument, Σ with its bounds, ⋯.

    `operator` is the sign written before it.
    """

    nodes: tuple[Node, ...]
    operator: Operator | None = None

    @property
    def span(self) -> Span:
        return self.nodes[0].span.to(self.nodes[-1].span)

    @property
    def node(self) -> Node:
        """What it is, but for an argument."""
        return self.nodes[0]

    @property
    def is_call(self) -> bool:
        return len(self.nodes) > 1

    @property
    def is_big(self) -> bool:
        return isinstance(self.node, Big) or (isinstance(self.node, Scripted) and isinstance(self.node.base, Big))

    @property
    def is_dots(self) -> bool:
        return isinstance(self.node, Dots)

    @property
    def is_value(self) -> bool:
        """Whether it is a factor, and no operator or dots."""
        return not self.is_big and not self.is_dots


@dataclass(frozen=True)
class Product:
    """Factors side by side, or one alone, where a product could stand. `whole`: it is a side or a summand of one."""

    factors: tuple[Factor, ...]

    @property
    def span(self) -> Span:
        return self.factors[0].span.to(self.factors[-1].span)

    @property
    def values(self) -> tuple[Factor, ...]:
        return tuple(factor for factor in self.factors if factor.is_value)


@dataclass
class Parts:
    """What there is in a formula, each kind in the order of the text."""

    products: list[Product] = field(default_factory=list)
    sums: list[Terms] = field(default_factory=list)
    names: list[Node] = field(default_factory=list)
    entries: list[Node] = field(default_factory=list)
    derivatives: list[Fraction] = field(default_factory=list)
    bounds: list[Scripted] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def parts_of(node: Node, functions: frozenset[str]) -> Parts:
    """The parts of a side. `functions` are the letters that the text applies to something."""
    parts = Parts()
    _value(node, functions, parts)
    return parts


def _value(node: Node, functions: frozenset[str], parts: Parts) -> None:
    """What stands for a value: a sum, or a product, if only of one factor."""
    if isinstance(node, Terms):
        parts.sums.append(node)
        for summand in node.summands:
            _value(summand, functions, parts)
        return
    if isinstance(node, Items | Relation):
        for child in node.children():
            _value(child, functions, parts)
        return
    factors = tuple(factors_of(node.items if isinstance(node, Row) else (node,), functions))
    if not factors:
        return
    parts.products.append(Product(factors))
    for factor in factors:
        _factor(factor, functions, parts)


def factors_of(items: Sequence[Node], functions: frozenset[str]) -> Iterator[Factor]:
    """The factors of a row; a function takes the brackets behind it, or what follows."""
    operator: Operator | None = None
    position = 0
    while position < len(items):
        item = items[position]
        position += 1
        if isinstance(item, Operator):
            operator = item
            continue
        if prose(item):
            continue
        nodes: tuple[Node, ...] = (item,)
        after = items[position] if position < len(items) else None
        if after is not None and not isinstance(after, Operator) and _applies(item, after, functions):
            nodes, position = (item, after), position + 1
        yield Factor(nodes, operator)
        operator = None


def _applies(item: Node, after: Node, functions: frozenset[str]) -> bool:
    core = item.base if isinstance(item, Scripted) else item
    brackets = after.base if isinstance(after, Scripted) else after
    before_brackets = isinstance(brackets, Brackets) and brackets.opening in "([{"
    if isinstance(core, Word):
        return len(core.text) > 1
    return before_brackets and isinstance(core, Letter) and function_name(item) in functions


def _factor(factor: Factor, functions: frozenset[str], parts: Parts) -> None:
    if factor.is_call:
        _value(_inside(factor.nodes[-1]), functions, parts)
        return
    _node(factor.node, functions, parts)


def _inside(node: Node) -> Node:
    """What stands in brackets; the node itself where there are none."""
    core = node.base if isinstance(node, Scripted) else node
    return core.body if isinstance(core, Brackets) else node


def _node(node: Node, functions: frozenset[str], parts: Parts) -> None:
    match node:
        case Fraction() if is_derivative(node):
            parts.derivatives.append(node)
            for half in (node.top, node.bottom):
                for item in half.items if isinstance(half, Row) else ():
                    if not _is_partial(item):
                        _node(item, functions, parts)
        case Fraction(top=top, bottom=bottom):
            _value(top, functions, parts)
            _value(bottom, functions, parts)
        case Brackets(body=body):
            _value(body, functions, parts)
        case Scripted(base=Big()):
            parts.bounds.append(node)
        case Scripted(base=Brackets() | Fraction() | Row() | Table() as inner):
            if node.sub is not None:
                parts.entries.append(node)  # [∂L/∂W]_{ij}
            _node(inner, functions, parts)
        case Row() | Terms():
            _value(node, functions, parts)
        case Table(rows=rows):
            parts.tables.append(node)
            for cell in (cell for row in rows for cell in row):
                _value(cell, functions, parts)
        case Letter(text="partial" | "nabla") | Number():
            pass
        case Letter() | Accent() | Scripted() | Word():
            parts.names.append(node)


def _is_partial(node: Node) -> bool:
    core = node.base if isinstance(node, Scripted) else node
    return isinstance(core, Letter) and core.text in ("partial", "d")
