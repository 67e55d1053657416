"""What is doubtful of the data themselves: too short, out of order, constant, or easy to repeat.

Values are looked at in a few frames spread over the series, thinned as the page shows them: a
large file must not keep a person waiting.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.frames import Frames
from cnnwidget.data.missing import PIECE_VALUES
from cnnwidget.data.preview import is_large, thinned
from cnnwidget.data.value_range import format_value, fractions_of_range
from cnnwidget.data.windows.split import Split

# So many values are looked at, in no more than so many pairs of frames.
MOST_VALUES, MOST_PAIRS = 200_000, 32
# Fewer windows held out tell little.
FEWEST_WINDOWS = 3
# Repeating the last frame is near perfect where it is off by less than this share of the range,
# and of how much values differ at all: a small thing that moves over much of nothing is not.
NEAR_OF_RANGE, NEAR_OF_SPREAD = 0.01, 0.1
# Months and years differ in their lengths, but by less than this.
LONG_STEP = 1.5


class Look(NamedTuple):
    """What a few frames, and those so many steps later, tell of a series.

    Attributes:
        low: the lowest value.
        high: the highest value.
        off: the mean absolute difference of two frames, in shares of the range.
        spread: the root mean square of it, in shares of the standard deviation.
    """

    low: float
    high: float
    off: float
    spread: float


def cautions_of(frames: Frames, split: Split, lengths: tuple[int, int]) -> list[str]:
    """All that is doubtful of frames that are to be forecast, each in a sentence.

    Args:
        frames: the frames.
        split: which windows are for what.
        lengths: history and horizon.
    """
    found = (of_length(frames, split, lengths), of_times(frames), of_values(frames, lengths))
    return [each for each in found if each]


def of_length(frames: Frames, split: Split, lengths: tuple[int, int]) -> str:
    """Whether too few windows are held out; empty if there are enough."""
    history, horizon = lengths
    window = f"windows of {history} + {horizon}"
    instead = "give a longer series, or shorten history or horizon"
    if split.kind == "none":
        return (
            f"{frames.steps:,} frames are too few to hold anything out with {window}, so no error "
            f"will tell how good a forecast is; {instead}."
        )
    held_out = min(len(split.validation), len(split.test))
    if held_out < FEWEST_WINDOWS:
        windows = "one window each is" if held_out == 1 else f"{held_out} windows each are"
        return (
            f"{frames.steps:,} frames are few for {window}: only {windows} held out for "
            f"validation and test, whose errors say little; {instead}."
        )
    if split.kind == "targets apart":
        return (
            f"{frames.steps:,} frames are few for {window}: a frame that is forecast in one part "
            f"may be given in a later one, so these are not independent; {instead}."
        )
    return ""


def of_times(frames: Frames) -> str:
    """Whether frames are out of order, or some between them are missing; empty if neither."""
    times = frames.labels.times
    if times is None:
        return ""
    if back := int(np.count_nonzero(times[1:] <= times[:-1])):
        are = "is" if back == 1 else "are"
        return (
            f"{back:,} of {frames.steps:,} frames {are} not later than the one before, but a "
            "network takes them in the order that they have; sort them by time."
        )
    steps = np.diff(times)
    usual = np.sort(steps)[len(steps) // 2]
    if gaps := int(np.count_nonzero(steps > LONG_STEP * usual)):
        are = "is" if gaps == 1 else "are"
        return (
            f"{gaps:,} of {len(steps):,} steps in time {are} longer than usual, as where frames "
            "are missing, but a network takes all steps as equal; take a part without such gaps."
        )
    return ""


def of_values(frames: Frames, lengths: tuple[int, int]) -> str:
    """Whether there is nothing, or next to nothing, to forecast; empty if there is."""
    lag = max(1, min(lengths[1], frames.steps - 1))
    before, after = pairs(frames, lag)
    if not (np.isfinite(before).any() or np.isfinite(after).any()):
        return (
            "No value looked at is known: there is nothing to learn from; check what was read, and "
            "which values stand for missing ones."
        )
    look = look_at(before, after)
    if look is None:
        return ""
    if look.off == 0 and is_still(frames):
        if look.low == look.high:
            return (
                f"All values looked at are {format_value(look.low)}: there is nothing to forecast; "
                "check what was read."
            )
        return (
            "No frame looked at differs from the one before: there is nothing to forecast; check "
            "which axis is time."
        )
    if 0 < look.off < NEAR_OF_RANGE and look.spread < NEAR_OF_SPREAD:
        ahead = "the next frame" if lag == 1 else f"the frame {lag} steps ahead"
        return (
            f"Repeating the last frame is off by {100 * look.off:.2g} % of the range for {ahead}; "
            "a network has next to nothing to gain: take a longer horizon, or every n-th frame."
        )
    return ""


def look_at(before: NDArray[Any], after: NDArray[Any]) -> Look | None:
    """What frames and those some steps later tell; None where no two values can be compared."""
    known = np.isfinite(before) & np.isfinite(after)
    if not known.any():
        return None
    first, second = before[known], after[known]
    low = float(min(first.min(), second.min()))
    high = float(max(first.max(), second.max()))
    if low == high:
        return Look(low, high, 0.0, 0.0)
    # In shares, since squares of very large and very small values are no numbers.
    first, second = fractions_of_range(first, low, high), fractions_of_range(second, low, high)
    difference = second - first
    deviation = float(np.concatenate([first, second]).std())
    return Look(
        low,
        high,
        float(np.abs(difference).mean()),
        float(np.sqrt(np.square(difference).mean())) / deviation,
    )


def pairs(frames: Frames, lag: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Some frames and those `lag` steps later, as (pairs, values of the valid places)."""
    axes = len(frames.size)
    each = thinned(frames.values[:1], axes).size
    count = max(2, min(MOST_PAIRS, MOST_VALUES // (2 * each), frames.steps - lag))
    chosen = np.unique(np.linspace(0, frames.steps - lag - 1, count).astype(int))
    valid = None if frames.valid is None else thinned(frames.valid[None], axes)[0]

    def taken(numbers: NDArray[Any]) -> NDArray[Any]:
        some = [thinned(frames.values[at], axes) for at in numbers]
        values = np.stack([one if valid is None else one[valid] for one in some])
        return values.astype(np.float64)

    return taken(chosen), taken(chosen + lag)


def is_still(frames: Frames) -> bool:
    """Whether nothing changes; of a large series only what was looked at is known."""
    values = frames.values
    if is_large(frames):
        return True
    step = max(1, PIECE_VALUES // values[0].size)
    return not any(changes(frames, start, start + step) for start in range(0, len(values), step))


def changes(frames: Frames, start: int, end: int) -> bool:
    """Whether one of some frames differs from the one after it."""
    before = frames.values[start:end]
    after = frames.values[start + 1 : end + 1]
    before = before[: len(after)]
    changed = after != before
    if changed.any() and before.dtype.kind == "f":
        changed &= np.isfinite(after) & np.isfinite(before)
    return bool((changed if frames.valid is None else changed & frames.valid).any())
