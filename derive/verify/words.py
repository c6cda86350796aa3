"""What a text says in words only: its loss, and which function its activation is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sympy import Rational

from derive.algebra import symbols
from derive.algebra.expressions import (
    Add,
    Apply,
    Expression,
    Number,
    Product,
    Softmax,
    SquaredNorm,
    Transpose,
    Variable,
)
from derive.algebra.names import Function, Name
from derive.reader.naming import readings
from derive.reader.surface import Scripted, Terms
from derive.verify.kinds import is_loss
from derive.verify.network import Network
from derive.verify.survey import Formula, Survey
from derive.verify.understand import Understanding

CROSS_ENTROPY = (
    *("cross-entropy", "cross entropy", "crossentropy", "log-likelihood", "log likelihood", "log loss", "nll"),
    *("交叉熵", "对数似然", "kreuzentropie", "entropie croisée", "entropía cruzada", "交差エントロピー"),
)
SQUARED = ("squared error", "mean square", "mse", "平方", "均方", "least squares", "quadratic", "l2 loss", "二乗")
LINEAR = (
    *("linear activation", "linear network", "linear rnn", "linear recurrent", "linear case", "linear model"),
    *("identity activation", "activation is the identity", "f is the identity", "identity as the activation"),
    *("恒等激活", "恒等函数", "恒等映射", "线性激活", "线性情况", "线性网络"),
)
"""How a text says that it has no activation: not by an identity matrix, nor an empty product that is the identity."""
NOT_LINEAR = re.compile(r"non-?\s?linear|非线性")
ACTIVATIONS = (
    (("tanh", "双曲正切"), "tanh"),
    (("sigmoid", "logistic", "\\sigma", "σ"), "sigmoid"),
    (("relu",), "relu"),
    (LINEAR, "identity"),
)
"""How a text names an activation."""


def said_loss(found: Understanding, formulas: Sequence[Formula], survey: Survey) -> Expression | None:
    """The loss of one step where a text has it in words only: of an output ŷ and the target y of its ŷ - y."""
    entropy = any(words in survey.prose for words in CROSS_ENTROPY)
    squared = any(words in survey.prose for words in SQUARED) and not entropy
    network = found.network
    for output, target in _differences(formulas, survey) if entropy or squared else ():
        rule = next(iter(network.rules.get(output, ())), None)
        if rule is None or target in network.rules or not output.arity == target.arity == 1:
            continue
        shape = network.shapes[output]
        if shape[1] != 1 or entropy != isinstance(rule.right, Softmax):
            continue
        at, to = (Variable(name, (network.time,), shape) for name in (output, target))
        stated = network.sums_to_one | {target} if entropy else network.sums_to_one
        found.network = replace(network, sums_to_one=stated, shapes={**network.shapes, target: shape})
        found.context = replace(found.context, network=found.network, shapes=found.network.shapes)
        kind = "the cross-entropy" if entropy else "half the squared error"
        found.assumptions.append(f"the loss of a step is {kind} of {at} and {to}, as the text says in words")
        if entropy:
            return Product(Number(-1), Transpose(to), Apply(Function("log"), at))
        return Product(Number(Rational(1, 2)), SquaredNorm(Add(at, Product(Number(-1), to))))
    return None


LAST = (
    *("last step", "last time step", "final step", "final time step", "last state", "final state", "many-to-one"),
    *("最后一步", "最后一个", "最后时刻", "letzten schritt", "dernier pas", "последнего шага", "último paso", "最後の"),
)
"""How a text says that only the last step matters."""


def at_the_end(survey: Survey) -> bool:
    """Whether the loss depends on the last step alone: it is written L(h_T), and there is no loss of a step."""
    if _has_loss_of_a_step(survey):
        return False
    letters, horizon = survey.habits.letters, symbols.index(survey.habits.horizon)
    inside = [part for node in survey.called for part in node.walk() if isinstance(part, Scripted)]
    ways = [next(readings(part, letters, survey.source), None) for part in inside]
    return any(way is not None and way.indices == (horizon,) for way in ways)


def maybe_at_the_end(survey: Survey) -> bool:
    """Whether the text speaks of a last step, and of no loss of a step."""
    return not _has_loss_of_a_step(survey) and any(words in survey.prose for words in LAST)


def _has_loss_of_a_step(survey: Survey) -> bool:
    return any(f.name is not None and f.name.name.arity and is_loss(f.name.name) for f in survey.formulas)


def _differences(formulas: Sequence[Formula], survey: Survey) -> Iterator[tuple[Name, Name]]:
    """The pairs of names in a - b, anywhere in the claims."""
    for formula in formulas:
        for node in formula.nodes:
            if isinstance(node, Terms) and node.signs == (1, -1):
                pair = [next(readings(part, survey.habits.letters, formula.source), None) for part in node.summands]
                if pair[0] is not None and pair[1] is not None:
                    yield pair[0].name, pair[1].name


# ---- activations


def variants(network: Network, prose: str) -> tuple[Mapping[str, str], ...]:
    """What an activation may be that the text calls by a letter: itself, or a function that the text names."""
    used = {f.name for group in network.rules.values() for rule in group for f in rule.right.atoms(Function)}
    applied = {
        node.function.name for group in network.rules.values() for rule in group for node in rule.right.atoms(Apply)
    }
    letters = sorted(name for name in applied & used if name == "sigmoid" or len(name) == 1 or name in GREEK)
    prose = NOT_LINEAR.sub("", prose)
    named = [function for words, function in ACTIVATIONS if any(word in prose for word in words)]
    found = [{letter: function} for letter in letters for function in named if function != letter]
    every = [dict.fromkeys(letters, function) for function in named] if len(letters) > 1 else []
    return ({}, *found, *every)


def said_of(variant: Mapping[str, str]) -> tuple[str, ...]:
    """The functions in words: f is tanh."""
    return tuple(f"{letter} is {'the ' * (name == 'sigmoid')}{name}" for letter, name in sorted(variant.items()))


GREEK = frozenset({"phi", "varphi", "psi"})


def activated(network: Network, variant: Mapping[str, str]) -> Network:
    """The network with named functions in the place of others."""
    rules = {n: tuple(replace(r, right=renamed(r.right, variant)) for r in group) for n, group in network.rules.items()}
    return replace(network, rules=rules)


def renamed(expression: Expression, variant: Mapping[str, str]) -> Expression:
    """An expression with functions by other names."""
    functions = {f: Function(variant[f.name], f.order) for f in expression.atoms(Function) if f.name in variant}
    if not functions:
        return expression
    found = expression.xreplace(functions)
    assert isinstance(found, Expression)
    return found
