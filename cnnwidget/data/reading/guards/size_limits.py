"""Sizes that a file claims, checked before any memory is taken for them."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from cnnwidget.data.data_error import DataError
from cnnwidget.data.machine_limits import memory_left
from cnnwidget.data.reading.source_file import LARGEST_UPLOAD, SourceFile
from cnnwidget.design.axes import spell
from cnnwidget.design.storage import precise_storage


def check_memory(file: SourceFile, size: int, instead: str) -> None:
    """Refuse a file that would take more memory than there is, before any of it is allocated.

    Args:
        file: to be read.
        size: the number of bytes that it unpacks to.
        instead: what to do, as the end of a sentence.

    Raises:
        DataError: with both sizes.
    """
    left = memory_left()
    most = LARGEST_UPLOAD if file.is_upload else None
    if most is not None and size > most:
        raise DataError(
            f"{file.name} unpacks to {precise_storage(size)}, but {precise_storage(most)} is the "
            f"most; {instead}."
        )
    if left is not None and size > left:
        raise DataError(
            f"{file.name} takes {precise_storage(size)} of memory, but {precise_storage(left)} is "
            f"left; {instead}."
        )


def check_claimed_size(
    file: SourceFile,
    shape: Sequence[int],
    chunks: Sequence[int] | None,
    itemsize: int,
    instead: str,
) -> None:
    """Refuse an array that would not fit into memory, by the shape that the file claims.

    Args:
        file: of the array.
        shape: of the array, as the file claims.
        chunks: the shape of its chunks, since a whole chunk is unpacked even for a single value;
            None if it has none.
        itemsize: the number of bytes of a value.
        instead: what to do, as the end of a sentence.

    Raises:
        DataError: with the size of the array and the memory left.
    """
    claimed = max(prod(map(int, shape)), prod(map(int, chunks or ())))
    check_memory(file, claimed * max(1, itemsize), instead)


def check_shape(shape: Sequence[int], called: str) -> None:
    """Refuse an array without values.

    Example:
        >>> check_shape((9, 0), "a.npy")
        Traceback (most recent call last):
        ...
        cnnwidget.data.data_error.DataError: a.npy has the shape 9 × 0, which holds no \
values; check it.
    """
    if any(n < 1 for n in shape):
        raise DataError(
            f"{called} has the shape {spell(tuple(shape))}, which holds no values; check it."
        )
