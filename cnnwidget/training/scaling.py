"""Frames brought to the range 0 to 1 of what was trained on, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from torch import Tensor

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames

# So many values are looked at together: a file that is larger than memory is read in pieces.
PIECE = 1 << 22
LARGEST = float(np.finfo(np.float32).max)


class Scaling(NamedTuple):
    """value = low + span * scaled.

    Attributes:
        low: the smallest value of the training frames.
        span: largest less smallest; 1 where all are the same.
    """

    low: float
    span: float

    def scale(self, values: Tensor) -> Tensor:
        """From the data's own units."""
        return (values - self.low) / self.span

    def unscale(self, values: Tensor) -> Tensor:
        """Back to the data's own units."""
        return values * self.span + self.low


def scaling_of(frames: Frames, training: range) -> Scaling:
    """The scaling of the frames that training sees; all frames are looked at for missing values.

    Raises:
        DataError: if a value is not a finite number.
    """
    low, high = np.inf, -np.inf
    for start, piece in pieces(frames):
        inside = piece[max(0, training.start - start) : max(0, training.stop - start)]
        if inside.size:
            low, high = min(low, float(inside.min())), max(high, float(inside.max()))
    if high - low > LARGEST:
        raise DataError(
            f"{frames.name}: values from {low:.3g} to {high:.3g} are further apart than a 32-bit "
            "float can tell; divide them by a number before."
        )
    return Scaling(low, high - low or 1.0)


def pieces(frames: Frames, first: int = 0) -> Iterator[tuple[int, np.ndarray]]:
    """The frames from one on, as 32-bit floats, some at a time, each with the first's number.

    Raises:
        DataError: if a value is not a finite number.
    """
    step = max(1, PIECE // max(1, int(np.prod(frames.values.shape[1:]))))
    for start in range(first, frames.steps, step):
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            piece = np.asarray(frames.values[start : start + step], dtype=np.float32)
        if not np.isfinite(piece).all():
            refuse_missing(frames, start, piece)
        yield start, piece


def refuse_missing(frames: Frames, start: int, piece: np.ndarray) -> None:
    """Say where the first value is that is no number, and what to do."""
    bad = ~np.isfinite(piece)
    first = start + int(np.argmax(bad.reshape(len(piece), -1).any(axis=1)))
    raise DataError(
        f"{frames.name}: frame {first} has values that are missing, infinite or too large for a "
        "32-bit float; fill them before, for instance with numpy.nan_to_num(frames)."
    )
