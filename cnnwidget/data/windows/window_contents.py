"""The contents of windows as tensors, many windows at once, by the indices of frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, InitVar, dataclass, field
from math import isfinite
from numbers import Real
from typing import Any

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

    def inputs_at(self, numbers: Numbers) -> Tensor:
        """Return the inputs at these frames, with other series behind them if these are stacked."""
        x = binarized(
            self._read(numbers, self.window_channels.inputs), self.window_channels.x_threshold
        )
        if not (self.series and self.stacked):
            return x
        return torch.cat([x, *(tensor_of(each[numbers]) for each in self.series.values())], dim=2)

    def targets_at(self, numbers: Numbers) -> Tensor:
        """Return the targets at these frames, NaN where a value does not count."""
        channels = self.window_channels.targets
        targets = self._read(numbers, channels)
        if self.frames.missing == "leave out":
            targets[~torch.isfinite(targets)] = torch.nan
        targets = binarized(targets, self.window_channels.y_threshold)
        if self.frames.valid is not None:
            targets[..., ~torch.from_numpy(self.frames.valid[list(channels)])] = torch.nan
        return targets

    def series_at(self, inputs: Numbers, ahead: Numbers) -> tuple[Tensor, ...]:
        """Return the tensors of other series, as `Windows.gather_all` describes them.

        Args:
            inputs: indices of the input frames.
            ahead: indices of the frames behind them, to the last target frame.
        """
        past = () if self.past is None or self.stacked else (tensor_of(self.past[inputs]),)
        if self.future is None:
            return past
        numbers = ahead if self.stacked else np.concatenate([inputs, ahead], axis=1)
        return (*past, tensor_of(self.future[numbers]))

    def past_targets_at(self, numbers: Numbers, x: Tensor | None) -> Tensor:
        """Return the target channels at input frames, binarized as targets are.

        Args:
            numbers: indices of the frames.
            x: what `inputs_at` returned for them, to read nothing twice; or None.
        """
        positions = self.window_channels.target_positions
        if positions is None or x is None:
            return binarized(
                self._read(numbers, self.window_channels.targets), self.window_channels.y_threshold
            )
        return x if positions == tuple(range(x.shape[2])) else x[:, :, list(positions)]

    def _read(self, numbers: Numbers, channels: tuple[int, ...]) -> Tensor:
        """Return channels of the frames at these indices, (B, steps, C, *size)."""
        values = self.frames.values
        if channels == tuple(range(self.frames.channels)):
            # Indexing with an array copies already.
            return tensor_of(values[numbers])
        return tensor_of(values[numbers[..., None], np.asarray(channels)])


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


def binarized(values: Tensor, threshold: float | None) -> Tensor:
    """Return 1 above a threshold, 0 at or below it, NaN where there is no value.

    Without a threshold the values are returned as they are.
    """
    if threshold is None:
        return values
    return torch.where(values.isnan(), values, (values > threshold).to(values.dtype))
