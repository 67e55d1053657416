"""Noise over any frames, of a level that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.samples.sample_arguments import number_between, random_generator
from cnnwidget.data.samples.series.bouncing_shapes import bouncing_shapes
from cnnwidget.design.value import shortened

# The levels at which the experiments of the seed, torchcnnbuilder, were made.
LEVELS = (0.01, 0.03, 0.05, 0.1, 0.25, 0.5)


def noisy(frames: Frames, level: float = 0.05, seed: int = 0) -> Frames:
    """The same frames with noise: another normal number for each value.

    Good for showing what a network does about noise: whether its forecast is smoother than what
    it was given, and from which level on it forecasts no more than a mean. The levels of the
    seed's experiments are 0.01, 0.03, 0.05, 0.1, 0.25 and 0.5.

    Args:
        frames: any, whose labels and mask are kept.
        level: the standard deviation of the noise as a part of the range of the values, which is
            the largest less the smallest; from 0 to 1.
        seed: of the noise.

    Returns:
        Frames of 32-bit floats, or of 64-bit ones if they were that. Nothing is cut off, so values
        may lie beyond the range that there was. Missing values stay missing, and where the mask is
        False nothing is changed.

    Raises:
        DataError: if frames are none, or hold no number that is finite, or level or seed are no
            such numbers.

    Example:
        >>> clean = bouncing_shapes(steps=30)
        >>> noise = noisy(clean, level=0.1).values - clean.values
        >>> bool(abs(noise.std() / np.ptp(clean.values) - 0.1) < 0.001)
        True
    """
    if not isinstance(frames, Frames):
        raise DataError(
            f"frames is {shortened(frames)}, but must be Frames; load or sample makes them."
        )
    part = number_between("level", level, 0, 1)
    dtype = np.float64 if frames.values.dtype == np.float64 else np.float32
    values = frames.values.astype(dtype)
    counted = np.isfinite(values)
    if frames.valid is not None:
        counted &= frames.valid
    if not counted.any():
        raise DataError(f"{frames.name} holds no number that is finite; check what was read.")
    known = values[counted]
    values[counted] += random_generator(seed).standard_normal(known.size, dtype) * (
        part * np.ptp(known)
    )
    return replace(frames, values=values)


def noisy_shapes(
    steps: int = 120,
    size: Sequence[int] = (64, 64),
    shapes: int = 4,
    level: float = 0.1,
    seed: int = 0,
) -> Frames:
    """The bouncing shapes, seen through noise.

    Good for showing how noise is taken away: `bouncing_shapes` with the same settings is what is
    behind it, so one knows what a network should have found. Several frames tell more than one,
    if it is learnt how the shapes go.

    Args:
        steps: the number of frames.
        size: (height, width), 8 at least.
        shapes: how many.
        level: of the noise, as `noisy` takes it.
        seed: of the shapes and of the noise.

    Returns:
        Frames of one channel, 32-bit floats in [0, 1] but for the noise, of which nothing is cut.

    Raises:
        DataError: if these are no such numbers.

    Example:
        >>> noisy_shapes(level=0.25)
        Frames('noisy shapes', 120 × 1 × 64 × 64 as T C H W, float32)
    """
    clean = bouncing_shapes(steps, size, shapes, seed)
    return replace(noisy(clean, level, seed), name="noisy shapes")
