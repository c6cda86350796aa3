r"""The laws. Each says what an operation hands back to its operands when it receives a cotangent.

A *cotangent* g of y is (∂L/∂y)ᵀ for a column y, and has the shape of y for a matrix y. Every law is linear in g, and
for column operands acts on g from the left only; so g may have any number of columns, and with g = I the law gives the
transposed Jacobian. That is why there is one set of laws for Jacobians and gradients alike.

A law takes a node, the position of one of its operands, and the node's cotangent; it gives what that operand receives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derive.algebra.build import add, hadamard, inner, negate, ones, product, quotient, scale, transpose
from derive.algebra.expressions import (
    Add,
    Apply,
    Diag,
    Expression,
    Hadamard,
    Identity,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Softmax,
    SquaredNorm,
    Transpose,
)
from derive.algebra.shapes import ONE, is_column, is_scalar

Law = Callable[[Any, int, Expression], Expression]


def addition(node: Add, position: int, cotangent: Expression) -> Expression:
    r"""Every summand receives the cotangent of the sum.

    Law: y = u + v \;\Rightarrow\; \bar{u} = \bar{v} = \bar{y}
    Shapes: u, v, y of one shape
    Conditions: none
    Source: Magnus and Neudecker, Matrix Differential Calculus, 3rd ed. (2019), ch. 8
    Example: A \in \mathbb{R}^{m \times n}; x \in \mathbb{R}^{n}; b \in \mathbb{R}^{m}; y = A x + b
    """
    return cotangent


def multiplication(node: Product, position: int, cotangent: Expression) -> Expression:
    r"""A factor receives what stands left of it, transposed, times the cotangent, times what stands right, transposed.

    Law: y = A X B \;\Rightarrow\; \bar{X} = A^{\top} \bar{y} B^{\top}
    Shapes: A a×b, X b×c, B c×d, y a×d; for a scalar factor c of c X it is the inner product of X with the cotangent
    Conditions: none
    Source: Magnus and Neudecker (2019), ch. 8; Giles, An extended collection of matrix derivative results (2008), 2.2
    Example: A \in \mathbb{R}^{m \times n}; x \in \mathbb{R}^{n}; c \in \mathbb{R}; y = c A x
    """
    left, right = product(*node.args[:position]), product(*node.args[position + 1 :])
    if is_scalar(node.args[position].shape) and not is_scalar(node.shape):
        return inner(product(left, right), cotangent)
    row_meets_column = is_row(node.args[position]) and is_column(right.shape) and not is_scalar(right.shape)
    if row_meets_column:  # the same, written so that a cotangent of many columns fits: the law serves Jacobians too
        return transpose(product(right, transpose(left), cotangent))
    return product(transpose(left), cotangent, transpose(right))


def entrywise_multiplication(node: Hadamard, position: int, cotangent: Expression) -> Expression:
    r"""A factor of ⊙ receives the cotangent, entry by entry times the other factors.

    Law: y = u \odot v \;\Rightarrow\; \bar{u} = \operatorname{diag}(v)\, \bar{y}
    Shapes: u, v, y of one shape
    Conditions: none
    Source: Magnus and Neudecker (2019), ch. 8
    Example: u \in \mathbb{R}^{n}; v \in \mathbb{R}^{n}; y = u \odot v
    """
    return scale(hadamard(*node.args[:position], *node.args[position + 1 :]), cotangent)


def division(node: Quotient, position: int, cotangent: Expression) -> Expression:
    r"""The numerator receives the cotangent over the denominator, the denominator minus that times the quotient.

    Law: y = u \oslash v \;\Rightarrow\; \bar{u} = \bar{y} \oslash v, \quad \bar{v} = -\bar{u} \odot y
    Shapes: u, v, y of one shape, or v a scalar
    Conditions: no entry of v is 0
    Source: the quotient rule, entry by entry
    Example: u \in \mathbb{R}^{n}; v \in \mathbb{R}^{n}; y = \frac{u}{v}
    """
    top, bottom = node.args
    if position == 0:
        return scale(quotient(Number(1, bottom.shape), bottom), cotangent)
    if is_scalar(bottom.shape) and not is_scalar(top.shape):
        return negate(inner(quotient(node, bottom), cotangent))
    return negate(scale(node, scale(quotient(Number(1, bottom.shape), bottom), cotangent)))


def power(node: Power, position: int, cotangent: Expression) -> Expression:
    r"""The base of an entrywise power receives the exponent times the next lower power, times the cotangent.

    Law: y = u^{\circ p} \;\Rightarrow\; \bar{u} = p\, \operatorname{diag}(u^{\circ (p-1)})\, \bar{y}
    Shapes: u, y of one shape, p a whole number
    Conditions: for p < 1 no entry of u is 0
    Source: the power rule, entry by entry
    Example: u \in \mathbb{R}^{n}; y = u^{\circ 3}
    """
    base, exponent = node.args
    lower = base if exponent == 2 else Power(base, exponent - 1)
    slope = Number(1, base.shape) if exponent == 1 else lower
    return product(Number(exponent), scale(slope, cotangent))


def transposition(node: Transpose, position: int, cotangent: Expression) -> Expression:
    r"""What is transposed receives the transposed cotangent.

    Law: Y = X^{\top} \;\Rightarrow\; \bar{X} = \bar{Y}^{\top}
    Shapes: X m×n, Y n×m
    Conditions: none
    Source: Magnus and Neudecker (2019), ch. 8
    Example: x \in \mathbb{R}^{n}; A \in \mathbb{R}^{n \times m}; b \in \mathbb{R}^{m}; y = x^{\top} A b
    """
    return transpose(cotangent)


def diagonal(node: Diag, position: int, cotangent: Expression) -> Expression:
    r"""The column on a diagonal receives the diagonal of the cotangent.

    Law: Y = \operatorname{diag}(v) \;\Rightarrow\; \bar{v} = (\bar{Y} \odot I)\, \mathbf{1}
    Shapes: v n×1, Y n×n
    Conditions: none
    Source: Giles (2008), from the definition of diag
    Example: v \in \mathbb{R}^{n}; x \in \mathbb{R}^{n}; y = \operatorname{diag}(v) x
    """
    size = node.shape[0]
    return product(hadamard(cotangent, Identity(size)), ones(size))


def entrywise_function(node: Apply, position: int, cotangent: Expression) -> Expression:
    r"""The argument of a function that acts entry by entry receives the cotangent times the slopes.

    Law: y = f(a) \;\Rightarrow\; \bar{a} = \operatorname{diag}(f'(a))\, \bar{y}
    Shapes: a, y of one shape
    Conditions: f is differentiable at every entry of a
    Source: Giles (2008), from the chain rule entry by entry
    Example: a \in \mathbb{R}^{n}; y = f(a)
    """
    return scale(slope(node), cotangent)


def slope(node: Apply) -> Expression:
    """f'(a); for the logarithm 1/a."""
    if node.function.name == "log" and node.function.order == 0:
        return quotient(Number(1, node.body.shape), node.body)
    return Apply(node.function.derivative, node.body)


def softmax(node: Softmax, position: int, cotangent: Expression) -> Expression:
    r"""The argument of softmax receives y ⊙ g − y (yᵀ g).

    Law: y = \operatorname{softmax}(z) \;\Rightarrow\; \bar{z} = (\operatorname{diag}(y) - y y^{\top})\, \bar{y}
    Shapes: y, z m×1
    Conditions: none
    Source: Goodfellow, Bengio and Courville, Deep Learning (2016), 6.2.2.3
    Example: z \in \mathbb{R}^{m}; y = \operatorname{softmax}(z)
    """
    return add(product(Diag(node), cotangent), negate(product(node, transpose(node), cotangent)))


def norm(node: Norm, position: int, cotangent: Expression) -> Expression:
    r"""A column receives its direction times the cotangent of its Euclidean norm.

    Law: y = \lVert x \rVert \;\Rightarrow\; \bar{x} = \frac{x}{\lVert x \rVert} \bar{y}
    Shapes: x n×1, y scalar
    Conditions: x is not 0
    Source: Magnus and Neudecker (2019), ch. 8
    Example: x \in \mathbb{R}^{n}; y = \lVert x \rVert
    """
    return product(quotient(node.args[0], node), cotangent)


def squared_norm(node: SquaredNorm, position: int, cotangent: Expression) -> Expression:
    r"""A column receives twice itself times the cotangent of the square of its norm.

    Law: y = \lVert x \rVert^2 \;\Rightarrow\; \bar{x} = 2\, x\, \bar{y}
    Shapes: x n×1, y scalar
    Conditions: none
    Source: Magnus and Neudecker (2019), ch. 8
    Example: x \in \mathbb{R}^{n}; y = \lVert x \rVert^2
    """
    return product(Number(2), node.args[0], cotangent)


def is_row(factor: Expression) -> bool:
    return factor.shape[0] == ONE and not is_scalar(factor.shape)


LAWS: tuple[tuple[type[Expression], Law], ...] = (
    (Add, addition),
    (Product, multiplication),
    (Hadamard, entrywise_multiplication),
    (Quotient, division),
    (Power, power),
    (Transpose, transposition),
    (Diag, diagonal),
    (Apply, entrywise_function),
    (Softmax, softmax),
    (Norm, norm),
    (SquaredNorm, squared_norm),
)
"""Which law governs which operation; there is exactly one for each."""
