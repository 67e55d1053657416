"""Labels of frames in the record of a run; a record that is read is not trusted."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cnnwidget.data.axis_order import SPACE
from cnnwidget.data.data_error import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.design.value import Value

# The last times are enough to know the step in which the series goes on.
TIMES_KEPT = 1000
LONGEST_TEXT = 1000

Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Letter = Literal["T", "C", "D", "H", "W", "L"]


class LabelsRecord(Value):
    """The labels of a series in a record.

    Attributes:
        dates: the last times, where they are dates, in seconds: `2020-01-31T12:00:00`.
        times: the last times, where they are numbers.
        channels: names of variables.
        places: coordinates by letter.
        names: of the axes by letter.
        units: of the values.
    """

    _error = DataError

    dates: tuple[Annotated[str, Field(max_length=40)], ...] = ()
    times: tuple[float, ...] = ()
    channels: tuple[Text, ...] = ()
    places: tuple[tuple[Letter, tuple[float, ...]], ...] = ()
    names: tuple[tuple[Letter, Text], ...] = ()
    units: Text = ""


def labels_record(labels: Labels, frames: int = 1) -> LabelsRecord:
    """Return labels as they are written; of the times, the last, those of some frames at least.

    Example:
        >>> days = np.arange("2020-01-01", "2020-01-03", dtype="datetime64[D]")
        >>> labels_record(Labels(times=days)).dates
        ('2020-01-01T00:00:00', '2020-01-02T00:00:00')
    """
    times = None if labels.times is None else labels.times[-max(TIMES_KEPT, frames) :]
    dates: list[str] = []
    numbers: list[float] = []
    if times is not None and times.dtype.kind == "M":
        dates = np.datetime_as_string(times, unit="s").tolist()
    elif times is not None and np.isfinite(times).all():
        numbers = times.astype(float).tolist()
    return LabelsRecord(
        dates=tuple(dates),
        times=tuple(numbers),
        channels=tuple(record_text(each) for each in labels.channels),
        places=tuple(
            (letter, tuple(values.astype(float).tolist()))  # type: ignore[misc]
            for letter, values in sorted(labels.places.items())
            if values.dtype.kind in "iuf" and np.isfinite(values).all()
        ),
        names=tuple((letter, record_text(name)) for letter, name in sorted(labels.names.items())),  # type: ignore[misc]
        units=record_text(labels.units),
    )


def record_text(words: str) -> str:
    """Return a name that a record can hold."""
    return words.encode("utf-8", "replace").decode()[:LONGEST_TEXT]


def read_labels(saved: LabelsRecord, channels: int, size: tuple[int, ...]) -> Labels:
    """Return the labels of a record, for frames of so many channels and this size.

    Raises:
        DataError: if they do not fit.
    """
    lengths = dict(zip(SPACE[len(size)], size, strict=True))
    places: dict[str, NDArray[Any]] = {
        letter: np.asarray(values) for letter, values in saved.places
    }
    if any(len(values) != lengths.get(letter) for letter, values in places.items()) or len(
        saved.channels
    ) not in {0, channels}:
        raise DataError("The labels of the run do not fit its frames; save the run anew.")
    return Labels(
        times=read_times(saved),
        channels=saved.channels,
        places=places,
        names={str(letter): name for letter, name in saved.names},
        units=saved.units,
    )


def read_times(saved: LabelsRecord) -> NDArray[Any] | None:
    """Return the last times of a record."""
    if saved.times:
        return np.asarray(saved.times)
    if not saved.dates:
        return None
    try:
        return np.array(saved.dates, dtype="datetime64[s]")
    except ValueError as error:
        raise DataError(f"The dates of the run are no dates: {error}.") from None
