"""Arrays of xarray as values and labels: which axis is which, and what lies along it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.errors import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.reading.axis_names import letter_of, space_in_order
from cnnwidget.data.reading.choose_array import Stored, as_channels, inside
from cnnwidget.data.reading.file import File
from cnnwidget.data.reading.found import Found
from cnnwidget.data.reading.grids.netcdf_attributes import letters_said, missing_said, valid_in
from cnnwidget.data.reading.guards.guards import check_room, cut
from cnnwidget.data.reading.tables.table_cells import date_of, dates_of
from cnnwidget.data.usable import check_dtype

# Axes of a series of one place.
ALONE = (["T"], ["C", "T"])
SHORTER = "select a part of it with xarray's .isel and give that"


def found_of(arrays: list[Any], file: File, name: str, mask: Any = None) -> Found:
    """Arrays on one grid as values and labels.

    Args:
        arrays: of xarray; several become channels.
        file: that they are in, whose `variables` are the names of several.
        name: what to call them.
        mask: an array of xarray that is 1 where a single one of them is valid.

    Raises:
        DataError: if they lie on different grids, or are no series of numbers.
    """
    first = arrays[0]
    check_alike(arrays, name)
    dropped: list[Any] = []
    letters, unsure = None, ""
    try:
        dropped, letters = letters_for(first, name)
    except DataError as error:
        unsure = str(error)  # whoever writes axes down knows better
    if len(arrays) > 1 and letters is None:
        raise unknown(first, name)
    arrays = [array.isel(dict.fromkeys(dropped, 0)) for array in arrays]
    if letters is None:
        return Found(values_of(first, file), name, None, Labels(units=units_of(first)), unsure)
    labels = labels_of(arrays[0], letters)
    missing = missing_said(first)
    if len(arrays) > 1:
        several = [Stored(a.shape, a.dtype, partial(plain, a), units_of(a)) for a in arrays]
        found = as_channels(file, several, " ".join(letters))
        channels, units = found.labels.channels, found.labels.units
        labels = replace(labels, channels=channels, units=units)
        return found._replace(name=name, labels=labels, missing=missing)
    axes = dict(zip(arrays[0].dims, letters, strict=True))
    valid = None if mask is None else valid_in(mask, axes)
    values = values_of(arrays[0], file)
    return Found(values, name, " ".join(letters), labels, valid=valid, missing=missing)


def check_alike(arrays: list[Any], name: str) -> None:
    """Refuse arrays of different grids, and what is no number."""
    first = arrays[0]
    if any(array.dims != first.dims or array.shape != first.shape for array in arrays):
        told = ", ".join(f"{a.name} ({' '.join(map(str, a.dims))})" for a in arrays)
        raise DataError(
            f"{name}: to be channels of one series, variables must lie on one grid, but are "
            f"{cut(told)}; choose others."
        )
    for array in arrays:
        check_dtype(array.dtype, name if len(arrays) == 1 else inside(name, str(array.name)))


def letters_for(array: Any, name: str) -> tuple[list[Any], list[str] | None]:
    """The dimensions of one step that are dropped, and the letters of the others.

    Returns:
        None for the letters where no name says anything: then their number does.
    """
    if (said := letters_said(array)) and is_series(ordered := space_in_order(said)):
        return [], ordered
    letters = {dimension: letter_in(array, dimension) for dimension in array.dims}
    told = list(letters.values())
    # One level, one member of an ensemble, the one step that a forecast of many dates was made for.
    dropped = [
        dimension
        for dimension, letter in letters.items()
        if array.sizes[dimension] == 1 and (letter in {None, "D"} or told.count(letter) > 1)
    ]
    kept = {each: letter for each, letter in letters.items() if each not in dropped}
    if not any(kept.values()) and not any(told):
        return [], None
    known = [letter for letter in kept.values() if letter]
    ordered = space_in_order(known)
    is_known = len(known) == len(kept) and (is_series(ordered) or sorted(known) in ALONE)
    if not is_known or len(set(known)) < len(known):
        raise unknown(array, name)
    return dropped, ordered


def is_series(letters: Sequence[str | None]) -> bool:
    """Whether there is one axis of time, and space."""
    space = sum(letter is not None and letter in "DHWL" for letter in letters)
    return letters.count("T") == 1 and 1 <= space <= 3


def letter_in(dataset: Any, dimension: Any) -> str | None:
    """The letter of a dimension, by its coordinate if it has one."""
    variable = dataset.variables.get(dimension) if hasattr(dataset, "variables") else None
    if variable is None:
        coordinate = dataset.coords.get(dimension)
        variable = None if coordinate is None else coordinate.variable
    if variable is None or variable.ndim != 1:
        return letter_of(str(dimension))
    if variable.dtype.kind == "M":
        return "T"
    return letter_of(str(dimension), variable.attrs)


def unknown(array: Any, name: str) -> DataError:
    """What to say of dimensions that are not understood."""
    told = ", ".join(f"{each} {array.sizes[each]}" for each in array.dims)
    return DataError(
        f"{name} has the axes {cut(told)}, of which one must be time, and one to three space, by "
        "names like time, lat and lon; rename them, or write axes, as axes='T H W'."
    )


def values_of(array: Any, file: File) -> NDArray[Any]:
    """The values of an array, if there is room for them."""
    if not array.variable._in_memory:  # noqa: SLF001  # nothing else asks without reading
        # Beside the decoded values stand those of the file, which are no larger.
        check_room(file, 2 * array.size * array.dtype.itemsize, SHORTER)
    return plain(array)


def plain(array: Any) -> NDArray[Any]:
    """The values of an array."""
    values: NDArray[Any] = np.asarray(array.values)
    return values


def labels_of(array: Any, letters: list[str]) -> Labels:
    """Times, channels, places and names of the axes."""
    named = dict(zip(letters, array.dims, strict=True))
    along = {
        letter: np.asarray(array.coords[dimension].values)
        for letter, dimension in named.items()
        if dimension in array.coords and array.coords[dimension].dims == (dimension,)
    }
    return Labels(
        times=times_of(along.pop("T", None)),
        channels=tuple(map(str, along.pop("C", ()))),
        places={letter: values for letter, values in along.items() if values.dtype.kind in "biufM"},
        names={letter: str(dimension) for letter, dimension in named.items()},
        units=units_of(array),
    )


def times_of(values: NDArray[Any] | None) -> NDArray[Any] | None:
    """Times as dates, or as numbers.

    Dates of other calendars become dates of ours where each of them is one, as those of `noleap`
    are; those of `360_day`, with its 30th of February, become days since the first. Text may be of
    dates, too, as in tables.
    """
    if values is None or not len(values):
        return None
    if values.dtype.kind in "biuf":
        return values
    if values.dtype.kind == "M":
        return None if np.isnat(values).any() else values
    if not all(hasattr(each, "calendar") for each in values):
        known = [date for each in values if (date := date_of(str(each))) is not None]
        return dates_of(known) if len(known) == len(values) else None
    try:
        return np.array([each.isoformat() for each in values], "datetime64[s]")
    except ValueError:
        return np.array([(each - values[0]).total_seconds() / 86400 for each in values])


def units_of(array: Any) -> str:
    """The units of the values, if these are told."""
    return str(array.attrs.get("units", ""))
