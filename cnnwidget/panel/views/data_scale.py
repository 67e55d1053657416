"""The scale of the data that the page shows: from the lowest value to the highest."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.frames import Frames
from cnnwidget.data.missing import PIECE_VALUES

# More values than this are not looked through while a person waits.
MOST_LOOKED_AT = 50_000_000
BINS = 40
# The byte of a place that has no value: missing, or outside of what is forecast.
NOTHING = 0
# Numbers beyond these are easier to read with a power of ten.
SMALLEST_IN_FULL, LARGEST_IN_FULL = 1e-6, 1e9


class Scale(NamedTuple):
    """The values of one channel, as the page shows them.

    Attributes:
        low: the lowest value; None where there is none.
        high: the highest one.
        ends: both, to read.
        digits: how many tell one value from the next.
        histogram: how many values are in each of some equal parts.
    """

    low: float | None
    high: float | None
    ends: tuple[str, ...]
    digits: int
    histogram: list[int]


def scales_of(frames: Frames, shown: NDArray[Any]) -> tuple[list[Scale], bytes]:
    """The scale of each channel, and the bytes of what is shown.

    Args:
        frames: the frames.
        shown: what the page shows of them, without what is not forecast.
    """
    scales: list[Scale] = []
    sent = np.empty(shown.shape, np.uint8)
    for channel in range(frames.channels):
        values = shown[:, channel]
        bounds = bounds_of(frames, channel, values)
        low, high = bounds or (0.0, 0.0)
        digits = digits_between(low, high)
        ends = tuple(told(each, max(4, digits)) for each in bounds or ()) or ("–", "–")
        scales.append(
            Scale(bounds and low, bounds and high, ends, digits, histogram(values, low, high))
        )
        sent[:, channel] = with_nothing(values, low, high)
    return scales, sent.tobytes()


def pieces(frames: Frames, channel: int) -> Iterator[NDArray[Any]]:
    """The values of a channel where there is something to forecast, some frames at a time."""
    step = max(1, PIECE_VALUES // frames.values[0].size)
    for start in range(0, frames.steps, step):
        piece = frames.values[start : start + step, channel]
        yield piece if frames.valid is None else piece[:, frames.valid[channel]]


def bounds_of(frames: Frames, channel: int, shown: NDArray[Any]) -> tuple[float, float] | None:
    """The lowest and the highest value of a channel; None where none is known.

    Args:
        frames: the frames.
        channel: its number.
        shown: what the page shows of it: of very many values only these are looked at.

    Example:
        >>> values = np.array([[1.0, np.nan], [3.0, np.inf]])
        >>> bounds_of(Frames(values[:, None], has_channels=False, name="ice"), 0, values)
        (1.0, 3.0)
    """
    found = []
    many = frames.values.size > MOST_LOOKED_AT
    for piece in [shown] if many else pieces(frames, channel):
        known = piece[np.isfinite(piece)] if piece.dtype.kind == "f" else piece
        if known.size:
            found += [float(known.min()), float(known.max())]
    return (min(found), max(found)) if found else None


def shares(values: NDArray[Any], low: float, high: float) -> NDArray[Any]:
    """Where values are in a range: 0 is the lowest, 1 the highest; without a range all are 0.

    Example:
        >>> shares(np.array([-1e308, 0.0, np.nan, 1e308]), -1e308, 1e308).tolist()
        [0.0, 0.5, nan, 1.0]
    """
    if low == high:
        return np.where(np.isnan(values), np.nan, 0.0)
    # Halves of numbers whose difference is too large for a number.
    half = 1.0 if math.isfinite(high - low) else 0.5
    found: NDArray[Any] = (values * half - low * half) / (high * half - low * half)
    return found


def with_nothing(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Values as bytes from 1 to 255; 0 where there is none.

    Example:
        >>> with_nothing(np.array([0.0, np.nan, 2.0]), 0.0, 2.0).tolist()
        [1, 0, 255]
    """
    found = 1 + np.rint(254 * shares(values, low, high))
    return np.where(np.isnan(found), NOTHING, found).astype(np.uint8)


def histogram(values: NDArray[Any], low: float, high: float) -> list[int]:
    """How many of the values are in each of some equal parts of the range.

    Example:
        >>> histogram(np.array([0.0, 1.0, 1.0, np.nan]), 0.0, 1.0)[:: BINS - 1]
        [1, 2]
    """
    known = values[~np.isnan(values)]
    if low == high:
        return []
    found = shares(known, low, high)
    return [int(each) for each in np.histogram(found, bins=BINS, range=(0.0, 1.0))[0]]


def digits_between(low: float, high: float) -> int:
    """As many digits as tell the ends of a range apart, and what is between.

    Example:
        >>> digits_between(0.0, 1.0), digits_between(1e6, 1e6 + 0.001)
        (3, 12)
    """
    span = high - low
    if not (span and math.isfinite(span)):
        return 3
    return min(17, max(3, 3 + math.ceil(math.log10(max(abs(low), abs(high)) / span))))


def told(value: float, digits: int = 4) -> str:
    """A number to read: whole ones as they are, others with so many digits.

    Example:
        >>> told(-0.123456), told(65535.0), told(101325.4), told(1e30), told(8.345e-7)
        ('−0.1235', '65535', '101300', '1e+30', '8.345e−7')
    """
    if not (value.is_integer() and abs(value) < LARGEST_IN_FULL):
        value = float(f"{value:.{digits}g}")
    if value == 0 or SMALLEST_IN_FULL <= abs(value) < LARGEST_IN_FULL:
        text = np.format_float_positional(value, trim="-")
    else:
        text = np.format_float_scientific(value, trim="-", exp_digits=1)
    return text.replace("-", "−")
