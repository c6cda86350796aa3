"""Index letters (t, k, T) and sizes (n, d): whole-number symbols of SymPy, made in one place so that they are equal."""

from __future__ import annotations

from sympy import Symbol


def index(letter: str) -> Symbol:
    """An index or horizon: a whole number."""
    return Symbol(letter, integer=True)


def size(letter: str) -> Symbol:
    """A dimension: a positive whole number."""
    return Symbol(letter, integer=True, positive=True)


HORIZON = index("T")
