"""A network as a text gives it: rules for named quantities, and everything that no rule gives is given itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Symbol

from derive.algebra import symbols
from derive.algebra.build import substitute
from derive.algebra.expressions import Expression, State, Variable
from derive.algebra.names import Name
from derive.algebra.shapes import Shape
from derive.models.model import Model, variables


@dataclass(frozen=True)
class Rule:
    """left = right. An index of `left` is a number, or a letter that stands for any from `first` on, up to `last`.

    Beyond its last index a quantity is 0: an adjoint has nothing to hand back from there.
    """

    left: Variable
    right: Expression
    first: tuple[int | None, ...] = ()
    last: Symbol | None = None

    def matches(self, indices: tuple[int, ...]) -> bool:
        """Whether this rule gives the quantity at these indices."""
        for index, value in zip(self.left.indices, indices, strict=True):
            if index.is_Integer and int(index) != value:
                return False
        return all(low is None or value >= low for low, value in zip(self.first, indices, strict=False))

    def letters(self, indices: tuple[int, ...]) -> dict[Symbol, int]:
        """What the letters of the left side are at these indices."""
        return {i: v for i, v in zip(self.left.indices, indices, strict=True) if isinstance(i, Symbol)}


@dataclass(frozen=True)
class Network:
    """Rules by name, those for a number before those for a letter; `time` and `horizon` count steps.

    `shapes` has every name. `sums_to_one`: inputs whose entries add up to 1; `classes`: letters that name one entry of
    a target, and how many there are; `stacks`: names for several quantities below each other.
    """

    rules: Mapping[Name, tuple[Rule, ...]]
    shapes: Mapping[Name, Shape]
    time: Symbol = field(default_factory=lambda: symbols.index("t"))
    horizon: Symbol = symbols.HORIZON
    sums_to_one: frozenset[Name] = frozenset()
    classes: Mapping[Symbol, object] = field(default_factory=dict)
    stacks: Mapping[Name, State] = field(default_factory=dict)
    steps: int | None = None

    def rule(self, name: Name, indices: tuple[int, ...]) -> Rule | None:
        """The rule that gives a quantity; None for what is given."""
        found = next((rule for rule in self.rules.get(name, ()) if rule.matches(indices)), None)
        if (
            found is not None
            and indices
            and indices[0] < 1
            and name in self.starting
            and not found.left.time.is_Integer
        ):
            return None  # a state before the first step is given
        return found

    @cached_property
    def earliest(self) -> Mapping[Name, int]:
        """The first step at which what is given is used, for all that stands in a rule of a step."""
        found: dict[Name, int] = {}
        for rules in self.rules.values():
            for rule in rules:
                for used in _used(rule):
                    lag = _lag(rule.left, used)
                    if lag is not None:
                        found[used.name] = min(found.get(used.name, 1), 1 - lag)
        return found

    @cached_property
    def starting(self) -> frozenset[Name]:
        """What later steps use: before the first step it is given."""
        return frozenset(name for name, _ in self.carried)

    @cached_property
    def ends(self) -> frozenset[Name]:
        """The names whose value depends on T itself."""
        found = {n for n, rules in self.rules.items() if any(self.horizon in r.right.free_symbols for r in rules)}
        found |= {n for n, rules in self.rules.items() if any(r.last is not None for r in rules)}
        while True:
            more = {
                name
                for name, rules in self.rules.items()
                if name not in found and any(v.name in found for rule in rules for v in _used(rule))
            }
            if not more:
                return frozenset(found)
            found |= more

    @cached_property
    def behind(self) -> Mapping[Name, frozenset[Name]]:
        """For each name all that it depends on, at whatever step."""
        direct = {n: {v.name for rule in rules for v in _used(rule)} for n, rules in self.rules.items()}
        for n, rules in self.rules.items():
            for rule in rules:
                direct[n] |= {v.name for state in rule.right.atoms(State) for v in state.parts}
        found: dict[Name, frozenset[Name]] = {}
        for name in direct:
            reached: set[Name] = set()
            pending = [name]
            while pending:
                for other in direct.get(pending.pop(), ()):
                    if other not in reached:
                        reached.add(other)
                        pending.append(other)
            found[name] = frozenset(reached)
        return found

    def depends(self, top: Name, bottom: Name) -> bool:
        """Whether anything says how one name depends on another."""
        return top == bottom or bottom in self.behind.get(top, frozenset())

    @cached_property
    def carried(self) -> tuple[tuple[Name, int], ...]:
        """What later steps use of earlier ones, with how many steps back they reach."""
        back: dict[Name, int] = {}
        for rules in self.rules.values():
            for rule in rules:
                for used in _used(rule):
                    lag = _lag(rule.left, used)
                    if lag is not None and lag > 0 and used.name in self.rules:
                        back[used.name] = max(back.get(used.name, 0), lag)
        return tuple(back.items())

    def before(self, top: Expression, bottom: Expression) -> tuple[Variable, ...]:
        """What ∂⁺top holds fixed: the state of the step before, but for what one differentiates by."""
        time = top.time if isinstance(top, Variable | State) else None
        start = bottom.time if isinstance(bottom, Variable | State) else None
        if time is None and start is None:
            return ()
        parts = bottom.parts if isinstance(bottom, State) else (bottom,)
        held = []
        for name, lag in self.carried:
            if name.arity == 1:  # of a whole loss: the states after that by which one differentiates
                steps = [time - b if time is not None else (start or 0) + b for b in range(1, lag + 1)]
                held += [Variable(name, (step,), self.shapes[name]) for step in steps]
        return tuple(variable for variable in held if variable not in parts)

    def others(self, top: Expression, bottom: Expression) -> tuple[Variable, ...]:
        """What an edge-local ∂top/∂bottom holds fixed: all that stands in the equation of `top` but `bottom`."""
        if not isinstance(top, Variable):
            return ()
        rule = self.generic(top)
        if rule is None:
            return ()
        letters = {i: new for i, new in zip(rule.left.indices, top.indices, strict=True) if isinstance(i, Symbol)}
        right = substitute(rule.right, letters)
        assert isinstance(right, Expression)
        own = set().union(*(index.free_symbols for index in top.indices))
        used = [v for v in variables(right) if all(index.free_symbols <= own for index in v.indices)]
        return tuple(dict.fromkeys(v for v in used if v != bottom and v.name in self.rules))

    def generic(self, variable: Variable) -> Rule | None:
        """The rule for a quantity at indices that may be letters."""
        for rule in self.rules.get(variable.name, ()):
            if all(i == j or isinstance(i, Symbol) for i, j in zip(rule.left.indices, variable.indices, strict=True)):
                return rule
        return None


def _used(rule: Rule) -> list[Variable]:
    return list(variables(rule.right))


def _lag(left: Variable, used: Variable) -> int | None:
    """How many steps before `left` stands `used`; None where that is no number."""
    if left.time is None or used.time is None:
        return None
    lag = left.time - used.time
    return int(lag) if lag.is_Integer else None


def of_model(model: Model) -> Network:
    """A network that comes with the program, or a user's own."""
    rules: dict[Name, tuple[Rule, ...]] = {}
    recurrent = {step.left.name for step in model.steps if any(v.time is not None and v.time != model.time and
                 v.name in model.definitions for v in variables(step.right))}  # fmt: skip
    for start in model.starts:
        if start.value is not None:
            rules[start.variable.name] = (Rule(start.variable, start.value),)
    for step in model.steps:
        first = (1,) if step.left.name in recurrent else ()
        rules[step.left.name] = (*rules.get(step.left.name, ()), Rule(step.left, step.right, first))
    rules[model.loss.left.name] = (Rule(model.loss.left, model.loss.right),)
    known = (*model.parameters, *model.inputs, *(s.left for s in model.steps), model.loss.left)
    whole = model.state(model.time)
    stacks = {model.state_name: whole} if isinstance(whole, State) else {}
    shapes = {v.name: v.shape for v in known}
    stated = {v.name for equation in model.assumptions for v in variables(equation.left)}
    return Network(rules, shapes, model.time, model.horizon, frozenset(stated), {}, stacks)
