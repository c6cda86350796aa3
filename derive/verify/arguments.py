"""δi_t where it means the gradient by what i_t is a function of: by the argument of its activation.

Both are written with one sign. Which is meant a text shows by its own equation for δi_t.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.algebra.expressions import Apply, Derivative, Transpose, Variable
from derive.algebra.names import Name
from derive.verify import losses
from derive.verify.network import Rule
from derive.verify.survey import CLAIM, Formula
from derive.verify.understand import Understanding


def gradients(found: Understanding, formulas: tuple[Formula, ...]) -> Iterator[tuple[Name, Formula]]:
    """The gradients by gates, with the first equation that each text has for one."""
    seen = set()
    for formula in formulas:
        name = formula.name.name if formula.name is not None else None
        if formula.kind != CLAIM or name is None or name in seen or name.accents[-1:] != (losses.GRADIENT,):
            continue
        seen.add(name)
        rules = found.network.rules.get(_of(name), ())
        if len(rules) == 1 and isinstance(rules[0].right, Apply) and not isinstance(rules[0].right.body, Variable):
            yield name, formula


def by_argument(found: Understanding, gradient: Name) -> Understanding:
    """The same network where a gradient of a gate is by the argument of its activation."""
    network = found.network
    (rule,), (own,) = network.rules[_of(gradient)], network.rules[gradient]
    name = Name(gradient.base, (*gradient.accents[:-1], ARGUMENT), gradient.label, gradient.arity)
    assert isinstance(rule.right, Apply)
    argument = Variable(name, rule.left.indices, rule.left.shape)
    old = own.right.args[0] if isinstance(own.right, Transpose) else own.right
    assert isinstance(old, Derivative)
    by = Variable(name, own.left.indices, rule.left.shape)
    derivative = Derivative(old.top, by, old.held)
    right = derivative if derivative.shape == own.left.shape else Transpose(derivative)
    rules = {
        **network.rules,
        name: (Rule(argument, rule.right.body, rule.first),),
        rule.left.name: (replace(rule, right=Apply(rule.right.function, argument)),),
        gradient: (replace(own, right=right),),
    }
    shapes = {**network.shapes, name: rule.left.shape}
    network = replace(network, rules=rules, shapes=shapes)
    plain = _of(gradient)
    said = f"the gradient by {plain} is by the argument of its {rule.right.function}, as its first equation has it"
    return replace(
        found,
        network=network,
        context=replace(found.context, network=network, shapes={**found.context.shapes, name: rule.left.shape}),
        assumptions=[*found.assumptions, said],
    )


ARGUMENT = "argument"
"""The mark on a name that makes it what the activation of a quantity is applied to."""


def _of(gradient: Name) -> Name:
    """What one differentiates by."""
    return Name(gradient.base, gradient.accents[:-1], gradient.label, gradient.arity)
