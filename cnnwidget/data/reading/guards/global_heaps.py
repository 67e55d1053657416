"""Global heaps of HDF5, checked before the library reads them.

One damaged byte in the size of an object sends the library (HDF5 2.0.0) into an endless loop, which
no exception and no interrupt ends. The dimensions of NetCDF-4 are stored in such heaps.

Source: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, III.E.
"""

from __future__ import annotations

import io
import re
import struct
from typing import Any, BinaryIO

# The first bytes of a heap: a name and a version.
NAME, VERSION = b"GCOL", 1
START = re.compile(NAME + bytes([VERSION]))
# The header of a heap with its size; the header of an object with its number, count of references
# and size. All are aligned to eight bytes.
HEAD = struct.Struct("<4sB3xQ")
OBJECT = struct.Struct("<HHIQ")


class HeapCheckedFile(io.RawIOBase):
    """A file that raises an error when a broken heap is read from it.

    Only what is read is checked, so that a large file costs no more. Lengths in the file have eight
    bytes, as in all files that h5py and netCDF write.

    Args:
        file: a seekable binary file; it is not closed.

    Example:
        >>> heap = HEAD.pack(b"GCOL", 1, 48) + OBJECT.pack(1, 0, 0, 3) + bytes(8)
        >>> content = b"HDF" + heap + OBJECT.pack(0, 0, 0, 0) + bytes(16)
        >>> len(HeapCheckedFile(io.BytesIO(content)).read())
        75
        >>> HeapCheckedFile(io.BytesIO(b"HDF" + HEAD.pack(b"GCOL", 1, 48) + bytes(40))).read()
        Traceback (most recent call last):
        ...
        ValueError: a global heap is broken, that at 3
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self.file = file
        self.length = file.seek(0, io.SEEK_END)
        self.checked: set[int] = set()  # the starts of heaps that have been checked
        self.place = file.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, place: int, whence: int = io.SEEK_SET, /) -> int:
        self.place = self.file.seek(place, whence)
        return self.place

    def tell(self) -> int:
        return self.place

    def readinto(self, buffer: Any, /) -> int:
        count: int = self.file.readinto(buffer)  # type: ignore[attr-defined]
        read = memoryview(buffer)[:count]
        places = [match.start() for match in START.finditer(read)]
        end = bytes(read[-len(NAME) :])
        if NAME[0] in end:  # a heap may begin here and continue in the next read
            places += [count - n for n in range(1, len(NAME) + 1) if end.endswith(NAME[:n])]
        for place in places:
            self.check(self.place + place)
        self.place += count
        if places:
            self.file.seek(self.place)
        return count

    def check(self, place: int) -> None:
        """Raise ValueError if the objects of a heap do not end where the heap ends."""
        name, version, size = HEAD.unpack(self.bytes_at(place, HEAD.size))
        end = place + size
        # Other data may look like a heap by chance; the library refuses one beyond the end itself.
        if place in self.checked or (name, version) != (NAME, VERSION) or end > self.length:
            return
        at = place + HEAD.size
        while end - at >= OBJECT.size:
            number, _, _, size = OBJECT.unpack(self.bytes_at(at, OBJECT.size))
            # Free space has the number 0, and a size that includes its header.
            step = size if number == 0 else OBJECT.size + -(-size // 8) * 8
            if step < OBJECT.size or at + step > end:
                raise ValueError(f"a global heap is broken, that at {place:,}")
            at += step
        self.checked.add(place)

    def bytes_at(self, place: int, count: int) -> bytes:
        """Return `count` bytes of the file, with zeros beyond its end."""
        self.file.seek(place)
        return self.file.read(count).ljust(count, b"\0")
