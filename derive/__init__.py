"""Gradients of recurrent networks: read in LaTeX, derived as sums of products of Jacobians, checked, set in LaTeX."""

from derive.api import Network, cells, load, loads
from derive.errors import CheckFailed, DeriveError
from derive.version import __version__

__all__ = ["CheckFailed", "DeriveError", "Network", "__version__", "cells", "load", "loads"]
