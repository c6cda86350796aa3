"""A recurrent network: its names by role, its equations for one step, its state and its loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Integer, Symbol

from derive.algebra.equation import Equation
from derive.algebra.expressions import Apply, Expression, State, Variable
from derive.algebra.functions import is_abstract
from derive.algebra.names import Name
from derive.errors import Source


@dataclass(frozen=True)
class Start:
    """A state before the first step: `s_0`, given a value or left as a constant."""

    variable: Variable
    value: Expression | None = None


@dataclass(frozen=True, eq=False)
class Model:
    """A network as read. Variables of `inputs`, `equations` and `steps` stand at the generic step `time`.

    `equations` are the author's, in the author's order; `steps` are the same with the arguments of functions named
    (`introduced`), each after what it needs. `loss` is L = Σ_t `summand`, or L = that of the last step; `carried` are
    the components of the state at `time`, older ones included; `assumptions` are equations that inputs are stated to
    satisfy. Models are compared by identity.
    """

    name: str
    title: str
    reference: str
    source: Source
    time: Symbol
    horizon: Symbol
    parameters: tuple[Variable, ...]
    inputs: tuple[Variable, ...]
    starts: tuple[Start, ...]
    equations: tuple[Equation, ...]
    steps: tuple[Equation, ...]
    introduced: tuple[Equation, ...]
    loss: Equation
    summand: Variable
    carried: tuple[Variable, ...]
    state_name: Name
    assumptions: tuple[Equation, ...] = ()

    def __post_init__(self) -> None:
        defined = [step.left for step in self.steps]
        if len(set(defined)) != len(defined):
            raise ValueError("a quantity is defined twice")
        seen: set[Variable] = set()
        for step in self.steps:
            seen.add(step.left)
            for used in variables(step.right):
                if used in defined and used not in seen:
                    raise ValueError(f"{step.left} stands before {used}, which it needs")

    @cached_property
    def definitions(self) -> dict[Name, Equation]:
        """The named equation of each quantity at the generic step."""
        return {step.left.name: step for step in self.steps}

    @cached_property
    def authored(self) -> dict[Name, Equation]:
        """The author's equation of each quantity at the generic step."""
        return {equation.left.name: equation for equation in self.equations}

    @cached_property
    def longest(self) -> int:
        """How many steps back the equations reach, at least 1."""
        return max([1, *(int(self.lag(v)) for step in self.steps for v in variables(step.right) if v.time is not None)])

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """The abstract functions, in the order of their first use."""
        found = [
            node.function.name
            for equation in self.equations
            for node in walk(equation.right)
            if isinstance(node, Apply) and is_abstract(node.function.name)
        ]
        return tuple(dict.fromkeys(found))

    def asked(self, steps: int | None = None) -> Variable:
        """What a gradient is of: L; L_T, where that is all of it, with T = `steps`."""
        if isinstance(self.loss.right, Variable):
            return self.summand.at(self.horizon if steps is None else Integer(steps))
        return self.loss.left

    def state(self, time: Expr) -> Expression:
        """S at a step: the one state itself, or all components stacked."""
        parts = [part.at(part.time - self.time + time) for part in self.carried]
        if len(parts) == 1:
            return parts[0]
        return State(self.state_name, time, *parts)

    def held(self, top: Variable | State, bottom: Expression) -> tuple[Expression, ...]:
        """What ∂⁺top/∂bottom holds fixed: the state of the step before `top`, but for what one differentiates by."""
        before = self.state(top.time - 1)
        parts = before.parts if isinstance(before, State) else (before,)
        return tuple(part for part in parts if part != bottom) if bottom in parts else (before,)

    def lag(self, variable: Variable) -> Expr:
        """How many steps before `time` a variable of an equation stands."""
        return self.time - variable.time

    def named(self, name: Name) -> Variable | None:
        """The quantity of that name: a parameter, or an input or node at the generic step."""
        known = (*self.parameters, *self.inputs, *(step.left for step in self.steps), self.loss.left)
        return next((variable for variable in known if variable.name == name), None)


def walk(expression: Expression) -> Iterator[Expression]:
    """An expression and all below it, from left to right, parents first."""
    yield expression
    for argument in expression.args:
        if isinstance(argument, Expression):
            yield from walk(argument)


def variables(expression: Expression) -> Iterator[Variable]:
    """Every occurrence of a variable, in the order of writing."""
    return (node for node in walk(expression) if isinstance(node, Variable))


ZERO = Integer(0)
