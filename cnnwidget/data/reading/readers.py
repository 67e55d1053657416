"""The reader for each kind of source, by the ending of its name: `.tif` is for `images/tiff`."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cnnwidget.data.data_error import DataError
from cnnwidget.data.paths import ending_in_words, expand_user
from cnnwidget.data.reading.arrays import arrays, numpy_files, tensor_files, wav_files
from cnnwidget.data.reading.choose_array import refuse_variables
from cnnwidget.data.reading.grids import hdf5, netcdf
from cnnwidget.data.reading.guards.damage import open_errors_reported
from cnnwidget.data.reading.images import image_folders, pillow_images, tiff, video
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile
from cnnwidget.data.reading.tables import csv_files
from cnnwidget.design.value import closest

# By the ending of a file's name. Readers import large libraries only when they read.
READERS: dict[str, Callable[[SourceFile], ReadResult]] = {
    ".npy": numpy_files.read,
    ".npz": numpy_files.read,
    ".pt": tensor_files.read,
    ".pth": tensor_files.read,
    ".gif": pillow_images.read,
    ".png": pillow_images.read,
    ".apng": pillow_images.read,
    ".jpg": pillow_images.read,
    ".jpeg": pillow_images.read,
    ".bmp": pillow_images.read,
    ".webp": pillow_images.read,
    ".mp4": video.read,
    ".avi": video.read,
    ".mov": video.read,
    ".mkv": video.read,
    ".webm": video.read,
    ".nc": netcdf.read,
    ".nc4": netcdf.read,
    ".zarr": netcdf.read,
    ".tif": tiff.read,
    ".tiff": tiff.read,
    ".h5": hdf5.read,
    ".hdf5": hdf5.read,
    ".csv": csv_files.read,
    ".tsv": csv_files.read,
    ".wav": wav_files.read,
}
# Functions that list the arrays of a file, for formats with several: `file.nc::name` names one.
NAMES: dict[str, Callable[[SourceFile], tuple[str, ...]]] = {
    ".npz": numpy_files.array_names,
    ".pt": tensor_files.array_names,
    ".pth": tensor_files.array_names,
    ".nc": netcdf.array_names,
    ".nc4": netcdf.array_names,
    ".zarr": netcdf.array_names,
    ".h5": hdf5.array_names,
    ".hdf5": hdf5.array_names,
    ".csv": csv_files.array_names,
    ".tsv": csv_files.array_names,
}


def read_source(source: Any, variables: tuple[str, ...]) -> ReadResult:
    """Read any source: a path, an array, a tensor, a list, or an object of xarray.

    Args:
        source: what to read.
        variables: the names of the arrays to read, of a source that holds several; may be empty.

    Raises:
        DataError: if the source cannot be read, or holds no series of numbers.
    """
    if isinstance(source, str | os.PathLike):
        return read_path(source, variables)
    xarray = sys.modules.get("xarray")  # a source cannot be of xarray before that is imported
    if xarray is not None and isinstance(source, xarray.DataArray | xarray.Dataset):
        return netcdf.read_xarray(source, variables)
    if variables:
        raise DataError(
            "variable names one of several in a file or a Dataset, but the source is a "
            f"{type(source).__name__}; leave variable out."
        )
    return arrays.read_array(source)


def read_path(source: str | os.PathLike[str], variables: tuple[str, ...]) -> ReadResult:
    """Read a file, the images of a folder, or the images that match a pattern."""
    text, named = split_path(source)
    if not text:
        raise DataError("The path is empty; give the path of a file, or of a folder of images.")
    path = Path(text)
    with open_errors_reported(path):
        is_folder = path.is_dir() and path.suffix.lower() not in READERS
        if is_folder or (not path.exists() and glob.has_magic(text)):
            refuse_variables(SourceFile(path.name, path, None, variables), "pictures")
            return (
                image_folders.read_folder(path) if is_folder else image_folders.read_pattern(text)
            )
        file = SourceFile(path.name, path, None, variables or named)
        read = READERS[known_ending(path.name)]
        if not path.is_dir():
            with path.open("rb"):
                pass  # so that the error of a path that cannot be opened is ours, not a library's
        return read(file)


def array_names(source: str | os.PathLike[str]) -> tuple[str, ...]:
    """Return the names of the arrays in a file that holds several; their values are not read.

    Args:
        source: a path as `load` takes it.

    Returns:
        The names; empty for a path that names an array already, for a file that holds one array,
        and for a file that cannot be opened, which `load` will report.

    Raises:
        DataError: if the file is damaged.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.savez(f"{folder}/two.npz", ice=np.zeros((9, 32)), snow=np.zeros((9, 32)))
        ...     array_names(f"{folder}/two.npz"), array_names(f"{folder}/two.npz::ice")
        (('ice', 'snow'), ())
    """
    text, named = split_path(source)
    path = Path(text)
    try:
        # A Zarr store is a folder; any other folder can only hold images.
        if named or not (path.is_file() or (path.is_dir() and path.suffix.lower() == ".zarr")):
            return ()
        return array_names_in_file(SourceFile(path.name, path, None))
    except OSError:
        return ()


def read_upload(name: str, content: Any, variables: tuple[str, ...]) -> ReadResult:
    """Read the content of an uploaded file.

    Raises:
        DataError: if the content is damaged, too large or no series of numbers.
    """
    file, named = split_name(name)
    return READERS[known_ending(file)](SourceFile(file, None, content, variables or named))


def array_names_in_upload(name: str, content: Any) -> tuple[str, ...]:
    """Return the names of the arrays in an upload that holds several; empty for one that does not.

    Raises:
        DataError: if the content is damaged, or no reader knows the ending.
    """
    file, _ = split_name(name)
    known_ending(file)
    return array_names_in_file(SourceFile(file, None, content))


def array_names_in_file(file: SourceFile) -> tuple[str, ...]:
    """Return the names of the arrays in a file; empty for formats that hold one array."""
    list_names = NAMES.get(Path(file.name).suffix.lower())
    return () if list_names is None else list_names(file)


def known_ending(name: str) -> str:
    """Return the ending of a file name, in lower case.

    Raises:
        DataError: if no reader knows it.
    """
    ending = Path(name).suffix.lower()
    if ending in READERS:
        return ending
    hint = closest(ending, READERS)
    raise DataError(
        f"{name or 'A file without a name'} {ending_in_words(name)}, but must be one of "
        f"{' '.join(READERS)}{hint or '; whatever reads yours as an array will do.'}"
    )


def split_path(source: str | os.PathLike[str]) -> tuple[str, tuple[str, ...]]:
    """Split a path, as a user writes it, into the path of a file and the names of arrays in it."""
    text = unquoted(source) if isinstance(source, str) else os.fspath(source)
    # No file has a zero byte in its name, so that none is found.
    return split_name(expand_user(text.replace("\0", "\ufffd")))


def unquoted(text: str) -> str:
    """Remove the spaces and quotes around a path: file managers copy it in quotes."""
    text = text.strip()
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if quoted else text


def split_name(name: str) -> tuple[str, tuple[str, ...]]:
    """Split `ice.npz::mask` into `ice.npz` and `("mask",)`; commas separate several names."""
    file, mark, inside = name.rpartition("::")
    if not mark or Path(file).suffix.lower() not in NAMES:
        return name, ()
    return file, tuple(each.strip() for each in inside.split(",") if each.strip())
