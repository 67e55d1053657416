"""Arrays of xarray as values and labels: which axis is which, and its coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.argument_checks import check_dtype
from cnnwidget.data.axis_names import axis_letter, space_in_order
from cnnwidget.data.data_error import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.reading.choose_array import StoredArray, member_name, stack_as_channels
from cnnwidget.data.reading.grids.netcdf_attributes import (
    letters_from_attribute,
    missing_from_attribute,
    valid_from_mask,
)
from cnnwidget.data.reading.guards.damage import one_line
from cnnwidget.data.reading.guards.size_limits import check_memory
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile
from cnnwidget.data.reading.tables.table_cells import dates_array, parse_date

# The axes of a series at a single place.
ALONE = (["T"], ["C", "T"])
SHORTER = "select a part of it with xarray's .isel and give that"


def result_from_xarray(
    arrays: list[Any], file: SourceFile, name: str, mask: Any = None
) -> ReadResult:
    """Return arrays on one grid as values and labels.

    Args:
        arrays: xarray arrays; several become channels.
        file: of the arrays; its `variables` are their names.
        name: of the series.
        mask: an xarray array that is 1 where a single array is valid.

    Raises:
        DataError: if the arrays are on different grids, or are no series of numbers.
    """
    first = arrays[0]
    check_same_grid(arrays, name)
    dropped: list[Any] = []
    letters, unsure = None, ""
    try:
        dropped, letters = choose_axes(first, name)
    except DataError as error:
        unsure = str(error)  # the argument `axes` may solve it
    if len(arrays) > 1 and letters is None:
        raise unknown_axes_error(first, name)
    arrays = [array.isel(dict.fromkeys(dropped, 0)) for array in arrays]
    if letters is None:
        return ReadResult(
            read_values(first, file), name, None, Labels(units=units_of(first)), unsure
        )
    labels = labels_of(arrays[0], letters)
    missing = missing_from_attribute(first)
    if len(arrays) > 1:
        several = [
            StoredArray(a.shape, a.dtype, partial(array_values, a), units_of(a)) for a in arrays
        ]
        result = stack_as_channels(file, several, " ".join(letters))
        channels, units = result.labels.channels, result.labels.units
        labels = replace(labels, channels=channels, units=units)
        return result._replace(name=name, labels=labels, missing=missing)
    axes = dict(zip(arrays[0].dims, letters, strict=True))
    valid = None if mask is None else valid_from_mask(mask, axes)
    values = read_values(arrays[0], file)
    return ReadResult(values, name, " ".join(letters), labels, valid=valid, missing=missing)


def check_same_grid(arrays: list[Any], name: str) -> None:
    """Refuse arrays on different grids, or without numbers.

    Raises:
        DataError: with the axes of each.
    """
    first = arrays[0]
    if any(array.dims != first.dims or array.shape != first.shape for array in arrays):
        grids = ", ".join(f"{a.name} ({' '.join(map(str, a.dims))})" for a in arrays)
        raise DataError(
            f"{name}: to be channels of one series, variables must lie on one grid, but are "
            f"{one_line(grids)}; choose others."
        )
    for array in arrays:
        check_dtype(array.dtype, name if len(arrays) == 1 else member_name(name, str(array.name)))


def choose_axes(array: Any, name: str) -> tuple[list[Any], list[str] | None]:
    """Return the dimensions of length 1 to drop, and the letters of the others.

    Returns:
        None for the letters if no name is known; then the number of axes decides.
    """
    if (said := letters_from_attribute(array)) and is_series(ordered := space_in_order(said)):
        return [], ordered
    letters = {dimension: dimension_letter(array, dimension) for dimension in array.dims}
    known_letters = list(letters.values())
    # Such as one level, one ensemble member, or the single lead time of a forecast.
    dropped = [
        dimension
        for dimension, letter in letters.items()
        if array.sizes[dimension] == 1
        and (letter in {None, "D"} or known_letters.count(letter) > 1)
    ]
    remaining = {each: letter for each, letter in letters.items() if each not in dropped}
    if not any(remaining.values()) and not any(known_letters):
        return [], None
    known = [letter for letter in remaining.values() if letter]
    ordered = space_in_order(known)
    is_known = len(known) == len(remaining) and (is_series(ordered) or sorted(known) in ALONE)
    if not is_known or len(set(known)) < len(known):
        raise unknown_axes_error(array, name)
    return dropped, ordered


def is_series(letters: Sequence[str | None]) -> bool:
    """Whether letters have one axis of time and one to three of space."""
    space = sum(letter is not None and letter in "DHWL" for letter in letters)
    return letters.count("T") == 1 and 1 <= space <= 3


def dimension_letter(dataset: Any, dimension: Any) -> str | None:
    """Return the letter of a dimension, by its coordinate or its name; None if unknown."""
    variable = dataset.variables.get(dimension) if hasattr(dataset, "variables") else None
    if variable is None:
        coordinate = dataset.coords.get(dimension)
        variable = None if coordinate is None else coordinate.variable
    if variable is None or variable.ndim != 1:
        return axis_letter(str(dimension))
    if variable.dtype.kind == "M":
        return "T"
    return axis_letter(str(dimension), variable.attrs)


def unknown_axes_error(array: Any, name: str) -> DataError:
    """Return the error for dimensions that are not recognised."""
    sizes = ", ".join(f"{each} {array.sizes[each]}" for each in array.dims)
    return DataError(
        f"{name} has the axes {one_line(sizes)}, of which one must be time, and one to three "
        "space, by names like time, lat and lon; rename them, or write axes, as axes='T H W'."
    )


def read_values(array: Any, file: SourceFile) -> NDArray[Any]:
    """Return the values of an array if they fit into memory.

    Raises:
        DataError: if they do not.
    """
    if not array.variable._in_memory:  # noqa: SLF001  # the public attributes read the values
        # The values of the file are in memory beside the decoded ones, which are not smaller.
        check_memory(file, 2 * array.size * array.dtype.itemsize, SHORTER)
    return array_values(array)


def array_values(array: Any) -> NDArray[Any]:
    """Return the values of an array."""
    values: NDArray[Any] = np.asarray(array.values)
    return values


def labels_of(array: Any, letters: list[str]) -> Labels:
    """Return the times, channels, coordinates and names of the axes."""
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
    """Return times as dates or as numbers; None if they are neither.

    Dates of other calendars become standard dates if all of them exist, as those of `noleap` do;
    those of `360_day`, with its 30th of February, become days since the first. Texts with dates are
    read as in tables.
    """
    if values is None or not len(values):
        return None
    if values.dtype.kind in "biuf":
        return values
    if values.dtype.kind == "M":
        return None if np.isnat(values).any() else values
    if not all(hasattr(each, "calendar") for each in values):
        known = [date for each in values if (date := parse_date(str(each))) is not None]
        return dates_array(known) if len(known) == len(values) else None
    try:
        return np.array([each.isoformat() for each in values], "datetime64[s]")
    except ValueError:
        return np.array([(each - values[0]).total_seconds() / 86400 for each in values])


def units_of(array: Any) -> str:
    """Return the units of the values; empty if unknown."""
    return str(array.attrs.get("units", ""))
