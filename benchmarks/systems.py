"""∂L/∂U, ∂L/∂W and ∂L/∂V of the network of Elman over T steps, by each system in the way that it offers.

`derive` writes five structured matrix formulas of each, for any sizes. SymPy and SymEngine differentiate one scalar
expression by each of the twelve entries, at the sizes 2, 2 and 2. tensorgrad works on tensors with named edges.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import sympy
from sympy import Integer

from derive.algebra.expressions import Derivative, Expression, Variable
from derive.api import answers, load
from derive.evidence.claims import LONGEST
from derive.gradients.form import Formula, Question
from derive.gradients.makers import FORMS, derived

OPTIONAL = {name: import_module(name) for name in ("symengine", "tensorgrad") if find_spec(name)}
SIZE = range(2)


@dataclass(frozen=True)
class Answer:
    """Seconds of work for the derivatives alone, and the operations in them.

    `operations` are those of the derivatives written out, `distinct` with equal parts counted once.
    """

    seconds: float
    operations: int | None = None
    distinct: int | None = None


@dataclass(frozen=True)
class System:
    """A way to the gradients, if it is there. `most` is the largest T that it is asked for."""

    name: str
    answer: Callable[[int], Answer]
    most: int | None = None
    installed: bool = True


def derive_shown(steps: int) -> Answer:
    """As the API does it: written out up to LONGEST steps; beyond, for the symbol T, and then the number is put in."""
    if steps <= LONGEST:
        return derive_written(steps)
    questions = _questions(None)
    number = {questions[0].model.horizon: Integer(steps)}
    return _answer(lambda: [formula.at(number).equation.right for formula in _formulas(questions)], _matrix_parts)


def derive_checked(steps: int) -> Answer:
    """The same, and each formula checked."""
    questions = _questions(steps)
    start = time.process_time()
    answers(questions, FORMS)
    return Answer(time.process_time() - start)


def derive_written(steps: int) -> Answer:
    """Every step written out, whatever T is."""
    questions = _questions(steps)
    return _answer(lambda: [formula.equation.right for formula in _formulas(questions)], _matrix_parts)


def sympy_entries(steps: int) -> Answer:
    loss, entries = scalar_loss(sympy, steps)
    return _answer(lambda: [loss.diff(entry) for entry in entries], _scalar_parts)


def symengine_entries(steps: int) -> Answer:
    loss, entries = scalar_loss(OPTIONAL["symengine"], steps)
    return _answer(lambda: [loss.diff(entry) for entry in entries], _scalar_parts)


def tensorgrad_terms(steps: int) -> Answer:
    """Its sums of products; `operations` is the number of their terms."""
    loss, parameters = tensor_loss(OPTIONAL["tensorgrad"], steps)
    start = time.process_time()
    found = [loss.grad(parameter).full_simplify() for parameter in parameters]
    elapsed = time.process_time() - start
    return Answer(elapsed, sum(len(getattr(gradient, "terms", [gradient])) for gradient in found))


SYSTEMS = (
    System("derive", derive_shown),
    System("derive, checked", derive_checked),
    System("derive, written out", derive_written, most=10),
    System("SymPy", sympy_entries),
    System("SymEngine", symengine_entries, installed="symengine" in OPTIONAL),
    System("tensorgrad", tensorgrad_terms, most=4, installed="tensorgrad" in OPTIONAL),
)


def scalar_loss(library: Any, steps: int) -> tuple[Any, list[Any]]:
    """L as one expression of `library`, in which each entry is a symbol, and the entries of U, W and V."""

    def column(name: str) -> list[Any]:
        return [library.Symbol(f"{name}_{i}") for i in SIZE]

    def applied(matrix: list[list[Any]], vector: list[Any]) -> list[Any]:
        return [sum(matrix[i][j] * vector[j] for j in SIZE) for i in SIZE]

    u, w, v = ([column(f"{name}_{i}") for i in SIZE] for name in "UWV")
    state, loss = column("s_0"), 0
    for t in range(1, steps + 1):
        given, target = column(f"x_{t}"), column(f"y_{t}")
        state = [library.tanh(a + b) for a, b in zip(applied(u, given), applied(w, state), strict=True)]
        powers = [library.exp(z) for z in applied(v, state)]
        loss -= sum(y * library.log(p / sum(powers)) for y, p in zip(target, powers, strict=True))
    return loss, [entry for matrix in (u, w, v) for row in matrix for entry in row]


def tensor_loss(library: Any, steps: int) -> tuple[Any, list[Any]]:
    """L as a tensor of tensorgrad, and U, W and V."""
    n, d, m = library.symbols("n d m")
    functions = library.functions
    u, w, v = library.Variable("U", n=n, d=d), library.Variable("W", n=n, k=n), library.Variable("V", m=m, n=n)
    state, losses = library.Variable("s0", n=n), []
    for t in range(1, steps + 1):
        given, target = library.Variable(f"x{t}", d=d), library.Variable(f"y{t}", m=m)
        state = functions.tanh(u @ given + w @ state.rename(n="k"))
        losses.append(-(target @ functions.log(functions.softmax(v @ state, dim="m"))))
    return sum(losses[1:], losses[0]), [u, w, v]


def operations(expressions: Iterable[Hashable], parts: Callable[[Any], Sequence[Any]]) -> tuple[int, int]:
    """Operations written out, and with equal parts counted once; n operands take n - 1 operations, a function one."""
    total: dict[Hashable, int] = {}
    roots = list(expressions)
    waiting = list(roots)
    while waiting:  # no recursion: an expression over 1000 steps is deep
        expression = waiting[-1]
        operands = parts(expression)
        unknown = [operand for operand in operands if operand not in total]
        if unknown:
            waiting.extend(unknown)
            continue
        total[expression] = sum(total[operand] for operand in operands) + _own(operands)
        waiting.pop()
    return sum(total[root] for root in roots), sum(_own(parts(expression)) for expression in total)


def _own(operands: Sequence[Any]) -> int:
    return max(1, len(operands) - 1) if operands else 0


def _scalar_parts(expression: Any) -> Sequence[Any]:
    """The arguments of SymPy's and SymEngine's expressions."""
    operands: Sequence[Any] = expression.args
    return operands


def _matrix_parts(expression: Expression) -> Sequence[Expression]:
    """Operands that are expressions themselves: neither an index nor a bound, and a quantity or ∂y/∂x has none."""
    if isinstance(expression, Variable | Derivative):
        return ()
    return [operand for operand in expression.args if isinstance(operand, Expression)]


def _questions(steps: int | None) -> list[Question]:
    network = load("elman", activation="tanh")
    return [network.question(parameter, steps=steps) for parameter in network.parameters]


def _formulas(questions: Sequence[Question]) -> list[Formula]:
    return [formula for form in derived(questions, FORMS) for formula in form.formulas]


def _answer(found: Callable[[], list[Any]], parts: Callable[[Any], Sequence[Any]]) -> Answer:
    start = time.process_time()
    expressions = found()
    elapsed = time.process_time() - start
    return Answer(elapsed, *operations(expressions, parts))
