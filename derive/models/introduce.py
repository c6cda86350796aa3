"""Names for the arguments of functions: `f(U x_t + W s_{t-1})` becomes a_t = U x_t + W s_{t-1} and f(a_t)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Symbol

from derive.algebra.build import substitute
from derive.algebra.equation import Equation
from derive.algebra.expressions import Apply, Expression, Softmax, Variable
from derive.algebra.names import Name
from derive.models.model import variables, walk

LETTERS = {Apply: ("a", "u", "q"), Softmax: ("z", "v", "p")}
"""The letter for what a function, or a softmax, is applied to; the first that the author does not use."""


def pre_activations(steps: Sequence[Equation], time: Symbol) -> tuple[tuple[Equation, ...], tuple[Equation, ...]]:
    """The equations with every argument of a function a name of its own, and the equations that were added.

    A letter that is needed once stands alone (a_t); needed more often it bears the name of what it is for (a_t^{(f)}).
    """
    arguments = [(step.left, _arguments(step.right)) for step in steps]
    count = {kind: sum(isinstance(a, kind) for _, found in arguments for a in found) for kind in LETTERS}
    taken = {variable.name.base for step in steps for variable in (step.left, *variables(step.right))}
    letter = {kind: next((x for x in letters if x not in taken), f"{letters[0]}'") for kind, letters in LETTERS.items()}
    refined: list[Equation] = []
    introduced: list[Equation] = []
    for step, (owner, found) in zip(steps, arguments, strict=True):
        right = step.right
        for position, node in enumerate(found, 1):
            kind = type(node)
            label = "" if count[kind] == 1 else owner.name.letter + (f",{owner.name.label}" if owner.name.label else "")
            if len(found) > 1:
                label += f",{position}" if label else str(position)
            argument = substitute(node.args[-1], dict(_named(introduced)))
            if isinstance(argument, Variable):  # the same argument as that of another function has its name already
                continue
            name = Name(letter[kind], (), label, 1, raised=bool(label), time_above=owner.name.time_above and not label)
            new = Equation(Variable(name, (time,), argument.shape), argument)
            introduced.append(new)
            refined.append(new)
        refined.append(Equation(step.left, substitute(right, dict(_named(introduced)))))
    return tuple(refined), tuple(introduced)


def _named(equations: Iterable[Equation]) -> Iterable[tuple[Expression, Expression]]:
    return ((equation.right, equation.left) for equation in equations)


def _arguments(expression: Expression) -> list[Expression]:
    """The function nodes whose argument is not a name, innermost first, each once."""
    found = [node for node in walk(expression) if isinstance(node, Apply | Softmax) and not _plain(node.args[-1])]
    return list(dict.fromkeys(reversed(found)))


def _plain(argument: Expression) -> bool:
    return isinstance(argument, Variable)


def fresh(letter: str, equations: Iterable[Equation], others: Iterable[Variable]) -> Name:
    """A name that no equation uses: the letter, or the letter with a tilde."""
    used = {v.name for equation in equations for v in (equation.left, *variables(equation.right))} | {
        v.name for v in others
    }
    return next(
        name for name in (Name(letter, accents, "", 1) for accents in ((), ("tilde",), ("hat",))) if name not in used
    )
