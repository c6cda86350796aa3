"""Gradients of recurrent networks: read in LaTeX, derived as sums of products of Jacobians, checked, set in LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derive.errors import CheckFailed, DeriveError
from derive.version import __version__

if TYPE_CHECKING:
    from derive.api import Network, cells, check, load, loads

__all__ = ["CheckFailed", "DeriveError", "Network", "__version__", "cells", "check", "load", "loads"]


def __getattr__(name: str) -> Any:
    """The parts that need SymPy, imported when they are first asked for: `derive --help` does not wait for them."""
    if name in __all__:
        from derive import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
