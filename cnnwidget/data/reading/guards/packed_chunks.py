"""Chunks of HDF5, unpacked on trial up to the size that they should have.

The library unpacks a chunk to its end, whatever size the chunk should have:
two megabytes can fill two gigabytes of memory.
"""

from __future__ import annotations

import zlib
from math import prod
from typing import Any

from cnnwidget.data.data_error import DataError
from cnnwidget.data.reading.source_file import SourceFile

# Numbers of filters: zlib, one that keeps the length, and one that adds a checksum of four bytes.
DEFLATE, SHUFFLE, SUM = 1, 2, 3


def check_packed_chunks(dataset: Any, called: str, file: SourceFile) -> None:
    """Refuse a dataset of an upload with chunks that unpack to more than they should.

    Args:
        dataset: of h5py; one chunk fits into memory.
        called: the name of the dataset, for errors.
        file: of the dataset; only uploads are checked.

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
    """Return the positions of the chunks of a dataset that have been written."""
    chunks: list[Any] = []
    dataset.id.chunk_iter(chunks.append)
    return chunks


def unpacks_beyond(packed: bytes, most: int) -> bool:
    """Whether packed data unpack to more than `most` bytes.

    Example:
        >>> unpacks_beyond(zlib.compress(bytes(1000)), 1000)
        False
        >>> unpacks_beyond(zlib.compress(bytes(1001)), 1000)
        True
    """
    return len(zlib.decompressobj().decompress(packed, most + 1)) > most
