"""Networks that PyTorch has and this program derives: which of its weights are which of ours, and both at one point.

PyTorch is imported where it is needed: nothing else of this folder asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from derive import api
from derive.algebra.shapes import is_column

CLASSES = 4
"""Entries of the output."""
Sizes = tuple[int, int, int, int]
"""Sequences, steps, n and d."""


@dataclass(frozen=True)
class Known:
    """`kind` is PyTorch's class and `options` what it is made with; `cell` and `activation` are ours.

    `rows`: for each weight of PyTorch the parameters of ours that are its rows, from top to bottom; "" where ours has
    none, since PyTorch has two biases and adds them.
    """

    kind: str
    cell: str
    activation: str
    rows: Mapping[str, tuple[str, ...]]
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def network(self) -> api.Network:
        """Ours."""
        return api.load(self.cell, self.activation)


PLAIN = {"weight_ih_l0": ("U",), "weight_hh_l0": ("W",)}
BIASES = {"weight_ih_l0": ("U",), "weight_hh_l0": ("W",), "bias_ih_l0": ("b",), "bias_hh_l0": ("",)}
KNOWN: Mapping[str, Known] = {
    "RNN": Known("RNN", "elman", "tanh", PLAIN, {"bias": False}),
    "RNN, relu": Known("RNN", "elman", "relu", PLAIN, {"bias": False, "nonlinearity": "relu"}),
    "RNN, biases": Known("RNN", "biases", "f", BIASES),
    "RNN, 2 layers": Known(
        "RNN",
        "stacked",
        "tanh",
        {"weight_ih_l0": ("U_1",), "weight_hh_l0": ("W_1",), "weight_ih_l1": ("U_2",), "weight_hh_l1": ("W_2",)},
        {"bias": False, "num_layers": 2},
    ),
    "LSTM": Known(
        "LSTM",
        "lstm",
        "f",
        {
            "weight_ih_l0": ("W_i", "W_f", "W_c", "W_o"),
            "weight_hh_l0": ("U_i", "U_f", "U_c", "U_o"),
            "bias_ih_l0": ("b_i", "b_f", "b_c", "b_o"),
            "bias_hh_l0": ("", "", "", ""),
        },
    ),
    "GRU": Known(
        "GRU",
        "gru_after",
        "f",
        {
            "weight_ih_l0": ("W_r", "W_z", "W"),
            "weight_hh_l0": ("U_r", "U_z", "U"),
            "bias_ih_l0": ("b_r", "b_z", "b"),
            "bias_hh_l0": ("", "", "c"),
        },
    ),
}


@dataclass(frozen=True)
class Given:
    """Numbers for a network of ours: parameters by name, inputs, targets and the state before the first step."""

    params: Mapping[str, Any]
    xs: Any
    ys: Any
    state0: Mapping[str, Any]


def given(known: Known, sizes: Sizes, digits: str, seed: int = 0) -> Given:
    """Random numbers, the same for the same seed; each target sums to 1."""
    sequences, steps, n, d = sizes
    rng = np.random.default_rng(seed)
    numbers = {"n": n, "d": d, "m": CLASSES}
    model = known.network.model

    def drawn(*shape: int) -> Any:
        return (rng.normal(size=shape) / shape[-1] ** 0.5).astype(digits)

    shapes = {str(p): [numbers[str(size)] for size in p.shape[: 2 - is_column(p.shape)]] for p in model.parameters}
    params = {name: drawn(*shape) for name, shape in shapes.items()}
    xs = rng.normal(size=(steps, sequences, d)).astype(digits)
    ys = rng.dirichlet(np.ones(CLASSES), (steps, sequences)).astype(digits)
    start = np.zeros((sequences, n), digits)
    return Given(params, xs, ys, {str(start_.variable): start for start_ in model.starts})


class OfTorch:
    """PyTorch's own network at the same point, with a linear layer, softmax and cross-entropy on top."""

    def __init__(self, known: Known, sizes: Sizes, digits: str, at: Given) -> None:
        import torch  # type: ignore[import-not-found]

        _, _, n, d = sizes
        self.torch, self.known, self.at, self.n = torch, known, at, n
        self.network = getattr(torch.nn, known.kind)(d, n, **known.options).to(getattr(torch, digits))
        with torch.no_grad():
            for whole, names in known.rows.items():
                parts = [at.params[name] if name else np.zeros(n, digits) for name in names]
                getattr(self.network, whole).copy_(torch.from_numpy(np.concatenate(parts)))
        self.top = {name: torch.from_numpy(at.params[name].copy()) for name in ("V", "c") if name in self._above}
        for weight in self.top.values():
            weight.requires_grad_()
        self.xs, self.ys = torch.from_numpy(at.xs), torch.from_numpy(at.ys)

    @property
    def _above(self) -> set[str]:
        """The parameters that are no part of PyTorch's network."""
        return set(self.at.params) - {name for names in self.known.rows.values() for name in names}

    def loss(self) -> Any:
        """The loss of all steps and sequences; its gradients are made."""
        self.network.zero_grad()
        for weight in self.top.values():
            weight.grad = None
        hidden, _ = self.network(self.xs)
        logits = hidden @ self.top["V"].T + self.top.get("c", 0)
        loss = -(self.ys * self.torch.log_softmax(logits, -1)).sum()
        loss.backward()
        return loss.item()

    def gradients(self) -> dict[str, Any]:
        """By our names, after `loss`."""
        found = {name: weight.grad.numpy() for name, weight in self.top.items()}
        for whole, names in self.known.rows.items():
            gradient = getattr(self.network, whole).grad.numpy()
            for i, name in enumerate(names):
                if name:
                    found[name] = gradient[i * self.n : (i + 1) * self.n]
        return found
