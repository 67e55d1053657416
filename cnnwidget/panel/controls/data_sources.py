"""The sources of data that a person can choose, and how they are read; without widgets."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.reading.grids.netcdf import likely_frames
from cnnwidget.data.reading.readers import (
    READERS,
    array_names,
    array_names_in_upload,
    unquoted,
)
from cnnwidget.design.value import shortened

# The kinds of files that are read, in words; a folder has only its path.
KINDS = (
    "arrays (NumPy, PyTorch), pictures and films (GIF, PNG, MP4), grids (NetCDF, GeoTIFF, HDF5), "
    "tables (CSV), sound (WAV)"
)
FOLDERS = "a folder of pictures, or a Zarr store"
# A Zarr store is a folder, which no page can send.
UPLOADED = ",".join(ending for ending in READERS if ending != ".zarr")
# Of a table all columns are read unless one is chosen.
TABLES = {".csv", ".tsv"}
ALL_COLUMNS = "all columns"


class ReadingOptions(NamedTuple):
    """The options for reading a source.

    Attributes:
        axes: the order of its axes.
        frame_len: how many steps make a frame, where there is no space.
        variable: which array of several.
    """

    axes: str | None = None
    frame_len: int | None = None
    variable: str | None = None


def read_leniently(
    read: Callable[[ReadingOptions], Frames | None], options: ReadingOptions
) -> tuple[Frames | None, ReadingOptions]:
    """Return frames and the options that they were read with.

    Options that were given for other data are dropped if the source cannot be read with them.

    Raises:
        DataError: if it cannot be read without them either; the error of the first attempt.
    """
    try:
        return read(options), options
    except DataError:
        fewer = (options._replace(axes=None), options._replace(frame_len=None))
        for other in dict.fromkeys((*fewer, options._replace(axes=None, frame_len=None))):
            if other == options:
                continue
            try:
                return read(other), other
            except DataError:
                continue
        raise


def length_typed(text: str) -> int | None:
    """Return a length of frames that was typed; None if it is empty.

    Example:
        >>> length_typed(" 24 "), length_typed("")
        (24, None)
    """
    if not text.strip():
        return None
    try:
        return int(text)
    except ValueError:
        raise DataError(
            f"frame length is {shortened(text)}, but must be a whole number, as 24 for the hours "
            "of a day."
        ) from None


def members(names: tuple[str, ...], name: str) -> list[tuple[str, str | None]]:
    """Return the arrays to choose from, as labels and names; empty if there is only one.

    Example:
        >>> members(("ice", "snow"), "a.npz"), members(("ice",), "a.npz")
        ([('ice', 'ice'), ('snow', 'snow')], [])
    """
    if len(names) < 2:
        return []
    offered: list[tuple[str, str | None]] = [(each, each) for each in names]
    return [(ALL_COLUMNS, None), *offered] if Path(name).suffix.lower() in TABLES else offered


def members_of_upload(name: str, content: bytes) -> list[tuple[str, str | None]]:
    """Return the arrays of an uploaded file to choose from.

    Raises:
        DataError: if the file is damaged, or of no kind that is read.
    """
    return members(array_names_in_upload(name, content), name)


def members_at(path: str) -> list[tuple[str, str | None]]:
    """Return the arrays of a file to choose from; empty if the path already names one.

    A file that cannot be opened has none; reading it raises the error.

    Raises:
        DataError: if the file is damaged.
    """
    return members(array_names(path), unquoted(path))


def members_of_variable(value: object) -> list[tuple[str, str | None]]:
    """Return the variables of an xarray Dataset to choose from; empty for anything else."""
    xarray = sys.modules.get("xarray")
    if xarray is None or not isinstance(value, xarray.Dataset):
        return []
    return members(tuple(likely_frames(value)), "Dataset")


def may_be_frames(value: object) -> bool:
    """Whether a variable can be frames: numbers with two to five axes, or a list of images.

    Example:
        >>> may_be_frames(np.zeros((9, 8, 7))), may_be_frames([np.zeros((8, 7))] * 9)
        (True, True)
        >>> may_be_frames([1, 2, 3]), may_be_frames("ice.npy"), may_be_frames(np.zeros(9))
        (False, False, False)
    """
    if isinstance(value, Frames):
        return True
    if isinstance(value, list | tuple):
        return is_series_of_images(value)
    xarray = sys.modules.get("xarray")  # not imported, so no value can be of it
    if xarray is not None and isinstance(value, xarray.Dataset):
        return any(is_numeric(each.dtype, each.ndim) for each in value.data_vars.values())
    if xarray is not None and isinstance(value, xarray.DataArray):
        return is_numeric(value.dtype, value.ndim) and len(value) > 1
    if isinstance(value, np.ndarray):
        return is_numeric(value.dtype, value.ndim) and len(value) > 1
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor) and 2 <= value.dim() <= 5


def is_numeric(dtype: Any, axes: int) -> bool:
    """Whether an array holds real numbers along two to five axes."""
    return 2 <= axes <= 5 and getattr(dtype, "kind", "") in {"b", "u", "i", "f"}


def is_series_of_images(values: list[Any] | tuple[Any, ...]) -> bool:
    """Whether the first, middle and last element of a list are images of one shape."""
    if len(values) < 2:
        return False
    # This runs after each cell, so it does not look through a long list.
    looked_at = (values[0], values[len(values) // 2], values[-1])
    shapes = {shape_of(each) for each in looked_at}
    return len(shapes) == 1 and 1 <= len(shapes.pop()) <= 4


def shape_of(image: object) -> tuple[Any, ...]:
    """Return the shape of an array, a tensor or a Pillow image; empty for anything else."""
    pictures, torch = sys.modules.get("PIL.Image"), sys.modules.get("torch")
    if pictures is not None and isinstance(image, pictures.Image):
        return (*image.size, image.mode)
    is_tensor = torch is not None and isinstance(image, torch.Tensor)
    is_array = isinstance(image, np.ndarray) and image.dtype.kind in "buif"
    return tuple(getattr(image, "shape", ())) if is_array or is_tensor else ()
