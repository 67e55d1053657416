"""How far things move in a series of frames, along each axis of space."""

from __future__ import annotations

from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.frames import Frames

# So many places in the series are looked at, so many variables, and so many values of a frame:
# a tenth of a second, however long the series is.
MOST_STARTS = 12
MOST_CHANNELS = 4
MOST_VALUES = 2**16
# Frames that are alike by less than this, wherever they are laid, do not tell how far they moved.
ALIKE = 0.5


def motion_of(frames: Frames, steps: int) -> tuple[int, ...] | None:
    """Pixels that things move along each axis in so many steps; None where that cannot be seen.

    Two frames are laid upon each other where their cross-correlation is largest. For frames a step
    apart, then two, four, and so on up to `steps`, so that what leaves on one side and comes back
    on the other is still followed. Of several places in the series the one in the middle counts.

    Args:
        frames: the series.
        steps: frames from the one to the other.

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
    shifts = [followed(frames, int(start), steps, factor) for start in chosen]
    seen = [shift for shift in shifts if shift is not None]
    if 2 * len(seen) <= len(shifts):
        return None
    middle = np.median(np.abs(seen), axis=0) * factor
    return tuple(round(float(pixels)) for pixels in middle)


def followed(frames: Frames, start: int, steps: int, factor: int) -> NDArray[np.float64] | None:
    """The shift from a frame to the one `steps` later, the frames between as a guide."""
    first = spectrum(frames, start, factor)
    found: NDArray[np.float64] | None = None
    before, distance = 1, 1
    while True:
        shift = shift_between(first, spectrum(frames, start + distance, factor))
        if shift is None:
            # Too different by now: what was seen so far is taken to go on.
            return None if found is None else found * (steps / before)
        if found is not None:
            size = np.array(first.shape[1:])
            expected = found * (distance / before)
            shift += size * np.round((expected - shift) / size)
        found, before = shift, distance
        if distance == steps:
            return found
        distance = min(2 * distance, steps)


def spectrum(frames: Frames, step: int, factor: int) -> NDArray[np.complex128]:
    """The Fourier transform of a frame, variable by variable, of every so many pixels."""
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
    """The shift at which two frames are most alike; None where they are not."""
    axes = tuple(range(1, one.ndim))
    norm = np.sqrt((np.abs(one) ** 2).sum() * (np.abs(other) ** 2).sum())
    size = np.array(one.shape[1:])
    if norm == 0:
        return None
    alike = np.fft.ifftn(np.conj(one) * other, axes=axes).real.sum(axis=0) * prod(size) / norm
    if alike.max() < ALIKE:
        return None
    # Of places that do equally well, the one with the least shift.
    places = np.argwhere(alike >= alike.max() - 1e-9)
    shifts = (places + size // 2) % size - size // 2
    nearest: NDArray[np.float64] = shifts[np.abs(shifts).sum(axis=1).argmin()].astype(np.float64)
    return nearest
