"""Cells of a table: numbers, dates, missing values and text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "none"}
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # numpy's dates have no zone
MICROSECOND = timedelta(microseconds=1)
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
# The units of numpy's dates in microseconds, the coarsest first.
UNITS = {"D": 86_400_000_000, "s": 1_000_000, "us": 1}


def parse_number(cell: str, *, decimal_comma: bool) -> float | None:
    """Return a number, NaN for a missing one, None for text.

    Example:
        >>> parse_number(" 1.5", decimal_comma=False), parse_number("1,5", decimal_comma=True)
        (1.5, 1.5)
        >>> parse_number("NA", decimal_comma=False), parse_number("ice", decimal_comma=False)
        (nan, None)
    """
    try:
        return float(cell)
    except ValueError:
        pass
    text = cell.strip()
    if text.lower() in MISSING:
        return float("nan")
    if decimal_comma and text.count(",") == 1:
        return parse_number(text.replace(",", "."), decimal_comma=False)
    return None


def parse_date(cell: str) -> int | None:
    """Return an ISO date or month in microseconds since 1970, in UTC if it has a zone; else None.

    Example:
        >>> parse_date("1970-01-02"), parse_date("1970-01-01 01:00+01:00"), parse_date("1970-02")
        (86400000000, 0, 2678400000000)
        >>> parse_date("1970.5"), parse_date("soon")
        (None, None)
    """
    text = cell.strip()
    if MONTH.fullmatch(text):
        text += "-01"
    if "-" not in text[4:]:  # 19700101 is read as a number
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return (moment - EPOCH) // MICROSECOND


def dates_array(microseconds: Sequence[int]) -> NDArray[np.datetime64]:
    """Return dates as numpy's, in the coarsest unit that is exact.

    Example:
        >>> dates_array([0, 86400000000])
        array(['1970-01-01', '1970-01-02'], dtype='datetime64[D]')
    """
    counts = np.asarray(microseconds, np.int64)
    unit, size = next((unit, size) for unit, size in UNITS.items() if not (counts % size).any())
    return (counts // size).astype(f"datetime64[{unit}]")


def calendar_date(calendar: list[str]) -> str:
    """Return a date of its year, month and day, or of the first two.

    Example:
        >>> calendar_date(["1970", "1"])
        '1970-01'
    """
    year, *rest = (each.strip() for each in calendar)
    return "-".join([year.zfill(4), *(each.zfill(2) for each in rest)])
