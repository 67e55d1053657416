"""Cautions of data to forecast: too few windows, nothing to forecast, next to nothing to gain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnwidget.data.frames import Frames
from cnnwidget.data.value_range import format_value
from cnnwidget.data.windows.split import Split
from cnnwidget.design.advice.caution_candidates import CautionKind
from cnnwidget.training.checks.compare_frames import compare_frames, is_still, lag_of
from cnnwidget.training.metrics.season import proposed_period
from cnnwidget.training.tasks.forecasting.forecast_shapes import ForecastShapes

# Errors of fewer windows say little.
FEWEST_WINDOWS = 3
# Repeating the last frame is near perfect if its error is below this fraction of the range of all
# values, and below this fraction of their standard deviation: a small thing that moves over a large
# constant background is below the first alone.
NEAR_OF_RANGE, NEAR_OF_SPREAD = 0.01, 0.1


def forecast_cautions(
    frames: Frames, shapes: ForecastShapes, split: Split, settings: Mapping[str, Any]
) -> dict[CautionKind, str]:
    """Return the cautions of a series that is to be forecast, by their kinds; empty if none."""
    return {
        "length": length_sentence(frames, split, shapes.lengths),
        "constant": constant_sentence(frames, shapes.forecast_len),
        "repetition": repetition_sentence(frames, shapes.forecast_len),
        "season": season_sentence(frames, settings.get("period")),
    }


def season_sentence(frames: Frames, period: object) -> str:
    """Return which season the dates may show; empty if none, or if a period is chosen."""
    found = None if period is not None else proposed_period(frames.labels.times)
    if found is None:
        return ""
    return (
        f"The dates may show a season of a {found}: with period='{found}' climatology is one of "
        "the rules to beat, and anomalies are counted from it."
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


def repetition_sentence(frames: Frames, horizon: int) -> str:
    """Return how near the last frame comes to the horizon; empty if not very near."""
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
