"""The libraries for which programs are written, by their names."""

from __future__ import annotations

from collections.abc import Mapping

from derive.code.library import NUMPY, TORCH, Library

TARGETS: Mapping[str, Library] = {"numpy": NUMPY, "torch": TORCH}
