"""The classic format of NetCDF, read by scipy.

scipy reads it in Python. The C library of netCDF ended the process at one of two thousand damaged
files, and never returned from as many.

Source: https://docs.unidata.ucar.edu/nug/current/file_format_specifications.html
"""

from __future__ import annotations

import io
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cnnwidget.data.reading.guards.damage import damage_reported
from cnnwidget.data.reading.guards.extras import import_extra
from cnnwidget.data.reading.guards.size_limits import check_memory
from cnnwidget.data.reading.source_file import SourceFile

ANEW = "write it anew with xarray's to_netcdf"
VERSIONS = {b"CDF\x01", b"CDF\x02"}
# The version with 64 bits for all sizes, which scipy does not read.
NEWEST = b"CDF\x05"
# The number of records in a file that is still being written.
UNKNOWN = b"\xff" * 4


class ReadOnce(io.BytesIO):
    """Content of which at most twice its length is read.

    Many variables may claim to be at one place, so that reading each of them would fill any memory
    from a small file.
    """

    def __init__(self, content: bytes | bytearray | memoryview) -> None:
        super().__init__(content)
        self.left = 2 * len(content)

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.left -= len(piece)
        if self.left < 0:
            raise ValueError("its variables lie within each other")
        return piece


@contextmanager
def open_classic(file: SourceFile) -> Iterator[Any]:
    """Open a file as a Dataset, with nothing decoded.

    A file on the disk is mapped: copy the values that are needed after it is closed.

    Raises:
        DataError: if it is damaged.
    """
    xarray = import_extra("xarray", "geo", file.name)
    scipy = import_extra("scipy.io", "geo", file.name)
    with file.open() as content, damage_reported(file.name, ANEW):
        # Mapping needs a known number of records.
        mapped = not file.is_upload and content.read(8)[4:] != UNKNOWN
        content.seek(0)
        if not mapped:
            check_memory(file, 2 * file.length, "save a part of it as a file of its own")
        try:
            read = scipy.netcdf_file(content if mapped else ReadOnce(content.read()), mmap=mapped)
        except Exception as error:
            # The frames of the traceback hold the file; without this it would be closed later.
            traceback.clear_frames(error.__traceback__)
            raise
        with read:
            yield xarray.Dataset(
                {
                    name: (variable.dimensions, variable.data, decode_attributes(variable))
                    for name, variable in read.variables.items()
                }
            )


def decode_attributes(variable: Any) -> dict[str, Any]:
    """Return the attributes of a variable, with bytes decoded to text."""
    attributes = variable._attributes  # noqa: SLF001  # xarray reads this attribute, too
    return {
        name: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        for name, value in attributes.items()
    }
