"""Losses of which a text says nothing: of a step any function of what it puts out, of all steps their sum."""

from __future__ import annotations

from sympy import Integer, Symbol

from derive.algebra.expressions import Apply, Derivative, Expression, Sum, Variable
from derive.algebra.generic import Generic
from derive.algebra.names import Function, Name
from derive.algebra.shapes import SCALAR, Shape
from derive.models.model import variables, walk
from derive.verify.kinds import is_loss
from derive.verify.network import Rule
from derive.verify.understand import Understanding


def loss_rule(
    own: Variable, rules: dict[Name, tuple[Rule, ...]], shapes: dict[Name, Shape], found: Understanding, letter: Symbol
) -> Rule:
    """A loss of which nothing is said: of a step, any function of what the step puts out; the whole, their sum."""
    name = own.name
    if not own.indices:
        steps = [n for n in rules if is_loss(n) and n.arity == 1 and n.base == name.base] or [
            n for n in rules if is_loss(n) and n.arity == 1
        ]
        if steps:
            body: Expression = Variable(steps[0], (letter,), SCALAR)
            said = f"the loss {name} is the sum of {body} over the steps"
        else:
            ends = _ends(rules, shapes, letter)
            if ends and found.target is None and found.at_the_end:
                last = [Variable(end.name, (found.network.horizon,), end.shape) for end in ends]
                found.assumptions.append(f"the loss {name} is any function of {', '.join(map(str, last))}")
                return Rule(own, Generic(Function(f"{name.plain}_of"), SCALAR, (), *last))
            if found.target is not None:
                body, said = found.target, f"the loss {name} is the sum of the losses of the steps"
            elif not ends:
                return Rule(own, Generic(Function(f"{name.plain}_of"), SCALAR, (), *_timeless(rules, shapes)))
            else:
                body = Generic(Function(f"{name.plain}_of"), SCALAR, (letter,), *ends)
                said = (
                    f"nothing is said of the loss {name}: it is a sum of any functions of {', '.join(map(str, ends))}"
                )
        found.assumptions.append(said)
        return Rule(own, Sum(body, letter, Integer(1), found.network.horizon))
    if found.target is not None:
        return Rule(own, found.target)
    ends = _ends(rules, shapes, letter)
    found.assumptions.append(f"nothing is said of the loss {own}: it is any function of {', '.join(map(str, ends))}")
    return Rule(own, Generic(Function(f"{name.plain}_of"), SCALAR, (letter,), *ends))


def _ends(rules: dict[Name, tuple[Rule, ...]], shapes: dict[Name, Shape], letter: Symbol) -> list[Variable]:
    """What nothing else of the same step uses: the output, or the state where there is none."""
    used: set[Name] = set()
    for group in rules.values():
        for rule in group:
            own = rule.left.time
            for v in variables(rule.right):
                if v.time is not None and own is not None and v.time == own:
                    used.add(v.name)
    sums = {v.name for n, group in rules.items() for rule in group for v in variables(rule.right) if is_loss(n)}
    backward = {n for n, group in rules.items() if any(is_loss(v.name) for r in group for v in variables(r.right))}
    backward |= {n for n, group in rules.items() if any(_is_slope(node) for r in group for node in walk(r.right))}
    found = [n for n in rules if n.arity == 1 and n not in used - sums and not is_loss(n) and n not in backward]
    if not found:
        found = [n for n in rules if n.arity == 1 and not is_loss(n)][-1:]
    return [Variable(n, (letter,), shapes[n]) for n in found]


def _is_slope(node: object) -> bool:
    """Whether a derivative is needed: D_t = diag(f'(a_t)) is no output."""
    return isinstance(node, Derivative) or (isinstance(node, Apply) and node.function.order > 0)


def _timeless(rules: dict[Name, tuple[Rule, ...]], shapes: dict[Name, Shape]) -> list[Variable]:
    used = {v.name for group in rules.values() for rule in group for v in variables(rule.right)}
    return [Variable(n, (), shapes[n]) for n in rules if not n.arity and n not in used and not is_loss(n)]
