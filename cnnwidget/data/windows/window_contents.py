"""What windows hold, read by the numbers of frames: many at once, as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.windows.covariates import other_series
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.design.value import shortened

Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class WindowContents:
    """Frames, what of them is given and told, and series beside them; `window_contents` makes it.

    Numbers of frames are (B, steps), and what is read for them lies in memory of its own.

    Attributes:
        frames: the series.
        inputs: numbers of the channels that are given.
        targets: numbers of the channels to forecast.
        past: series beside it that are known so far, (T, K, *size); None without.
        future: series beside it that are known ahead, too; None without.
        stacked: whether other series are further channels of what is given.
        x_threshold: values that are given are 1 above it, others 0; None leaves them.
        y_threshold: the same for what is told.
    """

    frames: Frames
    inputs: tuple[int, ...]
    targets: tuple[int, ...]
    past: NDArray[Any] | None = None
    future: NDArray[Any] | None = None
    stacked: bool = True
    x_threshold: float | None = None
    y_threshold: float | None = None

    @cached_property
    def make_up(self) -> WindowChannels:
        """How many of each there are."""
        return WindowChannels(
            inputs=self.inputs,
            targets=self.targets,
            past=0 if self.past is None else self.past.shape[1],
            future=0 if self.future is None else self.future.shape[1],
            x_threshold=self.x_threshold,
            y_threshold=self.y_threshold,
        )

    @property
    def series(self) -> dict[str, NDArray[Any]]:
        """The other series by their names, `past` before `future`."""
        both = {"past": self.past, "future": self.future}
        return {name: values for name, values in both.items() if values is not None}

    def given(self, numbers: Numbers) -> Tensor:
        """What is given at these frames, with other series behind it where they are stacked."""
        x = above(self._read(numbers, self.inputs), self.x_threshold)
        if not (self.series and self.stacked):
            return x
        return torch.cat([x, *(tensor_of(each[numbers]) for each in self.series.values())], dim=2)

    def told(self, numbers: Numbers) -> Tensor:
        """What is to be told of these frames, NaN where it does not count."""
        told = self._read(numbers, self.targets)
        if self.frames.missing == "leave out":
            told[~torch.isfinite(told)] = torch.nan
        told = above(told, self.y_threshold)
        if self.frames.valid is not None:
            told[..., ~torch.from_numpy(self.frames.valid[list(self.targets)])] = torch.nan
        return told

    def beside(self, given: Numbers, ahead: Numbers) -> tuple[Tensor, ...]:
        """What other series give beside the frames, as `Windows.gather_all` tells it."""
        past = () if self.past is None or self.stacked else (tensor_of(self.past[given]),)
        if self.future is None:
            return past
        numbers = ahead if self.stacked else np.concatenate([given, ahead], axis=1)
        return (*past, tensor_of(self.future[numbers]))

    def targets_given(self, numbers: Numbers, x: Tensor | None) -> Tensor:
        """The targets at frames that are given, in the form in which they are told.

        Args:
            numbers: of the frames.
            x: what is given at these, so that nothing is read that is there already.
        """
        places = self.make_up.targets_given
        if places is None or x is None:
            return above(self._read(numbers, self.targets), self.y_threshold)
        return x if places == tuple(range(x.shape[2])) else x[:, :, list(places)]

    def _read(self, numbers: Numbers, channels: tuple[int, ...]) -> Tensor:
        """Frames by their numbers: read at once."""
        values = self.frames.values
        if channels == tuple(range(self.frames.channels)):
            # What is read at many places at once is in memory of its own already.
            return tensor_of(values[numbers])
        return tensor_of(values[numbers[..., None], np.asarray(channels)])


def window_contents(
    frames: Frames,
    *,
    inputs: Sequence[int | str] | None = None,
    targets: Sequence[int | str] | None = None,
    past: Any = None,
    future: Any = None,
    stacked: bool = True,
    x_threshold: float | None = None,
    y_threshold: float | None = None,
) -> WindowContents:
    """Contents of windows, checked; the arguments are those of `windows`.

    Raises:
        DataError: if there are no such channels, or series do not go together.

    Example:
        >>> from cnnwidget.data.load import load
        >>> frames = load(np.zeros((9, 3, 4, 5)))
        >>> window_contents(frames, targets=[2], past=np.arange(9)).make_up.width
        4
    """
    return WindowContents(
        frames=frames,
        inputs=frames.numbers_of("inputs", inputs),
        targets=frames.numbers_of("targets", targets),
        past=None if past is None else other_series(past, frames, "past"),
        future=None if future is None else other_series(future, frames, "future"),
        stacked=stacked,
        x_threshold=threshold_of("x_threshold", x_threshold),
        y_threshold=threshold_of("y_threshold", y_threshold),
    )


def threshold_of(name: str, value: Any) -> float | None:
    """A number that values can be above, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
        raise DataError(f"{name} is {shortened(value)}, but must be a number, or None.")
    return float(value)


def tensor_of(values: NDArray[Any]) -> Tensor:
    """A tensor of 32-bit floats, in the same memory where that is possible."""
    with np.errstate(over="ignore"):  # what is too large becomes infinite, as it does in torch
        return torch.from_numpy(np.asarray(values, dtype=np.float32, order="C"))


def above(values: Tensor, threshold: float | None) -> Tensor:
    """1 above a threshold, 0 at or below it, and NaN where there is no value."""
    if threshold is None:
        return values
    return torch.where(values.isnan(), values, (values > threshold).to(values.dtype))
