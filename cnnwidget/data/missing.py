"""Missing values: counted, and filled from what was known before."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.errors import DataError
from cnnwidget.data.memory_left import available, in_gigabytes

# So many values are looked at together: a file that is larger than memory is read in pieces.
PIECE_VALUES = 1 << 22


def count_missing(values: NDArray[Any]) -> int:
    """How many values are NaN or infinite.

    Example:
        >>> count_missing(np.array([[1.0, np.nan], [np.inf, 2.0]]))
        2
    """
    if values.dtype.kind != "f":
        return 0
    step = max(1, PIECE_VALUES // max(1, int(np.prod(values.shape[1:]))))
    pieces = (values[start : start + step] for start in range(0, len(values), step))
    return sum(int(piece.size - np.isfinite(piece).sum()) for piece in pieces)


def nan_where(values: NDArray[Any], missing: NDArray[np.bool_]) -> NDArray[Any]:
    """Values with NaN where they are missing: a copy, if any of them are.

    Example:
        >>> nan_where(np.array([1, 2], "i2"), np.array([True, False]))
        array([nan,  2.], dtype=float32)
    """
    if not missing.any():
        return values
    wide = values.astype(np.result_type(values.dtype, np.float32))
    wide[missing] = np.nan
    return wide


def forward_filled(values: NDArray[Any], name: str) -> NDArray[Any]:
    """Each missing value as the last one known before it at its place.

    Nothing is taken from later frames, which would tell a network of them, but where nothing was
    known yet: there it is the first value known at the place, and where there is none at all, the
    mean of all that is known.

    Args:
        values: (T, ...), of which NaN and infinite ones are missing.
        name: what to call them in an error.

    Raises:
        DataError: if nothing is known, or memory is short.

    Example:
        >>> forward_filled(np.array([[np.nan], [2.0], [np.nan], [4.0]]), "series").ravel()
        array([2., 2., 2., 4.])
    """
    known = np.isfinite(values)
    if known.all():
        return values
    if not known.any():
        raise DataError(f"{name} holds no number that is finite; check what was read.")
    left, needed = available(), values.nbytes + 8 * values[0].size
    if left is not None and needed > left:
        raise DataError(
            f"{name}: filling takes {in_gigabytes(needed)} of memory, but {in_gigabytes(left)} is "
            "left; take missing='leave out'."
        )
    result = np.array(values)
    never = ~known.any(axis=0)
    first = np.argmax(known, axis=0)[None]
    last = np.where(never, values[known].mean(dtype=np.float64), values_of_frames(result, first)[0])
    for frame, there in zip(result, known, strict=True):
        frame[...] = last = np.where(there, frame, last)
    return result


def values_of_frames(values: NDArray[Any], numbers: NDArray[Any]) -> NDArray[Any]:
    """The values of the frames of these numbers, place by place."""
    return np.take_along_axis(values, numbers, axis=0)
