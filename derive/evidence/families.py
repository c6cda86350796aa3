"""Kinds of matrices, by what they do to a product of Jacobians. A column of parameters is all ones in most of them."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np

from derive.evaluate.arithmetic import Value

Family = Callable[[tuple[int, ...], random.Random], Value]
"""A matrix of a shape m×n."""


def gaussian(shape: tuple[int, ...], source: random.Random) -> Value:
    """Independent entries from the standard normal distribution."""
    return np.array([source.gauss(0.0, 1.0) for _ in range(shape[0] * shape[1])]).reshape(shape)


def zeros(shape: tuple[int, ...], source: random.Random) -> Value:
    return np.zeros(shape)


def orthogonal(shape: tuple[int, ...], source: random.Random) -> Value:
    """The orthogonal factor of a Gaussian matrix: every singular value is 1, and every eigenvalue has modulus 1."""
    if shape[1] == 1:
        return np.ones(shape)
    size = max(shape)
    factor, triangle = np.linalg.qr(gaussian((size, size), source))
    return (factor * np.sign(np.diag(triangle)))[: shape[0], : shape[1]]


def permutation(shape: tuple[int, ...], source: random.Random) -> Value:
    """Each entry moved up by one, the first to the end: orthogonal, with no negative entry."""
    return np.ones(shape) if shape[1] == 1 else np.roll(np.eye(shape[0], shape[1]), 1, axis=1)


def shift(shape: tuple[int, ...], source: random.Random) -> Value:
    """Ones above the diagonal: singular values 1 and 0, while every eigenvalue is 0 and the n-th power too."""
    return np.ones(shape) if shape[1] == 1 < shape[0] else np.eye(shape[0], shape[1], k=1)


def rank_one(shape: tuple[int, ...], source: random.Random) -> Value:
    """u vᵀ with unit columns: one singular value is 1, all others are 0."""
    if shape[1] == 1:
        return np.ones(shape)
    u, v = (gaussian((size, 1), source) for size in shape)
    return (u / np.linalg.norm(u)) @ (v / np.linalg.norm(v)).T


def triangular(shape: tuple[int, ...], source: random.Random) -> Value:
    """Gaussian above the diagonal and one number on it, so that the largest singular value is 1 and the eigenvalue ½.

    Far from normal: powers fall off like the eigenvalue only after a while.
    """
    size = shape[0]
    above = np.triu(gaussian(shape, source), 1)
    low, high = 0.0, 2.0 * float(np.linalg.norm(above, 2))
    while high - low > 1e-12 * high:  # the quotient of eigenvalue and singular value rises with the diagonal
        middle = (low + high) / 2
        low, high = (middle, high) if 2 * middle < np.linalg.norm(above + middle * np.eye(size), 2) else (low, middle)
    whole = above + low * np.eye(size)
    return whole / np.linalg.norm(whole, 2)
