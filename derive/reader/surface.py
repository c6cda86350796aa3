"""Stage 1's result: LaTeX mathematics as a tree with positions, before anybody asks what a name means.

Juxtaposition stays a flat list (`Row`), because whether `f(x)` is a call, `W^T` a transpose or `_{ij}` an index
depends on the document's symbols; stage 2 (`resolve`) decides that. Every node has the `span` of its text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from derive.errors import Span


@dataclass(frozen=True)
class Node:
    """A piece of the text; `span` gives its characters."""

    span: Span

    def children(self) -> Iterator[Node]:
        """The nodes directly below this one, in the order of the text."""
        for field in fields(self):
            yield from _nodes(getattr(self, field.name))

    def walk(self) -> Iterator[Node]:
        """This node and all below it, parents first, left to right."""
        stack: list[Node] = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(list(node.children())))


@dataclass(frozen=True)
class Letter(Node):
    r"""A single letter or letter-like command: `x`, `\alpha`, `\partial`, `\nabla`, `\ell`, `\infty`."""

    text: str


@dataclass(frozen=True)
class Number(Node):
    """A number as written: `2`, `0.5`."""

    text: str


@dataclass(frozen=True)
class Word(Node):
    r"""A name of several letters: `\operatorname{softmax}`, `\text{in}`, `\mathrm{diag}`, `\log`, `\tanh`."""

    text: str


@dataclass(frozen=True)
class Accent(Node):
    r"""A decoration over or on a body: `\bar{o}`, `\hat{y}`, `\mathbf{h}`, `\mathbb{R}`; name without `\`."""

    name: str
    body: Node


@dataclass(frozen=True)
class Scripted(Node):
    """A base with a subscript, a superscript and primes, each perhaps absent."""

    base: Node
    sub: Node | None
    sup: Node | None
    primes: int = 0


@dataclass(frozen=True)
class Fraction(Node):
    r"""`\frac{top}{bottom}`, and `\dfrac`, `\tfrac`."""

    top: Node
    bottom: Node


@dataclass(frozen=True)
class Root(Node):
    r"""`\sqrt{body}`."""

    body: Node


@dataclass(frozen=True)
class Brackets(Node):
    r"""A bracketed body: `()`, `[]`, `\{\}`, `\langle\rangle`, `||`, `‖‖`; braces `{}` only group and leave no node."""

    opening: str
    closing: str
    body: Node


@dataclass(frozen=True)
class Operator(Node):
    r"""A binary operator written between factors, without `\`: `cdot`, `times`, `odot`, `circ`, `*`, `/`, `otimes`."""

    name: str


@dataclass(frozen=True)
class Big(Node):
    """A big operator, `sum`, `prod`, `max` …; its bounds are the scripts on it, its body what follows in the row."""

    name: str


@dataclass(frozen=True)
class Dots(Node):
    r"""`\cdots`, `\ldots`, `\dots`, `\vdots`."""

    name: str


@dataclass(frozen=True)
class Empty(Node):
    """Nothing, where something may be missing: `{}`, the left side of a continued row."""


@dataclass(frozen=True)
class Row(Node):
    """Juxtaposed items in order, operators among them: `W s_{t-1}`, `a \\odot b`, `f (x)`; at least two items."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Terms(Node):
    """A signed sum in the author's order: pairs of sign (+1, -1) and summand; `signs[0]` is -1 for a leading minus."""

    signs: tuple[int, ...]
    summands: tuple[Node, ...]


@dataclass(frozen=True)
class Relation(Node):
    r"""A chain `a = b = c`, `x \in y`, `a \le b`: sides and, between them, relations without `\`: `=`, `:=`, `in`."""

    sides: tuple[Node, ...]
    relations: tuple[str, ...]


@dataclass(frozen=True)
class Items(Node):
    """Several things separated by commas or semicolons: `U, W, V`, `t = 1, \\dots, T`; at least two items."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Table(Node):
    r"""An environment: rows of cells; `name` is `pmatrix`, `aligned`, `cases` …"""

    name: str
    rows: tuple[tuple[Node, ...], ...]


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)
