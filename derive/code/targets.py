"""The libraries for which programs are written, by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from derive.code.library import NUMPY, TORCH
from derive.code.module import module
from derive.models.model import Model

TARGETS: Mapping[str, Callable[[Model], str]] = {
    "numpy": partial(module, library=NUMPY),
    "torch": partial(module, library=TORCH),
}
