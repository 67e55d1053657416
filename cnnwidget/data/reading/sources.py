"""Sources told apart: which reader is for what, and what may be chosen of it."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from cnnwidget.data.errors import DataError
from cnnwidget.data.reading.choose_array import check_without_variables
from cnnwidget.data.reading.file import File
from cnnwidget.data.reading.found import Found
from cnnwidget.data.reading.guards.guards import opening
from cnnwidget.design.value import closest

# Readers by the endings of names: modules below this folder, imported when they are needed.
READERS = {
    ".npy": "arrays.numpy_files",
    ".npz": "arrays.numpy_files",
    ".pt": "arrays.tensor_files",
    ".pth": "arrays.tensor_files",
    ".gif": "images.images",
    ".png": "images.images",
    ".apng": "images.images",
    ".jpg": "images.images",
    ".jpeg": "images.images",
    ".bmp": "images.images",
    ".webp": "images.images",
    ".mp4": "images.video",
    ".avi": "images.video",
    ".mov": "images.video",
    ".mkv": "images.video",
    ".webm": "images.video",
    ".nc": "grids.netcdf",
    ".nc4": "grids.netcdf",
    ".zarr": "grids.netcdf",
    ".tif": "images.tiff",
    ".tiff": "images.tiff",
    ".h5": "grids.hdf5",
    ".hdf5": "grids.hdf5",
    ".csv": "tables.csv_files",
    ".tsv": "tables.csv_files",
    ".wav": "arrays.sound",
}
# What a file may hold several of, so that `file.nc::name` names one.
HOLDING_SEVERAL = {".npz", ".pt", ".pth", ".nc", ".nc4", ".zarr", ".h5", ".hdf5", ".csv", ".tsv"}


def found_in(source: Any, variables: tuple[str, ...]) -> Found:
    """What a source holds, whatever it is.

    Raises:
        DataError: if that is nothing to read, or no series of numbers.
    """
    if isinstance(source, str | os.PathLike):
        return found_at(source, variables)
    xarray = sys.modules.get("xarray")  # nothing of it can be handed in where it is not there
    if xarray is not None and isinstance(source, xarray.DataArray | xarray.Dataset):
        found: Found = reader("grids.netcdf").found_in(source, variables)
        return found
    if variables:
        raise DataError(
            "variable names one of several in a file or a Dataset, but the source is a "
            f"{type(source).__name__}; leave variable out."
        )
    return reader("arrays.arrays").found_in(source)  # type: ignore[no-any-return]


def found_at(source: str | os.PathLike[str], variables: tuple[str, ...]) -> Found:
    """What is in a file, a folder, or the files that a pattern fits."""
    text, named = place_of(source)
    if not text:
        raise DataError("The path is empty; give the path of a file, or of a folder of images.")
    path = Path(text)
    with opening(path):
        is_folder = path.is_dir() and path.suffix.lower() not in READERS
        if is_folder or (not path.exists() and glob.has_magic(text)):
            check_without_variables(File(path.name, path, None, variables), "pictures")
            pictures = reader("images.image_folders")
            found: Found = pictures.read_folder(path) if is_folder else pictures.read_pattern(text)
            return found
        file = File(path.name, path, None, variables or named)
        read = reader_of(path.name)
        if not path.is_dir():
            with path.open("rb"):
                pass  # a path that cannot be opened is told as such by us, not by a library
        return read(file)


def names_at(source: str | os.PathLike[str]) -> tuple[str, ...]:
    """The names of the arrays in a file that holds several, of which no more is read.

    Args:
        source: a path as `load` takes it.

    Returns:
        None of a path that names one of them already, of a file that holds one, and of what
        cannot be opened: that is told when it is read.

    Raises:
        DataError: if the file is damaged.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.savez(f"{folder}/two.npz", ice=np.zeros((9, 32)), snow=np.zeros((9, 32)))
        ...     names_at(f"{folder}/two.npz"), names_at(f"{folder}/two.npz::ice")
        (('ice', 'snow'), ())
    """
    text, named = place_of(source)
    path = Path(text)
    try:
        # A store of Zarr is a folder, and what else is one holds pictures, if anything.
        if named or not (path.is_file() or (path.is_dir() and path.suffix.lower() == ".zarr")):
            return ()
        return names_in(File(path.name, path, None))
    except OSError:
        return ()


def found_in_upload(name: str, content: Any, variables: tuple[str, ...]) -> Found:
    """What is in a file that came from a page.

    Raises:
        DataError: if the content is damaged, too large or no series of numbers.
    """
    file, named = split_name(name)
    return reader_of(file)(File(file, None, content, variables or named))


def names_in_upload(name: str, content: Any) -> tuple[str, ...]:
    """The names of the arrays in a file that holds several; none in one that does not.

    Raises:
        DataError: if the content is damaged.
    """
    file, _ = split_name(name)
    ending_of(file)  # which there must be a reader for
    return names_in(File(file, None, content))


def names_in(file: File) -> tuple[str, ...]:
    """The names of the arrays in a file, if it is of a kind that holds several."""
    ending = Path(file.name).suffix.lower()
    if ending not in HOLDING_SEVERAL:
        return ()
    return tuple(reader(READERS[ending]).names_in(file))


def reader_of(name: str) -> Callable[[File], Found]:
    """What reads files of such a name."""
    ending = ending_of(name)
    read: Callable[[File], Found] = reader(READERS[ending]).read
    return read


def reader(name: str) -> Any:
    """A reader; it is imported when it is needed, for some bring large libraries."""
    return import_module(f"cnnwidget.data.reading.{name}")


def ending_of(name: str) -> str:
    """The ending of a name, if there is a reader for it."""
    ending = Path(name).suffix.lower()
    if ending in READERS:
        return ending
    has = f"ends in {ending}" if ending else "has no ending"
    hint = closest(ending, READERS) if ending else ""
    raise DataError(
        f"{name or 'A file without a name'} {has}, but must be one of "
        f"{' '.join(READERS)}{hint or '; whatever reads yours as an array will do.'}"
    )


def place_of(source: str | os.PathLike[str]) -> tuple[str, tuple[str, ...]]:
    """A path as the system has it, and the names of what it names in a file."""
    text = unwrapped(source) if isinstance(source, str) else os.fspath(source)
    # Unlike Path.expanduser, this one leaves a user alone whom it does not know. And no file has
    # a zero byte in its name, so none is found.
    return split_name(os.path.expanduser(text.replace("\0", "\ufffd")))  # noqa: PTH111


def unwrapped(text: str) -> str:
    """A path without what surrounds it: file managers copy it in quotes, hands with spaces."""
    text = text.strip()
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if quoted else text


def split_name(name: str) -> tuple[str, tuple[str, ...]]:
    """A file and what in it: `ice.npz::mask` is `ice.npz` and `mask`; commas between several."""
    file, mark, inside = name.rpartition("::")
    if not mark or Path(file).suffix.lower() not in HOLDING_SEVERAL:
        return name, ()
    return file, tuple(each.strip() for each in inside.split(",") if each.strip())
