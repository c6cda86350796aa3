r"""Trees taken apart and put together again, well shaped or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr, Symbol

from derive.algebra.equation import Equation
from derive.algebra.expressions import Add, Chain, Derivative, Expression, Hadamard, Product, State, Sum
from derive.errors import ShapeError

Path = tuple[int, ...]


class Loose(Equation):
    """An equation whose sides may differ in shape."""

    def __post_init__(self) -> None:
        pass


def built(node: Expression, args: Sequence[object]) -> Expression:
    """A node with other arguments; where they do not fit, all the same, with the shape that it had."""
    if isinstance(node, Add | Product | Hadamard) and len(args) == 1 and isinstance(args[0], Expression):
        return args[0]
    try:
        return node.func(*args)
    except ShapeError:
        return node._make(node.shape, *args)


def places(node: Expression, path: Path = ()) -> Iterator[tuple[Path, Expression]]:
    """Every node with the way to it; a derivative and a stacked state are one place."""
    yield path, node
    if not isinstance(node, Derivative | State):
        for i, arg in enumerate(node.args):
            if isinstance(arg, Expression):
                yield from places(arg, (*path, i))


def replaced(node: Expression, path: Path, new: Expression) -> Expression:
    if not path:
        return new
    args = list(node.args)
    args[path[0]] = replaced(args[path[0]], path[1:], new)
    return built(node, args)


def moved(node: Expression, letter: Symbol, to: Expr) -> Expression:
    """What has one index letter replaced, well shaped or not."""
    if isinstance(node, Sum | Chain) and node.args[1] == letter:
        bounds = (arg.xreplace({letter: to}) for arg in node.args[2:4])
        return built(node, (*node.args[:2], *bounds, *node.args[4:]))
    args = [moved(a, letter, to) if isinstance(a, Expression) else a.xreplace({letter: to}) for a in node.args]
    return built(node, args)
