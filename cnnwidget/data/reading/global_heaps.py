"""Global heaps of HDF5, looked through before its library does.

One damaged byte in the size of an object keeps the library (HDF5 2.0.0) going round for ever, which
no exception and no interrupt ends. Dimensions of NetCDF-4 lie in such heaps.

Source: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, III.E.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

START = b"GCOL\x01\0\0\0"
# Start and size of a heap, and number, count of references and size of an object in it; all begin
# at multiples of eight bytes.
HEAD = struct.Struct("<8sQ")
OBJECT = struct.Struct("<HHIQ")


def broken_at(content: bytes | bytearray | memoryview) -> int | None:
    """Where the first heap begins that does not add up; None where all do.

    Args:
        content: of a file whose lengths are of eight bytes, as those of all that h5py and netCDF
            write.

    Example:
        >>> heap = HEAD.pack(START, 48) + OBJECT.pack(1, 0, 0, 3) + bytes(8)
        >>> broken_at(b"HDF" + heap + OBJECT.pack(0, 0, 0, 0)) is None
        True
        >>> broken_at(b"HDF" + HEAD.pack(START, 48) + OBJECT.pack(0, 0, 0, 0) + bytes(16))
        3
    """
    for place in heaps_in(bytes(content)):
        if not adds_up(content, place):
            return place
    return None


def heaps_in(content: bytes) -> Iterator[int]:
    """Where heaps begin."""
    place = content.find(START)
    while place >= 0:
        yield place
        place = content.find(START, place + 1)


def adds_up(content: bytes | bytearray | memoryview, place: int) -> bool:
    """Whether the objects of a heap, one behind the other, end where it does."""
    if place + HEAD.size > len(content):
        return False
    end = place + HEAD.unpack_from(content, place)[1]
    place += HEAD.size
    if end > len(content):
        return False
    while end - place >= OBJECT.size:
        number, _, _, size = OBJECT.unpack_from(content, place)
        # What is free has the number 0, and a size that holds its own head.
        step = size if number == 0 else OBJECT.size + -(-size // 8) * 8
        if step < OBJECT.size or place + step > end:
            return False
        place += step
    return True
