"""Forward passes by hand, in NumPy and in the order of the textbook: the oracle that shares no code with `derive`.

Columns are 1-D arrays, sequences have the time in front. HIPS autograd differentiates them; central differences, which
know nothing of autograd either, check that in `test_forward.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import autograd.numpy as np
import numpy
from autograd import grad

Arrays = dict[str, numpy.ndarray]
Forward = Callable[[Arrays, Arrays, Arrays, str], float]


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


ACTIVATIONS: dict[str, Callable] = {
    "identity": lambda a: a,
    "relu": lambda a: np.maximum(a, 0),
    "sigmoid": sigmoid,
    "tanh": np.tanh,
}


def elman(params: Arrays, inputs: Arrays, start: Arrays, activation: str = "tanh") -> float:
    """s_t = f(U x_t + W s_{t-1}), o_t = softmax(V s_t), L = Σ_t -ō_tᵀ log o_t."""
    f = ACTIVATIONS[activation]
    U, W, V = params["U"], params["W"], params["V"]
    s, loss = start["s"], 0.0
    for x, target in zip(inputs["x"], inputs["target"], strict=True):
        s = f(U @ x + W @ s)
        o = softmax(V @ s)
        loss = loss - target @ np.log(o)
    return loss


def scalar(params: Arrays, inputs: Arrays, start: Arrays, activation: str = "tanh") -> float:
    """h_t = f(w_i x_t + w_h h_{t-1}), y_t = f(w_o h_t), L = Σ_t ½ (y_t - ȳ_t)²; every quantity is a number."""
    f = ACTIVATIONS[activation]
    h, loss = start["h"], 0.0
    for x, target in zip(inputs["x"], inputs["target"], strict=True):
        h = f(params["w_i"] * x + params["w_h"] * h)
        y = f(params["w_o"] * h)
        loss = loss + (y - target) ** 2 / 2
    return loss


def lstm(params: Arrays, inputs: Arrays, start: Arrays, activation: str = "tanh") -> float:
    """Gates σ(W x_t + U h_{t-1} + b), c_t = f_t ⊙ c_{t-1} + i_t ⊙ c̃_t, h_t = o_t ⊙ tanh c_t, y_t = softmax(V h_t).

    L = Σ_t -ȳ_tᵀ log y_t. `activation` takes the place of both tanh.
    """
    g = ACTIVATIONS[activation]
    h, c, loss = start["h"], start["c"], 0.0
    for x, target in zip(inputs["x"], inputs["target"], strict=True):
        f, i, o, candidate = (params[f"W_{k}"] @ x + params[f"U_{k}"] @ h + params[f"b_{k}"] for k in "fioc")
        c = sigmoid(f) * c + sigmoid(i) * g(candidate)
        h = sigmoid(o) * g(c)
        y = softmax(params["V"] @ h)
        loss = loss - target @ np.log(y)
    return loss


FORWARD: dict[str, Forward] = {"elman": elman, "lstm": lstm, "scalar": scalar}


def gradients(name: str, params: Arrays, inputs: Arrays, start: Arrays, activation: str = "tanh") -> Arrays:
    """∂L/∂θ for every parameter and every start value, each in the shape of its own."""
    by_params, by_start = grad(FORWARD[name], (0, 2))(params, inputs, start, activation)
    return by_params | by_start


def central_differences(loss: Callable[[Arrays], float], at: Arrays, step: float = 1e-5) -> Arrays:
    """∂loss/∂θ entry by entry; the error is about step² from the curvature and 10⁻¹⁶/step from rounding."""
    result = {}
    for name, value in at.items():
        flat = numpy.empty(numpy.size(value))
        for entry in range(flat.size):
            shift = numpy.zeros(flat.size)
            shift[entry] = step
            shift = shift.reshape(numpy.shape(value))
            flat[entry] = (loss(at | {name: value + shift}) - loss(at | {name: value - shift})) / (2 * step)
        result[name] = flat.reshape(numpy.shape(value))
    return result


def draw(name: str, rng: numpy.random.Generator, steps: int) -> tuple[Arrays, Arrays, Arrays]:
    """Random (params, inputs, start), all sizes different; the targets of a softmax are positive and sum to one."""
    n, d, m = 5, 3, 7
    if name == "scalar":
        params = {key: rng.normal() for key in ("w_i", "w_h", "w_o")}
        inputs = {key: rng.normal(size=steps) for key in ("x", "target")}
        return params, inputs, {"h": rng.normal()}

    inputs = {"x": rng.normal(size=(steps, d)), "target": rng.dirichlet(numpy.ones(m), size=steps)}
    if name == "elman":
        shapes, states = {"U": (n, d), "W": (n, n), "V": (m, n)}, ("s",)
    else:
        gate = {"W": (n, d), "U": (n, n), "b": (n,)}
        shapes = {"V": (m, n)} | {f"{kind}_{k}": shape for k in "fioc" for kind, shape in gate.items()}
        states = ("h", "c")
    params = {key: rng.normal(size=shape) / numpy.sqrt(n) for key, shape in shapes.items()}
    return params, inputs, {key: rng.normal(size=n) for key in states}
