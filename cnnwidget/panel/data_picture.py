"""The raw frames as the page shows them, and all that is told of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import written
from cnnwidget.data.missing import PIECE
from cnnwidget.design.axes import spell
from cnnwidget.panel.pixels import MOST_BYTES, as_bytes, bounds, thinned

# More values than this are not looked through for missing ones while a person waits.
MOST_LOOKED_AT = 50_000_000
# A slider of more steps cannot be set by hand.
MOST_SHOWN = 1_000
BINS = 40
# The byte of a place that has no value: missing, or outside of what is forecast.
NOTHING = 0
# What is done about missing values, as it is told behind their number.
TREATED = {"leave out": ", left out"}


class Gaps(NamedTuple):
    """How many values are missing, of how many that were looked at.

    Attributes:
        missing: NaN and infinite values where there is something to forecast.
        of: the values that were looked at.
        all: whether these are all there are.
    """

    missing: int
    of: int
    all: bool = True

    @property
    def words(self) -> str:
        """How many, to read.

        Example:
            >>> Gaps(1, 3000).words, Gaps(1200, 3000).words, Gaps(9, 10, all=False).words
            ('1 value (0.033 %)', '1,200 values (40 %)', 'about 90 % of the values')
        """
        share = percent(self.missing / max(1, self.of))
        if not self.all:
            return f"about {share} of the values"
        return f"1 value ({share})" if self.missing == 1 else f"{self.missing:,} values ({share})"


def percent(share: float) -> str:
    """A share to read.

    Example:
        >>> percent(0.034), percent(0.99999), percent(1e-9)
        ('3.4 %', '100 %', 'under 0.001 %')
    """
    if 0 < share < 1e-5:
        return "under 0.001 %"
    return f"{100 * share:.2g} %" if share < 0.995 else "100 %"


def gaps_of(frames: Frames) -> Gaps:
    """The missing values of frames; of very many, those in the frames that the page shows."""
    values, valid = frames.values, frames.valid
    if values.dtype.kind != "f":
        return Gaps(0, values.size)
    if values.size > MOST_LOOKED_AT:
        shown = values_shown(frames, numbers_shown(frames))
        shown = shown[:, places_shown(frames)]
        return Gaps(int(np.isnan(shown).sum()), shown.size, all=False)
    if valid is None:
        return Gaps(frames.missing_values, values.size)
    step = max(1, PIECE // values[0].size)
    there = (values[start : start + step][:, valid] for start in range(0, len(values), step))
    count = sum(int(np.count_nonzero(~np.isfinite(piece))) for piece in there)
    return Gaps(count, frames.steps * int(np.count_nonzero(valid)))


def numbers_shown(frames: Frames) -> NDArray[Any]:
    """Which frames the page shows: as many as can be sent, evenly over time."""
    each = thinned(frames.values[:1], len(frames.size)).size
    count = max(1, min(frames.steps, MOST_SHOWN, MOST_BYTES // max(1, each)))
    return np.unique(np.linspace(0, frames.steps - 1, count).astype(int))


def values_shown(frames: Frames, numbers: NDArray[Any]) -> NDArray[Any]:
    """These frames, thinned; what is missing is NaN, and so is nothing else."""
    axes = len(frames.size)
    values = np.stack([thinned(frames.values[at], axes) for at in numbers]).astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    return values


def places_shown(frames: Frames) -> NDArray[np.bool_]:
    """Where there is something to forecast in a thinned frame."""
    shape = thinned(frames.values[:1], len(frames.size)).shape[1:]
    if frames.valid is None:
        return np.ones(shape, bool)
    there: NDArray[np.bool_] = thinned(frames.valid[None], len(frames.size))[0]
    return there


def data_picture(frames: Frames) -> tuple[dict[str, Any], bytes]:
    """Frames of the data, evenly over time: what to tell of them, and their bytes.

    A byte of 0 is a place without a value; the others go from the lowest value to the highest.
    """
    chosen = numbers_shown(frames)
    values = values_shown(frames, chosen)
    empty = ["missing"] if np.isnan(values[:, places_shown(frames)]).any() else []
    if frames.valid is not None:
        values[:, ~places_shown(frames)] = np.nan
        empty.append("not forecast")
    low, high = bounds(values)
    labels = frames.labels
    view = {
        "name": frames.name,
        "size": list(values.shape[2:]),
        "steps": frames.steps,
        "shown": chosen.tolist(),
        "times": [] if labels.times is None else [when(each) for each in labels.times[chosen]],
        "channels": list(labels.channels) or [str(number) for number in range(frames.channels)],
        "low": low,
        "high": high,
        "units": labels.units,
        "histogram": histogram(values, low, high),
        "empty": " or ".join(empty),
    }
    return view, with_nothing(values, low, high)


def with_nothing(values: NDArray[Any], low: float, high: float) -> bytes:
    """Values as bytes from 1 to 255; 0 where there is none.

    Example:
        >>> list(with_nothing(np.array([0.0, np.nan, 2.0]), 0.0, 2.0))
        [1, 0, 255]
    """
    lifted = low - (high - low or 1.0) / 254  # where a byte of 0 would be
    told = np.frombuffer(as_bytes(values, lifted, high if high > low else low + 1.0), np.uint8)
    return (
        np.where(np.isnan(values).ravel(), NOTHING, np.maximum(told, 1)).astype(np.uint8).tobytes()
    )


def histogram(values: NDArray[Any], low: float, high: float) -> list[int]:
    """How many of the values are in each of some equal parts of the range.

    Example:
        >>> histogram(np.array([0.0, 1.0, 1.0, np.nan]), 0.0, 1.0)[:: BINS - 1]
        [1, 2]
    """
    known = values[np.isfinite(values)]
    if not known.size or low == high:
        return []
    return [int(each) for each in np.histogram(known, bins=BINS, range=(low, high))[0]]


def facts_of(frames: Frames, gaps: Gaps, low: float, high: float) -> list[dict[str, str]]:
    """What is known of frames beside their shape, each with its name."""
    units = f" {frames.labels.units}" if frames.labels.units else ""
    scope = "" if gaps.all else "of those shown, "
    span = f"all {told(low)}" if low == high else f"{told(low)} to {told(high)}"
    if gaps.missing == gaps.of:
        scope, span, units = "", "none", ""
    found = [
        ("axes", frames.understood or frames.axes),
        ("values", scope + span + units),
        ("missing", gaps.words + TREATED.get(frames.missing, "") if gaps.missing else "none"),
        ("time", frames.labels.span),
        ("places", places_of(frames)),
        ("variables", ", ".join(frames.labels.channels)),
    ]
    return [{"label": label, "value": value} for label, value in found if value]


def told(value: float) -> str:
    """A number as the page writes it.

    Example:
        >>> told(-0.123456), told(1200)
        ('−0.1235', '1200')
    """
    return f"{value:.4g}".replace("-", "−")


def when(time: Any) -> str:
    """The time of a frame: a date as it is, a number as what it is.

    Example:
        >>> when(np.datetime64("2020-01-01")), when(np.float64(0.04))
        ('2020-01-01', 't = 0.04')
    """
    return written(time) if isinstance(time, np.datetime64) else f"t = {written(time)}"


def places_of(frames: Frames) -> str:
    """How much of a frame there is to forecast, where not all of it."""
    if frames.valid is None:
        return ""
    return f"{percent(float(frames.valid.mean()))} are forecast"


def shape_line(frames: Frames) -> str:
    """The first line: `90 frames of 1 × 24 × 32, float64`."""
    return f"{frames.steps:,} frames of {spell(frames.shape_of_frame)}, {frames.values.dtype.name}"
