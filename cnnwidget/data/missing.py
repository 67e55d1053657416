"""Missing values of a series: counted, marked as NaN, and filled from earlier frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.data_error import DataError
from cnnwidget.data.machine_limits import memory_left
from cnnwidget.data.preview import is_large, preview_numbers, preview_places, preview_values
from cnnwidget.design.storage import precise_storage

if TYPE_CHECKING:
    from cnnwidget.data.frames import Frames

# The number of values read at once: a file that is larger than memory is read in pieces.
PIECE_VALUES = 1 << 22


def count_missing(values: NDArray[Any]) -> int:
    """Return how many values are NaN or infinite.

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
    """Return values with NaN where `missing` is True; a copy, unless nothing is missing.

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
    """Replace each missing value by the last known one before it at the same place.

    Later frames are not used, since a network would learn from the future. Where nothing is known
    before, the first known value at the place is used, and at places without any, the mean of all
    known values.

    Args:
        values: (T, ...); NaN and infinite values are missing.
        name: of the values, for errors.

    Returns:
        The same array if nothing is missing, else a copy.

    Raises:
        DataError: if no value is known, or memory is short.

    Example:
        >>> forward_filled(np.array([[np.nan], [2.0], [np.nan], [4.0]]), "series").ravel()
        array([2., 2., 2., 4.])
    """
    known = np.isfinite(values)
    if known.all():
        return values
    if not known.any():
        raise DataError(f"{name} holds no number that is finite; check what was read.")
    left, needed = memory_left(), values.nbytes + 8 * values[0].size
    if left is not None and needed > left:
        raise DataError(
            f"{name}: filling takes {precise_storage(needed)} of memory, but "
            f"{precise_storage(left)} is left; take missing='leave out'."
        )
    result = np.array(values)
    never = ~known.any(axis=0)
    first = np.argmax(known, axis=0)[None]
    first_known = np.take_along_axis(result, first, axis=0)[0]
    last = np.where(never, values[known].mean(dtype=np.float64), first_known)
    for frame, there in zip(result, known, strict=True):
        frame[...] = last = np.where(there, frame, last)
    return result


class MissingShare(NamedTuple):
    """A number of missing values, out of the values that were looked at.

    Attributes:
        missing: NaN and infinite values at valid places.
        of: all values that were looked at.
        all: whether these are all values of the series.
    """

    missing: int
    of: int
    all: bool = True

    @property
    def words(self) -> str:
        """The number and its percentage, as text.

        Example:
            >>> MissingShare(1, 3000).words, MissingShare(1200, 3000).words
            ('1 value (0.033 %)', '1,200 values (40 %)')
            >>> MissingShare(9, 10, all=False).words
            'about 90 % of the values'
        """
        share = percent(self.missing / max(1, self.of))
        if not self.all:
            return f"about {share} of the values"
        return f"1 value ({share})" if self.missing == 1 else f"{self.missing:,} values ({share})"


def percent(share: float) -> str:
    """Return a fraction as a percentage, in text.

    Example:
        >>> percent(0.034), percent(0.99999), percent(1e-9)
        ('3.4 %', '100 %', 'under 0.001 %')
    """
    if 0 < share < 1e-5:
        return "under 0.001 %"
    return f"{100 * share:.2g} %" if share < 0.995 else "100 %"


def missing_share(frames: Frames) -> MissingShare:
    """Count the missing values where frames are valid; of a large series, those of its preview."""
    values, valid = frames.values, frames.valid
    if values.dtype.kind != "f":
        return MissingShare(0, values.size)
    if is_large(frames):
        shown = preview_values(frames, preview_numbers(frames))
        shown = shown[:, preview_places(frames)]
        return MissingShare(int(np.isnan(shown).sum()), shown.size, all=False)
    if valid is None:
        return MissingShare(frames.missing_values, values.size)
    count = sum(
        int(np.count_nonzero(~np.isfinite(piece)))
        for channel in range(frames.channels)
        for piece in valid_pieces(frames, channel)
    )
    return MissingShare(count, frames.steps * int(np.count_nonzero(valid)))


def valid_pieces(frames: Frames, channel: int) -> Iterator[NDArray[Any]]:
    """Yield the values of a channel at its valid places, some frames at a time."""
    step = max(1, PIECE_VALUES // frames.values[0].size)
    for start in range(0, frames.steps, step):
        piece = frames.values[start : start + step, channel]
        yield piece if frames.valid is None else piece[:, frames.valid[channel]]
