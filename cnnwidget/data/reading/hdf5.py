"""Reading HDF5 without following it anywhere.

A file may name others to take values from: by external links, as storage of a dataset, as sources
of a virtual one. What came from a page could so read any file of its reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.errors import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.orders import MOST_AXES, SPACE
from cnnwidget.data.reading import global_heaps
from cnnwidget.data.reading.axis_names import letter_of, space_in_order
from cnnwidget.data.reading.file import File
from cnnwidget.data.reading.found import Found
from cnnwidget.data.reading.guarded import check_room, cut, damage_told, needed
from cnnwidget.data.reading.packed_chunks import check_packing
from cnnwidget.data.usable import REFUSED, check_dtype
from cnnwidget.design.axes import spell
from cnnwidget.design.value import closest, shortened

ANEW = "copy or write it anew"
SHORTER = "save a part of it, or fewer variables, as a file of its own"
SIGNATURE = b"\x89HDF\r\n\x1a\n"


def read(file: File) -> Found:
    """The only array in a file, the one that was asked for, or several as channels."""
    with opened(file) as root, damage_told(file.name, ANEW):
        datasets = datasets_in(root, file.name)
        names = file.variables or (the_only(datasets, file.name),)
        chosen = [checked(named(datasets, each, file.name), each, file) for each in names]
        if len(chosen) > 1:
            return stacked(chosen, names, file)
        called = f"{file.name}::{names[0]}" if file.variables else file.name
        values = values_of(chosen[0])
        axes = axes_of(chosen[0])
        return Found(values, called, axes, Labels(units=units_of(chosen[0])))


def names_in(file: File) -> tuple[str, ...]:
    """The names of the arrays in a file that could be frames.

    Example:
        >>> import io
        >>> import h5py
        >>> content = io.BytesIO()
        >>> with h5py.File(content, "w") as written:
        ...     written["forecast/ice"] = np.zeros((9, 8, 7))
        ...     written["forecast/lat"] = np.zeros(8)
        >>> names_in(File("a.h5", None, content.getvalue()))
        ('forecast/ice',)
    """
    with opened(file) as root, damage_told(file.name, ANEW):
        return likely(datasets_in(root, file.name))


@contextmanager
def opened(file: File) -> Iterator[Any]:
    """A file of HDF5 that names no other.

    Raises:
        DataError: if it is damaged, or takes values from elsewhere.
    """
    h5py = needed("h5py", "geo", file.name)
    if file.content is not None and global_heaps.broken_at(file.content) is not None:
        raise DataError(
            f"{file.name} is damaged or not what its ending says (a global heap is broken); {ANEW}."
        )
    with file.open() as content:
        # Read from what Python has opened: the library itself opens no file.
        with damage_told(file.name, ANEW):
            root = h5py.File(content, "r")
        try:
            with damage_told(file.name, ANEW):
                check_links(root, file.name)
            yield root
        finally:
            # What was opened in a damaged file may be damaged still when it is closed.
            with damage_told(file.name, ANEW):
                root.close()


def check_links(root: Any, name: str) -> None:
    """Refuse whatever leads out of a file; nothing is followed to find it."""
    h5py = needed("h5py", "geo", name)

    def leads_out(path: str, link: Any) -> str | None:
        return None if isinstance(link, h5py.HardLink | h5py.SoftLink) else path

    def lies_outside(path: str, found: Any) -> str | None:
        outside = isinstance(found, h5py.Dataset) and (found.external or found.is_virtual)
        return path if outside else None

    # Links are visited once each, so that groups within each other come to an end. What is returned
    # ends the visit: an exception would not come through the library.
    path = root.visititems_links(leads_out)
    if path is None:
        path = root.visititems(lies_outside)
    if path is not None:
        raise DataError(
            f"{name} takes {shortened(path)} from other files or datasets, which are not followed; "
            "write the values themselves into one file."
        )


def datasets_in(root: Any, name: str) -> dict[str, Any]:
    """The datasets of all groups, by their paths."""
    h5py = needed("h5py", "geo", name)
    found: dict[str, Any] = {}

    def look(path: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[path] = item

    root.visititems(look)
    return found


def likely(datasets: dict[str, Any]) -> tuple[str, ...]:
    """Those that could be frames: numbers, with as many axes as any, coordinates left aside."""
    numbers = {
        path: dataset.ndim
        for path, dataset in datasets.items()
        if dataset.shape and dataset.dtype.kind in "biuf" and "CLASS" not in dataset.attrs
    }
    fewest = min(2, max(numbers.values(), default=0))
    return tuple(path for path, axes in numbers.items() if axes >= fewest)


def the_only(datasets: dict[str, Any], name: str) -> str:
    """The name of the array that could be frames, if there is but one."""
    names = likely(datasets)
    if len(names) == 1:
        return names[0]
    if names:
        raise DataError(
            f"{name} holds {len(names)} arrays: {cut(', '.join(names))}; say which one, as in "
            f"{name + '::' + names[0]!r}."
        )
    for path, dataset in datasets.items():  # what it holds instead is worth a sentence
        check_kind(dataset, f"{name}::{path}")
    raise DataError(f"{name} holds no arrays of numbers; write one with h5py's create_dataset.")


def named(datasets: dict[str, Any], path: str, name: str) -> Any:
    """The dataset of a path, with or without the slash before it."""
    known = path.strip("/")
    if known not in datasets:
        shown = cut(", ".join(datasets)) or "no datasets"
        end = closest(known, datasets) or "."
        raise DataError(f"{name}: the file holds {shown}, but not {shortened(path)}{end}")
    return datasets[known]


def check_kind(dataset: Any, called: str) -> None:
    """Refuse what is no array of numbers."""
    if dataset.shape is None:
        raise DataError(f"{called} is empty: it has no shape; choose another.")
    if dataset.dtype.kind == "O":  # text of any length, lists of any length, references
        raise DataError(
            f"{called} holds text, lists or references, but must hold real numbers; choose another."
        )
    if dataset.dtype.kind in REFUSED:
        check_dtype(dataset.dtype, called)


def checked(dataset: Any, path: str, file: File) -> Any:
    """A dataset that holds numbers and has room, by what it says of itself."""
    called = f"{file.name}::{path}"
    check_kind(dataset, called)
    if 0 in dataset.shape:
        raise DataError(
            f"{called} has the shape {spell(dataset.shape)}, which holds no values; check it."
        )
    # A shape is only claimed, and so are chunks, each of which is unpacked as a whole.
    claimed = max(prod(map(int, dataset.shape)), prod(map(int, dataset.chunks or ())))
    check_room(file, claimed * dataset.dtype.itemsize, SHORTER)
    check_packing(dataset, called, file)
    return dataset


def values_of(dataset: Any) -> NDArray[Any]:
    """All values of a dataset."""
    values: NDArray[Any] = np.empty(dataset.shape, dataset.dtype)
    dataset.read_direct(values)
    return values


def stacked(datasets: list[Any], names: tuple[str, ...], file: File) -> Found:
    """Several datasets of one shape as channels."""
    shapes = [dataset.shape for dataset in datasets]
    if len(set(shapes)) > 1 or not 2 <= len(shapes[0]) <= MOST_AXES - 1:
        told = ", ".join(
            f"{name} {spell(shape)}" for name, shape in zip(names, shapes, strict=True)
        )
        raise DataError(
            f"{file.name}: to be channels of one series, arrays must have one shape, without "
            f"channels of their own, but are {cut(told)}; choose others."
        )
    dtype = np.result_type(*(dataset.dtype for dataset in datasets))
    check_room(file, (len(datasets) + 1) * prod(shapes[0]) * dtype.itemsize, SHORTER)
    values = np.empty((shapes[0][0], len(datasets), *shapes[0][1:]), dtype)
    for number, dataset in enumerate(datasets):
        values[:, number] = values_of(dataset)
    axes = axes_of(datasets[0]) or " ".join("T" + SPACE[len(shapes[0]) - 1])
    if "C" in axes.split() or axes[0] != "T":
        axes = " ".join("T" + SPACE[len(shapes[0]) - 1])
    units = {units_of(dataset) for dataset in datasets}
    labels = Labels(channels=names, units=units.pop() if len(units) == 1 else "")
    return Found(values, file.name, f"T C {axes[2:]}", labels)


def axes_of(dataset: Any) -> str | None:
    """The letters of the axes, where the labels of all dimensions say them."""
    letters = [letter_of(str(dimension.label)) for dimension in dataset.dims]
    if None in letters or "T" not in letters or len(set(letters)) < len(letters):
        return None
    return " ".join(space_in_order([letter for letter in letters if letter]))


def units_of(dataset: Any) -> str:
    """The attribute `units`, if it is a text."""
    units = dataset.attrs.get("units", "")
    return units.decode("utf-8", "replace") if isinstance(units, bytes) else str(units)
