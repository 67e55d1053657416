"""`compare_frames`: a few frames of a series compared with those some steps later.

They are spread over the series, and thinned as the page shows them: a large file must not keep a
person waiting.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.frames import Frames
from cnnwidget.data.missing import PIECE_VALUES
from cnnwidget.data.preview import is_large, thinned
from cnnwidget.data.value_range import fractions_of_range
from cnnwidget.training.checks.frames_cache import once_per_frames

# At most so many values are compared, in at most so many pairs of frames.
MOST_VALUES, MOST_PAIRS = 200_000, 32


class FrameComparison(NamedTuple):
    """A few frames compared with those some steps later.

    Attributes:
        known: how many of their values are finite.
        pairs: how many places have a finite value in both frames of a pair.
        low: the lowest value of these pairs; not a number without any.
        high: the highest value.
        difference: the mean absolute difference of two frames, as a fraction of the range.
        spread: the root mean square difference, in standard deviations.
    """

    known: int
    pairs: int
    low: float = math.nan
    high: float = math.nan
    difference: float = 0.0
    spread: float = 0.0


def lag_of(frames: Frames, horizon: int) -> int:
    """Return the horizon, or the longest lag that a short series has."""
    return max(1, min(horizon, frames.steps - 1))


@once_per_frames
def compare_frames(frames: Frames, lag: int) -> FrameComparison:
    """Return how a few frames differ from those `lag` steps later."""
    before, after = frame_pairs(frames, lag)
    finite_before, finite_after = np.isfinite(before), np.isfinite(after)
    both = finite_before & finite_after
    known = int(finite_before.sum() + finite_after.sum())
    pairs = int(both.sum())
    if not pairs:
        return FrameComparison(known, pairs)
    first, second = before[both], after[both]
    low = float(min(first.min(), second.min()))
    high = float(max(first.max(), second.max()))
    if low == high:
        return FrameComparison(known, pairs, low, high)
    # Squares of very large and very small values are out of range; those of fractions are not.
    first = fractions_of_range(first, low, high)
    second = fractions_of_range(second, low, high)
    difference = second - first
    deviation = float(np.concatenate([first, second]).std())
    return FrameComparison(
        known,
        pairs,
        low,
        high,
        float(np.abs(difference).mean()),
        float(np.sqrt(np.square(difference).mean())) / deviation,
    )


def frame_pairs(frames: Frames, lag: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return some frames and those `lag` steps later, each as (pairs, valid values), float64."""
    axes = len(frames.size)
    each = thinned(frames.values[:1], axes).size
    count = max(2, min(MOST_PAIRS, MOST_VALUES // (2 * each), frames.steps - lag))
    numbers = np.unique(np.linspace(0, frames.steps - lag - 1, count).astype(int))
    valid = None if frames.valid is None else thinned(frames.valid[None], axes)[0]

    def valid_values(numbers: NDArray[Any]) -> NDArray[Any]:
        some = [thinned(frames.values[at], axes) for at in numbers]
        values = np.stack([one if valid is None else one[valid] for one in some])
        return values.astype(np.float64)

    return valid_values(numbers), valid_values(numbers + lag)


@once_per_frames
def is_still(frames: Frames) -> bool:
    """Whether all frames are equal; True of a large series, which is not looked through."""
    values = frames.values
    if is_large(frames):
        return True
    step = max(1, PIECE_VALUES // values[0].size)
    return not any(changes(frames, start, start + step) for start in range(0, len(values), step))


def changes(frames: Frames, start: int, end: int) -> bool:
    """Whether any of the frames `start` to `end` differs from the one after it."""
    before = frames.values[start:end]
    after = frames.values[start + 1 : end + 1]
    before = before[: len(after)]
    changed = after != before
    if changed.any() and before.dtype.kind == "f":
        changed &= np.isfinite(after) & np.isfinite(before)
    return bool((changed if frames.valid is None else changed & frames.valid).any())
