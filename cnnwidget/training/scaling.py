"""Frames brought to the range that a network learns in, and back, as the training part says."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import NamedTuple

import numpy as np
from torch import Tensor

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.missing import PIECE
from cnnwidget.design.errors import DesignError
from cnnwidget.training.recipe import LARGEST, ScalingName


class Scaling(NamedTuple):
    """value = low + span * scaled.

    Attributes:
        low: the value that becomes 0.
        span: that value less the one that becomes 1; never 0.
    """

    low: float
    span: float

    def scale(self, values: Tensor) -> Tensor:
        """From the data's own units."""
        return (values - self.low) / self.span

    def unscale(self, values: Tensor) -> Tensor:
        """Back to the data's own units."""
        return values * self.span + self.low


class Statistics(NamedTuple):
    """The values that training sees, in the data's own units.

    Attributes:
        low: the smallest.
        high: the largest.
        mean: of all; where a value is missing and none was known before, it is shown instead.
        deviation: from the mean, as the root of the mean square.
    """

    low: float
    high: float
    mean: float
    deviation: float

    @property
    def span(self) -> float:
        """Largest less smallest; 1 where all are the same."""
        return self.high - self.low or 1.0


def scaling_by(kind: ScalingName | tuple[float, float], statistics: Statistics) -> Scaling:
    """The scaling that a recipe asks for.

    Args:
        kind: `minmax` brings what training sees to 0 to 1, `standard` to a mean of 0 and a
            deviation of 1, `none` leaves it; two numbers are the values to become 0 and 1.
        statistics: the values of the training part.

    Raises:
        DesignError: if the two numbers are the same.

    Example:
        >>> statistics = Statistics(low=2.0, high=10.0, mean=5.0, deviation=1.5)
        >>> scaling_by("minmax", statistics), scaling_by((0, 100), statistics)
        (Scaling(low=2.0, span=8.0), Scaling(low=0.0, span=100.0))
    """
    if kind == "minmax":
        return Scaling(statistics.low, statistics.span)
    if kind == "standard":
        return Scaling(statistics.mean, statistics.deviation or 1.0)
    if kind == "none":
        return Scaling(0.0, 1.0)
    low, high = map(float, kind)
    if low == high:
        raise DesignError(f"scaling is {kind}, but its two numbers must differ; (0, 1) are two.")
    return Scaling(low, high - low)


def statistics_of(frames: Frames, training: range) -> Statistics:
    """What training sees; all frames are looked at for missing values.

    Args:
        frames: of which only the valid places count.
        training: the numbers of the frames that training sees.

    Raises:
        DataError: if values are missing that should not be, or there are none at all.
    """
    low, high, total, squares, count = np.inf, -np.inf, 0.0, 0.0, 0
    for start, piece in pieces(frames):
        inside = piece[max(0, training.start - start) : max(0, training.stop - start)]
        if frames.valid is not None:
            inside = inside[:, frames.valid]
        if frames.missing == "leave out":
            inside = inside[np.isfinite(inside)]
        if inside.size:
            low, high = min(low, float(inside.min())), max(high, float(inside.max()))
            wide = inside.astype(np.float64)
            total, squares = total + float(wide.sum()), squares + float(np.square(wide).sum())
            count += inside.size
    if not count:
        raise DataError(
            f"{frames.name}: the {len(training):,} frames to train on hold not one known value; "
            "give a series that begins earlier, or other places."
        )
    if high - low > LARGEST:
        raise DataError(
            f"{frames.name}: values from {low:.3g} to {high:.3g} are further apart than a 32-bit "
            "float can tell; divide them by a number before."
        )
    mean = total / count
    return Statistics(low, high, mean, sqrt(max(0.0, squares / count - mean * mean)))


def known_places(frames: Frames, stop: int) -> np.ndarray | None:
    """Where there is something to learn in the frames before number `stop`; None is everywhere.

    Returns:
        (C, *size), True at valid places of which at least one value is known.
    """
    if frames.missing != "leave out":
        return frames.valid
    known = np.zeros(frames.shape_of_frame, bool)
    for start, piece in pieces(frames):
        known |= np.isfinite(piece[: max(0, stop - start)]).any(axis=0)
    if frames.valid is not None:
        known &= frames.valid
    return None if known.all() else known


def pieces(frames: Frames, first: int = 0) -> Iterator[tuple[int, np.ndarray]]:
    """The frames from one on, as 32-bit floats, some at a time, each with the first's number.

    Raises:
        DataError: if a value is not a finite number, unless missing ones are left out.
    """
    step = max(1, PIECE // max(1, int(np.prod(frames.values.shape[1:]))))
    for start in range(first, frames.steps, step):
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            piece = np.asarray(frames.values[start : start + step], dtype=np.float32)
        if frames.missing == "refuse" and not np.isfinite(piece).all():
            refuse_missing(frames, start, piece)
        yield start, piece


def refuse_missing(frames: Frames, start: int, piece: np.ndarray) -> None:
    """Say where the first value is that is no number, and what to do."""
    bad = ~np.isfinite(piece)
    if frames.valid is not None:
        bad &= frames.valid  # what lies outside counts nowhere
    if not bad.any():
        return
    first = start + int(np.argmax(bad.reshape(len(piece), -1).any(axis=1)))
    raise DataError(
        f"{frames.name}: frame {first} has values that are missing, infinite or too large for a "
        "32-bit float; load the frames with missing='leave out' or missing='fill'."
    )
