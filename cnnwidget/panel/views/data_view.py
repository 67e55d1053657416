"""The frames of the data as the page shows them, and the facts about them."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import time_text
from cnnwidget.data.missing import MissingShare, percent
from cnnwidget.data.preview import (
    MOST_AXES,
    is_large,
    preview_numbers,
    preview_places,
    preview_values,
    thinned,
)
from cnnwidget.data.value_range import digits_between, format_value
from cnnwidget.design.axes import spell
from cnnwidget.panel.views.data_scale import scales_of

# A longer name would leave no room for what follows it.
LONGEST_SHOWN_NAME = 41
# The treatment of missing values, as it is written after their number.
TREATED = {"leave out": ", left out"}


def data_picture(frames: Frames) -> tuple[dict[str, Any], bytes]:
    """Return a preview of the frames, evenly over time, and its pixels.

    Returns:
        The view, as JSON, and bytes of shape (shown frames, C, *preview size). A byte of 0 is a
        place without a value; 1 to 255 go from the lowest value of the channel to the highest.
    """
    chosen = preview_numbers(frames)
    values = preview_values(frames, chosen)
    empty = ["missing"] if np.isnan(values[:, preview_places(frames)]).any() else []
    if frames.valid is not None:
        values[:, ~preview_places(frames)] = np.nan
        empty.append("not forecast")
    scales, sent = scales_of(frames, values)
    ends = [each for scale in scales for each in (scale.low, scale.high) if each is not None]
    labels = frames.labels
    view = {
        "name": short_name(frames.name),
        "size": list(values.shape[2:]),
        "steps": frames.steps,
        "shown": chosen.tolist(),
        "times": []
        if labels.times is None
        else [frame_time(each) for each in labels.times[chosen]],
        "channels": list(labels.channels) or [str(number) for number in range(frames.channels)],
        "low": min(ends, default=None),
        "high": max(ends, default=None),
        "units": labels.units,
        "scales": [each._asdict() for each in scales],
        "step": step_shown(frames),
        "empty": " or ".join(empty),
    }
    return view, sent


def short_name(name: str) -> str:
    """Return a name that is shortened in its middle if it is long.

    Example:
        >>> short_name("ice.nc::concentration"), short_name("sea_ice_" * 9)
        ('ice.nc::concentration', 'sea_ice_sea_ice_sea_…ice_sea_ice_sea_ice_')
    """
    half = LONGEST_SHOWN_NAME // 2
    return name if len(name) <= LONGEST_SHOWN_NAME else f"{name[:half]}…{name[-half:]}"


def facts_of(
    frames: Frames, gaps: MissingShare, low: float | None, high: float | None
) -> list[dict[str, str]]:
    """Return the facts about frames but their shape, each with its label.

    Args:
        frames: the frames.
        gaps: their missing values.
        low: the lowest value; None where there is none.
        high: the highest one.
    """
    found = [
        ("axes", frames.understood or frames.axes),
        ("values", range_of(frames, low, high)),
        ("missing", missing_of(frames, gaps)),
        ("shown", preview_text(frames)),
        ("time", frames.labels.span),
        ("places", places_of(frames)),
        ("variables", ", ".join(frames.labels.channels)),
    ]
    return [{"label": label, "value": value} for label, value in found if value]


def missing_of(frames: Frames, gaps: MissingShare) -> str:
    """Return how many values are missing and how they are treated, in words."""
    if not gaps.missing:
        return "none" if gaps.all else "none of those shown"
    return gaps.words + TREATED.get(frames.missing, "")


def range_of(frames: Frames, low: float | None, high: float | None) -> str:
    """Return the lowest and the highest value, in words."""
    scope = "of those shown, " if is_large(frames) else ""
    if low is None or high is None:
        return f"{scope}none"
    units = f" {frames.labels.units}" if frames.labels.units else ""
    digits = max(4, digits_between(low, high))
    span = f"{format_value(low, digits)} to {format_value(high, digits)}"
    return scope + (f"all {format_value(low)}" if low == high else span) + units


def preview_text(frames: Frames) -> str:
    """Return which part of the frames the page shows, in words; empty if it shows them all."""
    found = []
    count = len(preview_numbers(frames))
    if count < frames.steps:
        found.append(f"{count:,} of {frames.steps:,} frames")
    if len(frames.size) > MOST_AXES:
        found.append(f"the middle slice of {frames.size[0]:,}")
    if (step := step_shown(frames)) > 1:
        places = "place" if len(frames.size) == 1 else "row and column"
        found.append(f"one {places} in {step:,}")
    return ", ".join(found)


def step_shown(frames: Frames) -> int:
    """Return the distance in pixels between neighbours that the page shows."""
    size = frames.size[-MOST_AXES:]
    longest = int(np.argmax(size))
    numbers = np.arange(size[longest])
    if longest < len(size) - 1:
        numbers = numbers[:, None]
    shown = np.unique(thinned(np.broadcast_to(numbers, size), len(size)))
    return int(shown[1] - shown[0]) if shown.size > 1 else 1


def frame_time(time: Any) -> str:
    """Return the time of a frame in words.

    Example:
        >>> frame_time(np.datetime64("2020-01-01")), frame_time(np.float64(0.04))
        ('2020-01-01', 't = 0.04')
    """
    return time_text(time) if isinstance(time, np.datetime64) else f"t = {time_text(time)}"


def places_of(frames: Frames) -> str:
    """Return the share of a frame that is forecast, in words; empty if that is all of it."""
    if frames.valid is None:
        return ""
    return f"{percent(float(frames.valid.mean()))} are forecast"


def shape_line(frames: Frames) -> str:
    """Return the number and shape of the frames, as `90 frames of 1 × 24 × 32, float64`."""
    return f"{frames.steps:,} frames of {spell(frames.shape_of_frame)}, {frames.values.dtype.name}"
