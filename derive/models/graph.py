"""The unrolled graph: a node for every named quantity at every step, an edge for every use, a local Jacobian on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Integer

from derive.algebra.build import substitute
from derive.algebra.equation import Equation
from derive.algebra.expressions import Expression, Variable
from derive.algebra.shapes import is_column
from derive.calculus.pullback import jacobian
from derive.errors import DeriveError, shortened
from derive.models.model import Model, variables

MOST_STEPS = 10_000
"""The largest number of steps that is unrolled one by one."""


@dataclass(frozen=True)
class Node:
    """A quantity at a step. `kind`: input, start, state, quantity, loss, or parameter."""

    variable: Variable
    kind: str


@dataclass(frozen=True)
class Edge:
    """`target` uses `source` directly. `step` is the equation in which it does."""

    source: Variable
    target: Variable
    step: Equation

    @cached_property
    def jacobian(self) -> Expression | None:
        """∂target/∂source with all other arguments held fixed; None where one of the two is a matrix."""
        if not (is_column(self.source.shape) and is_column(self.target.shape)):
            return None
        return substitute(jacobian(self.step.right, self.source), {self.step.right: self.step.left})


@dataclass(frozen=True, eq=False)
class Graph:
    """A network over `steps` steps, or for the symbol T its one generic step. Nothing is inlined: edges lead to names.

    Time and memory grow linearly with the number of steps.
    """

    model: Model
    steps: int | None = None

    def __post_init__(self) -> None:
        check_steps(self.steps)

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """The named equations, step by step, each after those it needs; the loss last."""
        model = self.model
        unrolled = [step.at({model.time: t}) for t in self._times() for step in model.steps]
        horizon: Expr = model.horizon if self.steps is None else Integer(self.steps)
        return (*unrolled, model.loss.at({model.horizon: horizon}))

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        return tuple(
            Edge(source, equation.left, equation)
            for equation in self.equations[:-1]
            for source in dict.fromkeys(variables(equation.right))
        )

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every quantity once: what is given before what uses it."""
        defined = {equation.left for equation in self.equations}
        found: dict[Variable, str] = {}
        for edge in self.edges:
            if edge.source not in defined:
                found.setdefault(edge.source, self._kind(edge.source))
            found.setdefault(edge.target, self._kind(edge.target))
        found[self.model.loss.left] = "loss"
        return tuple(Node(variable, kind) for variable, kind in found.items())

    def _times(self) -> Iterator[Expr]:
        return iter([self.model.time]) if self.steps is None else map(Integer, range(1, self.steps + 1))

    def _kind(self, variable: Variable) -> str:
        model = self.model
        if variable.time is None:
            return "parameter"
        if variable.name == model.summand.name:
            return "loss"
        if variable in {start.variable for start in model.starts}:
            return "start"
        if variable.name in {part.name for part in model.carried}:
            return "state"
        return "input" if variable.name in {v.name for v in model.inputs} else "quantity"


def check_steps(steps: int | None) -> None:
    """Error: DeriveError for a number of steps that cannot be unrolled."""
    if steps is not None and steps < 1:
        raise DeriveError(
            f"a network is unrolled over at least 1 step, not {shortened(str(steps))}", hint="--steps 3, or --steps T"
        )
    if steps is not None and steps > MOST_STEPS:
        raise DeriveError(
            f"{shortened(str(steps))} steps are more than the {MOST_STEPS} that are unrolled",
            hint="--steps T for any number",
        )
