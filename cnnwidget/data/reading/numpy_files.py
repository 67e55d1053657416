"""Reading `.npy` and `.npz` files without trusting them.

Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.errors import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.orders import MOST_AXES, SPACE
from cnnwidget.data.reading.file import File
from cnnwidget.data.reading.found import Found
from cnnwidget.data.reading.guarded import check_room, cut, damage_told
from cnnwidget.data.usable import check_dtype
from cnnwidget.design.axes import spell
from cnnwidget.design.value import closest, shortened

# A larger file is mapped and read as it is needed. A smaller one is read at once: writing a file
# that is mapped, as numpy.save does when a cell is run again, would end the process.
READ_AT_ONCE = 10**9
# Deflate cannot pack better than 1032 : 1; an archive that claims to is lying.
DENSEST = 1032
CHUNK = 1 << 20
# What to do about a damaged file.
ANEW = "write it anew with numpy.save or numpy.savez"


@dataclass(frozen=True)
class Header:
    """What a `.npy` file says of itself, checked against its length.

    Attributes:
        shape: of the array.
        dtype: boolean, whole or real numbers.
        order: `C` or `F`.
        start: where the values begin, in bytes.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    order: Any
    start: int

    @property
    def count(self) -> int:
        """The number of values."""
        return prod(self.shape)


def read(file: File) -> Found:
    """The array in a file, mapped if it is a large `.npy` file on the disk."""
    names = file.variables
    if ending_of(file.name) == ".npz":
        if len(names) > 1:
            return stacked(file, [array_in(file, each)[0] for each in names])
        values, name = array_in(file, names[0] if names else None)
        return Found(values, name)
    if names:
        raise DataError(f"{file.name}: a .npy file holds one array without a name; leave it out.")
    if file.path is None:
        return Found(in_memory(memoryview(file.content or b"").cast("B"), file.name), file.name)
    length = file.length
    with file.open() as opened:
        if length <= READ_AT_ONCE:
            return Found(in_memory(memoryview(opened.read()), file.name), file.name)
        header = read_header(opened, length, file.name)
    with damage_told(file.name, ANEW):
        mapped: NDArray[Any] = np.memmap(
            file.path, header.dtype, "r", header.start, header.shape, header.order
        )
    return Found(np.asarray(mapped), file.name)


def in_memory(memory: memoryview, name: str) -> NDArray[Any]:
    """The array in the content of a `.npy` file."""
    # The header ends long before this; BytesIO copies what it is given.
    header = read_header(io.BytesIO(memory[:CHUNK]), len(memory), name)
    with damage_told(name, ANEW):
        flat = np.frombuffer(memory, header.dtype, header.count, header.start)
        return flat.reshape(header.shape, order=header.order)


def array_in(file: File, member: str | None) -> tuple[NDArray[Any], str]:
    """One array of an archive, and what to call it."""
    name = file.name if member is None else f"{file.name}::{member}"
    with file.open() as opened:
        return read_archive(opened, file, member, name), name


def stacked(file: File, arrays: list[NDArray[Any]]) -> Found:
    """Several arrays of one archive as channels."""
    shapes = [array.shape for array in arrays]
    if len(set(shapes)) > 1 or not 2 <= len(shapes[0]) <= MOST_AXES - 1:
        told = ", ".join(
            f"{name} {spell(shape)}" for name, shape in zip(file.variables, shapes, strict=True)
        )
        raise DataError(
            f"{file.name}: to be channels of one series, arrays must have one shape, time first, "
            f"without channels of their own, but are {told}; choose others."
        )
    values = np.stack(arrays, axis=1)
    axes = " ".join("TC" + SPACE[values.ndim - 2])
    return Found(values, file.name, axes, Labels(channels=file.variables))


def names_in(file: File) -> tuple[str, ...]:
    """The names of the arrays in a `.npz` file; none for a `.npy` file.

    Example:
        >>> content = io.BytesIO()
        >>> np.savez(content, ice=np.zeros((9, 32)), snow=np.zeros((9, 32)))
        >>> names_in(File("two.npz", None, content.getvalue()))
        ('ice', 'snow')
    """
    if ending_of(file.name) == ".npy":
        return ()
    with damage_told(file.name, ANEW), file.open() as opened, ZipFile(opened) as archive:
        return tuple(entries_of(archive, file.name))


def ending_of(name: str) -> str:
    """`.npy` or `.npz`."""
    return Path(name).suffix.lower()


def read_header(file: IO[bytes], length: int, name: str) -> Header:
    """Read a header and hold it against the length of the file, before anything is allocated."""
    with damage_told(name, ANEW):
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
        elif version == (2, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_2_0(file)
        else:  # 3.0 is for names of fields, and an array of numbers has none
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
    if any(n < 1 for n in shape):
        raise DataError(f"{name} has the shape {spell(shape)}, which holds no values; check it.")
    if header.count * dtype.itemsize > length - start:
        raise DataError(
            f"{name} is cut off: {shortened(shape)} of {dtype.name} takes more bytes than the "
            f"{length - start:,} that are there; copy or write it anew."
        )
    return header


def read_archive(opened: IO[bytes], file: File, member: str | None, name: str) -> NDArray[Any]:
    """One array of an archive, unpacked into memory."""
    with damage_told(name, ANEW), ZipFile(opened) as archive:
        entry = choose(archive, member, name)
        check_packing(entry, file, name)
        with archive.open(entry) as stored:
            header = read_header(stored, entry.file_size, name)
            content = np.empty(header.count * header.dtype.itemsize, np.uint8)
            filled = 0
            while filled < content.size:
                chunk = stored.read(min(CHUNK, content.size - filled))
                if not chunk:
                    raise EOFError("the archive ends too early")
                content[filled : filled + len(chunk)] = np.frombuffer(chunk, np.uint8)
                filled += len(chunk)
        return content.view(header.dtype).reshape(header.shape, order=header.order)


def entries_of(archive: ZipFile, name: str) -> dict[str, ZipInfo]:
    """The entries that are arrays, by the names that these have; at least one."""
    entries = {
        entry.filename.removesuffix(".npy"): entry
        for entry in archive.infolist()
        if entry.filename.endswith(".npy")
    }
    if not entries:
        raise DataError(f"{name} holds no arrays; write them with numpy.savez.")
    return entries


def choose(archive: ZipFile, member: str | None, name: str) -> ZipInfo:
    """The entry of the array that was asked for, or the only one."""
    entries = entries_of(archive, name)
    names = cut(", ".join(entries))
    if member is not None:
        if member not in list(entries):  # a list finds what cannot be hashed, too: nothing
            end = closest(str(member), entries) or "."
            raise DataError(f"{name}: the file holds {names}, but not {shortened(member)}{end}")
        return entries[member]
    if len(entries) > 1:
        first = next(iter(entries))
        raise DataError(
            f"{name} holds {len(entries)} arrays: {names}; say which one, as in "
            f"{name + '::' + first!r}."
        )
    return next(iter(entries.values()))


def check_packing(entry: ZipInfo, file: File, name: str) -> None:
    """Refuse an entry that would unpack to more than there should be."""
    if entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise DataError(f"{name} is packed in a way that numpy does not; write it anew.")
    if entry.compress_size > file.length or entry.file_size > DENSEST * (entry.compress_size + 1):
        raise DataError(
            f"{name} claims to unpack to {entry.file_size:,} bytes, which cannot be in its "
            f"{file.length:,}; write it anew with numpy.savez."
        )
    check_room(
        file,
        entry.file_size,
        "save a shorter series, or give the path of a .npy file, which is read as it is needed",
    )
