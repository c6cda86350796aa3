"""How large ∂S_t/∂S_k can be: a bound by law on the product of the state's Jacobians, and what follows from it.

Source: Bengio, Simard and Frasconi, IEEE Transactions on Neural Networks 5(2), 1994; Pascanu, Mikolov and Bengio,
Proceedings of ICML 2013, 2.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Basic, Integer

from derive.algebra.build import UNIT, descending, product, substitute
from derive.algebra.expressions import (
    Add,
    Apply,
    Derivative,
    Diag,
    Expression,
    MatrixPower,
    Norm,
    Number,
    Product,
    Quotient,
    Variable,
)
from derive.algebra.functions import ELEMENTARY, is_abstract
from derive.algebra.names import Name
from derive.calculus.bounds import BOUNDS, Facts, supremum_of_the_slope
from derive.calculus.estimate import Bounded, Estimate, Inequality, Laws, Unbounded, bound
from derive.calculus.laws import LAWS
from derive.gradients import local
from derive.gradients.form import Cited, Range, letters
from derive.gradients.steps import cited
from derive.models.model import Model, walk

SUPREMA = ("gamma", "kappa", "beta", "mu", "nu", "G")
"""For sup |f'|, the first that the network does not use."""
ARGUMENTS = ("z", "x", "y", "v", "r", "q")
"""For any argument of f'."""


@dataclass(frozen=True)
class Said:
    """Words about expressions: each `{}` in `words` is the place of one of them."""

    words: str
    about: tuple[Expression, ...] = ()

    def __post_init__(self) -> None:
        if self.words.count("{}") != len(self.about):
            raise ValueError(f"{len(self.about)} expressions for the places in: {self.words}")

    def text(self, show: Callable[[Expression], str] = str) -> str:
        """The words with each expression as `show` prints it."""
        return self.words.format(*map(show, self.about))


@dataclass(frozen=True)
class Reason:
    """Why there is no bound."""

    said: Said


@dataclass(frozen=True)
class Consequence:
    """What follows from a bound: `said` holds if `condition` does (None: always)."""

    kind: str
    condition: Inequality | None
    said: Said


@dataclass(frozen=True)
class Bound:
    """`claim` for all indices within `ranges`, under `conditions`; `factor` is the same for a single Jacobian.

    `estimates` derive it. `suprema` gives each abstract function the symbol of sup |f'|. `threshold` is ‖W‖ and the
    value from which on the bound grows, where it is a number times one such norm.
    """

    model: Model
    claim: Inequality
    factor: Inequality
    ranges: tuple[Range, ...]
    estimates: tuple[Estimate, ...]
    conditions: tuple[Said, ...]
    suprema: tuple[tuple[str, Variable], ...]
    threshold: tuple[Expression, Expression] | None
    consequences: tuple[Consequence, ...]

    @property
    def rate(self) -> Expression:
        """β in ‖∂S_t/∂S_k‖ ≤ β^{t-k}."""
        return self.factor.right

    @property
    def laws(self) -> tuple[Cited, ...]:
        """The laws that the bound follows from, each once, in the order of their use."""
        return tuple(dict.fromkeys(cited(estimate.law) for estimate in self.estimates))


def state_matrix(model: Model) -> Expression:
    """∂S_t/∂S_{t-1} by law, whole: a matrix of blocks where the state has several components."""
    return local.jacobian(model, model.state(model.time), model.state(model.time - 1), LAWS)


def recurrent_parameters(model: Model) -> tuple[Variable, ...]:
    """The parameters in ∂S_t/∂S_{t-1}."""
    used = state_matrix(model).atoms(Variable)
    return tuple(parameter for parameter in model.parameters if parameter in used)


def state_bound(model: Model, laws: Laws = BOUNDS) -> Bound | Reason:
    """‖∂S_t/∂S_k‖ ≤ β^{t-k} with a β that does not depend on the step, or why the laws give none."""
    if not model.carried:
        return Reason(Said("no step uses a quantity of an earlier one"))
    t, (k, j, *_) = model.time, letters(model, "k", "j")
    matrix = state_matrix(model)
    suprema = dict(_suprema(model, matrix))
    definitions = {step.left.at(j): substitute(step.right, {t: j}) for step in model.steps if step.left.indices}
    chain = descending(substitute(matrix, {t: j}), j, k + 1, t)
    found = bound(chain, Facts(definitions, suprema), laws)
    if isinstance(found, Unbounded):
        part = substitute(found.part, {j: t})
        return Reason(Said("no law bounds {} independently of the step", (_entries(part),)))
    power = found.value
    rate = power.args[0] if isinstance(power, MatrixPower) else power
    left = Norm(Derivative(model.state(t), model.state(k)))
    ranges = (Range(t, Integer(1), model.horizon), Range(k, Integer(0), t))
    return Bound(
        model=model,
        claim=Inequality(left, "<=", power),
        factor=Inequality(Norm(Derivative(model.state(t), model.state(t - 1))), "<=", rate),
        ranges=ranges,
        estimates=found.estimates,
        conditions=tuple(dict.fromkeys(_conditions(model, found, {j: t}))),
        suprema=tuple(suprema.items()),
        threshold=_threshold(rate),
        consequences=tuple(_consequences(left, rate, f"{t} - {k}")),
    )


def _suprema(model: Model, matrix: Expression) -> Iterator[tuple[str, Variable]]:
    """A symbol for each abstract function whose slope is in the matrix; with a label where there are several."""
    letter = _free(model, SUPREMA)
    slopes = [node.function.name for node in walk(matrix) if isinstance(node, Apply) and node.function.order]
    names = [name for name in dict.fromkeys(slopes) if is_abstract(name)]
    for name in names:
        yield name, Variable(Name(letter, (), name if len(names) > 1 else ""))


def _free(model: Model, letters: Sequence[str]) -> str:
    """The first of the letters that the network does not use."""
    taken = {v.name.base for v in (*model.parameters, *model.inputs, *(step.left for step in model.steps))}
    return next(letter for letter in letters if letter not in taken)


def _entries(part: Expression) -> Expression:
    """What is said to have no bound: of a diagonal matrix the column on it."""
    return part.args[0] if isinstance(part, Diag) else part


def _conditions(model: Model, found: Bounded, to_step: Mapping[Basic, Basic]) -> Iterator[Said]:
    """What the laws used need: a steepest slope, and slopes at all."""
    argument = Variable(Name(_free(model, ARGUMENTS)))
    for estimate in found.estimates:
        if estimate.law is not supremum_of_the_slope:
            continue
        slope = substitute(_entries(estimate.claim.left.args[0]), to_step)
        if is_abstract(slope.function.name):
            everywhere = Apply(slope.function, argument)
            yield Said("{} = sup |{}| over all real {} is finite", (estimate.claim.right, everywhere, argument))
        elif ELEMENTARY[slope.function.name].slope is None:
            yield Said("no entry of {} is 0", (slope.body,))


def _threshold(rate: Expression) -> tuple[Expression, Expression] | None:
    """‖W‖ and 1/c, where the rate is c ‖W‖ and c has no other norm in it."""
    factors = rate.args if isinstance(rate, Product) else (rate,)
    norms = [factor for factor in factors if isinstance(factor, Norm)]
    rest = [factor for factor in factors if not isinstance(factor, Norm)]
    if len(norms) != 1 or not all(isinstance(factor, Number | Variable) for factor in rest):
        return None
    scale = product(*rest) if rest else UNIT
    return norms[0], Number(1 / scale.value) if isinstance(scale, Number) else Quotient(UNIT, scale)


def _consequences(left: Expression, rate: Expression, gap: str) -> Iterator[Consequence]:
    """What the powers of the rate tell of large t - k; nothing where the rate is above 1 with any parameters."""
    vanishes = Said(f"{{}} tends to 0 geometrically as {gap} grows", (left,))
    if isinstance(rate, Number):
        if rate.value < 1:
            yield Consequence("vanishing", None, vanishes)
        if rate.value <= 1:
            yield Consequence("bounded", None, Said("{} is never larger than 1", (left,)))
        return
    if any(isinstance(term, Number) and term.value >= 1 for term in (rate.args if isinstance(rate, Add) else ())):
        return
    norm, value = _threshold(rate) or (rate, UNIT)
    yield Consequence("vanishing", Inequality(norm, "<", value), vanishes)
    needed = Said(
        f"{{}} grows without bound as {gap} grows only if this holds, which is not to say that it does", (left,)
    )
    yield Consequence("explosion", Inequality(norm, ">", value), needed)
