"""Random numbers that stay the same from one numpy release to the next.

numpy keeps the raw stream of a bit generator fixed, while the methods of `numpy.random.Generator` may change
(NEP 19). So uniform numbers, exponentials and shuffles are derived here from the raw 64-bit stream of PCG64;
a result that names its seed can be recomputed years later.
"""

from __future__ import annotations

import math

import numpy as np

from .inputs import FloatArray, IntArray, count

_UNIT = 2.0**-53  # the step of float64 numbers just below 1


def stream(seed: int) -> np.random.PCG64:
    """The PCG64 stream of a seed, a whole number from 0; ValueError otherwise."""
    return np.random.PCG64(count(seed, "seed"))


def uniform(bits: np.random.PCG64, shape: tuple[int, ...]) -> FloatArray:
    """Uniform numbers in [0, 1) with 53 random bits, of the given shape."""
    raw = bits.random_raw(math.prod(shape))
    scaled: FloatArray = (raw >> np.uint64(11)).astype(np.float64) * _UNIT
    return scaled.reshape(shape)


def exponential(bits: np.random.PCG64, shape: tuple[int, ...]) -> FloatArray:
    """Exponential numbers of mean 1, of the given shape."""
    drawn: FloatArray = -np.log1p(-uniform(bits, shape))
    return drawn


def simplex(bits: np.random.PCG64, draws: int, size: int) -> FloatArray:
    """Dirichlet(1, ..., 1): `draws` points (draws, size) spread evenly over the weights that sum to 1."""
    parts = exponential(bits, (draws, size))
    # all parts zero has probability 2^-53 per part; the tiny addend only keeps 0/0 away
    parts += np.finfo(np.float64).tiny
    spread: FloatArray = parts / parts.sum(axis=1, keepdims=True)
    return spread


def normal(bits: np.random.PCG64, shape: tuple[int, ...]) -> FloatArray:
    """Standard normal numbers (Box and Muller 1958), of the given shape."""
    size = math.prod(shape)
    half = (size + 1) // 2
    radius = np.sqrt(2.0 * exponential(bits, (half,)))
    angle = 2.0 * math.pi * uniform(bits, (half,))
    both = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])
    drawn: FloatArray = both[:size].reshape(shape)
    return drawn


def shuffled(bits: np.random.PCG64, size: int) -> IntArray:
    """The numbers 0..size-1 in random order."""
    order: IntArray = np.argsort(bits.random_raw(size), kind="stable")
    return order
