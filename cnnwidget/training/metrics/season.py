"""The season of a series: the phase of each frame in a cycle, by its date or by its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.data_error import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.training.recipe import DatedPeriod

# A phase is the number of a frame, its month, its day of the year, or its hour.
PhaseKind = Literal["frame", "month", "day of the year", "hour"]

PHASES: dict[PhaseKind, int] = {"month": 12, "day of the year": 366, "hour": 24}
DAY, MONTH = np.timedelta64(1, "D"), np.timedelta64(28, "D")
HALF_DAY = np.timedelta64(12, "h")
HALF_YEAR = np.timedelta64(183, "D")
# A season is proposed from so many cycles on.
LEAST_CYCLES = 2
YEAR = np.timedelta64(365, "D")


@dataclass(frozen=True)
class Season:
    """A cycle, and how a frame is placed in it.

    Attributes:
        kind: where the phase of a frame comes from.
        count: the phases of a cycle.
    """

    kind: PhaseKind
    count: int

    @property
    def by_dates(self) -> bool:
        """Whether the phases come from dates."""
        return self.kind != "frame"

    def phases(self, numbers: NDArray[np.int64], labels: Labels) -> NDArray[np.int64]:
        """Return the phases of frames.

        Args:
            numbers: of the frames in their series, of any shape; they may lie behind its end.
            labels: of the series, with the dates of its frames.

        Returns:
            Numbers from 0 to `count` - 1, of the same shape.

        Raises:
            DataError: if dates are needed, and the series has none.

        Example:
            >>> days = np.arange("2020-02-28", "2020-03-02", dtype="datetime64[D]")
            >>> Season("month", 12).phases(np.arange(4), Labels(times=days)).tolist()
            [1, 1, 2, 2]
            >>> Season("frame", 3).phases(np.arange(4), Labels()).tolist()
            [0, 1, 2, 0]
        """
        if not self.by_dates:
            phases: NDArray[np.int64] = numbers % self.count
            return phases
        if not has_dates(labels.times):
            raise DataError(
                f"The season of this forecast goes by the {self.kind}, but the frames have no "
                "dates; load them from a file with dates, such as NetCDF."
            )
        assert labels.times is not None
        beyond = int(numbers.max(initial=0)) + 1 - len(labels.times)
        times = labels.times
        if beyond > 0:
            further = labels.times_after(beyond)
            assert further is not None
            times = np.concatenate([times, further])
        return dated_phases(self.kind, times[numbers])


def season_of(period: int | DatedPeriod | None, times: NDArray[Any] | None) -> Season | None:
    """Return the season that a period means for frames with these times; None for no period.

    Raises:
        DataError: if a period needs dates, and there are none.

    Example:
        >>> months = np.arange("2000-01", "2004-01", dtype="datetime64[M]")
        >>> season_of("year", months), season_of(7, None)
        (Season(kind='month', count=12), Season(kind='frame', count=7))
    """
    if period is None:
        return None
    if isinstance(period, int):
        return Season("frame", period)
    if not has_dates(times):
        raise DataError(
            f"period is {period!r}, but the frames have no dates; give the number of frames in a "
            f"{period}, as period={12 if period == 'year' else 24}."
        )
    assert times is not None
    kind: PhaseKind = "hour"
    if period == "year":
        kind = "month" if usual_step(times) >= MONTH else "day of the year"
    return Season(kind, PHASES[kind])


def proposed_period(times: NDArray[Any] | None) -> DatedPeriod | None:
    """Return the cycle that dates suggest: the year of months or days, the day of hours.

    Returns:
        None without dates, with fewer than two cycles, or if a step is no part of a cycle.

    Example:
        >>> proposed_period(np.arange("2000-01", "2004-01", dtype="datetime64[M]"))
        'year'
    """
    if not has_dates(times) or len(times) < 2:  # type: ignore[arg-type]
        return None
    assert times is not None
    seconds = times.astype("datetime64[s]")
    step, span = usual_step(times), seconds[-1] - seconds[0]
    if step <= HALF_DAY and span >= LEAST_CYCLES * DAY:
        return "day"
    if DAY <= step <= HALF_YEAR and span >= LEAST_CYCLES * YEAR - step:
        return "year"
    return None


def has_dates(times: NDArray[Any] | None) -> bool:
    """Whether times are dates, rather than numbers or nothing."""
    return times is not None and times.dtype.kind == "M"


def usual_step(times: NDArray[Any]) -> np.timedelta64:
    """Return the median of the steps between dates."""
    step: np.timedelta64 = np.median(
        np.diff(times.astype("datetime64[s]")).astype(np.int64)
    ).astype("timedelta64[s]")
    return step


def dated_phases(kind: PhaseKind, times: NDArray[Any]) -> NDArray[np.int64]:
    """Return the month, the day of the year or the hour of dates, each from 0 on."""
    whole, unit = {"month": ("Y", "M"), "day of the year": ("Y", "D"), "hour": ("D", "h")}[kind]
    since = times.astype(f"datetime64[{unit}]") - times.astype(f"datetime64[{whole}]")
    phases: NDArray[np.int64] = since.astype(np.int64)
    return phases
