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

from cnnwidget.data.covariates import covariates
from cnnwidget.data.cut import cut_of
from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames, load
from cnnwidget.data.own_splits import rolling_folds, split_by_count, split_by_date
from cnnwidget.data.split import Split, split_by_time
from cnnwidget.design.value import shortened

Pair = tuple[Tensor, Tensor]


class Windows(Dataset[tuple[Any, Tensor]]):
    """All windows of a series; `windows` makes it.

    Nothing is copied before a window is asked for, and what is handed out is a copy.

    Attributes:
        frames: the series.
        cut: lengths, stride and gap.
        inputs: numbers of the channels that are given.
        targets: numbers of the channels to forecast.
        past: series beside it that are known so far, (T, K, *size); None without.
        future: series beside it that are known ahead, too; None without.
        split: which windows are for training, validation and test.

    Example:
        >>> import numpy as np
        >>> pairs = windows(np.zeros((10, 8)), pre_history_len=3, forecast_len=2)
        >>> len(pairs), pairs.split.kind
        (6, 'targets apart')
    """

    def __init__(
        self,
        frames: Frames,
        *,
        pre_history_len: int,
        forecast_len: int,
        stride: int = 1,
        gap: int = 0,
        inputs: Sequence[int | str] | None = None,
        targets: Sequence[int | str] | None = None,
        past: Any = None,
        future: Any = None,
        stacked: bool = True,
        x_threshold: float | None = None,
        y_threshold: float | None = None,
    ) -> None:
        self.frames = frames
        self.cut = cut_of(frames.steps, pre_history_len, forecast_len, stride, gap)
        self.inputs = frames.numbers_of("inputs", inputs)
        self.targets = frames.numbers_of("targets", targets)
        self.past = None if past is None else covariates(past, frames, "past")
        self.future = None if future is None else covariates(future, frames, "future")
        self.stacked = stacked
        self.x_threshold, self.y_threshold = x_threshold, y_threshold
        self._count = self.cut.count(frames.steps)

    @property
    def pre_history_len(self) -> int:
        """The frames that a window is given."""
        return self.cut.pre_history_len

    @property
    def forecast_len(self) -> int:
        """The frames that a window is to forecast."""
        return self.cut.forecast_len

    @cached_property
    def split(self) -> Split:
        """Which windows are for training, validation and test: by time, or as `split_at` says."""
        cut = self.cut
        return split_by_time(
            self.frames.steps,
            cut.pre_history_len,
            cut.forecast_len,
            stride=cut.stride,
            gap=cut.gap,
        )

    def with_split(self, split: Split) -> Windows:
        """The same windows with a split of one's own.

        Raises:
            DataError: if it has windows that are not there.
        """
        last = max(part.stop for part in (split.train, split.validation, split.test))
        if last > len(self) or not split.train:
            raise DataError(
                f"The split has windows up to number {last - 1}, but there are {len(self):,}; make "
                "it for this series."
            )
        other = object.__new__(Windows)
        vars(other).update(vars(self))
        vars(other)["split"] = split
        return other

    def split_by_count(self, *, validation: int, test: int) -> Windows:
        """With the last so many windows for the test, and so many before them for validation."""
        found = split_by_count(self.frames.steps, self.cut, validation=validation, test=test)
        return self.with_split(found)

    def split_by_date(self, *, validation: Any, test: Any) -> Windows:
        """With validation from one time on and the test from another, as `"2015-01-01"`."""
        times = self.frames.labels.times
        return self.with_split(split_by_date(times, self.cut, validation=validation, test=test))

    def folds(self, count: int) -> list[Windows]:
        """The same windows several times, each trained on all that comes before its test."""
        return [
            self.with_split(split) for split in rolling_folds(self.frames.steps, self.cut, count)
        ]

    @property
    def is_plain(self) -> bool:
        """Whether all channels are given and told, without other series and thresholds."""
        everything = tuple(range(self.frames.channels))
        thresholds = (self.x_threshold, self.y_threshold)
        return (
            self.inputs == self.targets == everything
            and self.past is self.future is None
            and thresholds == (None, None)
        )

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        lengths = f"pre_history_len={self.pre_history_len}, forecast_len={self.forecast_len}"
        for name in ("stride", "gap"):
            if getattr(self.cut, name) != getattr(type(self.cut)(1, 1), name):
                lengths += f", {name}={getattr(self.cut, name)}"
        return f"Windows({self.frames!r}, {lengths}: {len(self):,} windows)"

    def __getitem__(self, index: int) -> tuple[Any, Tensor]:
        """A pair of copies, with C if the series was given with channels.

        Returns:
            (pre_history_len, [C,] *size) and (forecast_len, [C,] *size), 32-bit floats; see
            `windows` for what comes with other series.

        Raises:
            IndexError: as a list does.
        """
        number = range(len(self))[self._checked(operator.index(index))]
        [pair] = self.__getitems__([number])
        return pair

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Any, Tensor]]:
        """Many windows, read at once; a DataLoader asks for them in this way."""
        x, y = self.gather(indices)
        has_channels = self.frames.has_channels or x.shape[2] > 1
        x = x if has_channels else x.squeeze(2)
        beside = self.gather_beside(indices)
        given = zip(x, *beside, strict=True) if beside else x
        return list(zip(given, self._as_given(y, 2), strict=True))

    def gather(self, indices: Any) -> Pair:
        """Many windows as one batch, whose frames always have an axis of channels.

        Args:
            indices: numbers of windows; negative ones count from the end.

        Returns:
            (B, pre_history_len, C, *size) and (B, forecast_len, C, *size), 32-bit floats. The
            channels of the first are `inputs` and, stacked, those of other series; the second's
            are `targets`. What does not count, for it is missing or not valid, is NaN there.

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
        x = above(self._read(given, self.inputs), self.x_threshold)
        series = [each for each in (self.past, self.future) if each is not None and self.stacked]
        if series:
            x = torch.cat([x, *(tensor_of(each[given]) for each in series)], dim=2)
        return x, self._to_tell(first + np.arange(self.cut.ahead(0).start, self.cut.span))

    def gather_beside(self, indices: Any) -> tuple[Tensor, ...]:
        """What other series give beside the frames of many windows.

        Args:
            indices: numbers of windows.

        Returns:
            Stacked, the part of `future` from behind the history to the last frame to forecast,
            (B, gap + forecast_len, K, *size). Else `past`, (B, pre_history_len, K, *size), and all
            of `future`, (B, pre_history_len + gap + forecast_len, K, *size). Nothing without them.
        """
        first = self._places(indices)[:, None]
        given = first + np.arange(self.pre_history_len)
        ahead = np.arange(self.pre_history_len if self.stacked else 0, self.cut.span)
        found = []
        if self.past is not None and not self.stacked:
            found.append(tensor_of(self.past[given]))
        if self.future is not None:
            found.append(tensor_of(self.future[first + ahead]))
        return tuple(found)

    def last(self) -> Tensor:
        """The last frames, from which a forecast beyond the end starts.

        Returns:
            (1, pre_history_len, C, *size), 32-bit floats.
        """
        return copied(self.frames.values[-self.pre_history_len :][None])

    @property
    def has_gaps(self) -> bool:
        """Whether some values of a forecast may not count: NaN in y."""
        return self.frames.valid is not None or self.frames.missing == "leave out"

    def _read(self, numbers: NDArray[np.int64], channels: tuple[int, ...]) -> Tensor:
        """Frames by their numbers, (B, steps), in memory of their own: read at once."""
        values = self.frames.values
        if len(channels) == self.frames.channels:
            # What is read at many places at once is in memory of its own already.
            return tensor_of(values[numbers])
        return tensor_of(values[numbers[..., None], np.asarray(channels)])

    def _to_tell(self, numbers: NDArray[np.int64]) -> Tensor:
        """Frames to be forecast, NaN where they do not count."""
        told = self._read(numbers, self.targets)
        if self.frames.missing == "leave out":
            told[~torch.isfinite(told)] = torch.nan
        told = above(told, self.y_threshold)
        if self.frames.valid is not None:
            told[..., ~torch.from_numpy(self.frames.valid[list(self.targets)])] = torch.nan
        return told

    def _places(self, indices: Any) -> NDArray[np.int64]:
        """The numbers of the first frames of windows."""
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
        return np.where(places < 0, places + count, places).astype(np.int64) * self.cut.stride

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


def above(values: Tensor, threshold: float | None) -> Tensor:
    """1 above a threshold, 0 at or below it, and NaN where there is no value."""
    if threshold is None:
        return values
    return torch.where(values.isnan(), values, (values > threshold).to(values.dtype))


def windows(
    frames: Any,
    *,
    pre_history_len: int,
    forecast_len: int,
    stride: int = 1,
    gap: int = 0,
    inputs: Sequence[int | str] | None = None,
    targets: Sequence[int | str] | None = None,
    past: Any = None,
    future: Any = None,
    stacked: bool = True,
    x_threshold: float | None = None,
    y_threshold: float | None = None,
) -> Windows:
    """Cut a series into windows, as a data set for a torch DataLoader.

    Args:
        frames: whatever `load` takes: an array, a tensor, a path, or Frames.
        pre_history_len: the frames that a window is given.
        forecast_len: the frames to forecast.
        stride: frames from the beginning of one window to that of the next.
        gap: frames between the last that is given and the first to forecast.
        inputs: numbers or names of the channels that are given; None is all.
        targets: numbers or names of the channels to forecast; None is all.
        past: other series that are known so far, as frames of the same size, or (T,) or (T, K) for
            numbers that hold for a whole frame.
        future: other series that are known ahead as well, such as a calendar or a plan.
        stacked: whether other series become further channels of x, behind the inputs, or tensors of
            their own. The part of `future` that lies ahead is a tensor of its own in any case.
        x_threshold: values of x above it become 1, others 0; None leaves them.
        y_threshold: the same for y, whatever x does.

    Returns:
        A data set of (T - pre_history_len - gap - forecast_len) // stride + 1 pairs (x, y) of
        32-bit floats: (pre_history_len, *size) and (forecast_len, *size), or (pre_history_len, C,
        *size) and (forecast_len, C, *size) if the series has an axis of channels. With tensors of
        other series beside it, x is a tuple: itself, `past`, `future`.

    Raises:
        DataError: if that is no series, or one too short for a window, or series do not go
            together.

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
        >>> season = np.sin(2 * np.pi * np.arange(100) / 52)
        >>> (x, ahead), y = windows(np.zeros((100, 64, 64)), pre_history_len=10, forecast_len=5,
        ...                         future=season)[0]
        >>> x.shape, ahead.shape
        (torch.Size([10, 2, 64, 64]), torch.Size([5, 1, 64, 64]))
    """
    series = load(frames)
    try:
        return Windows(
            series,
            pre_history_len=pre_history_len,
            forecast_len=forecast_len,
            stride=stride,
            gap=gap,
            inputs=inputs,
            targets=targets,
            past=past,
            future=future,
            stacked=stacked,
            x_threshold=x_threshold,
            y_threshold=y_threshold,
        )
    except DataError as error:
        raise DataError(f"{series.name}: {error}") from None
