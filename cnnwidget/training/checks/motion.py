"""`motion_of`: the distance that things move in a series of frames, along each axis."""

from __future__ import annotations

from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.frames import Frames
from cnnwidget.training.checks.frames_cache import once_per_frames

# At most so many pairs of frames are compared, of so many variables, in so many values of a frame:
# that takes a tenth of a second, however long the series is.
MOST_STARTS = 12
MOST_CHANNELS = 4
MOST_VALUES = 2**16
# Two frames whose correlation is below this at every shift do not show how far things moved.
LEAST_CORRELATION = 0.5


@once_per_frames
def motion_of(frames: Frames, steps: int) -> tuple[int, ...] | None:
    """Return how many pixels things move along each axis in so many steps; None if nothing shows.

    The shift of two frames is the one at which their cross-correlation is largest. Frames are
    compared one step apart, then two, four, and so on up to `steps`, so that a thing is followed
    that leaves on one side and comes back on the other. The result is the median over several
    places in the series.

    Args:
        frames: the series.
        steps: steps from one frame to the other.

    Returns:
        Pixels along each axis of space.

    Example:
        >>> from cnnwidget.data.load import load
        >>> field = np.random.default_rng(0).normal(size=64)
        >>> motion_of(load(np.stack([np.roll(field, 3 * t) for t in range(20)])), 5)
        (15,)
    """
    starts = frames.steps - steps
    if starts < 1:
        return None
    factor = ceil((prod(frames.size) / MOST_VALUES) ** (1 / len(frames.size)))
    chosen = np.unique(np.linspace(0, starts - 1, min(starts, MOST_STARTS)).astype(int))
    shifts = [shift_after(frames, int(start), steps, factor) for start in chosen]
    known = [shift for shift in shifts if shift is not None]
    if 2 * len(known) <= len(shifts):
        return None
    median = np.median(np.abs(known), axis=0) * factor
    return tuple(round(float(pixels)) for pixels in median)


def shift_after(frames: Frames, start: int, steps: int, factor: int) -> NDArray[np.float64] | None:
    """Return the shift from a frame to the one `steps` later, guided by the frames between.

    Args:
        frames: the series.
        start: the number of the first frame.
        steps: steps to the other frame.
        factor: every so many pixels are compared.

    Returns:
        Shift along each axis, in compared pixels; None if the frames do not correlate.
    """
    first = spectrum(frames, start, factor)
    so_far: NDArray[np.float64] | None = None
    former, distance = 1, 1
    while True:
        shift = shift_between(first, spectrum(frames, start + distance, factor))
        if shift is None:
            # The frames are too different by now: the motion so far is extrapolated.
            return None if so_far is None else so_far * (steps / former)
        if so_far is not None:
            size = np.array(first.shape[1:])
            expected = so_far * (distance / former)
            shift += size * np.round((expected - shift) / size)
        so_far, former = shift, distance
        if distance == steps:
            return so_far
        distance = min(2 * distance, steps)


def spectrum(frames: Frames, step: int, factor: int) -> NDArray[np.complex128]:
    """Return the Fourier transform of every `factor`-th pixel of a frame, for each variable.

    Missing values count as 0; the mean of each variable is removed.
    """
    every = (slice(None, None, factor),) * len(frames.size)
    chosen: tuple[Any, ...] = (step, slice(MOST_CHANNELS), *every)
    values = np.asarray(frames.values[chosen], dtype=np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    axes = tuple(range(1, values.ndim))
    largest = np.abs(values).max() or 1.0  # so that no square is beyond what floats hold
    values = values / largest
    return np.fft.fftn(values - values.mean(axis=axes, keepdims=True), axes=axes)


def shift_between(
    one: NDArray[np.complex128], other: NDArray[np.complex128]
) -> NDArray[np.float64] | None:
    """Return the shift at which two spectra correlate most; None if they do not correlate."""
    axes = tuple(range(1, one.ndim))
    norm = np.sqrt((np.abs(one) ** 2).sum() * (np.abs(other) ** 2).sum())
    size = np.array(one.shape[1:])
    if norm == 0:
        return None
    correlation = np.fft.ifftn(np.conj(one) * other, axes=axes).real.sum(axis=0) * prod(size) / norm
    if correlation.max() < LEAST_CORRELATION:
        return None
    # Of shifts that do equally well, the smallest one.
    places = np.argwhere(correlation >= correlation.max() - 1e-9)
    shifts = (places + size // 2) % size - size // 2
    nearest: NDArray[np.float64] = shifts[np.abs(shifts).sum(axis=1).argmin()].astype(np.float64)
    return nearest
