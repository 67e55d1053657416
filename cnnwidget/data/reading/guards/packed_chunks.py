"""Chunks of HDF5, unpacked by way of trial as far as they should go.

The library unpacks a chunk for as long as there is something in it, whatever size it should have:
two megabytes can fill two gigabytes of memory.
"""

from __future__ import annotations

import zlib
from math import prod
from typing import Any

from cnnwidget.data.errors import DataError
from cnnwidget.data.reading.source_file import SourceFile

# Numbers of filters: that of zlib, and those that add a sum of four bytes or change no length.
DEFLATE, SHUFFLE, SUM = 1, 2, 3


def check_packed_chunks(dataset: Any, called: str, file: SourceFile) -> None:
    """Refuse a dataset of an upload with chunks that are more than they should be.

    Args:
        dataset: of h5py, whose chunks memory has room for.
        called: what to call it in a sentence.
        file: that it is in. One of one's own is not looked through.

    Raises:
        DataError: if a chunk unpacks to more, or is packed more than once.
    """
    if not file.is_upload or dataset.chunks is None:
        return
    packing = dataset.id.get_create_plist()
    filters = [packing.get_filter(number)[0] for number in range(packing.get_nfilters())]
    if DEFLATE not in filters:
        return
    place = filters.index(DEFLATE)
    if any(each not in {SHUFFLE, SUM} for each in filters[place + 1 :]):
        raise DataError(f"{called} is packed more than once; write it anew, packed by gzip alone.")
    most = prod(map(int, dataset.chunks)) * dataset.dtype.itemsize + 4 * len(filters)
    for chunk in stored_chunks(dataset):
        if chunk.size > file.length:
            raise DataError(f"{called} is cut off; copy or write it anew.")
        skipped, packed = dataset.id.read_direct_chunk(chunk.chunk_offset)
        if not skipped & (1 << place) and unpacks_beyond(packed, most):
            raise DataError(
                f"{called} unpacks to more than the {most:,} bytes of a chunk, as it should not; "
                "write it anew with h5py or xarray."
            )


def stored_chunks(dataset: Any) -> list[Any]:
    """Where the chunks of a dataset lie, as far as they have been written."""
    found: list[Any] = []
    dataset.id.chunk_iter(found.append)
    return found


def unpacks_beyond(packed: bytes, most: int) -> bool:
    """Whether there is more in a packed text than so many bytes.

    Example:
        >>> unpacks_beyond(zlib.compress(bytes(1000)), 1000)
        False
        >>> unpacks_beyond(zlib.compress(bytes(1001)), 1000)
        True
    """
    return len(zlib.decompressobj().decompress(packed, most + 1)) > most
