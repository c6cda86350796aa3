"""How ‖∂S_t/∂S_k‖ goes with t - k: a network unrolled in floats, its Jacobians by law, their products by number."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sympy import Integer

from derive.algebra.expressions import Apply, Derivative, Variable
from derive.algebra.functions import ACTIVATIONS, is_abstract
from derive.algebra.shapes import is_column, is_scalar
from derive.errors import CheckFailed, DeriveError
from derive.evaluate.arithmetic import Floats, Value
from derive.evaluate.derivatives import ComplexStep, Derivatives
from derive.evaluate.evaluator import Evaluator
from derive.evaluate.point import Point, Values
from derive.evidence import draws
from derive.evidence.families import Family, orthogonal, triangular
from derive.evidence.judge import TOLERANCE, relative
from derive.gradients.bounds import Bound, recurrent_parameters, state_bound, state_matrix
from derive.gradients.paths import reaches
from derive.models.lookup import find
from derive.models.model import Model, walk

STEPS, SIZE = 30, 24
QUIET = 0.05
"""The scale of inputs, starts and biases: small, so that no activation saturates at once."""
FACTORS = (0.8, 1.0, 1.5)
"""The largest singular values, in parts of that at which the bound neither falls nor grows."""
FAMILIES: tuple[tuple[str, Family], ...] = (("orthogonal", orthogonal), ("triangular", triangular))


@dataclass(frozen=True)
class Curve:
    """‖∂S_T/∂S_k‖ for T - k = 0, 1, … with recurrent matrices of a family; `bound` is the bound by law, if any.

    `largest` is the largest singular value σ_max of each, `radius` the spectral radius ρ (of the matrix with the
    largest, if there are several).
    """

    family: str
    largest: float
    radius: float
    norms: tuple[float, ...]
    bound: tuple[float, ...] | None


@dataclass(frozen=True)
class Norms:
    """Curves of one network. `recurrent` are the parameters that were set, `size` is n (1 for a network of scalars).

    `settings` are other parameters that were filled with a number. `error` is the largest relative difference between
    a product of Jacobians and the complex step.
    """

    model: Model
    recurrent: tuple[Variable, ...]
    size: int
    steps: int
    seed: int
    settings: Mapping[str, float]
    curves: tuple[Curve, ...]
    error: float

    @property
    def families(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(curve.family for curve in self.curves))


def norms(
    model: Model,
    *,
    steps: int = STEPS,
    size: int = SIZE,
    seed: int = 0,
    sigmas: Sequence[float] | None = None,
    settings: Mapping[str, float] | None = None,
) -> Norms:
    """The curves of a network, for each family of matrices and each largest singular value in `sigmas`.

    `settings` fills parameters, named as they are typed, with a number: a bias of a gate, say. Error: DeriveError where
    no square parameter carries the state or an activation is abstract; CheckFailed where a product of Jacobians does
    not agree with the complex step, or a norm is above its bound.
    """
    recurrent = carriers(model)
    _refuse_abstract(model)
    found = state_bound(model)
    bound = found if isinstance(found, Bound) else None
    scalars = all(is_scalar(parameter.shape) for parameter in recurrent)
    curves, errors = [], []
    for name, family in FAMILIES[:1] if scalars else FAMILIES:
        for sigma in sigmas or default_sigmas(bound):
            at = _point(model, recurrent, family, sigma, steps, size, settings or {}, random.Random(seed))
            curve, error = _curve(at, bound, recurrent, "scalar" if scalars else name, sigma, seed)
            curves.append(curve)
            errors.append(error)
    return Norms(
        model, recurrent, 1 if scalars else size, steps, seed, dict(settings or {}), tuple(curves), max(errors)
    )


def carriers(model: Model) -> tuple[Variable, ...]:
    """The square parameters in the state's Jacobian; those that are numbers if there is no other.

    Error: DeriveError where there is none of either.
    """
    parameters = recurrent_parameters(model) if model.carried else ()
    square = tuple(p for p in parameters if p.shape[0] == p.shape[1] and not is_scalar(p.shape))
    found = square or tuple(p for p in parameters if is_scalar(p.shape))
    if not found:
        raise DeriveError("no square parameter carries the state of this network")
    return found


def default_sigmas(bound: Bound | None) -> tuple[float, ...]:
    """FACTORS, times the value from which on the bound grows where it is a number."""
    value = bound.threshold[1] if bound is not None and bound.threshold is not None else None
    scale = float(value.value) if value is not None else 1.0
    return tuple(factor * scale for factor in FACTORS)


def _refuse_abstract(model: Model) -> None:
    """Error: DeriveError where the state goes through a function that is not said to be any in particular."""
    for step in model.steps:
        if any(part.name == step.left.name or reaches(model, part.name, step.left.name) for part in model.carried):
            for node in walk(step.right):
                if isinstance(node, Apply) and is_abstract(node.function.name):
                    raise DeriveError(
                        f"{node.function.name} is any function, and norms are computed with a particular one",
                        expected=", ".join(ACTIVATIONS[1:]),
                    )


def _point(
    model: Model,
    recurrent: Sequence[Variable],
    family: Family,
    sigma: float,
    steps: int,
    size: int,
    settings: Mapping[str, float],
    source: random.Random,
) -> Point:
    """A network with `sigma` times a matrix of the family for each recurrent parameter; the same draw for any sigma."""
    wide = {letter for part in model.carried for letter in part.shape[0].free_symbols}
    letters = draws.sizes(model, source, smallest=2)
    numbers = {letter: size if letter in wide else max(2, size // 3) for letter in letters}
    at = draws.point(model, numbers, steps, draws.normal(source, 1.0), Floats({}).rational)
    set_here = {parameter.name for parameter in recurrent}
    kept = {p.name for p in model.parameters if p in recurrent_parameters(model) or not is_column(p.shape)}
    for (name, indices), value in at.given.items():
        if name in set_here:
            at.given[name, indices] = sigma * family(value.shape, source)
        elif name not in kept:
            at.given[name, indices] = QUIET * value
    _fill(model, at.given, settings)
    return at


def _fill(model: Model, given: Values, settings: Mapping[str, float]) -> None:
    """Parameters by their typed names, filled with a number."""
    for typed, number in settings.items():
        parameter = find(model, typed)
        if parameter not in model.parameters:
            raise DeriveError(f"{typed} is not a parameter")
        given[parameter.name, ()] = np.full_like(given[parameter.name, ()], number)


def _curve(
    at: Point, bound: Bound | None, recurrent: Sequence[Variable], family: str, sigma: float, seed: int
) -> tuple[Curve, float]:
    """The norms of J_T ⋯ J_{k+1} for k = T, …, 1, and how far the products are from the complex step."""
    model, T = at.model, at.steps
    loss_only = {name: draws.Wave.drawn(random.Random(seed)) for name in model.functions}
    floats = Floats(loss_only)
    base = at.forward(floats)
    evaluate = Evaluator(floats, at.sizes, lambda name, indices: base[name, indices])
    jacobian = state_matrix(model)
    products = {T: np.eye(evaluate.shape(jacobian.shape)[0])}
    for j in range(T, 1, -1):
        products[j - 1] = products[j] @ evaluate(jacobian, {model.time: j})
    error = _error(at, floats, base, products)
    found = tuple(float(np.linalg.norm(products[k], 2)) for k in range(T, 0, -1))
    limits = None if bound is None else _limits(bound, evaluate, T)
    if limits is not None and any(norm > limit * (1 + TOLERANCE) for norm, limit in zip(found, limits, strict=True)):
        raise CheckFailed(f"a norm of {model.name} is above its bound; no curve is shown")
    radius = max(float(max(abs(np.linalg.eigvals(base[p.name, ()])))) for p in recurrent)
    return Curve(family, sigma, radius, found, limits), error


def _limits(bound: Bound, evaluate: Evaluator, T: int) -> tuple[float, ...]:
    t, k = (free.index for free in bound.ranges)
    return tuple(float(evaluate(bound.claim.right, {t: T, k: step}).item()) for step in range(T, 0, -1))


def _error(at: Point, floats: Floats, base: Values, products: Mapping[int, Value]) -> float:
    """The largest relative difference from the complex step, at the shortest, a middle and the longest product."""
    model, T = at.model, at.steps
    by_definition = Derivatives(at, ComplexStep(floats), base)
    errors = []
    for k in sorted({max(1, T - 1), max(1, T // 2), 1}):
        whole = Derivative(model.state(Integer(T)), model.state(Integer(k)))
        errors.append(relative(products[k], by_definition(whole, {model.horizon: T})))
    if not max(errors) <= TOLERANCE:
        raise CheckFailed(f"a product of Jacobians of {model.name} is not what the complex step gives; it is not shown")
    return max(errors)
