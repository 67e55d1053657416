"""Grids with named axes: xarray, NetCDF and Zarr."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.argument_checks import check_dtype
from cnnwidget.data.data_error import DataError
from cnnwidget.data.reading.choose_array import choose_names, groups_error, member_name
from cnnwidget.data.reading.grids import classic_netcdf, hdf5, zarr_store
from cnnwidget.data.reading.grids.netcdf_attributes import mask_name
from cnnwidget.data.reading.grids.xarray_values import (
    SHORTER,
    dimension_letter,
    is_series,
    result_from_xarray,
)
from cnnwidget.data.reading.guards.damage import damage_reported
from cnnwidget.data.reading.guards.extras import import_extra
from cnnwidget.data.reading.guards.packed_chunks import check_packed_chunks
from cnnwidget.data.reading.guards.size_limits import check_claimed_size
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile

ANEW = "write it anew with xarray's to_netcdf or to_zarr"
# The prefix in HDF5 of a NetCDF-4 variable that has the name of a dimension but is no coordinate.
NO_COORDINATE = "_nc4_non_coord_"


def read_xarray(source: Any, variables: tuple[str, ...]) -> ReadResult:
    """Read a DataArray or a Dataset.

    Args:
        source: either; lazy values are read once.
        variables: the names of the variables of a Dataset to read; several become channels.

    Raises:
        DataError: if the source is no series of frames, or takes more memory than there is.

    Example:
        >>> import xarray
        >>> array = xarray.DataArray(np.zeros((9, 8, 7)), dims=("time", "lat", "lon"), name="ice")
        >>> read_xarray(array, ()).axes
        'T H W'
    """
    xarray = import_extra("xarray", "geo", "a Dataset")
    if isinstance(source, xarray.DataArray):
        name = str(source.name or "DataArray")
        if variables and variables != (name,):
            raise DataError(
                f"{name} is one DataArray, without variables to choose from; leave variable out."
            )
        arrays = [source]
        mask = None
    else:
        names = choose_variables(source, variables, "Dataset")
        name = names[0] if len(names) == 1 else "Dataset"
        arrays = [source[each] for each in names]
        beside = mask_name(source.variables, names[0])
        mask = None if beside is None else source[beside]
    # The source is no upload, so that only memory limits its size.
    file = SourceFile(name, Path(name), None, tuple(str(array.name) for array in arrays))
    with damage_reported(name, "load it with xarray's .load first"):
        return result_from_xarray(arrays, file, name, mask)


def read(file: SourceFile) -> ReadResult:
    """Read the only variable of a file, the one that was asked for, or several as channels."""
    xarray = import_extra("xarray", "geo", file.name)
    with open_grid(file) as (dataset, root), damage_reported(file.name, ANEW):
        if not dataset.data_vars and (groups := group_names(root)):
            raise groups_error(file.name, groups)
        names = choose_variables(dataset, file.variables, file.name)
        mask = mask_name(dataset.variables, names[0])
        variables = [*names, *([] if mask is None else [mask])]
        coordinates = {
            dimension
            for name in names
            for dimension in dataset[name].dims
            if dimension in dataset.variables and dataset[dimension].dims == (dimension,)
        }
        # Sizes are checked first, since decoding reads values.
        for each in (*variables, *coordinates):
            variable = dataset.variables[each]
            chunks = variable.encoding.get("chunksizes") or variable.encoding.get("chunks")
            check_claimed_size(file, variable.shape, chunks, variable.dtype.itemsize, SHORTER)
            stored = root.get(each) or root.get(f"{NO_COORDINATE}{each}")
            if stored is not None:
                check_packed_chunks(stored, member_name(file.name, str(each)), file)
        raw = dataset[variables].reset_coords(drop=True)
        raw = raw.assign({each: dataset[each] for each in coordinates}).set_coords(coordinates)
        grid = xarray.decode_cf(
            raw.drop_vars(coordinates), decode_times=False, decode_coords=False
        ).assign_coords(
            {
                each: (each, *decode_coordinate(raw.variables[each], str(each)))
                for each in coordinates
            }
        )
        arrays = [grid[name] for name in names]
        result = result_from_xarray(arrays, file, file.called, None if mask is None else grid[mask])
        return result._replace(values=copy_mapped(result.values))


def copy_mapped(values: NDArray[Any]) -> NDArray[Any]:
    """Return values that remain when their file is closed: a copy if they are mapped."""
    owner = values
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    return values if owner.base is None else values.copy()


def array_names(file: SourceFile) -> tuple[str, ...]:
    """Return the names of the variables in a file that could be frames."""
    with open_grid(file) as (dataset, _), damage_reported(file.name, ANEW):
        return likely_frames(dataset)


@contextmanager
def open_grid(file: SourceFile) -> Iterator[tuple[Any, Any]]:
    """Open a file as a Dataset, nothing decoded or read, and as a root of h5py if it is HDF5."""
    if Path(file.name).suffix.lower() == ".zarr":
        with open_lazily(file, zarr_store.open_store(file), "zarr", consolidated=False) as dataset:
            # The order of files in a folder is arbitrary.
            yield dataset[sorted(map(str, dataset.data_vars))], {}
        return
    with file.open() as content:
        start = content.read(len(hdf5.SIGNATURE))
    if start[:4] in classic_netcdf.VERSIONS:
        with classic_netcdf.open_classic(file) as dataset:
            yield dataset, {}
    elif start == hdf5.SIGNATURE:  # NetCDF-4 is HDF5
        import_extra("h5netcdf", "geo", file.name)
        # `open_hdf5` refuses links to other files.
        with (
            hdf5.open_hdf5(file) as root,
            open_lazily(file, root, "h5netcdf", phony_dims="sort") as dataset,
        ):
            yield dataset, root
    elif start[:4] == classic_netcdf.NEWEST:
        raise DataError(
            f"{file.name} is of version 5 of the classic format of NetCDF, but 1 and 2 can be "
            "read; nccopy -k nc4 makes NetCDF-4 of it."
        )
    else:
        with damage_reported(file.name, ANEW):
            raise ValueError("it begins otherwise" if start else "it is empty")


@contextmanager
def open_lazily(file: SourceFile, source: Any, engine: str, **options: Any) -> Iterator[Any]:
    """Open a Dataset of xarray whose values are read when they are needed."""
    xarray = import_extra("xarray", "geo", file.name)
    with damage_reported(file.name, ANEW):
        dataset = xarray.open_dataset(
            source,
            engine=engine,
            decode_cf=False,
            create_default_indexes=False,  # they would be read before their size is checked
            cache=False,
            chunks=None,
            **options,
        )
    try:
        yield dataset
    finally:
        with damage_reported(file.name, ANEW):
            dataset.close()


def group_names(root: Any) -> list[str]:
    """Return the names of the groups in a file of h5py; xarray reads the root only."""
    return [name for name in root if hasattr(root[name], "keys")]


def choose_variables(dataset: Any, asked: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Return the names that were asked for, or the only variable that could be frames.

    Raises:
        DataError: if a name is unknown, several variables could be meant, or none could be.
    """
    known, may_be = map(str, dataset.data_vars), likely_frames(dataset)
    example = f"variable={may_be[0]!r}" if may_be and name == "Dataset" else ""
    if names := choose_names(name, "variables", asked, known, may_be, example=example):
        return names
    for each, variable in dataset.data_vars.items():  # report a variable of another dtype
        if variable.ndim:
            check_dtype(variable.dtype, member_name(name, str(each)))
    raise DataError(f"{name} holds no variable of numbers with an axis; give another file.")


def likely_frames(dataset: Any) -> tuple[str, ...]:
    """Return the variables with axes of time and space; if there are none, all of numbers."""
    numbers = {
        str(name): variable
        for name, variable in dataset.data_vars.items()
        if variable.dtype.kind in "biuf" and variable.ndim
    }
    bounds = {str(each.attrs.get("bounds")) for each in dataset.variables.values()}
    frames = tuple(
        name
        for name, variable in numbers.items()
        if name not in bounds
        and is_series([dimension_letter(dataset, each) for each in variable.dims])
    )
    most = min(2, max((variable.ndim for variable in numbers.values()), default=0))
    return frames or tuple(n for n, variable in numbers.items() if variable.ndim >= most)


def decode_coordinate(variable: Any, name: str) -> tuple[Any, Mapping[Any, Any]]:
    """Return the values of a coordinate, decoded to dates if its units allow it, and attributes."""
    dated = import_extra("xarray", "geo", name).conventions.decode_cf_variable
    try:
        coordinate = dated(name, variable, decode_timedelta=False)
        values = coordinate.values
    # `months since` stay numbers, since months differ in length.
    except (ValueError, OverflowError, TypeError, AttributeError, KeyError):
        coordinate = dated(name, variable, decode_times=False)
        values = coordinate.values
    return np.array(values), {**variable.attrs, **coordinate.attrs}
