"""The scale of each channel of the data: range, histogram, and bytes for the page."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.frames import Frames
from cnnwidget.data.missing import valid_pieces
from cnnwidget.data.preview import is_large
from cnnwidget.data.value_range import digits_between, format_value, fractions_of_range

BINS = 40
# The byte of a place without a value: missing, or outside of what is forecast.
NO_VALUE = 0


class Scale(NamedTuple):
    """The scale of one channel.

    Attributes:
        low: the lowest value; None where there is none.
        high: the highest one.
        ends: both, as text.
        digits: the number that distinguishes the values.
        histogram: how many values are in each of `BINS` equal parts of the range.
    """

    low: float | None
    high: float | None
    ends: tuple[str, ...]
    digits: int
    histogram: list[int]


def scales_of(frames: Frames, shown: NDArray[Any]) -> tuple[list[Scale], bytes]:
    """Return the scale of each channel, and the bytes of a preview.

    Args:
        frames: the frames.
        shown: their preview, (frames, C, *size); NaN where there is no value.
    """
    scales: list[Scale] = []
    sent = np.empty(shown.shape, np.uint8)
    for channel in range(frames.channels):
        values = shown[:, channel]
        bounds = bounds_of(frames, channel, values)
        low, high = bounds or (0.0, 0.0)
        digits = digits_between(low, high)
        ends = tuple(format_value(each, max(4, digits)) for each in bounds or ()) or ("–", "–")
        scales.append(
            Scale(bounds and low, bounds and high, ends, digits, histogram(values, low, high))
        )
        sent[:, channel] = bytes_of_range(values, low, high)
    return scales, sent.tobytes()


def bounds_of(frames: Frames, channel: int, shown: NDArray[Any]) -> tuple[float, float] | None:
    """Return the lowest and the highest value of a channel; None if it has no finite value.

    Args:
        frames: the frames.
        channel: its number.
        shown: its preview; of a large series only these values are read.

    Example:
        >>> values = np.array([[1.0, np.nan], [3.0, np.inf]])
        >>> bounds_of(Frames(values[:, None], has_channels=False, name="ice"), 0, values)
        (1.0, 3.0)
    """
    found = []
    many = is_large(frames)
    for piece in [shown] if many else valid_pieces(frames, channel):
        known = piece[np.isfinite(piece)] if piece.dtype.kind == "f" else piece
        if known.size:
            found += [float(known.min()), float(known.max())]
    return (min(found), max(found)) if found else None


def bytes_of_range(
    values: NDArray[Any], low: float, high: float, *, lowest: int = 1
) -> NDArray[np.uint8]:
    """Return values as bytes from `lowest` to 255, and 0 for NaN.

    Example:
        >>> bytes_of_range(np.array([0.0, np.nan, 2.0]), 0.0, 2.0).tolist()
        [1, 0, 255]
    """
    found = lowest + np.rint((255 - lowest) * fractions_of_range(values, low, high))
    return np.where(np.isnan(found), NO_VALUE, found).astype(np.uint8)


def histogram(values: NDArray[Any], low: float, high: float) -> list[int]:
    """Return how many values are in each of `BINS` equal parts of the range.

    Example:
        >>> histogram(np.array([0.0, 1.0, 1.0, np.nan]), 0.0, 1.0)[:: BINS - 1]
        [1, 2]
    """
    known = values[~np.isnan(values)]
    if low == high:
        return []
    found = fractions_of_range(known, low, high)
    return [int(each) for each in np.histogram(found, bins=BINS, range=(0.0, 1.0))[0]]
