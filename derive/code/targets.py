"""The libraries for which programs are written: how each spells what all of them have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from derive.errors import DeriveError


@dataclass(frozen=True)
class Target:
    """`functions` are spelled by name and order, `helpers` are defined in a module that calls them.

    `join` and `beside` put arrays below and beside each other, `array` makes one (empty, zeros), `split` takes one
    apart at rows. `template` is the layout of a module, `arrays` makes one of NumPy the library's own.
    """

    template: str
    functions: Mapping[tuple[str, int], str]
    helpers: Mapping[str, str]
    join: str
    beside: str
    array: str
    split: str
    arrays: Callable[[], Callable[[Any], Any]]


def _alike(library: str, join: str, keepdims: str) -> dict[str, str]:
    """What both libraries write alike, but for a word."""
    return {
        "later": f'''def later(u):
    """u a step later; behind the last step it is 0."""
    return {join.format(f"u[1:], {library}.zeros_like(u[:1])")}''',
        "inner": f'''def inner(u, v):
    """u^T v, over the last axis."""
    return (u * v).sum(-1, {keepdims}=True)''',
        "outer": '''def outer(u, v):
    """The sum of u v^T over steps and sequences: one matrix product."""
    return u.reshape(-1, u.shape[-1]).T @ v.reshape(-1, v.shape[-1])''',
        "total": '''def total(u):
    """The sum over steps and sequences."""
    return u.sum((0, 1))''',
    }


def _functions(library: str, **others: str) -> dict[tuple[str, int], str]:
    known = {name: f"{library}.{name}({{}})" for name in ("tanh", "exp", "log", "sqrt")}
    return {**{(name, 0): text for name, text in {**known, "identity": "({})", **others}.items()},
            ("relu", 1): "(({}) > 0)"}  # fmt: skip


NUMPY = Target(
    template="code/numpy.py.j2",
    functions=_functions("np", sigmoid="sigmoid({})", relu="np.maximum({}, 0)"),
    helpers={
        "sigmoid": '''def sigmoid(a):
    """1 / (1 + exp(-a)), which overflows nowhere in this form."""
    return 0.5 * np.tanh(0.5 * a) + 0.5''',
        "softmax": '''def softmax(z):
    """exp(z) / sum(exp(z)) over the last axis."""
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)''',
        "log_softmax": '''def log_softmax(z):
    """The logarithm of softmax(z), which no probability that is 0 makes infinite."""
    z = z - z.max(-1, keepdims=True)
    return z - np.log(np.exp(z).sum(-1, keepdims=True))''',
        **_alike("np", "np.concatenate([{}])", "keepdims"),
    },
    join="np.concatenate([{}])",
    beside="np.concatenate([{}], axis=-1)",
    array="np.{}(({}), dtype)",
    split="np.split({}, [{}])",
    arrays=lambda: np.asarray,
)


def _of_torch() -> Callable[[Any], Any]:
    try:
        torch = import_module("torch")
    except ImportError:
        raise DeriveError("torch is not installed: the program cannot be run here, and what was not run is not shown",
                          hint="pip install torch, or --target numpy") from None  # fmt: skip
    return lambda value: torch.from_numpy(np.ascontiguousarray(value))


TORCH = Target(
    template="code/torch.py.j2",
    functions=_functions("torch", sigmoid="torch.sigmoid({})", relu="torch.relu({})"),
    helpers={
        "softmax": '''def softmax(z):
    """exp(z) / sum(exp(z)) over the last axis."""
    return torch.softmax(z, -1)''',
        "log_softmax": '''def log_softmax(z):
    """The logarithm of softmax(z)."""
    return torch.log_softmax(z, -1)''',
        **_alike("torch", "torch.cat([{}])", "keepdim"),
    },
    join="torch.cat([{}])",
    beside="torch.cat([{}], -1)",
    array="torch.{}(({}), dtype=dtype, device=device)",
    split="torch.tensor_split({}, [{}])",
    arrays=_of_torch,
)

TARGETS: Mapping[str, Target] = {"numpy": NUMPY, "torch": TORCH}
