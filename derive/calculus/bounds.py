r"""Bounds by law: an upper bound of the norm of an expression that does not depend on the step.

‖·‖ is the spectral norm, the largest singular value; of a column it is the Euclidean norm, of a scalar |·|, and of
diag(v) the largest |v_i|. A law takes what stands within a norm and gives what the norm equals or is at most, in norms
of parts; None where it does not apply. `calculus.estimate` applies them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from sympy import Interval, Set

from derive.algebra.build import UNIT, add, is_zero, product, quotient
from derive.algebra.expressions import (
    Add,
    Apply,
    Blocks,
    Chain,
    Diag,
    Expression,
    Hadamard,
    Identity,
    MatrixPower,
    Norm,
    Number,
    Product,
    Quotient,
    Sum,
    Transpose,
    Variable,
)
from derive.algebra.functions import ELEMENTARY, is_abstract
from derive.algebra.shapes import is_scalar


@dataclass(frozen=True)
class Facts:
    """What laws may use: the right sides of named quantities, and the symbols of sup |f'| for abstract f."""

    definitions: Mapping[Variable, Expression] = field(default_factory=dict)
    suprema: Mapping[str, Variable] = field(default_factory=dict)


BoundLaw = Callable[[Any, Facts], Expression | None]


def identity_matrix(node: Identity, facts: Facts) -> Expression | None:
    r"""The identity has norm 1.

    Law: \lVert I \rVert = 1
    Shapes: I n×n
    Conditions: none
    Source: Horn and Johnson, Matrix Analysis, 2nd ed. (2013), 5.6
    Example: x \in \mathbb{R}^{n}; y = I x
    """
    return UNIT


def number(node: Number, facts: Facts) -> Expression | None:
    r"""The norm of a number is its absolute value.

    Law: \lVert c \rVert = |c|
    Shapes: c scalar
    Conditions: none
    Source: Horn and Johnson (2013), 5.1
    Example: c \in \mathbb{R}; y = c - \frac{1}{2}
    """
    return Number(abs(node.value)) if is_scalar(node.shape) else None


def transposition(node: Transpose, facts: Facts) -> Expression | None:
    r"""A matrix and its transpose have the same norm.

    Law: \lVert A^{\top} \rVert = \lVert A \rVert
    Shapes: A m×n
    Conditions: none
    Source: Horn and Johnson (2013), 5.6
    Example: A \in \mathbb{R}^{n \times m}; x \in \mathbb{R}^{n}; y = A^{\top} x
    """
    return Norm(node.args[0])


def homogeneity(node: Product | Quotient, facts: Facts) -> Expression | None:
    r"""A scalar factor or denominator leaves the norm with its absolute value.

    Law: \lVert c A \rVert = |c|\, \lVert A \rVert
    Shapes: c scalar, A m×n
    Conditions: none
    Source: Horn and Johnson (2013), 5.1
    Example: A \in \mathbb{R}^{m \times n}; x \in \mathbb{R}^{n}; c \in \mathbb{R}; y = -c A x
    """
    if isinstance(node, Quotient):
        top, bottom = node.args
        return product(Norm(quotient(UNIT, bottom)), Norm(top)) if is_scalar(bottom.shape) and top != UNIT else None
    scalars = [factor for factor in node.args if is_scalar(factor.shape)]
    rest = [factor for factor in node.args if not is_scalar(factor.shape)]
    if not scalars or (rest and is_scalar(node.shape)):
        return None
    return product(*map(_magnitude, scalars), *([Norm(product(*rest))] if rest else []))


def constant(node: Expression, facts: Facts) -> Expression | None:
    r"""The norm of what is made of parameters alone is a number that no step changes.

    Law: \lVert A \rVert = \lVert A \rVert
    Shapes: A m×n
    Conditions: A does not depend on the step
    Source: none is needed
    Example: W \in \mathbb{R}^{n \times n}; x \in \mathbb{R}^{n}; y = W x
    """
    fixed = all(variable.time is None for variable in node.atoms(Variable))
    return Norm(node) if fixed and not node.atoms(Chain, MatrixPower, Sum) else None


def range_of_values(node: Expression, facts: Facts) -> Expression | None:
    r"""A diagonal matrix has the norm of its largest entry, which is at most the supremum of a function's values.

    Law: \lVert \operatorname{diag}(f(a)) \rVert = \max_i |f(a_i)| \le \sup |f|
    Shapes: a n×1, or scalar
    Conditions: the values of f are bounded
    Source: Horn and Johnson (2013), 5.6
    Example: a \in \mathbb{R}^{n}; y = 1 - \sigma(a)
    """
    body = _entrywise(node)
    found = None if body is None else values(body, facts)
    return None if found is None else Number(max(abs(found.inf), abs(found.sup)))


def supremum_of_the_slope(node: Expression, facts: Facts) -> Expression | None:
    r"""A diagonal matrix of slopes has at most the norm of the steepest slope.

    Law: \lVert \operatorname{diag}(f'(a)) \rVert = \max_i |f'(a_i)| \le \sup |f'|
    Shapes: a n×1, or scalar
    Conditions: sup |f'| is finite; f is differentiable at every entry of a
    Source: Pascanu, Mikolov and Bengio, Proceedings of ICML 2013, eq. 6
    Example: a \in \mathbb{R}^{n}; y = f'(a)
    """
    body = _entrywise(node)
    if not isinstance(body, Apply) or body.function.order != 1:
        return None
    name = body.function.name
    if is_abstract(name):
        return facts.suprema.get(name)
    steepest = ELEMENTARY[name].steepest
    return None if steepest is None else Number(steepest)


def diagonal_matrices(node: Diag, facts: Facts) -> Expression | None:
    r"""diag turns ⊙ into the product of matrices, + into their sum, and lets scalars out.

    Law: \operatorname{diag}(u \odot v) = \operatorname{diag}(u) \operatorname{diag}(v)
    Shapes: u, v n×1
    Conditions: none
    Source: from the definition of diag
    Example: u \in \mathbb{R}^{n}; a \in \mathbb{R}^{n}; y = u \odot f'(a)
    """
    body = node.args[0]
    if isinstance(body, Hadamard):
        return Norm(Product(*map(Diag, body.args)))
    if isinstance(body, Add):
        return Norm(Add(*map(Diag, body.args)))
    if isinstance(body, Product) and is_scalar(body.args[0].shape):
        return Norm(product(body.args[0], Diag(product(*body.args[1:]))))
    if isinstance(body, Quotient):
        top, bottom = body.args
        one = Number(1, bottom.shape)
        if is_scalar(bottom.shape):
            return Norm(Quotient(Diag(top), bottom))
        return None if top == one else Norm(Product(Diag(top), Diag(Quotient(one, bottom))))
    return None


def submultiplicativity(node: Product | Chain | MatrixPower, facts: Facts) -> Expression | None:
    r"""The norm of a product is at most the product of the norms.

    Law: \lVert A B \rVert \le \lVert A \rVert \lVert B \rVert
    Shapes: A m×n, B n×p
    Conditions: none
    Source: Horn and Johnson (2013), 5.6
    Example: A \in \mathbb{R}^{m \times n}; B \in \mathbb{R}^{n \times p}; x \in \mathbb{R}^{p}; y = A B x
    """
    if isinstance(node, Product):
        return product(*map(Norm, node.args))
    body, *rest = node.args
    return node.func(Norm(body), *rest)


def triangle_inequality(node: Add, facts: Facts) -> Expression | None:
    r"""The norm of a sum is at most the sum of the norms.

    Law: \lVert A + B \rVert \le \lVert A \rVert + \lVert B \rVert
    Shapes: A, B m×n
    Conditions: none
    Source: Horn and Johnson (2013), 5.1
    Example: A \in \mathbb{R}^{m \times n}; B \in \mathbb{R}^{m \times n}; x \in \mathbb{R}^{n}; y = (A - B) x
    """
    return add(*map(Norm, node.args))


def matrix_of_blocks(node: Blocks, facts: Facts) -> Expression | None:
    r"""The norm of a matrix of blocks is at most the sum of the norms of its blocks.

    Law: \left\lVert \begin{pmatrix} A & B \\ C & D \end{pmatrix} \right\rVert \le \sum_{X = A, B, C, D} \lVert X \rVert
    Shapes: any that fit
    Conditions: none
    Source: the triangle inequality, for the blocks one by one with zeros in all other places
    Example: none
    """  # fmt: skip
    return add(*(Norm(part) for row in node.rows for part in row if not is_zero(part)))


def equal_factors(node: Chain, facts: Facts) -> Expression | None:
    r"""A product of m factors that are all the same number is its m-th power.

    Law: \prod_{j=k+1}^{t} \beta = \beta^{t-k}
    Shapes: β scalar
    Conditions: β does not depend on j, and t ≥ k
    Source: from the definition of a power
    Example: none
    """
    body, index, lower, upper, _ = node.args
    if index in body.free_symbols:
        return None
    return MatrixPower(body, upper - lower + 1)


BOUNDS: tuple[tuple[type[Expression], BoundLaw], ...] = (
    (Identity, identity_matrix),
    (Number, number),
    (Transpose, transposition),
    (Product, homogeneity),
    (Quotient, homogeneity),
    (Expression, constant),
    (Expression, range_of_values),
    (Expression, supremum_of_the_slope),
    (Diag, diagonal_matrices),
    (Product, submultiplicativity),
    (Chain, submultiplicativity),
    (MatrixPower, submultiplicativity),
    (Add, triangle_inequality),
    (Blocks, matrix_of_blocks),
)
"""In the order in which they are tried: equalities, then what no step changes, then inequalities."""


def values(node: Expression, facts: Facts) -> Set | None:
    """An interval that holds every entry of a column or scalar; None where the laws know none."""
    if isinstance(node, Number):
        return Interval(node.value, node.value)
    if isinstance(node, Variable) and node in facts.definitions:
        return values(facts.definitions[node], facts)
    if isinstance(node, Apply) and node.function.order == 0 and not is_abstract(node.function.name):
        return ELEMENTARY[node.function.name].values
    if isinstance(node, Add) or _is_entrywise(node):
        parts = [values(part, facts) for part in node.args]
        known = [part for part in parts if part is not None]
        return reduce(_sum if isinstance(node, Add) else _product, known) if len(known) == len(parts) else None
    return None


def _is_entrywise(node: Expression) -> bool:
    """Whether the entries of a product are products of entries."""
    matrices = sum(not is_scalar(part.shape) for part in node.args if isinstance(part, Expression))
    return isinstance(node, Hadamard) or (isinstance(node, Product) and matrices <= 1)


def _sum(left: Set, right: Set) -> Set:
    return Interval(left.inf + right.inf, left.sup + right.sup)


def _product(left: Set, right: Set) -> Set:
    ends = [x * y for x in (left.inf, left.sup) for y in (right.inf, right.sup)]
    return Interval(min(ends), max(ends))


def _entrywise(node: Expression) -> Expression | None:
    """What has the entries whose largest is the norm: the diagonal of a diagonal matrix, a scalar itself."""
    if isinstance(node, Diag):
        return node.args[0]
    return node if is_scalar(node.shape) else None


def _magnitude(scalar: Expression) -> Expression:
    return Number(abs(scalar.value)) if isinstance(scalar, Number) else Norm(scalar)
