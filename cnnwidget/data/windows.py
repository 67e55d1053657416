"""A series of frames as a torch data set: what a network is given, and what it should forecast."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames, load
from cnnwidget.data.split import Split, count_windows, split_by_time
from cnnwidget.design.value import shortened

Pair = tuple[Tensor, Tensor]


class Windows(Dataset[Pair]):
    """All windows of a series; `windows` makes it.

    Window i is given the frames i to i + pre_history_len - 1, and the forecast_len frames after
    those are to be forecast. Nothing is copied before a window is asked for, and what is handed
    out is a copy.

    Args:
        frames: a series.
        pre_history_len: the frames that a window is given.
        forecast_len: the frames to forecast.

    Raises:
        DataError: if the series is too short for one window.

    Example:
        >>> import numpy as np
        >>> cut = Windows(load(np.zeros((10, 8))), pre_history_len=3, forecast_len=2)
        >>> len(cut), cut.split.kind
        (6, 'targets apart')
    """

    def __init__(self, frames: Frames, *, pre_history_len: int, forecast_len: int) -> None:
        self._count = count_windows(frames.steps, pre_history_len, forecast_len)
        self.frames = frames
        self.pre_history_len = operator.index(pre_history_len)
        self.forecast_len = operator.index(forecast_len)

    @cached_property
    def split(self) -> Split:
        """Which windows are for training, validation and test, in the order of time."""
        return split_by_time(self.frames.steps, self.pre_history_len, self.forecast_len)

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        lengths = f"pre_history_len={self.pre_history_len}, forecast_len={self.forecast_len}"
        return f"Windows({self.frames!r}, {lengths}: {len(self):,} windows)"

    def __getitem__(self, index: int) -> Pair:
        """A pair of copies, with C if the series was given with channels.

        Returns:
            (pre_history_len, [C,] *size) and (forecast_len, [C,] *size), 32-bit floats.

        Raises:
            IndexError: as a list does.
        """
        first = range(len(self))[self._checked(operator.index(index))]
        middle = first + self.pre_history_len
        x = copied(self.frames.values[first:middle])
        y = copied(self.frames.values[middle : middle + self.forecast_len])
        return self._as_given(x, 1), self._as_given(y, 1)

    def __getitems__(self, indices: Sequence[int]) -> list[Pair]:
        """Many windows, read at once; a DataLoader asks for them in this way."""
        x, y = self.gather(indices)
        return list(zip(self._as_given(x, 2), self._as_given(y, 2), strict=True))

    def gather(self, indices: Any) -> Pair:
        """Many windows as one batch, whose frames always have an axis of channels.

        Args:
            indices: numbers of windows; negative ones count from the end.

        Returns:
            (B, pre_history_len, C, *size) and (B, forecast_len, C, *size), 32-bit floats.

        Raises:
            IndexError: as a list does.

        Example:
            >>> import numpy as np
            >>> x, y = windows(np.zeros((10, 8)), pre_history_len=3, forecast_len=2).gather([0, -1])
            >>> x.shape, y.shape
            (torch.Size([2, 3, 1, 8]), torch.Size([2, 2, 1, 8]))
        """
        first = self._places(indices)[:, None]
        given = first + np.arange(self.pre_history_len)
        ahead = first + np.arange(self.pre_history_len, self.pre_history_len + self.forecast_len)
        # What is read at many places at once is in memory of its own already.
        return tensor_of(self.frames.values[given]), tensor_of(self.frames.values[ahead])

    def last(self) -> Tensor:
        """The last frames, from which a forecast beyond the end starts.

        Returns:
            (1, pre_history_len, C, *size), 32-bit floats.
        """
        return copied(self.frames.values[-self.pre_history_len :][None])

    def _places(self, indices: Any) -> NDArray[np.int64]:
        """Numbers of windows, counted from the start."""
        places = np.asarray(indices)
        if places.size == 0:
            return np.zeros(0, np.int64)
        if places.ndim != 1 or places.dtype.kind not in "iu":
            raise TypeError(
                f"Windows are asked for by {shortened(indices)}, but must be by a list of whole "
                "numbers; range(3, 7) is one."
            )
        count = len(self)
        self._checked(int(places.min()))
        self._checked(int(places.max()))
        return np.where(places < 0, places + count, places).astype(np.int64)

    def _checked(self, index: int) -> int:
        """The number of a window, if there is one of this number."""
        count = len(self)
        if not -count <= index < count:
            raise IndexError(f"There is no window {index}; there are {count:,}, 0 to {count - 1}.")
        return index

    def _as_given(self, frames: Tensor, axis: int) -> Tensor:
        """Without the axis of channels if the series was given without one."""
        return frames if self.frames.has_channels else frames.squeeze(axis)


def tensor_of(values: NDArray[Any]) -> Tensor:
    """A tensor of 32-bit floats, in the same memory where that is possible."""
    with np.errstate(over="ignore"):  # what is too large becomes infinite, as it does in torch
        return torch.from_numpy(np.asarray(values, dtype=np.float32, order="C"))


def copied(values: NDArray[Any]) -> Tensor:
    """A tensor of 32-bit floats in memory of its own."""
    return tensor_of(np.array(values, order="C"))


def windows(frames: Any, *, pre_history_len: int, forecast_len: int) -> Windows:
    """Cut a series into windows, as a data set for a torch DataLoader.

    Args:
        frames: whatever `load` takes: an array, a tensor, a path, or Frames.
        pre_history_len: the frames that a window is given.
        forecast_len: the frames after those, which are to be forecast.

    Returns:
        A data set of T - pre_history_len - forecast_len + 1 pairs (x, y) of 32-bit floats:
        (pre_history_len, *size) and (forecast_len, *size), or (pre_history_len, C, *size) and
        (forecast_len, C, *size) if the series has an axis of channels.

    Raises:
        DataError: if that is no series, or one too short for a window.

    Example:
        >>> import numpy as np
        >>> pairs = windows(np.zeros((100, 64, 64)), pre_history_len=10, forecast_len=5)
        >>> x, y = pairs[0]
        >>> len(pairs), x.shape, y.shape
        (86, torch.Size([10, 64, 64]), torch.Size([5, 64, 64]))
        >>> from torch.utils.data import DataLoader, Subset
        >>> x, y = next(iter(DataLoader(Subset(pairs, pairs.split.train), batch_size=8)))
        >>> x.shape
        torch.Size([8, 10, 64, 64])
    """
    series = load(frames)
    try:
        return Windows(series, pre_history_len=pre_history_len, forecast_len=forecast_len)
    except DataError as error:
        raise DataError(f"{series.name}: {error}") from None
