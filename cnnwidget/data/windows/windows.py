"""A series of frames as a torch data set: what a network is given, and what it should forecast."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np
from torch import Tensor
from torch.utils.data import Dataset

from cnnwidget.data.checks import check_index, window_numbers
from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.load import load
from cnnwidget.data.windows.custom_splits import rolling_folds, split_by_count, split_by_date
from cnnwidget.data.windows.split import Split, split_by_time
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.data.windows.window_contents import (
    Numbers,
    WindowContents,
    tensor_of,
    window_contents,
)
from cnnwidget.data.windows.window_cut import WindowCut, window_cut

Pair = tuple[Tensor, Tensor]


class Windows(Dataset[tuple[Any, Tensor]]):
    """All windows of a series; `windows` makes it.

    Nothing is copied before a window is asked for, and what is handed out is a copy.

    Attributes:
        contents: what is given and told: frames, channels, other series.
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
        """The frames that a window is given."""
        return self.cut.pre_history_len

    @property
    def forecast_len(self) -> int:
        """The frames that a window is to forecast."""
        return self.cut.forecast_len

    @cached_property
    def split(self) -> Split:
        """Which windows are for training, validation and test: by time, or as `with_split` says."""
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
        other = Windows(self.contents, self.cut)
        vars(other)["split"] = split  # in the place of the one by time
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
    def make_up(self) -> WindowChannels:
        """How many channels are given and told, and which."""
        return self.contents.make_up

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
        [pair] = self.__getitems__([check_index(operator.index(index), len(self))])
        return pair

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Any, Tensor]]:
        """Many windows, read at once; a DataLoader asks for them in this way."""
        x, y, *beside = self.gather_all(indices)
        if not self.frames.has_channels:  # the axis stays where other series have made it longer
            x, y = x if x.shape[2] > 1 else x.squeeze(2), y.squeeze(2)
        given = zip(x, *beside, strict=True) if beside else x
        return list(zip(given, y, strict=True))

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
        given, ahead = self._frames(indices)
        return self.contents.given(given), self.contents.told(ahead[:, self.cut.gap :])

    def gather_all(self, indices: Any) -> tuple[Tensor, ...]:
        """What `gather` gives, and behind it what other series give beside the frames.

        Args:
            indices: numbers of windows.

        Returns:
            x and y; stacked, the part of `future` from behind the history to the last frame to
            forecast, (B, gap + forecast_len, K, *size). Else `past`, (B, pre_history_len, K,
            *size), and all of `future`, (B, pre_history_len + gap + forecast_len, K, *size).
        """
        return (*self.gather(indices), *self.contents.beside(*self._frames(indices)))

    def targets_before(self, indices: Any, x: Tensor | None = None) -> Tensor:
        """The targets in the frames that windows are given, in the form that y has.

        Args:
            indices: numbers of windows.
            x: what `gather` gave for these, so that nothing is read that is there already.

        Returns:
            (B, pre_history_len, targets, *size), which is x itself where it is nothing else.
        """
        return self.contents.targets_given(self._frames(indices)[0], x)

    def last(self) -> Tensor:
        """The last frames with all their channels.

        Returns:
            (1, pre_history_len, C, *size), 32-bit floats.
        """
        return tensor_of(np.array(self.frames.values[-self.pre_history_len :][None], order="C"))

    def beyond(self) -> tuple[Tensor, ...]:
        """What a forecast beyond the end of the frames is made from.

        Returns:
            x of a window whose forecast would begin behind the last frame, (1, pre_history_len, C,
            *size), and behind it what other series give, as `gather_all` tells it.

        Raises:
            DataError: if `future` ends too early for that.
        """
        steps, future = self.frames.steps, self.contents.future
        needed = self.cut.span - self.pre_history_len
        if future is not None and len(future) < steps + needed:
            known = len(future) - steps
            raise DataError(
                f"future is known for {known} steps beyond the last frame, but a forecast from "
                f"there on needs {needed}; give {needed - known} more."
            )
        given, ahead = self._behind(np.array([steps - self.pre_history_len]))
        return (self.contents.given(given), *self.contents.beside(given, ahead))

    @property
    def has_gaps(self) -> bool:
        """Whether some values of a forecast may not count: NaN in y."""
        return self.frames.valid is not None or self.frames.missing == "leave out"

    def _frames(self, indices: Any) -> tuple[Numbers, Numbers]:
        """The numbers of the frames that windows are given, and of those behind: (B, steps)."""
        return self._behind(window_numbers(indices, len(self)) * self.cut.stride)

    def _behind(self, first: Numbers) -> tuple[Numbers, Numbers]:
        """The same for windows that begin with these frames."""
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
    with errors_named(series):
        contents = window_contents(
            series,
            inputs=inputs,
            targets=targets,
            past=past,
            future=future,
            stacked=stacked,
            x_threshold=x_threshold,
            y_threshold=y_threshold,
        )
        return Windows(
            contents, window_cut(series.steps, pre_history_len, forecast_len, stride, gap)
        )


@contextmanager
def errors_named(frames: Frames) -> Iterator[None]:
    """What is wrong with a cut is told with the name of the series."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{frames.name}: {error}") from None
