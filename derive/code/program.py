"""A network and its gradients as a program: lines of code, each with the formula that it computes beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Integer, Symbol

from derive.algebra.equation import Equation
from derive.algebra.expressions import Apply, Expression, Softmax, Sum, Variable
from derive.algebra.names import Name
from derive.algebra.shapes import is_column, is_scalar
from derive.calculus.laws import LAWS
from derive.code.arrays import Arrays, Code, NoCode
from derive.code.order import Hoisting, Order, ordered, with_functions_named, with_names
from derive.code.stacks import Stack, stacks
from derive.code.storage import Place, Storage, identifiers, rows, size
from derive.code.targets import Target
from derive.gradients.delta import Recursion
from derive.gradients.form import Question
from derive.models.model import Model, variables, walk
from derive.render.printer import unicode


@dataclass(frozen=True)
class Line:
    """A line of code, and the formula beside it."""

    code: str
    formula: str = ""


@dataclass(frozen=True)
class Pass:
    """What is computed before the loop over the steps, in it, and after it."""

    before: tuple[Line, ...]
    within: tuple[Line, ...]
    after: tuple[Line, ...]


@dataclass(frozen=True)
class Gradients:
    """What a network's parameters receive: `adjoints` are the equations of the delta form, `sums` the summand of each
    parameter's sum over the steps."""

    model: Model

    @cached_property
    def _questions(self) -> tuple[Recursion, ...]:
        loss = self.model.asked()
        return tuple(Recursion(Question(self.model, parameter, loss), LAWS) for parameter in self.model.parameters)

    @cached_property
    def sums(self) -> dict[Variable, Expression]:
        """For each parameter what it receives at the step t."""
        if self.model.asked() != self.model.loss.left:
            raise NoCode("no code is written for a loss of the last step alone")
        found = {}
        for recursion in self._questions:
            formula = recursion.gradient(expanded=False).written(recursion.question, usual="hadamard")
            match formula.equation.right:
                case Sum(args=(body, letter, _, _)) if letter == self.model.time:
                    found[recursion.question.by] = body
                case _:
                    raise NoCode(f"{recursion.question.by} has no gradient that is a sum over the steps")
        return found

    @cached_property
    def adjoints(self) -> tuple[Equation, ...]:
        """The backward recursion, latest first."""
        first = self._questions[0]
        wanted = {name for body in self.sums.values() for name in first.needed(body)}
        names = [name for name in first.before.adjoints if name in wanted]
        written = (formula.written(first.question, usual="hadamard") for formula in first.rolled(names))
        return tuple(formula.equation for formula in written)

    def adjoint_of(self, name: Name) -> Name | None:
        """What the adjoint of a quantity is called, if it has a name."""
        return self._questions[0].named.get(name)


class Program:
    """The code of a network for a library. Error: NoCode for what it cannot compute.

    `truncates`: the backward recursion goes a number of steps back from each step, for all of them at once.
    """

    def __init__(self, model: Model, target: Target, *, truncates: bool = False) -> None:
        self.model, self.target, self.truncates = model, target, truncates
        self.time: Symbol = model.time
        self.gradient = Gradients(model)
        self.steps = with_functions_named(model.steps, self.time)
        self.forward_order = ordered(self.steps, self.time)
        self.sums = {by: self._named(body) for by, body in self.gradient.sums.items()}
        self.adjoints = tuple(Equation(e.left, self._named(e.right)) for e in self.gradient.adjoints)
        self.backward_order = ordered(self.adjoints, self.time)
        if truncates:
            self.backward_order = self.backward_order.together
        self.hoisted: list[Equation] = []
        self.loop = self._hoist(self.forward_order, "in", self.hoisted)
        self.local_slopes: list[Equation] = []
        self.backward_loop = self._hoist(self.backward_order, "local", self.local_slopes)
        self.stacks = stacks(self.loop)
        self._check()
        behind = self.later if truncates else ()
        made = [equation.left.name for equation in (*self.hoisted, *self.local_slopes)]
        own = [step.left.name for step in self.steps]
        adjoints = [equation.left.name for equation in self.adjoints]
        known = [v.name for v in (*model.parameters, *model.inputs)]
        sizes = {str(symbol) for step in model.steps for each in step.left.shape for symbol in each.free_symbols}
        opened = {text.partition("(")[0] for text in target.functions.values()}
        self.named = identifiers([*known, *own, *adjoints, *made], sizes | opened)
        self.storage = Storage(self.time, self.named)
        self._place(behind)

    def _named(self, expression: Expression) -> Expression:
        own = {step.left for step in self.model.steps}
        return with_names(expression, [step for step in self.steps if step.left not in own], self.time)

    # ---- what stands where

    def _hoist(self, order: Order, suffix: str, made: list[Equation]) -> tuple[Equation, ...]:
        inside = frozenset(equation.left.name for equation in order.within)
        hoisting = Hoisting(inside, self.time, suffix, made)
        return tuple(map(hoisting, order.within))

    def _check(self) -> None:
        for parameter in self.model.parameters:
            if not (is_scalar(parameter.shape) or is_column(parameter.shape) or 1 not in parameter.shape):
                raise NoCode(f"{parameter} is a row: no code is written for such a parameter")
        for quantity in self.model.inputs:
            if not (is_scalar(quantity.shape) or is_column(quantity.shape)):
                raise NoCode(f"the input {quantity} is a matrix: no code is written for such a network")

    def _place(self, behind: Collection[Variable]) -> None:
        """Arrays that reach beyond the steps: to the states before the first, and behind the last, where all is 0.

        What is read `behind` is not: a truncated recursion has another way to it.
        """
        ages: dict[Name, int] = {}
        for variable in self.model.carried:
            ages[variable.name] = max(ages.get(variable.name, 0), int(self.time - variable.time) + 1)
        ahead: dict[Name, int] = {}
        for used in (used for equation in self.adjoints for used in variables(equation.right)):
            if used.time is not None and (used.time - self.time).is_positive and used not in behind:
                ahead[used.name] = max(ahead.get(used.name, 0), int(used.time - self.time))
        for name in {**ages, **ahead}:
            self.storage.places[name] = Place(self.named[name], ages.get(name, 0), ahead.get(name, 0))
        for stack in self.stacks:
            for name, start, stop in stack.slices():
                span = rows(start, stop, stop == stack.size)
                self.storage.places[name] = Place(stack.name, rows=span)
                adjoint = self.gradient.adjoint_of(name)
                if adjoint is not None and self.is_stacked(stack):
                    self.storage.places[adjoint] = Place(f"delta_{stack.name}", after=1, rows=span)

    def is_stacked(self, stack: Stack) -> bool:
        """Whether the adjoints of a stack stand side by side, too."""
        looped = {equation.left.name for equation in self.backward_loop}
        return not self.truncates and all(self.gradient.adjoint_of(member.name) in looped for member in stack.members)

    @cached_property
    def later(self) -> tuple[Variable, ...]:
        """The adjoints of the recursion that it reads a step later, as they stand there: what truncating counts.

        Error: NoCode where an adjoint is read at another step, or from outside of the recursion: how far back that
        leads is another question.
        """
        looped = {equation.left.name for equation in self.backward_loop}
        mine = {equation.left.name for equation in self.adjoints}
        rights = [equation.right for equation in self.adjoints]
        inside = [used for right in rights for used in variables(right) if used.name in mine and used.time != self.time]
        outside = [used for body in self.sums.values() for used in variables(body) if used.name in mine]
        odd = [used for used in inside if used.name not in looped or used.time != self.time + 1]
        odd += [used for used in outside if used.time != self.time]
        if odd:
            raise NoCode(f"no code is written that truncates this network: it reads {odd[0]} beside the recursion")
        return tuple(dict.fromkeys(inside))

    # ---- code

    @cached_property
    def read_back(self) -> tuple[Name, ...]:
        """What the code of the backward pass reads, in its order."""
        order = self.backward_order
        equations = (*self.local_slopes, *self.backward_loop, *order.before, *order.after)
        rights = [*(equation.right for equation in equations), *self.sums.values()]
        return tuple(dict.fromkeys(v.name for right in rights for v in self._variables(right)))

    @cached_property
    def saved(self) -> frozenset[Name]:
        """Which quantities of the forward loop are used outside of it, or at another step."""
        behind = {v.name for equation in self.forward_order.after for v in self._variables(equation.right)}
        return frozenset({*self.read_back, *behind, *(v.name for v in self.model.carried)})

    def _variables(self, expression: Expression) -> Iterator[Variable]:
        """The quantities that the code of an expression reads."""
        for node in walk(expression):
            logits = self._logits(node)
            if logits is not None:
                yield from variables(logits)
            elif isinstance(node, Variable):
                yield node

    def _logits(self, node: Expression) -> Expression | None:
        """z of log y where y is softmax(z): its logarithm is not that of a number that may have become 0."""
        match node:
            case Apply(function=function, body=Variable() as body) if function.name == "log" and body.time == self.time:
                rule = self.model.definitions.get(body.name)
                if rule is not None and isinstance(rule.right, Softmax):
                    return rule.right.args[0]
        return None

    def matrices_of(self, stack: Stack) -> Line:
        """The matrices of a stack, below each other."""
        matrices = ", ".join(self.named[matrix.name] for matrix in stack.matrices)
        return Line(f"to_{stack.name} = {self.target.join.format(matrices)}")

    def arrays(self, *, inside: bool, known: Mapping[Expression, Code] | None = None) -> Arrays:
        """What writes expressions within the loop, or for all steps."""
        spell = self.storage.at_step if inside else self.storage.everywhere
        return Arrays(spell, self.target.functions, known or {})

    def written(self, right: Expression, *, inside: bool, known: Mapping[Expression, Code] | None = None) -> str:
        """An expression as code."""
        plain = self.arrays(inside=inside)
        found = {
            node: Code(f"log_softmax({plain(logits)})")
            for node in walk(right)
            if (logits := self._logits(node)) is not None
        }
        return self.arrays(inside=inside, known={**found, **(known or {})})(right)

    def all_at_once(self, equations: Iterable[Equation]) -> Iterator[Line]:
        """Quantities at all steps at once, one after the other."""
        return (line for equation in equations for line in self._at_once(equation))

    def _at_once(self, equation: Equation) -> Iterator[Line]:
        name, code = self.named[equation.left.name], self.written(equation.right, inside=False)
        place = self.storage.places.get(equation.left.name)
        if place is None:
            yield Line(f"{name} = {code}", shown(equation))
        else:
            yield from self.array(equation.left)
            yield Line(f"{self.storage.everywhere(equation.left)} = {code}", shown(equation))

    def array(self, quantity: Variable) -> Iterator[Line]:
        """An array for what is computed step after step, with what stands before the first step."""
        place = self.storage.places.get(quantity.name) or Place(self.named[quantity.name])
        extra = place.before + place.after
        steps = f"T + {extra}" if extra else "T"
        made = "zeros" if place.after else "empty"
        yield Line(f"{place.array} = {self.target.array.format(made, f'{steps}, B, {last_axis(quantity)}')}")
        for start in self.model.starts:
            if start.variable.name == quantity.name:
                given = f'state0["{start.variable}"]'
                value = given if start.value is None else self.written(start.value, inside=False)
                yield Line(f"{place.array}[{int(start.variable.time) + place.before - 1}] = {value}")


def last_axis(quantity: Variable) -> str:
    """How long the last axis of a quantity's array is."""
    return size(quantity.shape[0] if is_column(quantity.shape) else Integer(1))


def shown(equation: Equation) -> str:
    """An equation for a reader, on one line."""
    return in_words(f"{unicode(equation.left)} = {unicode(equation.right)}")


def in_words(text: str) -> str:
    """Words of a user's within a comment or a docstring: nothing in them ends it."""
    return " ".join(text.replace("\\", " ").replace('"', "'").split())
