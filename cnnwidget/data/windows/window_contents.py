"""The contents of windows as tensors, many windows at once, by the indices of frames."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import KW_ONLY, InitVar, dataclass, field
from math import isfinite
from numbers import Real
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.windows.covariates import other_series
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.design.value import shortened

# Indices of frames, (B, steps): a row for each window.
Numbers = NDArray[np.int64]


class Scales(NamedTuple):
    """The values that become 0, and how far above them lie those that become 1.

    Attributes:
        low: of each channel of the frames.
        span: of each; never 0.
        series_low: of each channel of other series, `past` before `future`.
        series_span: of each of these.
    """

    low: tuple[float, ...]
    span: tuple[float, ...]
    series_low: tuple[float, ...] = ()
    series_span: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class WindowContents:
    """Frames, which of their channels are inputs and targets, and other series beside them.

    Indices of frames are (B, steps); what is read is a copy.

    Attributes:
        frames: the series.
        inputs: indices or names of the input channels; None for all.
        targets: indices or names of the target channels; None for all.
        past: other series known up to the last input frame, (T, K, *size); None for none.
        future: other series that are also known ahead; None for none.
        stacked: whether other series become further channels of the inputs.
        x_threshold: inputs above it become 1, others 0; None leaves them.
        y_threshold: the same for the targets.
        window_channels: the channels, series and thresholds, checked, without the data.
        scales: what values are scaled by as they are read; None leaves them.

    Raises:
        DataError: if there are no such channels, or the series do not fit together.

    Example:
        >>> from cnnwidget.data.load import load
        >>> frames = load(np.zeros((9, 3, 4, 5)))
        >>> WindowContents(frames, targets=[2], past=np.arange(9)).window_channels.input_channels
        4
    """

    frames: Frames
    _: KW_ONLY
    inputs: InitVar[Sequence[int | str] | None] = None
    targets: InitVar[Sequence[int | str] | None] = None
    past: Any = None
    future: Any = None
    stacked: bool = True
    x_threshold: InitVar[float | None] = None
    y_threshold: InitVar[float | None] = None
    window_channels: WindowChannels = field(init=False)
    scales: Scales | None = field(init=False, default=None)

    def __post_init__(
        self,
        inputs: Sequence[int | str] | None,
        targets: Sequence[int | str] | None,
        x_threshold: float | None,
        y_threshold: float | None,
    ) -> None:
        input_numbers = self.frames.numbers_of("inputs", inputs)
        target_numbers = self.frames.numbers_of("targets", targets)
        for name, series in self.series.items():
            object.__setattr__(self, name, other_series(series, self.frames, name))
        counts = {name: values.shape[1] for name, values in self.series.items()}
        window_channels = WindowChannels(
            inputs=input_numbers,
            targets=target_numbers,
            **counts,
            x_threshold=checked_threshold("x_threshold", x_threshold),
            y_threshold=checked_threshold("y_threshold", y_threshold),
        )
        object.__setattr__(self, "window_channels", window_channels)

    @property
    def series(self) -> dict[str, NDArray[Any]]:
        """The other series by their names, `past` before `future`."""
        both = {"past": self.past, "future": self.future}
        return {name: values for name, values in both.items() if values is not None}

    def scaled(self, scales: Scales) -> Self:
        """Return the same contents, scaled as they are read; thresholded channels stay 0 and 1.

        Values are scaled in 64 bits and rounded to 32 afterwards: what is small beside a large
        constant is then kept.
        """
        other = copy(self)
        object.__setattr__(other, "scales", scales)
        return other

    def inputs_at(self, numbers: Numbers) -> Tensor:
        """Return the inputs at these frames, with other series behind them if these are stacked."""
        made = self.window_channels
        x = self._read(numbers, made.inputs, made.x_threshold)
        if not (self.series and self.stacked):
            return x
        series = (self._read_series(name, numbers) for name in self.series)
        return torch.cat([x, *series], dim=2)

    def targets_at(self, numbers: Numbers) -> Tensor:
        """Return the targets at these frames, NaN where a value does not count."""
        channels = self.window_channels.targets
        targets = self._read(numbers, channels, self.window_channels.y_threshold)
        if self.frames.valid is not None:
            targets[..., ~torch.from_numpy(self.frames.valid[list(channels)])] = torch.nan
        return targets

    def series_at(self, inputs: Numbers, ahead: Numbers) -> tuple[Tensor, ...]:
        """Return the tensors of other series, as `Windows.gather_all` describes them.

        Args:
            inputs: indices of the input frames.
            ahead: indices of the frames behind them, to the last target frame.
        """
        past = () if self.past is None or self.stacked else (self._read_series("past", inputs),)
        if self.future is None:
            return past
        numbers = ahead if self.stacked else np.concatenate([inputs, ahead], axis=1)
        return (*past, self._read_series("future", numbers))

    def past_targets_at(self, numbers: Numbers, x: Tensor | None) -> Tensor:
        """Return the target channels at input frames, binarized as targets are.

        Args:
            numbers: indices of the frames.
            x: what `inputs_at` returned for them, to read nothing twice; or None.
        """
        made = self.window_channels
        if made.target_positions is None or x is None:
            return self._read(numbers, made.targets, made.y_threshold)
        positions = made.target_positions
        return x if positions == tuple(range(x.shape[2])) else x[:, :, list(positions)]

    def _read(self, numbers: Numbers, channels: tuple[int, ...], threshold: float | None) -> Tensor:
        """Return channels of the frames at these indices, (B, steps, C, *size).

        Values that are left out are NaN. Values for a threshold are not scaled.
        """
        values = self.frames.values
        if channels == tuple(range(self.frames.channels)):
            found = values[numbers]  # indexing with an array copies already
        else:
            found = values[numbers[..., None], np.asarray(channels)]
        if threshold is not None or self.scales is None:
            tensor = tensor_of(found)
        else:
            low, span = ([each[number] for number in channels] for each in self.scales[:2])
            tensor = scaled_tensor_of(found, low, span)
        if self.frames.missing == "leave out":
            tensor[~torch.isfinite(tensor)] = torch.nan
        return binarized(tensor, threshold)

    def _read_series(self, name: str, numbers: Numbers) -> Tensor:
        """Return another series at these indices, (B, steps, K, *size)."""
        found = self.series[name][numbers]
        if self.scales is None:
            return tensor_of(found)
        first = 0 if name == "past" else self.window_channels.past
        part = slice(first, first + found.shape[2])
        return scaled_tensor_of(found, self.scales.series_low[part], self.scales.series_span[part])


def checked_threshold(name: str, value: Any) -> float | None:
    """Return a threshold as a float, or None.

    Raises:
        DataError: if it is neither a finite number nor None.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
        raise DataError(f"{name} is {shortened(value)}, but must be a number, or None.")
    return float(value)


def tensor_of(values: NDArray[Any]) -> Tensor:
    """Return an array as a tensor of 32-bit floats, in the same memory where that is possible."""
    with np.errstate(over="ignore"):  # too large numbers become infinite, as in torch
        return torch.from_numpy(np.asarray(values, dtype=np.float32, order="C"))


def scaled_tensor_of(values: NDArray[Any], low: Sequence[float], span: Sequence[float]) -> Tensor:
    """Return values, (B, steps, C, *size), scaled channel by channel, as a tensor of 32 bits."""
    shape = (-1, *[1] * (values.ndim - 3))
    lows, spans = (np.asarray(each, np.float64).reshape(shape) for each in (low, span))
    with np.errstate(invalid="ignore", over="ignore"):  # missing values stay missing
        wide = np.subtract(values, lows, dtype=np.float64)
        wide /= spans
        return tensor_of(wide)


def binarized(values: Tensor, threshold: float | None) -> Tensor:
    """Return 1 above a threshold, 0 at or below it, NaN where there is no value.

    Without a threshold the values are returned as they are.
    """
    if threshold is None:
        return values
    return torch.where(values.isnan(), values, (values > threshold).to(values.dtype))
