"""Reading `.npy` and `.npz` files without trusting them.

Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.errors import DataError, reason_of
from cnnwidget.data.usable import check_dtype
from cnnwidget.design.axes import spell
from cnnwidget.design.value import LONGEST_SHOWN, closest, shortened

# A larger file is mapped and read as it is needed. A smaller one is read at once: writing a file
# that is mapped, as numpy.save does when a cell is run again, would end the process.
READ_AT_ONCE = 10**9
# An uploaded archive may unpack to so many bytes; a file of one's own may be larger.
LARGEST = 4 * 10**9
# Deflate cannot pack better than 1032 : 1; an archive that claims to is lying.
DENSEST = 1032
CHUNK = 1 << 20


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


def read_path(source: str | Path) -> tuple[NDArray[Any], str]:
    """The array in a file, mapped if it is a large `.npy` file, and the name of the file."""
    text, member = split_name(unwrapped(source)) if isinstance(source, str) else (str(source), None)
    if not text:
        raise DataError("The path is empty; give the path of a .npy or .npz file.")
    # Unlike Path.expanduser, this one leaves a user alone whom it does not know. And no file has
    # a zero byte in its name, so none is found.
    path = Path(os.path.expanduser(text.replace("\0", "?")))  # noqa: PTH111
    name = path.name if member is None else f"{path.name}::{member}"
    try:
        if path.is_dir():
            raise DataError(f"{path} is a folder; give the path of a .npy or .npz file in it.")
        ending = ending_of(path.name)
        with path.open("rb") as file:
            length = path.stat().st_size
            if ending == ".npz":
                return read_archive(file, length, member, None, name), name
            if length <= READ_AT_ONCE:
                return read_content(path.name, None, file.read(), name), name
            header = read_header(file, length, name)
    except OSError as error:
        raise DataError(f"{path} cannot be opened: {reason_of(error)}; check the path.") from error
    with damage_told(name):
        mapped: NDArray[Any] = np.memmap(
            path, header.dtype, "r", header.start, header.shape, header.order
        )
    return np.asarray(mapped), name


def read_content(
    file: str, member: str | None, content: bytes | bytearray | memoryview, name: str
) -> NDArray[Any]:
    """The array in the content of a file, or one of several."""
    memory = memoryview(content).cast("B")
    if ending_of(file) == ".npz":
        return read_archive(io.BytesIO(memory), len(memory), member, LARGEST, name)
    if member is not None:
        raise DataError(f"{name}: a .npy file holds one array without a name; leave member out.")
    # The header ends long before this; BytesIO copies what it is given.
    header = read_header(io.BytesIO(memory[:CHUNK]), len(memory), name)
    with damage_told(name):
        flat = np.frombuffer(memory, header.dtype, header.count, header.start)
        return flat.reshape(header.shape, order=header.order)


def members(name: str, content: bytes | bytearray | memoryview) -> tuple[str, ...]:
    """The names of the arrays in a `.npz` file, as an upload brings it; none for a `.npy` file.

    Only the list of names is read; an array is checked when it is read itself.

    Raises:
        DataError: if the archive is damaged or holds no arrays, or the file is of another kind.

    Example:
        >>> file = io.BytesIO()
        >>> np.savez(file, ice=np.zeros((9, 32)), snow=np.zeros((9, 32)))
        >>> members("two.npz", file.getvalue())
        ('ice', 'snow')
    """
    file, _ = split_name(name)
    if ending_of(file) == ".npy":
        return ()
    with damage_told(file), ZipFile(io.BytesIO(memoryview(content).cast("B"))) as archive:
        return tuple(entries_of(archive, file))


def unwrapped(text: str) -> str:
    """A path without what surrounds it: file managers copy it in quotes, hands with spaces."""
    text = text.strip()
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if quoted else text


def split_name(name: str) -> tuple[str, str | None]:
    """A file and an array in it: `ice.npz::mask` is `ice.npz` and `mask`."""
    file, mark, member = name.rpartition("::")
    return (file, member) if mark and file.lower().endswith(".npz") else (name, None)


def ending_of(name: str) -> str:
    """`.npy` or `.npz`; anything else is refused."""
    ending = Path(name).suffix.lower()
    if ending not in {".npy", ".npz"}:
        has = f"ends in {ending}" if ending else "has no ending"
        raise DataError(
            f"{name or 'A file without a name'} {has}, but must be a .npy or .npz file; "
            "numpy.save writes one, and whatever reads yours as an array will do."
        )
    return ending


@contextmanager
def damage_told(name: str) -> Iterator[None]:
    """Whatever numpy and zipfile raise at a damaged file becomes one sentence."""
    try:
        yield
    except DataError:
        raise
    # A file from anywhere makes the parsers raise nearly anything: struct.error, zlib.error,
    # SyntaxError, MemoryError, NotImplementedError, RuntimeError...
    except Exception as error:
        reason = cut(" ".join(str(error).split()) or type(error).__name__)
        raise DataError(
            f"{name} is damaged or not what its ending says ({reason}); write it anew with "
            "numpy.save or numpy.savez."
        ) from error


def cut(text: str) -> str:
    """A text cut to what a sentence can hold."""
    return text if len(text) <= 2 * LONGEST_SHOWN else text[: 2 * LONGEST_SHOWN] + "..."


def read_header(file: IO[bytes], length: int, name: str) -> Header:
    """Read a header and hold it against the length of the file, before anything is allocated."""
    with damage_told(name):
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


def read_archive(
    file: IO[bytes], length: int, member: str | None, largest: int | None, name: str
) -> NDArray[Any]:
    """One array of an archive, unpacked into memory."""
    with damage_told(name), ZipFile(file) as archive:
        entry = choose(archive, member, name)
        check_packing(entry, length, largest, name)
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


def check_packing(entry: ZipInfo, length: int, largest: int | None, name: str) -> None:
    """Refuse an entry that would unpack to more than there should be."""
    if entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise DataError(f"{name} is packed in a way that numpy does not; write it anew.")
    if largest is not None and entry.file_size > largest:
        raise DataError(
            f"{name} unpacks to {entry.file_size / 1e9:,.1f} GB, but {largest / 1e9:,.0f} GB is "
            "the most; save a shorter series, or give the path of a .npy file, which is read as "
            "it is needed."
        )
    if entry.compress_size > length or entry.file_size > DENSEST * (entry.compress_size + 1):
        raise DataError(
            f"{name} claims to unpack to {entry.file_size:,} bytes, which cannot be in its "
            f"{length:,}; write it anew with numpy.savez."
        )
