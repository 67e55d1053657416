"""Smooth random fields: sums of cosines, weaker for shorter waves."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray


def smooth_noise(
    random: np.random.Generator,
    size: tuple[int, ...],
    *,
    modes: int,
    steps: int = 1,
    memory: float = 0.0,
    longest: int = 1,
) -> NDArray[np.float32]:
    """Return random fields of mean 0 and variance of about 1.

    Args:
        random: the generator of random numbers.
        size: one or two lengths.
        modes: the most half waves along an axis.
        steps: the number of fields.
        memory: the correlation with the field before, 0 to 1: an autoregression of order 1.
        longest: the fewest half waves, so that longer waves are left out.

    Returns:
        (steps, *size), 32-bit floats.

    Example:
        >>> smooth_noise(np.random.default_rng(0), (8, 9), modes=3, steps=2).shape
        (2, 8, 9)
    """
    number = np.arange(modes)
    wave = np.hypot(*np.meshgrid(number, number)) if len(size) == 2 else number * 1.0
    strength = np.where((wave >= longest) & (wave < modes), 1 / np.maximum(wave, 1), 0)
    strength /= sqrt(float((strength**2).sum()))
    weights: NDArray[np.float32] = random.standard_normal((steps, *wave.shape), np.float32)
    fresh = sqrt(1 - memory**2)
    for step in range(1, steps):
        weights[step] = memory * weights[step - 1] + fresh * weights[step]
    weights *= strength.astype(np.float32)
    bases = [cosines(length, modes) for length in size]
    if len(size) == 1:
        return weights @ bases[0]
    fields: NDArray[np.float32] = np.matmul(np.matmul(bases[0].T, weights), bases[1])
    return fields


def cosines(length: int, modes: int) -> NDArray[np.float32]:
    """Return half waves along an axis, (modes, length), each of mean square 1."""
    place = (np.arange(length) + 0.5) / length
    waves = np.cos(pi * np.arange(modes)[:, None] * place)
    waves[1:] *= sqrt(2)
    return waves.astype(np.float32)
