"""Global heaps of HDF5, looked through before its library does.

One damaged byte in the size of an object keeps the library (HDF5 2.0.0) going round for ever, which
no exception and no interrupt ends. Dimensions of NetCDF-4 lie in such heaps.

Source: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, III.E.
"""

from __future__ import annotations

import io
import re
import struct
from typing import Any, BinaryIO

# What heaps begin with: a name and a version.
NAME, VERSION = b"GCOL", 1
START = re.compile(NAME + bytes([VERSION]))
# Start and size of a heap, and number, count of references and size of an object in it; all begin
# at multiples of eight bytes.
HEAD = struct.Struct("<4sB3xQ")
OBJECT = struct.Struct("<HHIQ")


class HeapCheckedFile(io.RawIOBase):
    """A file that does not hand over heaps which do not add up.

    What is not read is not looked at, so that it costs no more for a large file. Lengths in it are
    of eight bytes, as in all that h5py and netCDF write.

    Args:
        file: whatever can be read and sought in; it is not closed by this one.

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
        self.sound: set[int] = set()  # heaps that have been looked at
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
        places = [found.start() for found in START.finditer(read)]
        end = bytes(read[-len(NAME) :])
        if NAME[0] in end:  # one may begin here, and go on in what is read next
            places += [count - n for n in range(1, len(NAME) + 1) if end.endswith(NAME[:n])]
        for place in places:
            self.check(self.place + place)
        self.place += count
        if places:
            self.file.seek(self.place)
        return count

    def check(self, place: int) -> None:
        """Refuse a heap whose objects, one behind the other, do not end where it does."""
        name, version, size = HEAD.unpack(self.bytes_at(place, HEAD.size))
        end = place + size
        # What is none may look like one by chance; one beyond the file the library refuses itself.
        if place in self.sound or (name, version) != (NAME, VERSION) or end > self.length:
            return
        at = place + HEAD.size
        while end - at >= OBJECT.size:
            number, _, _, size = OBJECT.unpack(self.bytes_at(at, OBJECT.size))
            # What is free has the number 0, and a size that holds its own head.
            step = size if number == 0 else OBJECT.size + -(-size // 8) * 8
            if step < OBJECT.size or at + step > end:
                raise ValueError(f"a global heap is broken, that at {place:,}")
            at += step
        self.sound.add(place)

    def bytes_at(self, place: int, count: int) -> bytes:
        """So many bytes of the file, and zeros beyond its end."""
        self.file.seek(place)
        return self.file.read(count).ljust(count, b"\0")
