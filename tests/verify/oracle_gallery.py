"""The identities of the gallery, both sides at a random point, by NumPy and autograd: nothing here is the program's.

Sizes differ (n = 3, d = 2, m = 4), but for the article whose names are numbers. `ARTICLES` has for each file the sides
of each identity, by a part of the text with which the file's JSON names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import autograd.numpy as np
import numpy
from autograd import elementwise_grad, jacobian

Array = numpy.ndarray
Rows = Sequence[tuple[int, Array]]
STEPS = 3


def same(left: Array, right: Array) -> bool:
    """Equal in shape and, but for rounding, in value."""
    return left.shape == right.shape and bool(numpy.allclose(left, right, rtol=1e-10, atol=1e-13))


@dataclass(frozen=True)
class Sides:
    """Both sides; `right` as the JSON's reading has it, `plain` as the plain one has it where that is another."""

    left: Array
    right: Array
    plain: Array | None = None

    @property
    def equal(self) -> bool:
        return same(self.left, self.right)


def any_f(a):
    """No symmetry and no bound on the slope below 1: what holds for it does not hold by an accident of tanh."""
    return np.sin(1.3 * a + 0.4)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def softmax(z):
    return np.exp(z) / np.sum(np.exp(z))


class Network:
    """s_t = f(U x_t + W s_{t-1}), o_t = out(V s_t), L_t a function of o_t; s_0 and the x_t are given."""

    def __init__(
        self, sizes: tuple[int, int, int], f: Callable = any_f, out: Callable = softmax, **given: Array
    ) -> None:
        (n, d, m), draw = sizes, numpy.random.default_rng(0).normal
        self.f, self.out = f, out
        self.theta = {"U": draw(size=(n, d)), "W": draw(size=(n, n)), "V": draw(size=(m, n)), **given}
        self.x, self.weights, start = draw(size=(STEPS + 1, d)), draw(size=m), draw(size=n)
        self.s = [start, *(self.state(self.theta, t, 0, start) for t in range(1, STEPS + 1))]

    def state(self, theta, t: int, k: int, s):
        """s_t from s_k on."""
        for step in range(k + 1, t + 1):
            s = self.f(theta["U"] @ self.x[step] + theta["W"] @ s)
        return s

    def output(self, theta, s):
        return self.out(theta["V"] @ s)

    def loss(self, o):
        return np.sum(self.weights * o + o**3)

    def by(self, name: str, of: Callable) -> Array:
        """The derivative of `of(theta)` by one parameter."""
        return jacobian(lambda value: of({**self.theta, name: value}) + 0 * np.sum(value))(self.theta[name])

    def gradient(self, name: str, t: int) -> Array:
        """∂L_t/∂θ, the whole forward pass differentiated."""
        return self.by(name, lambda theta: self.loss(self.output(theta, self.state(theta, t, 0, self.s[0]))))

    def row(self, t: int, k: int) -> Array:
        """∂L_t/∂o_t ∂o_t/∂s_k."""
        output = self.output(self.theta, self.s[t])
        onward = jacobian(lambda s: self.output(self.theta, self.state(self.theta, t, k, s)))(self.s[k])
        return jacobian(self.loss)(output) @ onward

    def through_output(self, name: str, t: int) -> Array:
        """∂L_t/∂o_t ∂o_t/∂θ, s_t held fixed."""
        by_output = jacobian(self.loss)(self.output(self.theta, self.s[t]))
        return numpy.tensordot(by_output, self.by(name, lambda theta: self.output(theta, self.s[t])), 1)

    def between(self, t: int, k: int) -> Array:
        """∂s_t/∂s_k, the steps between differentiated."""
        return jacobian(lambda s: self.state(self.theta, t, k, s))(self.s[k])

    def onward(self, k: int) -> Array:
        """∂L/∂s_k, the losses of all later steps differentiated."""
        states = [lambda s, t=t: self.state(self.theta, t, k, s) for t in range(k, STEPS + 1)]
        return jacobian(lambda s: sum(self.loss(self.output(self.theta, state(s))) for state in states))(self.s[k])

    def product(self, t: int, k: int, *, descending: bool = True) -> Array:
        """∏_{j=k+1}^{t} ∂s_j/∂s_{j-1}."""
        factors = [self.between(j, j - 1) for j in range(k + 1, t + 1)]
        return reduce(numpy.matmul, factors[::-1] if descending else factors, numpy.eye(len(self.s[0])))

    def end(self, name: str, k: int, *, immediate: bool) -> Array:
        """∂s_k/∂θ, with s_{k-1} held fixed if immediate; 0 for the given s_0."""
        known = max(k - 1, 0) if immediate else 0
        return self.by(name, lambda theta: self.state(theta, k, known, self.s[known]))

    def paths(self, name: str, rows: Rows, *, immediate: bool = True) -> Array:
        """Σ_k row · ∂s_k/∂θ."""
        return sum(numpy.tensordot(row, self.end(name, k, immediate=immediate), 1) for k, row in rows)

    def judged(self, name: str, rows: Rows, times: Iterable[int] = (STEPS,)) -> Sides:
        """Σ_t ∂L_t/∂θ beside a sum over paths: its ends immediate, and plainly total."""
        left = sum(self.gradient(name, t) for t in times)
        return Sides(left, self.paths(name, rows), self.paths(name, rows, immediate=False))


def article_000() -> dict[str, Sides]:
    net, square, tanh = Network((3, 2, 4)), Network((3, 3, 4), np.tanh), Network((3, 2, 4), np.tanh)
    row, J3, J2 = net.row(3, 3), net.between(3, 2), net.between(2, 1)
    terms = [(3, row), (2, net.row(3, 2)), (1, row @ J3 @ J2)]
    sums = {low: [(k, row @ net.between(3, k)) for k in range(low, 4)] for low in (0, 1)}
    falling, rising = ([(k, row @ net.product(3, k, descending=down)) for k in range(1, 4)] for down in (True, False))
    outputs = {
        f"o_{{{t}}}=f[": Sides(net.output(net.theta, net.s[t]), net.f(net.theta["V"] @ net.s[t])) for t in (1, 2, 3)
    }
    slopes = [numpy.diag(1 - tanh.s[j] ** 2) @ tanh.theta["W"] for j in range(4)]
    return {
        **outputs,
        r"\frac{\partial L_3}{\partial V} =": Sides(net.gradient("V", 3), net.through_output("V", 3)),
        r"\frac{\partial L_3}{\partial W} =": net.judged("W", terms),
        r"\frac{\partial L_3}{\partial U} =": net.judged("U", terms),
        r"=\sum_{k=0}^3": net.judged("U", sums[0]),
        r"\frac{\partial s_3}{\partial s_1}=": Sides(net.between(3, 1), J3 @ J2),
        r"\frac{\partial L_3}{\partial U}=\sum_{k=1}^3": net.judged("U", sums[1]),
        r"\frac{\partial s_k}{\partial U}=\sum_{k=1}^3": Sides(
            net.paths("U", sums[1]), net.paths("U", falling), net.paths("U", rising)
        ),
        r"\frac{\partial L_3}{\partial W}=": Sides(
            net.gradient("W", 3), net.paths("W", falling), net.paths("W", rising)
        ),
        r"=\prod_{j=k+1}^3tanh^{'}W": Sides(tanh.product(3, 1), slopes[3] @ slopes[2]),
        r"\frac{\partial s3}{\partial s_{2}}": Sides(
            square.between(3, 2), (1 - np.tanh(square.theta["U"]) ** 2) @ square.theta["W"]
        ),
    }


def article_001() -> dict[str, Sides]:
    """h_t = f(W h_{t-1} + x_t), at t = 1 and i = 1; h_1 does not depend on h_2, so that ∂h_1/∂h_2 is 0."""
    net, earlier_by_later, later = Network((3, 3, 4), U=numpy.eye(3)), numpy.zeros((3, 3)), range(1, STEPS + 1)
    W, first, second = net.theta["W"], net.onward(1), net.onward(2)
    jacobians = {i: net.between(i, 1) for i in later}
    direct = sum(net.row(i, i) @ jacobians[i] for i in later)
    powers = sum(net.row(i, i) @ numpy.linalg.matrix_power(W, i - 1) for i in later)
    return {
        r"\frac{\partial L}{\partial h_{t+i}} = ": Sides(second, first @ earlier_by_later),
        r"= \frac{\partial L}{\partial h_{t+i-1}} W": Sides(first @ earlier_by_later, first @ W),
        r"\frac{\partial h_{t+i-1}}{\partial h_{t+i}}=W": Sides(earlier_by_later, W),
        r"\frac{\partial L}{\partial h_t} = ": Sides(first, direct, sum(net.onward(i) @ jacobians[i] for i in later)),
        r"\prod_{j=t+1}^{i} W": Sides(direct, powers),
    }


def article_002() -> dict[str, Sides]:
    """Numbers; w_i, w_h, w_o are U, W, V, and g(y_t) is the loss, from t = 0 on."""
    net, times = Network((1, 1, 1), out=any_f), range(STEPS + 1)
    row, J3, J2 = net.row(3, 3), net.between(3, 2), net.between(2, 1)
    terms = [(3, row), (2, row @ J3), (1, row @ J3 @ J2)]
    doubled = [(j, net.row(t, t) @ net.product(t, j)) for t in times for j in range(t + 1)]
    by_output = sum(net.through_output("V", t) for t in times)
    a = numpy.linspace(-3, 3, 7)
    slope = elementwise_grad(any_f)(net.theta["U"] @ net.x[2] + net.theta["W"] @ net.s[1])
    return {
        r"\frac{\partial L_{3}}{\partial w_{o}}=": Sides(net.gradient("V", 3), net.through_output("V", 3)),
        r"\frac{\partial L_{3}}{\partial w_{i}}=": net.judged("U", terms),
        r"\frac{\partial L_{3}}{\partial w_{h}}=": net.judged("W", terms),
        r"\frac{\partial L}{\partial w_{o}}=": Sides(sum(net.gradient("V", t) for t in times), by_output),
        r"\frac{\partial L}{\partial w_{i}}=": net.judged("U", doubled, times),
        r"\frac{\partial L}{\partial w_{h}}=": net.judged("W", doubled, times),
        r"=f^{'}\cdot w_{i}": Sides(J2, slope[:, None] * net.theta["U"]),
        r"f^{'}=f(1-f)": Sides(elementwise_grad(sigmoid)(a), sigmoid(a) * (1 - sigmoid(a))),
    }


def article_004() -> dict[str, Sides]:
    """W_hx, W_hh, W_oh are U, W, V; b_h is 0.2 in each entry. The end of the one path is total here."""
    net = Network((3, 2, 4), out=lambda z: any_f(z + 0.2))
    return {
        r"=\frac{\partial L_t}{\partial y_t}": Sides(
            net.gradient("U", 3), net.paths("U", [(3, net.row(3, 3))], immediate=False)
        ),
    }


ARTICLES = {"000": article_000, "001": article_001, "002": article_002, "004": article_004}
