"""Reading `.npy` and `.npz` files, whose content is not trusted.

Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.argument_checks import check_dtype
from cnnwidget.data.data_error import DataError
from cnnwidget.data.machine_limits import memory_left
from cnnwidget.data.reading.choose_array import (
    StoredArray,
    choose_names,
    member_name,
    refuse_variables,
    stack_as_channels,
)
from cnnwidget.data.reading.guards.damage import damage_reported
from cnnwidget.data.reading.guards.size_limits import check_memory, check_shape
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile
from cnnwidget.design.value import shortened

# In bytes. A larger file is mapped and read as needed. A smaller one is read at once: the process
# would end if a mapped file were overwritten, as numpy.save does when a cell is run again.
READ_AT_ONCE = 10**9
# Deflate cannot pack better than 1032 : 1; an archive that claims more is invalid.
DENSEST = 1032
CHUNK = 1 << 20
# The advice for a damaged file.
ANEW = "write it anew with numpy.save or numpy.savez"


@dataclass(frozen=True)
class Header:
    """The header of a `.npy` file, checked against the length of the file.

    Attributes:
        shape: of the array.
        dtype: boolean, whole or real numbers.
        order: `C` or `F`.
        start: the position of the values in bytes.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    order: Any
    start: int

    @property
    def count(self) -> int:
        """The number of values."""
        return prod(self.shape)


def read(file: SourceFile) -> ReadResult:
    """Read the array in a file; a large `.npy` file on the disk is mapped."""
    if Path(file.name).suffix.lower() == ".npz":
        return read_archive(file)
    refuse_variables(file, "one array")
    if file.path is None:
        return ReadResult(
            array_in_memory(memoryview(file.content or b"").cast("B"), file.name), file.name
        )
    length, left = file.length, memory_left()
    with file.open() as opened:
        if length <= READ_AT_ONCE and (left is None or length <= left):
            return ReadResult(array_in_memory(memoryview(opened.read()), file.name), file.name)
        header = read_header(opened, length, file.name)
    with damage_reported(file.name, ANEW):
        mapped: NDArray[Any] = np.memmap(
            file.path, header.dtype, "r", header.start, header.shape, header.order
        )
    return ReadResult(np.asarray(mapped), file.name)


def array_in_memory(memory: memoryview, name: str) -> NDArray[Any]:
    """Return the array in the content of a `.npy` file, in the same memory."""
    # BytesIO copies its argument; the header is shorter than this part.
    header = read_header(io.BytesIO(memory[:CHUNK]), len(memory), name)
    with damage_reported(name, ANEW):
        flat = np.frombuffer(memory, header.dtype, header.count, header.start)
        return flat.reshape(header.shape, order=header.order)


def read_header(file: IO[bytes], length: int, name: str) -> Header:
    """Read a header and check it against the length of the file, before memory is allocated.

    Raises:
        DataError: if the file is damaged, cut off, or holds no numbers.
    """
    with damage_reported(name, ANEW):
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
        elif version == (2, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_2_0(file)
        else:  # 3.0 is for names of fields, which an array of numbers does not have
            raise DataError(
                f"{name} is of version {version[0]}.{version[1]}, but arrays of numbers are of 1.0 "
                "or 2.0; write it anew with numpy.save."
            )
        start = file.tell()
    if dtype.hasobject:
        raise DataError(
            f"{name} holds pickled Python objects, which could run anything when they are read; "
            "save an array of numbers."
        )
    check_dtype(dtype, name)
    header = Header(shape, dtype, "F" if fortran else "C", start)
    check_shape(shape, name)
    if header.count * dtype.itemsize > length - start:
        raise DataError(
            f"{name} is cut off: {shortened(shape)} of {dtype.name} takes more bytes than the "
            f"{length - start:,} that are there; copy or write it anew."
        )
    return header


def array_names(file: SourceFile) -> tuple[str, ...]:
    """Return the names of the arrays in a `.npz` file, without reading values.

    Example:
        >>> content = io.BytesIO()
        >>> np.savez(content, ice=np.zeros((9, 32)), snow=np.zeros((9, 32)))
        >>> array_names(SourceFile("two.npz", None, content.getvalue()))
        ('ice', 'snow')
    """
    with open_archive(file) as archive:
        return tuple(array_entries(archive, file.name))


def read_archive(file: SourceFile) -> ReadResult:
    """Read the only array of an archive, the one that was asked for, or several as channels."""
    with open_archive(file) as archive:
        entries = array_entries(archive, file.name)
        names = choose_names(file.name, "arrays", file.variables, entries, tuple(entries))
        arrays = [
            stored_array(archive, entries[each], member_name(file.name, each), file)
            for each in names
        ]
        if len(arrays) > 1:
            return stack_as_channels(file, arrays)
        return ReadResult(arrays[0].read(), file.called)


@contextmanager
def open_archive(file: SourceFile) -> Iterator[ZipFile]:
    """Open a `.npz` file without unpacking arrays."""
    with damage_reported(file.name, ANEW), file.open() as opened, ZipFile(opened) as archive:
        yield archive


def array_entries(archive: ZipFile, name: str) -> dict[str, ZipInfo]:
    """Return the entries that are arrays, by their names.

    Raises:
        DataError: if there are none.
    """
    entries = {
        entry.filename.removesuffix(".npy"): entry
        for entry in archive.infolist()
        if entry.filename.endswith(".npy")
    }
    if not entries:
        raise DataError(f"{name} holds no arrays; write them with numpy.savez.")
    return entries


def stored_array(archive: ZipFile, entry: ZipInfo, name: str, file: SourceFile) -> StoredArray:
    """Return an array of an archive, whose values are not unpacked yet.

    Raises:
        DataError: if it is damaged or would be too large.
    """
    check_unpacked_size(entry, file, name)
    with archive.open(entry) as opened:
        header = read_header(opened, entry.file_size, name)

    def read() -> NDArray[Any]:
        with archive.open(entry) as opened:
            opened.seek(header.start)
            content = np.empty(header.count * header.dtype.itemsize, np.uint8)
            filled = 0
            while filled < content.size:
                chunk = opened.read(min(CHUNK, content.size - filled))
                if not chunk:
                    raise EOFError("the archive ends too early")
                content[filled : filled + len(chunk)] = np.frombuffer(chunk, np.uint8)
                filled += len(chunk)
        return content.view(header.dtype).reshape(header.shape, order=header.order)

    return StoredArray(header.shape, header.dtype, read)


def check_unpacked_size(entry: ZipInfo, file: SourceFile, name: str) -> None:
    """Refuse an entry that claims to unpack to more than is possible, or fits into memory.

    Raises:
        DataError: with both sizes.
    """
    if entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise DataError(f"{name} is packed in a way that numpy does not; write it anew.")
    if entry.compress_size > file.length or entry.file_size > DENSEST * (entry.compress_size + 1):
        raise DataError(
            f"{name} claims to unpack to {entry.file_size:,} bytes, which cannot be in its "
            f"{file.length:,}; write it anew with numpy.savez."
        )
    check_memory(
        file,
        entry.file_size,
        "save a shorter series, or give the path of a .npy file, which is read as it is needed",
    )
