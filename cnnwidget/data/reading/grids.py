"""Grids with named axes: xarray, NetCDF and Zarr."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.errors import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.reading import classic_netcdf, hdf5, zarr_store
from cnnwidget.data.reading.axis_names import letter_of, space_in_order
from cnnwidget.data.reading.file import File
from cnnwidget.data.reading.found import Found
from cnnwidget.data.reading.guarded import check_room, cut, damage_told, needed
from cnnwidget.data.reading.packed_chunks import check_packing
from cnnwidget.data.usable import check_dtype
from cnnwidget.design.value import closest, shortened

ANEW = "write it anew with xarray's to_netcdf or to_zarr"
# What NetCDF-4 calls a variable that has the name of a dimension and is no coordinate, in HDF5.
NO_COORDINATE = "_nc4_non_coord_"
SHORTER = "select a part of it with xarray's .isel and give that"


def found_in(source: Any, variables: tuple[str, ...]) -> Found:
    """What is in a DataArray or a Dataset.

    Args:
        source: either; values that are read as they are needed are read once.
        variables: of a Dataset those that were asked for; several become channels.

    Raises:
        DataError: if that is no series of frames, or takes more memory than there is.

    Example:
        >>> import xarray
        >>> array = xarray.DataArray(np.zeros((9, 8, 7)), dims=("time", "lat", "lon"), name="ice")
        >>> found_in(array, ()).axes
        'T H W'
    """
    xarray = needed("xarray", "geo", "a Dataset")
    if isinstance(source, xarray.DataArray):
        name = str(source.name or "DataArray")
        if variables and variables != (name,):
            raise DataError(
                f"{name} is one DataArray, which has no variables to choose from; leave variable "
                "out."
            )
        arrays = [source]
    else:
        name = "Dataset"
        arrays = [source[each] for each in chosen(source, variables, name)]
        if len(arrays) == 1:
            name = str(arrays[0].name)
    # It did not come from a page, and may be as large as memory.
    with damage_told(name, "load it with xarray's .load first"):
        return found_of(arrays, File(name, Path(name), None), name)


def read(file: File) -> Found:
    """The only variable of a file on a grid, the one that was asked for, or several as channels."""
    xarray = needed("xarray", "geo", file.name)
    with opened(file) as (dataset, root), damage_told(file.name, ANEW):
        names = chosen(dataset, file.variables, file.name)
        coordinates = {
            dimension
            for name in names
            for dimension in dataset[name].dims
            if dimension in dataset.variables and dataset[dimension].dims == (dimension,)
        }
        # Sizes are only claimed, and decoding looks into the values.
        for each in (*names, *coordinates):
            check_claimed(dataset.variables[each], file)
            stored = root.get(each) or root.get(f"{NO_COORDINATE}{each}")
            if stored is not None:
                check_packing(stored, f"{file.name}::{each}", file)
        raw = dataset[list(names)].reset_coords(drop=True)
        raw = raw.assign({each: dataset[each] for each in coordinates}).set_coords(coordinates)
        grid = xarray.decode_cf(
            raw.drop_vars(coordinates), decode_times=False, decode_coords=False
        ).assign_coords(
            {each: (each, *decoded(raw.variables[each], str(each))) for each in coordinates}
        )
        called = f"{file.name}::{names[0]}" if file.variables and len(names) == 1 else file.name
        found = found_of([grid[name] for name in names], file, called)
        # A classic file is mapped, and closed now.
        return found if found.values.flags.owndata else found._replace(values=found.values.copy())


def names_in(file: File) -> tuple[str, ...]:
    """The names of the variables in a file that could be frames."""
    with opened(file) as (dataset, _), damage_told(file.name, ANEW):
        return likely(dataset)


@contextmanager
def opened(file: File) -> Iterator[tuple[Any, Any]]:
    """A file as a Dataset, nothing decoded and no value read as yet, and what h5py has opened."""
    if Path(file.name).suffix.lower() == ".zarr":
        with lazily(file, zarr_store.checked(file), "zarr", consolidated=False) as dataset:
            yield dataset, {}
        return
    with file.open() as content:
        start = content.read(len(hdf5.SIGNATURE))
    if start[:4] in classic_netcdf.VERSIONS:
        with classic_netcdf.opened(file) as dataset:
            yield dataset, {}
    elif start == hdf5.SIGNATURE:  # as NetCDF-4 is
        needed("h5netcdf", "geo", file.name)
        # This one leads nowhere else.
        with (
            hdf5.opened(file) as root,
            lazily(file, root, "h5netcdf", phony_dims="sort") as dataset,
        ):
            yield dataset, root
    elif start[:4] == classic_netcdf.NEWEST:
        raise DataError(
            f"{file.name} is of version 5 of the classic format of NetCDF, but 1 and 2 can be "
            "read; nccopy -k nc4 makes NetCDF-4 of it."
        )
    else:
        with damage_told(file.name, ANEW):
            raise ValueError("it begins otherwise" if start else "it is empty")


@contextmanager
def lazily(file: File, source: Any, engine: str, **options: Any) -> Iterator[Any]:
    """What xarray opens, its values to be read as they are needed."""
    xarray = needed("xarray", "geo", file.name)
    with damage_told(file.name, ANEW):
        dataset = xarray.open_dataset(
            source,
            engine=engine,
            decode_cf=False,
            create_default_indexes=False,  # which would be read, whatever size they claim
            cache=False,
            chunks=None,
            **options,
        )
    try:
        yield dataset
    finally:
        with damage_told(file.name, ANEW):
            dataset.close()


def chosen(dataset: Any, variables: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The variables that were asked for, or the only one that could be frames."""
    if variables:
        for each in variables:
            if each not in list(dataset.data_vars):
                shown = cut(", ".join(map(str, dataset.data_vars))) or "no variables"
                end = closest(each, map(str, dataset.data_vars)) or "."
                raise DataError(f"{name}: the file holds {shown}, but not {shortened(each)}{end}")
        return variables
    names = likely(dataset)
    if len(names) == 1:
        return names
    if names:
        file = "variable=" + repr(names[0]) if name == "Dataset" else repr(f"{name}::{names[0]}")
        raise DataError(
            f"{name} holds {len(names)} variables: {cut(', '.join(names))}; say which one, as in "
            f"{file}."
        )
    for each, variable in dataset.data_vars.items():  # what is there instead
        if variable.ndim:
            check_dtype(variable.dtype, f"{name}::{each}")
    raise DataError(f"{name} holds no variable of numbers with an axis; give another file.")


def likely(dataset: Any) -> tuple[str, ...]:
    """The variables with time and space; where there are none, all numbers with most axes."""
    numbers = {
        str(name): variable
        for name, variable in dataset.data_vars.items()
        if variable.dtype.kind in "biuf" and variable.ndim
    }
    bounds = {str(each.attrs.get("bounds")) for each in dataset.variables.values()}
    frames = tuple(
        name
        for name, variable in numbers.items()
        if name not in bounds and is_series([letter_in(dataset, each) for each in variable.dims])
    )
    most = min(2, max((variable.ndim for variable in numbers.values()), default=0))
    return frames or tuple(n for n, variable in numbers.items() if variable.ndim >= most)


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


def check_claimed(variable: Any, file: File) -> None:
    """Refuse a variable that would not fit into memory, by what it says of itself.

    A chunk is unpacked as a whole, however little of it is needed.
    """
    chunks = variable.encoding.get("chunksizes") or variable.encoding.get("chunks") or ()
    claimed = max(prod(map(int, variable.shape)), prod(map(int, chunks)))
    check_room(file, claimed * variable.dtype.itemsize, SHORTER)


def decoded(variable: Any, name: str) -> tuple[Any, Mapping[Any, Any]]:
    """The values of a coordinate and its attributes: dates, where its units can be made such."""
    dated = needed("xarray", "geo", name).conventions.decode_cf_variable
    try:
        coordinate = dated(name, variable, decode_timedelta=False)
        values = coordinate.values
    # `months since`, which are not of one length, stay numbers.
    except (ValueError, OverflowError, TypeError, AttributeError, KeyError):
        coordinate = dated(name, variable, decode_times=False)
        values = coordinate.values
    return np.array(values), {**variable.attrs, **coordinate.attrs}


def found_of(arrays: list[Any], file: File, name: str) -> Found:
    """Arrays on one grid as values and labels."""
    first = arrays[0]
    if any(array.dims != first.dims or array.shape != first.shape for array in arrays):
        told = ", ".join(f"{a.name} ({' '.join(map(str, a.dims))})" for a in arrays)
        raise DataError(
            f"{name}: to be channels of one series, variables must lie on one grid, but are "
            f"{cut(told)}; choose others."
        )
    for array in arrays:
        check_dtype(array.dtype, name if len(arrays) == 1 else f"{name}::{array.name}")
    unsure = ""
    try:
        dropped, letters = letters_for(first, name)
    except DataError as error:
        if len(arrays) > 1:
            raise
        # Whoever writes axes down knows better.
        dropped, letters, unsure = [], None, str(error)
    if len(arrays) > 1 and letters is None:
        raise unknown(first, name)
    if len(arrays) > 1 and "C" in (letters or ()):
        raise DataError(
            f"{name}: {cut(', '.join(str(array.name) for array in arrays))} have channels of their "
            "own; choose one variable."
        )
    arrays = [array.isel(dict.fromkeys(dropped, 0)) for array in arrays]
    loaded = values_of(arrays, file)
    if letters is None:
        return Found(loaded, name, None, Labels(units=units_of(arrays)), unsure)
    labels = labels_of(arrays, letters)
    if len(arrays) > 1:
        letters = [*letters, "C"]
    return Found(loaded, name, " ".join(letters), labels)


def letters_for(array: Any, name: str) -> tuple[list[Any], list[str] | None]:
    """The dimensions of one step that are dropped, and the letters of the others.

    Returns:
        None for the letters where no name says anything: then their number does.
    """
    letters = {dimension: letter_in(array, dimension) for dimension in array.dims}
    dropped = [
        dimension
        for dimension, letter in letters.items()
        if array.sizes[dimension] == 1 and (letter is None or letter == "D")
    ]
    kept = {each: letter for each, letter in letters.items() if each not in dropped}
    if not any(kept.values()) and not any(letters.values()):
        return [], None
    known = [letter for letter in kept.values() if letter]
    if len(known) < len(kept) or len(set(known)) < len(known) or "T" not in known:
        raise unknown(array, name)
    ordered = space_in_order(known)
    if ordered == ["T"] or ordered in (["T", "C"], ["C", "T"]):
        return dropped, ordered
    if not is_series(ordered):
        raise unknown(array, name)
    return dropped, ordered


def unknown(array: Any, name: str) -> DataError:
    """What to say of dimensions that are not understood."""
    told = ", ".join(f"{each} {array.sizes[each]}" for each in array.dims)
    return DataError(
        f"{name} has the axes {cut(told)}, of which one must be time, and one to three space, by "
        "names like time, lat and lon; rename them, or write axes, as axes='T H W'."
    )


def values_of(arrays: list[Any], file: File) -> NDArray[Any]:
    """The values of arrays, the last axis for several of them."""
    count = prod(arrays[0].shape)
    dtype = np.result_type(*(array.dtype for array in arrays))
    if len(arrays) == 1:
        if not arrays[0].variable._in_memory:  # noqa: SLF001  # nothing else asks without reading
            # Beside the decoded values stand those of the file, which are no larger.
            check_room(file, 2 * count * dtype.itemsize, SHORTER)
        values: NDArray[Any] = plain(arrays[0])
        return values
    check_room(file, (len(arrays) + 2) * count * dtype.itemsize, SHORTER)
    stack: NDArray[Any] = np.empty((*arrays[0].shape, len(arrays)), dtype)
    for number, array in enumerate(arrays):
        stack[..., number] = plain(array)
    return stack


def plain(array: Any) -> NDArray[Any]:
    """The values of one array."""
    values: NDArray[Any] = np.asarray(array.values)
    return values


def labels_of(arrays: list[Any], letters: list[str]) -> Labels:
    """Times, channels, places and names of the axes."""
    first = arrays[0]
    named = dict(zip(letters, first.dims, strict=True))
    along = {
        letter: np.asarray(first.coords[dimension].values)
        for letter, dimension in named.items()
        if dimension in first.coords and first.coords[dimension].dims == (dimension,)
    }
    channels = tuple(str(array.name) for array in arrays) if len(arrays) > 1 else ()
    return Labels(
        times=times_of(along.pop("T", None)),
        channels=tuple(map(str, along.pop("C", channels))),
        places={letter: values for letter, values in along.items() if values.dtype.kind in "biufM"},
        names={letter: str(dimension) for letter, dimension in named.items()},
        units=units_of(arrays),
    )


def times_of(values: NDArray[Any] | None) -> NDArray[Any] | None:
    """Times as dates, or as numbers.

    Dates of other calendars become dates of ours where each of them is one, as those of `noleap`
    are; those of `360_day`, with its 30th of February, become days since the first.
    """
    if values is None or not len(values):
        return None
    if values.dtype.kind in "biuf":
        return values
    if values.dtype.kind == "M":
        return None if np.isnat(values).any() else values
    if not all(hasattr(each, "calendar") for each in values):
        return None
    try:
        return np.array([each.isoformat() for each in values], "datetime64[s]")
    except ValueError:
        return np.array([(each - values[0]).total_seconds() / 86400 for each in values])


def units_of(arrays: list[Any]) -> str:
    """The units of the values, if all have the same."""
    units = {str(array.attrs.get("units", "")) for array in arrays}
    return units.pop() if len(units) == 1 else ""
