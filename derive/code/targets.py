"""The libraries for which programs are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from derive.code import numpy
from derive.models.model import Model

TARGETS: Mapping[str, Callable[[Model], str]] = {"numpy": numpy.module}
