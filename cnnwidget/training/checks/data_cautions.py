"""Cautions of the data: values missing, too few windows, times, nothing to forecast.

A few frames spread over the series are compared, thinned as the page shows them: a large file
must not keep a person waiting.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.frames import Frames
from cnnwidget.data.missing import PIECE_VALUES, missing_share
from cnnwidget.data.preview import is_large, thinned
from cnnwidget.data.value_range import format_value, fractions_of_range
from cnnwidget.data.windows.split import Split
from cnnwidget.design.advice.caution_candidates import CautionKind
from cnnwidget.design.advice.cautions import Caution
from cnnwidget.training.checks.frames_cache import once_per_frames
from cnnwidget.training.match import Match

# At most so many values are compared, in at most so many pairs of frames.
MOST_VALUES, MOST_PAIRS = 200_000, 32
# Errors of fewer windows say little.
FEWEST_WINDOWS = 3
# Repeating the last frame is near perfect if its error is below this fraction of the range of all
# values, and below this fraction of their standard deviation: a small thing that moves over a large
# constant background is below the first alone.
NEAR_OF_RANGE, NEAR_OF_SPREAD = 0.01, 0.1
# Months and years differ in length, but by less than this factor.
LONG_STEP = 1.5

missing_in = once_per_frames(missing_share)


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


def data_cautions(matched: Match) -> tuple[Caution, ...]:
    """Return the cautions of the data; none as long as the design does not fit them."""
    if matched.split is None:
        return ()
    frames, (_, horizon) = matched.frames, matched.lengths
    sentences: dict[CautionKind, str] = {
        "missing": missing_sentence(frames),
        "length": length_sentence(frames, matched.split, matched.lengths),
        "times": times_sentence(frames),
        "constant": constant_sentence(frames, horizon),
        "repetition": repetition_sentence(frames, matched.shapes.steps_ahead),
    }
    return tuple(
        Caution(kind, frames.name, sentence.removesuffix("."), matched.plan.design)
        for kind, sentence in sentences.items()
        if sentence
    )


def missing_sentence(frames: Frames) -> str:
    """Return how many values are missing, and what can be done; empty if they are treated."""
    missing = missing_in(frames)
    if not missing.missing or frames.missing != "refuse":
        return ""
    words = missing.words
    are = "is" if missing.missing == 1 and missing.all else "are"
    return (
        f"{words[0].upper()}{words[1:]} {are} missing or infinite; leave them out of losses and "
        "errors, or fill each with the last value known before."
    )


def length_sentence(frames: Frames, split: Split, lengths: tuple[int, int]) -> str:
    """Return how few windows are held out; empty if there are enough."""
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


@once_per_frames
def times_sentence(frames: Frames) -> str:
    """Return how many frames are out of order, or how many steps too long; empty if none are."""
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


def constant_sentence(frames: Frames, horizon: int) -> str:
    """Return why there is nothing to forecast; empty if there is something.

    Args:
        frames: the series.
        horizon: steps from one frame of a pair to the other.
    """
    compared = compare_frames(frames, lag_of(frames, horizon))
    if not compared.known:
        return (
            "No value looked at is known: there is nothing to learn from; check what was read, and "
            "which values stand for missing ones."
        )
    if not compared.pairs or compared.difference or not is_still(frames):
        return ""
    if compared.low == compared.high:
        return (
            f"All values looked at are {format_value(compared.low)}: there is nothing to forecast; "
            "check what was read."
        )
    return (
        "No frame looked at differs from the one before: there is nothing to forecast; check "
        "which axis is time."
    )


def repetition_sentence(frames: Frames, horizon: int | None) -> str:
    """Return how near the last frame comes to the horizon; empty if not very near, or if None."""
    if horizon is None:
        return ""
    lag = lag_of(frames, horizon)
    compared = compare_frames(frames, lag)
    if not 0 < compared.difference < NEAR_OF_RANGE or compared.spread >= NEAR_OF_SPREAD:
        return ""
    ahead = "the next frame" if lag == 1 else f"the frame {lag} steps ahead"
    return (
        f"Repeating the last frame is off by {100 * compared.difference:.2g} % of the range for "
        f"{ahead}; a network has next to nothing to gain: take a longer horizon, or every n-th "
        "frame."
    )


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
