"""Labels of the axes of a series: times, names of channels, coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of a series; each may be absent.

    Attributes:
        times: of the frames: dates (`datetime64`) or numbers; None if frames are only counted.
        channels: the names of the channels; empty if they have none.
        places: coordinates along the axes of space, by letter: `{"H": latitudes}`.
        names: the names of the axes in the source, by letter: `{"T": "time", "H": "lat"}`.
        units: of the values.

    Example:
        >>> days = np.arange("2020-01-01", "2020-01-04", dtype="datetime64[D]")
        >>> Labels(times=days).times_after(2)
        array(['2020-01-04', '2020-01-05'], dtype='datetime64[D]')
    """

    times: NDArray[Any] | None = None
    channels: tuple[str, ...] = ()
    places: Mapping[str, NDArray[Any]] = field(default_factory=lambda: MappingProxyType({}))
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    units: str = ""

    def times_after(self, count: int) -> NDArray[Any] | None:
        """Return the times of `count` frames after the last; None if frames have no times."""
        return None if self.times is None else times_beyond(self.times, count)

    @property
    def span(self) -> str:
        """The first and the last time in words; empty if frames have no times."""
        if self.times is None:
            return ""
        return f"{time_text(self.times[0])} to {time_text(self.times[-1])}"


def times_beyond(times: NDArray[Any], count: int) -> NDArray[Any]:
    """Return `count` times after the last, in the usual step of those before; months stay months.

    Example:
        >>> months = np.array(["2020-11-01", "2020-12-01"], "datetime64[D]")
        >>> times_beyond(months, 3).astype(str).tolist()
        ['2021-01-01', '2021-02-01', '2021-03-01']
    """
    further = np.arange(1, count + 1)
    beyond: NDArray[Any]
    if len(times) < 2:
        beyond = times[-1] + further
        return beyond
    if times.dtype.kind == "M":
        months = times.astype("datetime64[M]")
        within = times - months
        steps = np.diff(months)
        if steps[0].astype(int) > 0 and (steps == steps[0]).all() and (within == within[0]).all():
            beyond = (months[-1] + further * steps[0]).astype(times.dtype) + within[-1]
            return beyond
    step = np.sort(np.diff(times))[(len(times) - 1) // 2]  # the lower median, which is a real step
    beyond = (times[-1] + further * step).astype(times.dtype)
    return beyond


def time_text(time: Any) -> str:
    """Return a time in words; a date at midnight is written without the hour.

    Example:
        >>> time_text(np.datetime64("2020-01-01T00:00:00"))
        '2020-01-01'
        >>> time_text(np.datetime64("2020-01-01T06:00")), time_text(np.float32(0.5))
        ('2020-01-01 06:00', '0.5')
    """
    if not isinstance(time, np.datetime64):
        return f"{time:g}"
    date, _, hour = np.datetime_as_string(time, unit="s").partition("T")
    return date if hour == "00:00:00" else f"{date} {hour.removesuffix(':00')}"
