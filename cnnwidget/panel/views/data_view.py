"""The raw frames as the page shows them, and all that is told of them."""

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

# A longer name would take the room of what is told behind it.
LONGEST_NAME = 41
# What is done about missing values, as it is told behind their number.
TREATED = {"leave out": ", left out"}


def data_picture(frames: Frames) -> tuple[dict[str, Any], bytes]:
    """Frames of the data, evenly over time: what to tell of them, and their bytes.

    A byte of 0 is a place without a value; the others go from the lowest value of their channel to
    the highest: variables differ in their units.
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
        "times": [] if labels.times is None else [when(each) for each in labels.times[chosen]],
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
    """A name of bearable length, which begins and ends as it does.

    Example:
        >>> short_name("ice.nc::concentration"), short_name("sea_ice_" * 9)
        ('ice.nc::concentration', 'sea_ice_sea_ice_sea_…ice_sea_ice_sea_ice_')
    """
    half = LONGEST_NAME // 2
    return name if len(name) <= LONGEST_NAME else f"{name[:half]}…{name[-half:]}"


def facts_of(
    frames: Frames, gaps: MissingShare, low: float | None, high: float | None
) -> list[dict[str, str]]:
    """What is known of frames beside their shape, each with its name.

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
        ("shown", what_is_shown(frames)),
        ("time", frames.labels.span),
        ("places", places_of(frames)),
        ("variables", ", ".join(frames.labels.channels)),
    ]
    return [{"label": label, "value": value} for label, value in found if value]


def missing_of(frames: Frames, gaps: MissingShare) -> str:
    """How much is missing, and what is done about it."""
    if not gaps.missing:
        return "none" if gaps.all else "none of those shown"
    return gaps.words + TREATED.get(frames.missing, "")


def range_of(frames: Frames, low: float | None, high: float | None) -> str:
    """From the lowest to the highest value, to read."""
    scope = "of those shown, " if is_large(frames) else ""
    if low is None or high is None:
        return f"{scope}none"
    units = f" {frames.labels.units}" if frames.labels.units else ""
    digits = max(4, digits_between(low, high))
    span = f"{format_value(low, digits)} to {format_value(high, digits)}"
    return scope + (f"all {format_value(low)}" if low == high else span) + units


def what_is_shown(frames: Frames) -> str:
    """What the page shows of frames where that is not all of them; else empty."""
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
    """From one place that the page shows to the next along an axis."""
    size = frames.size[-MOST_AXES:]
    longest = int(np.argmax(size))
    numbers = np.arange(size[longest])
    if longest < len(size) - 1:
        numbers = numbers[:, None]
    kept = np.unique(thinned(np.broadcast_to(numbers, size), len(size)))
    return int(kept[1] - kept[0]) if kept.size > 1 else 1


def when(time: Any) -> str:
    """The time of a frame: a date as it is, a number as what it is.

    Example:
        >>> when(np.datetime64("2020-01-01")), when(np.float64(0.04))
        ('2020-01-01', 't = 0.04')
    """
    return time_text(time) if isinstance(time, np.datetime64) else f"t = {time_text(time)}"


def places_of(frames: Frames) -> str:
    """How much of a frame there is to forecast, where not all of it."""
    if frames.valid is None:
        return ""
    return f"{percent(float(frames.valid.mean()))} are forecast"


def shape_line(frames: Frames) -> str:
    """The first line: `90 frames of 1 × 24 × 32, float64`."""
    return f"{frames.steps:,} frames of {spell(frames.shape_of_frame)}, {frames.values.dtype.name}"
