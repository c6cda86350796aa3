"""In which order a program computes: for all steps at once before the loop over the steps, within it, or after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sympy import Symbol

from derive.algebra.build import add, hadamard, substitute
from derive.algebra.equation import Equation
from derive.algebra.expressions import Add, Apply, Expression, Hadamard, Product, Variable
from derive.algebra.names import Name
from derive.models.model import variables, walk


@dataclass(frozen=True)
class Order:
    """Equations at the generic step.

    Those `within` the loop need another step; the others are computed for all steps at once, `before` it or `after` it.
    """

    before: tuple[Equation, ...]
    within: tuple[Equation, ...]
    after: tuple[Equation, ...]

    @property
    def together(self) -> Order:
        """All that depends on the loop within it."""
        return Order(self.before, (*self.within, *self.after), ())

    @property
    def all(self) -> tuple[Equation, ...]:
        return (*self.before, *self.within, *self.after)


def ordered(equations: Sequence[Equation], time: Symbol) -> Order:
    """Equations, each after what it needs of its own step, sorted by when they can be computed."""
    mine = {equation.left.name for equation in equations}
    crossing: set[Name] = set()
    late: set[Name] = set()
    for equation in equations:
        used = [v for v in variables(equation.right) if v.name in mine]
        crossing |= {v.name for v in used if v.time != time}
        if any(v.time != time or v.name in late for v in used):
            late.add(equation.left.name)
    needed = set(crossing)
    for equation in reversed(equations):
        if equation.left.name in needed:
            needed |= {v.name for v in variables(equation.right) if v.name in mine}
    return Order(
        tuple(e for e in equations if e.left.name not in late),
        tuple(e for e in equations if e.left.name in late & needed),
        tuple(e for e in equations if e.left.name in late - needed),
    )


@dataclass
class Hoisting:
    """What an equation within the loop needs and does not depend on the loop, named, so that it is computed before.

    `inside` are the quantities of the loop; `suffix` ends the names; `made` are the equations of what was taken out.
    """

    inside: frozenset[Name]
    time: Symbol
    suffix: str
    made: list[Equation]

    def __call__(self, equation: Equation) -> Equation:
        """The equation with what can be computed before it by name."""
        return Equation(equation.left, self._kept(equation.right, equation.left.name))

    def _kept(self, node: Expression, name: Name) -> Expression:
        match node:
            case Add(args=terms):
                return add(*self._parts(terms, name, add))
            case Hadamard(args=factors):
                return hadamard(*self._parts(factors, name, hadamard))
            case Product(args=(*first, last)):
                return Product(*first, self._kept(last, name))
            case Apply(args=(function, body)):
                return Apply(function, self._kept(body, name))
        return node

    def _parts(self, parts: Sequence[Expression], name: Name, join: Callable[..., Expression]) -> Iterator[Expression]:
        """The parts of a sum or of ⊙; those that do not depend on the loop together, as one name, in front."""
        free = [part for part in parts if not self._depends(part)]
        stepped = any(v.time is not None for part in free for v in variables(part))
        if stepped and (len(free) > 1 or not isinstance(free[0], Variable)):
            yield self._named(join(*free), name)
        else:
            yield from free
        yield from (self._kept(part, name) for part in parts if self._depends(part))

    def _depends(self, part: Expression) -> bool:
        return any(v.name in self.inside for v in variables(part))

    def _named(self, part: Expression, name: Name) -> Variable:
        same = next((made.left for made in self.made if made.right == part), None)
        if same is not None:
            return same
        count = sum(made.left.name.base.startswith(f"{name.plain}_{self.suffix}") for made in self.made)
        base = f"{name.plain}_{self.suffix}{count + 1 if count else ''}"
        left = Variable(Name(base, (), "", 1), (self.time,), part.shape)
        self.made.append(Equation(left, part))
        return left


def with_functions_named(equations: Sequence[Equation], time: Symbol) -> tuple[Equation, ...]:
    """The equations, and one for each function of a quantity within another: tanh(c_t) is computed once."""
    found: dict[Expression, Equation] = {}
    made: list[Equation] = []
    for equation in equations:
        inner = [node for child in equation.right.args for node in walk(child) if isinstance(child, Expression)]
        for node in inner:
            match node:
                case Apply(function=function, body=Variable() as body) if body.time == time and node not in found:
                    name = Name(f"{function.name}_{body.name.plain}", (), "", 1)
                    if function.name != "log":
                        found[node] = Equation(Variable(name, (time,), node.shape), node)
                        made.append(found[node])
        made.append(Equation(equation.left, with_names(equation.right, found.values(), time)))
    return tuple(made)


def with_names(expression: Expression, named: Iterable[Equation], time: Symbol) -> Expression:
    """An expression with the functions that have a name by that, at whatever step they stand."""
    times = {v.time for v in variables(expression) if v.time is not None}
    values = {each.right: each.left for equation in named for step in times for each in [equation.at({time: step})]}
    found = substitute(expression, values)
    assert isinstance(found, Expression)
    return found
