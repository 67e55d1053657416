"""A series of frames as a torch data set of windows: input frames, and target frames to forecast.

This file is longer than most: `Windows` and the function `windows` that makes one belong together,
and half of it documents the arguments and shapes of the public interface.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np
from torch import Tensor
from torch.utils.data import Dataset

from cnnwidget.data.argument_checks import check_index, window_numbers
from cnnwidget.data.data_error import DataError
from cnnwidget.data.fingerprint import Fingerprint, fingerprint_of
from cnnwidget.data.frames import Frames
from cnnwidget.data.load import load
from cnnwidget.data.windows.custom_splits import rolling_folds, split_by_count, split_by_date
from cnnwidget.data.windows.split import Split, split_by_time
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.data.windows.window_contents import Numbers, Scales, WindowContents
from cnnwidget.data.windows.window_cut import WindowCut

Pair = tuple[Tensor, Tensor]


class Windows(Dataset[tuple[Any, Tensor]]):
    """All windows of a series; `windows` makes it.

    Values are read when a window is asked for, and returned as copies.

    Attributes:
        contents: frames, input and target channels, other series.
        cut: lengths, stride and gap.
        frames: the series.
        split: which windows are for training, validation and test.

    Example:
        >>> import numpy as np
        >>> pairs = windows(np.zeros((10, 8)), pre_history_len=3, forecast_len=2)
        >>> len(pairs), pairs.split.kind
        (6, 'targets apart')
    """

    def __init__(self, contents: WindowContents, cut: WindowCut) -> None:
        self.contents, self.cut = contents, cut
        self.frames = contents.frames
        self._count = cut.count(self.frames.steps)

    @property
    def pre_history_len(self) -> int:
        """The number of input frames of a window."""
        return self.cut.pre_history_len

    @property
    def forecast_len(self) -> int:
        """The number of target frames of a window."""
        return self.cut.forecast_len

    @cached_property
    def split(self) -> Split:
        """The windows for training, validation and test; by time unless `with_split` set others."""
        return split_by_time(self.frames.steps, self.cut)

    def with_split(self, split: Split) -> Windows:
        """Return the same windows with another split.

        Raises:
            DataError: if the split has windows that are not there.
        """
        last = max(part.stop for part in (split.train, split.validation, split.test))
        if last > len(self) or not split.train:
            raise DataError(
                f"The split has windows up to number {last - 1}, but there are {len(self):,}; make "
                "it for this series."
            )
        other = Windows(self.contents, self.cut)
        vars(other)["split"] = split  # the cached property returns it
        return other

    def scaled(self, scales: Scales) -> Windows:
        """Return the same windows of scaled values; see `WindowContents.scaled`."""
        return Windows(self.contents.scaled(scales), self.cut).with_split(self.split)

    def split_by_count(self, *, validation: int, test: int) -> Windows:
        """Return the same windows, the last `test` for the test, `validation` for validation."""
        split = split_by_count(self.frames.steps, self.cut, validation=validation, test=test)
        return self.with_split(split)

    def split_by_date(self, *, validation: Any, test: Any) -> Windows:
        """Return the same windows, split at two times: `"2015-01-01"`, or numbers.

        Args:
            validation: the time at which validation begins.
            test: the time at which the test begins.
        """
        times = self.frames.labels.times
        return self.with_split(split_by_date(times, self.cut, validation=validation, test=test))

    def folds(self, count: int) -> list[Windows]:
        """Return `count` copies; each trains on all windows before its validation and test."""
        return [
            self.with_split(split) for split in rolling_folds(self.frames.steps, self.cut, count)
        ]

    @property
    def fingerprint(self) -> Fingerprint:
        """Shape, dtype and digest of each array; see `fingerprint_of`."""
        return fingerprint_of(self.contents)

    @property
    def window_channels(self) -> WindowChannels:
        """The input and target channels, the number of other series, and the thresholds."""
        return self.contents.window_channels

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        lengths = f"pre_history_len={self.pre_history_len}, forecast_len={self.forecast_len}"
        for name, default in self.cut._field_defaults.items():
            if (value := getattr(self.cut, name)) != default:
                lengths += f", {name}={value}"
        return f"Windows({self.frames!r}, {lengths}: {len(self):,} windows)"

    def __getitem__(self, index: int) -> tuple[Any, Tensor]:
        """Return one window, with an axis C if the series was given with channels.

        Returns:
            (pre_history_len, [C,] *size) and (forecast_len, [C,] *size), 32-bit floats; `windows`
            says what is added for other series.

        Raises:
            IndexError: as a list does.
        """
        [pair] = self.__getitems__([check_index(operator.index(index), len(self))])
        return pair

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Any, Tensor]]:
        """Return many windows, read at once; a DataLoader calls this."""
        x, y, *series = self.gather_all(indices)
        if not self.frames.has_channels:  # x keeps the axis if other series are stacked in it
            x, y = x if x.shape[2] > 1 else x.squeeze(2), y.squeeze(2)
        inputs = zip(x, *series, strict=True) if series else x
        return list(zip(inputs, y, strict=True))

    def gather(self, indices: Any) -> Pair:
        """Return many windows as one batch, always with an axis of channels.

        Args:
            indices: numbers of windows; negative ones count from the end.

        Returns:
            x, (B, pre_history_len, C, *size), and y, (B, forecast_len, C, *size), 32-bit floats.
            The channels of x are `inputs` and, stacked, those of other series; the channels of y
            are `targets`. Values of y that do not count (missing, not valid) are NaN.

        Raises:
            IndexError: as a list does.

        Example:
            >>> import numpy as np
            >>> x, y = windows(np.zeros((10, 8)), pre_history_len=3, forecast_len=2).gather([0, -1])
            >>> x.shape, y.shape
            (torch.Size([2, 3, 1, 8]), torch.Size([2, 2, 1, 8]))
        """
        inputs, ahead = self.frame_numbers(indices)
        return self.contents.inputs_at(inputs), self.contents.targets_at(ahead[:, self.cut.gap :])

    def gather_all(self, indices: Any) -> tuple[Tensor, ...]:
        """Return what `gather` returns, followed by the tensors of other series.

        Args:
            indices: numbers of windows.

        Returns:
            x and y. If other series are stacked, then `future` behind the input frames, (B, gap +
            forecast_len, K, *size). If not, then `past`, (B, pre_history_len, K, *size), and all of
            `future`, (B, pre_history_len + gap + forecast_len, K, *size).
        """
        return (*self.gather(indices), *self.contents.series_at(*self.frame_numbers(indices)))

    def past_targets(self, indices: Any, x: Tensor | None = None) -> Tensor:
        """Return the target channels of the input frames, binarized as y is.

        Args:
            indices: numbers of windows.
            x: what `gather` returned for them, to read nothing twice.

        Returns:
            (B, pre_history_len, targets, *size); x itself where that is the same.
        """
        return self.contents.past_targets_at(self.frame_numbers(indices)[0], x)

    def inputs_beyond_end(self) -> tuple[Tensor, ...]:
        """Return the inputs of a forecast of what follows the last frame.

        Returns:
            x, (1, pre_history_len, C, *size), followed by the tensors of other series, as
            `gather_all` describes them.

        Raises:
            DataError: if `future` ends too early.
        """
        steps, future = self.frames.steps, self.contents.future
        needed = self.cut.span - self.pre_history_len
        if future is not None and len(future) < steps + needed:
            known = len(future) - steps
            raise DataError(
                f"future is known for {known} steps beyond the last frame, but a forecast from "
                f"there on needs {needed}; give {needed - known} more."
            )
        inputs, ahead = self.numbers_beyond_end
        return (self.contents.inputs_at(inputs), *self.contents.series_at(inputs, ahead))

    @property
    def numbers_beyond_end(self) -> tuple[Numbers, Numbers]:
        """The indices of the last frames, and of those that follow up to the end of a forecast."""
        return self._numbers_from(np.array([self.frames.steps - self.pre_history_len]))

    @property
    def has_gaps(self) -> bool:
        """Whether y may hold NaN, for values that do not count."""
        return self.frames.valid is not None or self.frames.missing == "leave out"

    def frame_numbers(self, indices: Any) -> tuple[Numbers, Numbers]:
        """Return the indices of the frames of windows.

        Args:
            indices: of the windows.

        Returns:
            Of the input frames, (B, pre_history_len), and of those behind them up to the last
            target, (B, gap + forecast_len).
        """
        return self._numbers_from(window_numbers(indices, len(self)) * self.cut.stride)

    def _numbers_from(self, first: Numbers) -> tuple[Numbers, Numbers]:
        """Return the same for windows that begin at these frames, (B,)."""
        numbers = first[:, None] + np.arange(self.cut.span)
        return numbers[:, : self.pre_history_len], numbers[:, self.pre_history_len :]


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

    The lengths are those of `WindowCut`, all else is for `WindowContents`.

    Args:
        frames: whatever `load` takes: an array, a tensor, a path, or Frames.
        pre_history_len: the number of input frames.
        forecast_len: the number of target frames, which are to be forecast.
        stride: frames from the start of one window to the start of the next.
        gap: frames between the last input frame and the first target frame.
        inputs: numbers or names of the input channels; None for all.
        targets: numbers or names of the target channels; None for all.
        past: other series known up to the last input frame, as frames of the same size, or (T,) or
            (T, K) for numbers that hold for a whole frame.
        future: other series that are also known ahead, such as a calendar or a plan.
        stacked: whether other series become further channels of x, behind the inputs, or separate
            tensors. The part of `future` that lies ahead is a separate tensor in any case.
        x_threshold: values of x above it become 1, others 0; None leaves them.
        y_threshold: the same for y, independent of x.

    Returns:
        A data set of (T - pre_history_len - gap - forecast_len) // stride + 1 pairs (x, y) of
        32-bit floats: (pre_history_len, *size) and (forecast_len, *size), or (pre_history_len, C,
        *size) and (forecast_len, C, *size) if the series has an axis of channels. With separate
        tensors of other series, x is a tuple of itself, `past` and `future`.

    Raises:
        DataError: if the source is no series, the series is too short for a window, or other
            series do not fit to it.

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
    with errors_named(series):
        contents = WindowContents(
            series,
            inputs=inputs,
            targets=targets,
            past=past,
            future=future,
            stacked=stacked,
            x_threshold=x_threshold,
            y_threshold=y_threshold,
        )
        cut = WindowCut(pre_history_len, forecast_len, stride, gap)
        return Windows(contents, cut.checked(series.steps))


@contextmanager
def errors_named(frames: Frames) -> Iterator[None]:
    """Put the name of the series in front of the message of a `DataError`."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{frames.name}: {error}") from None
