"""Reading HDF5 without opening any other file.

A file may take values from other files: by external links, as storage of a dataset, or as sources
of a virtual dataset. An upload could so read any file on the machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.argument_checks import REFUSED, check_dtype
from cnnwidget.data.axis_names import ATTRIBUTES, axis_letter, space_in_order
from cnnwidget.data.data_error import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.reading.choose_array import (
    StoredArray,
    choose_names,
    member_name,
    stack_as_channels,
)
from cnnwidget.data.reading.guards.damage import damage_reported
from cnnwidget.data.reading.guards.extras import import_extra
from cnnwidget.data.reading.guards.global_heaps import HeapCheckedFile
from cnnwidget.data.reading.guards.packed_chunks import check_packed_chunks
from cnnwidget.data.reading.guards.size_limits import check_claimed_size, check_shape
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile
from cnnwidget.design.value import shortened

ANEW = "copy or write it anew"
SHORTER = "save a part of it, or fewer variables, as a file of its own"
SIGNATURE = b"\x89HDF\r\n\x1a\n"
# Attributes that say how stored numbers are decoded, and which are missing.
MEANING = ("_FillValue", "missing_value", "scale_factor", "add_offset")


def read(file: SourceFile) -> ReadResult:
    """Read the only array in a file, the one that was asked for, or several as channels.

    Packed numbers and missing values are decoded by the conventions of NetCDF.
    """
    with open_hdf5(file) as root, damage_reported(file.name, ANEW):
        datasets = all_datasets(root, file.name)
        asked = tuple(each.strip("/") for each in file.variables)
        names = choose_names(file.name, "arrays", asked, datasets, likely_frames(datasets))
        if not names:
            raise no_arrays_error(datasets, file.name)
        several = [
            stored_array(datasets[each], member_name(file.name, each), file) for each in names
        ]
        axes = axis_letters(datasets[names[0]])
        if len(several) > 1:
            return stack_as_channels(file, several, axes or "")
        labels = Labels(units=several[0].units)
        return ReadResult(several[0].read(), file.called, axes, labels)


def array_names(file: SourceFile) -> tuple[str, ...]:
    """Return the names of the arrays in a file that could be frames.

    Example:
        >>> import io
        >>> import h5py
        >>> content = io.BytesIO()
        >>> with h5py.File(content, "w") as written:
        ...     written["forecast/ice"] = np.zeros((9, 8, 7))
        ...     written["forecast/lat"] = np.zeros(8)
        >>> array_names(SourceFile("a.h5", None, content.getvalue()))
        ('forecast/ice',)
    """
    with open_hdf5(file) as root, damage_reported(file.name, ANEW):
        return likely_frames(all_datasets(root, file.name))


@contextmanager
def open_hdf5(file: SourceFile) -> Iterator[Any]:
    """Open an HDF5 file that refers to no other file.

    Raises:
        DataError: if it is damaged, or takes values from elsewhere.
    """
    h5py = import_extra("h5py", "geo", file.name)
    with file.open() as content:
        # The library reads from a file that Python has opened, and opens none itself.
        with damage_reported(file.name, ANEW):
            root = h5py.File(HeapCheckedFile(content), "r")
        try:
            with damage_reported(file.name, ANEW):
                check_links(root, file.name)
            yield root
        finally:
            # Closing a damaged file may raise errors, too.
            with damage_reported(file.name, ANEW):
                root.close()


def check_links(root: Any, name: str) -> None:
    """Refuse a file with links to other files or virtual datasets; no link is followed.

    Raises:
        DataError: with the path of the link.
    """
    h5py = import_extra("h5py", "geo", name)

    def leads_out(path: str, link: Any) -> str | None:
        return None if isinstance(link, h5py.HardLink | h5py.SoftLink) else path

    def lies_outside(path: str, item: Any) -> str | None:
        outside = isinstance(item, h5py.Dataset) and (item.external or item.is_virtual)
        return path if outside else None

    # Each link is visited once, so that circular groups come to an end. A returned value ends the
    # visit; an exception would not pass through the library.
    path = root.visititems_links(leads_out)
    if path is None:
        path = root.visititems(lies_outside)
    if path is not None:
        raise DataError(
            f"{name} takes {shortened(path)} from other files or datasets, which are not followed; "
            "write the values themselves into one file."
        )


def all_datasets(root: Any, name: str) -> dict[str, Any]:
    """Return the datasets of all groups, by their paths."""
    h5py = import_extra("h5py", "geo", name)
    datasets: dict[str, Any] = {}

    def look(path: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            datasets[path] = item

    root.visititems(look)
    return datasets


def likely_frames(datasets: dict[str, Any]) -> tuple[str, ...]:
    """Return the paths of datasets that could be frames: numbers, and no coordinates."""
    numbers = {
        path: dataset.ndim
        for path, dataset in datasets.items()
        if dataset.shape and dataset.dtype.kind in "biuf" and not dataset.is_scale
    }
    fewest = min(2, max(numbers.values(), default=0))
    return tuple(path for path, axes in numbers.items() if axes >= fewest)


def no_arrays_error(datasets: dict[str, Any], name: str) -> DataError:
    """Return the error for a file without arrays of numbers."""
    for path, dataset in datasets.items():  # report a dataset of another kind
        check_kind(dataset, member_name(name, path))
    return DataError(f"{name} holds no arrays of numbers; write one with h5py's create_dataset.")


def check_kind(dataset: Any, called: str) -> None:
    """Refuse a dataset that is no array of numbers.

    Raises:
        DataError: with what it holds.
    """
    if dataset.shape is None:
        raise DataError(f"{called} is empty: it has no shape; choose another.")
    if dataset.dtype.kind == "O":  # text of any length, lists of any length, references
        raise DataError(
            f"{called} holds text, lists or references, but must hold real numbers; choose another."
        )
    if dataset.dtype.kind in REFUSED:
        check_dtype(dataset.dtype, called)


def stored_array(dataset: Any, called: str, file: SourceFile) -> StoredArray:
    """Return a dataset of numbers, whose values are not read yet.

    Raises:
        DataError: if it holds no numbers, or would not fit into memory.
    """
    check_kind(dataset, called)
    check_shape(dataset.shape, called)
    coding = {
        key: value for key in MEANING if (value := number_attribute(dataset, key)) is not None
    }
    unsigned = text_attribute(dataset, "_Unsigned")
    coding |= {"_Unsigned": unsigned} if unsigned else {}
    # Decoded numbers are floats of up to eight bytes.
    each = dataset.dtype.itemsize + (8 if coding else 0)
    check_claimed_size(file, dataset.shape, dataset.chunks, each, SHORTER)
    check_packed_chunks(dataset, called, file)
    # The dtype of decoded values, found by decoding no values.
    dtype = decode_numbers(np.empty(0, dataset.dtype), coding, called).dtype

    def values() -> NDArray[Any]:
        read: NDArray[Any] = np.empty(dataset.shape, dataset.dtype)
        dataset.read_direct(read)
        return decode_numbers(read, coding, called)

    return StoredArray(dataset.shape, dtype, values, text_attribute(dataset, "units"))


def decode_numbers(values: NDArray[Any], coding: dict[str, Any], called: str) -> NDArray[Any]:
    """Decode stored numbers by the conventions of NetCDF.

    Example:
        >>> decode_numbers(np.array([[-9, 3]], "i2"), {"_FillValue": np.int16(-9)}, "a.h5")
        array([[nan,  3.]], dtype=float32)
    """
    if not coding:
        return values
    xarray = import_extra("xarray", "geo", called)
    plain = xarray.Variable([f"axis{n}" for n in range(values.ndim)], values, coding)
    decoded = xarray.conventions.decode_cf_variable(called, plain, decode_times=False)
    return np.asarray(decoded.values)


def axis_letters(dataset: Any) -> str | None:
    """Return the letters of the axes; None unless labels or scales identify all of them."""
    letters = [dimension_letter(dimension) for dimension in dataset.dims]
    if None in letters or "T" not in letters or len(set(letters)) < len(letters):
        return None
    return " ".join(space_in_order([letter for letter in letters if letter]))


def dimension_letter(dimension: Any) -> str | None:
    """Return the letter of a dimension, by its label or by its scale."""
    if dimension.label or not len(dimension):
        return axis_letter(str(dimension.label))
    scale = dimension[0]
    attributes = {key: text_attribute(scale, key) for key in ATTRIBUTES}
    return axis_letter(str(scale.name).rpartition("/")[2], attributes)


def number_attribute(dataset: Any, key: str) -> Any:
    """Return a number among the attributes of a dataset; None if there is none."""
    value = np.asarray(dataset.attrs.get(key, ()))
    return value.ravel()[0] if value.size == 1 and value.dtype.kind in "biuf" else None


def text_attribute(dataset: Any, key: str) -> str:
    """Return a text among the attributes of a dataset; empty if there is none."""
    value = np.asarray(dataset.attrs.get(key, ""))
    text = value.ravel()[0] if value.size == 1 else ""
    if isinstance(text, bytes):
        return text.decode("utf-8", "replace")
    return text if isinstance(text, str) else ""
