"""The networks of `frameworks` as one would write them in JAX: a step, a scan over the steps, and `jax.grad`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.frameworks import Given, Known

Params = Mapping[str, Any]
Step = Callable[[Any, Params, tuple[Any, ...], Any], tuple[Any, ...]]


def _elman(nn: Any, p: Params, state: tuple[Any, ...], x: Any, curve: Any) -> tuple[Any, ...]:
    return (curve(x @ p["U"].T + state[0] @ p["W"].T + p.get("b", 0)),)


def _stacked(nn: Any, p: Params, state: tuple[Any, ...], x: Any, curve: Any) -> tuple[Any, ...]:
    first = curve(x @ p["U_1"].T + state[0] @ p["W_1"].T)
    return first, curve(first @ p["U_2"].T + state[1] @ p["W_2"].T)


def _lstm(nn: Any, p: Params, state: tuple[Any, ...], x: Any, curve: Any) -> tuple[Any, ...]:
    h, c = state
    f, i, o, g = (x @ p[f"W_{gate}"].T + h @ p[f"U_{gate}"].T + p[f"b_{gate}"] for gate in "fioc")
    c = nn.sigmoid(f) * c + nn.sigmoid(i) * nn.tanh(g)
    return nn.sigmoid(o) * nn.tanh(c), c


def _gru(nn: Any, p: Params, state: tuple[Any, ...], x: Any, curve: Any) -> tuple[Any, ...]:
    (h,) = state
    r, z = (nn.sigmoid(x @ p[f"W_{gate}"].T + h @ p[f"U_{gate}"].T + p[f"b_{gate}"]) for gate in "rz")
    new = nn.tanh(x @ p["W"].T + p["b"] + r * (h @ p["U"].T + p["c"]))
    return (z * h + (1 - z) * new,)


STEPS = {
    "elman": (_elman, 1),
    "biases": (_elman, 1),
    "stacked": (_stacked, 2),
    "lstm": (_lstm, 2),
    "gru_after": (_gru, 1),
}


def jax_gradients(known: Known, at: Given) -> dict[str, Any]:
    """By our names."""
    import jax  # type: ignore[import-not-found]

    jax.config.update("jax_enable_x64", True)
    step, states = STEPS[known.cell]
    curve = jax.nn.relu if known.activation == "relu" else jax.numpy.tanh
    output = states - 1 if known.cell == "stacked" else 0

    def loss(params: Params) -> Any:
        def once(state: tuple[Any, ...], x: Any) -> tuple[tuple[Any, ...], Any]:
            after = step(jax.nn, params, state, x, curve)
            return after, after[output]

        zero = jax.numpy.zeros((at.xs.shape[1], params["V"].shape[1]))
        _, hidden = jax.lax.scan(once, (zero,) * states, at.xs)
        above = params["c"] if known.cell == "biases" else 0
        return -(at.ys * jax.nn.log_softmax(hidden @ params["V"].T + above)).sum()

    found = jax.grad(loss)({name: jax.numpy.asarray(value) for name, value in at.params.items()})
    return {name: np.asarray(value) for name, value in found.items()}
