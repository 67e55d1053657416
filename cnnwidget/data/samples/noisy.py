"""Noise of a known level, added to any frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.samples.sample_arguments import number_between, random_generator
from cnnwidget.data.samples.series.bouncing_shapes import bouncing_shapes
from cnnwidget.design.value import shortened


def noisy(frames: Frames, level: float = 0.05, seed: int = 0) -> Frames:
    """Return the same frames with independent normal noise.

    Good for showing what a network does about noise: whether its forecast is smoother than its
    input, and from which level on it forecasts no more than a mean. The levels of the
    experiments of TorchCNNBuilder are 0.01, 0.03, 0.05, 0.1, 0.25 and 0.5.

    Args:
        frames: any; labels and mask are kept.
        level: the standard deviation of the noise relative to the range of the values, the
            largest minus the smallest; from 0 to 1.
        seed: of the noise.

    Returns:
        Frames of 32-bit floats, or of 64-bit floats if they were. Nothing is clipped, so that
        values may lie beyond the old range. Missing values stay missing, and values where the mask
        is False do not change.

    Raises:
        DataError: if `frames` are no Frames or have no finite value, or level or seed are out of
            bounds.

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
    """Make the bouncing shapes, seen through noise.

    Good for showing how noise is removed: `bouncing_shapes` with the same settings is the clean
    series, so that the right result is known. Several frames help more than one, if the network
    learns how the shapes move.

    Args:
        steps: the number of frames.
        size: (height, width), 8 at least.
        shapes: how many.
        level: of the noise, as `noisy` takes it.
        seed: of the shapes and of the noise.

    Returns:
        Frames of one channel, 32-bit floats; the noise goes beyond [0, 1].

    Raises:
        DataError: if these are no such numbers.

    Example:
        >>> noisy_shapes(level=0.25)
        Frames('noisy shapes', 120 × 1 × 64 × 64 as T C H W, float32)
    """
    clean = bouncing_shapes(steps, size, shapes, seed)
    return replace(noisy(clean, level, seed), name="noisy shapes")
