r"""Programs in torch: run with it where it is installed, else with what of it a program uses, in NumPy.

What PyTorch's own networks compute is compared only where it is installed: it is no requirement of this project.
"""

import sys
from importlib.util import find_spec
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from derive import api
from derive.code.targets import TORCH
from derive.errors import DeriveError
from tests.code.test_numpy import PROGRAMS, module
from tests.networks import network

INSTALLED = find_spec("torch") is not None
WITH_TORCH = pytest.mark.skipif(not INSTALLED, reason="torch is not installed: pip install torch")


class Tensor(np.ndarray):
    """An array of NumPy with the words of torch that differ."""

    device = "cpu"

    def sum(self, axis=None, keepdim=False):
        return np.asarray(self).sum(axis, keepdims=keepdim).view(Tensor) if axis is not None else np.asarray(self).sum()


def stand_in():
    """What of torch a program uses."""

    def softmax(z, axis):
        e = np.exp(z - z.max(axis, keepdims=True))
        return e / np.asarray(e).sum(axis, keepdims=True)

    def made(maker):
        return lambda shape, dtype, device: maker(shape, dtype).view(Tensor)

    torch = ModuleType("torch")
    torch.__dict__.update(
        {name: getattr(np, name) for name in ("tanh", "exp", "log", "sqrt")},
        sigmoid=lambda a: 1 / (1 + np.exp(-a)),
        relu=lambda a: np.maximum(a, 0),
        softmax=softmax,
        log_softmax=lambda z, axis: np.log(softmax(z, axis)),
        cat=lambda parts, axis=0: np.concatenate(parts, axis).view(Tensor),
        tensor_split=np.split,
        empty=made(np.empty),
        zeros=made(np.zeros),
        from_numpy=lambda value: value.view(Tensor),
        no_grad=lambda: lambda function: function,
        autograd=SimpleNamespace(Function=object),
    )
    return torch


@pytest.fixture
def torch(monkeypatch):
    if INSTALLED:
        return pytest.importorskip("torch")
    monkeypatch.setitem(sys.modules, "torch", stand_in())
    return sys.modules["torch"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_network_has_a_program_that_was_checked(name, torch):
    assert "import torch\n" in network(name).code("torch")


@pytest.mark.skipif(INSTALLED, reason="torch is installed")
def test_what_cannot_be_run_is_not_shown():
    with pytest.raises(DeriveError, match="torch is not installed"):
        network("lstm").code("torch")


def test_a_library_spells_what_the_others_do():
    assert {name for name, _ in TORCH.functions} >= {"tanh", "sigmoid", "relu", "exp", "log", "sqrt", "identity"}


@WITH_TORCH
@pytest.mark.parametrize(("kind", "cell"), [("RNN", "elman"), ("LSTM", "lstm")])
@pytest.mark.parametrize("sizes", [(7, 3, 5, 2), (12, 1, 4, 6), (3, 8, 2, 2)])
def test_the_gradients_are_those_of_pytorch(kind, cell, sizes, torch):
    """PyTorch's own network with its own weights; autograd goes through `Loss`."""
    steps, sequences, n, d = sizes
    torch.manual_seed(0)
    made = getattr(torch.nn, kind)(d, n).double()
    xs, V = torch.randn(steps, sequences, d).double(), torch.randn(3, n).double().requires_grad_()
    ys = torch.softmax(torch.randn(steps, sequences, 3).double(), -1)
    bias = kind == "LSTM"
    with torch.no_grad():
        made.bias_hh_l0.zero_()
        if not bias:
            made.bias_ih_l0.zero_()
    states, _ = made(xs)
    wanted = -(ys * torch.log_softmax(states @ V.T, -1)).sum()
    wanted.backward()
    own = [made.weight_ih_l0, made.weight_hh_l0, *([made.bias_ih_l0] if bias else [])]
    order, letters = ("ifco", "WUb") if bias else ("", "UW")
    program = module(api.load(cell, *([] if bias else ["tanh"])).code("torch"))
    params = {"V": V.detach().clone().requires_grad_()}
    places = {}
    for letter, whole in zip(letters, own, strict=True):
        for number, gate in enumerate(order or [""]):
            rows = slice(number * n, (number + 1) * n)
            name = f"{letter}_{gate}" if gate else letter
            params[name] = whole.detach()[rows].clone().requires_grad_()
            places[name] = whole.grad[rows]
    zero = torch.zeros(sequences, n).double()
    state0 = dict.fromkeys(("c_0", "h_0") if bias else ("s_0",), zero)
    loss = program.Loss.apply(xs, ys, state0, *(params[name] for name in program.PARAMETERS))
    loss.backward()
    assert abs(loss.item() - wanted.item()) < 1e-10 * abs(wanted.item())
    for name, gradient in {**places, "V": V.grad}.items():
        assert (params[name].grad - gradient).abs().max() < 1e-10 * gradient.abs().max(), name
