"""`ForecastPredictor`: all that a run needs beside its weights to forecast."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import torch
from torch import Tensor

from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import Labels
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.data.windows.windows import Windows
from cnnwidget.training.tasks.forecasting.forecast_frames import (
    future_forecast,
    future_values,
    predictions,
)
from cnnwidget.training.tasks.forecasting.transform import Transform
from cnnwidget.training.tasks.scaling import Scaling, Statistics

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run


@dataclass(frozen=True, eq=False)
class ForecastPredictor:
    """The data of a training as far as a forecast needs them.

    Attributes:
        transform: from windows to the network and back.
        last: the last frames with all their channels, (pre_history_len, channels, *size), in their
            units.
        has_channels: whether the data have an axis of channels.
        labels: of the data: times of the frames, names of variables, coordinates.
        valid: (channels, *size), the places that something is known of; None is all.
    """

    transform: Transform
    last: np.ndarray
    has_channels: bool
    labels: Labels = field(default_factory=Labels)
    valid: np.ndarray | None = None

    @classmethod
    def of(cls, windows: Windows, transform: Transform, valid: np.ndarray | None) -> Self:
        """Return the predictor of a training on windows."""
        frames = windows.frames
        last = windows.last_frames().numpy()[0].copy()
        return cls(transform, last, frames.has_channels, frames.labels, valid)

    @property
    def channels(self) -> WindowChannels:
        """The channels that are input and those that are forecast."""
        return self.transform.channels

    @property
    def scaling(self) -> Scaling:
        """The scaling of each variable, by the training part."""
        return self.transform.scaling

    @property
    def statistics(self) -> Statistics:
        """The values of each variable in the training part, in its units."""
        return self.transform.statistics

    @property
    def size(self) -> tuple[int, ...]:
        """The size of a frame."""
        return tuple(self.last.shape[2:])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the targets: those of the data, or else their numbers."""
        names = self.labels.channels
        return tuple(names[n] if names else str(n) for n in self.channels.targets)

    def frames_from(self, run: Run, history: Tensor, ahead: Tensor | None = None) -> Tensor:
        """Return the forecasts of a network for windows, in the data's units.

        Args:
            run: whose network it is.
            history: input frames, (batch, history, channels, *size).
            ahead: the part of `future` that lies ahead, (batch, gap + forecast_len, K, *size).

        Returns:
            (batch, forecast_len, targets, *size).
        """
        with torch.no_grad():
            inputs = self.transform.input(self.transform.filled(history), ahead)
            scaled = self.transform.forecast(run.module(inputs), inputs, run.recipe)
        return self.transform.frames(scaled)

    def predict(self, run: Run, data: object) -> np.ndarray:
        """Return the forecasts for stretches of frames, or for windows; see `Run.predict`."""
        return self._as_given(predictions(self, run, data), axis=2)

    def forecast(
        self, run: Run, steps: int | None, frames: object, path: str | Path | None
    ) -> np.ndarray:
        """Return the frames after the last; see `Run.forecast`."""
        if path is not None:
            dated = self.forecast_frames(run, steps, frames)
            dated.save(path)
            return self._as_given(dated.values, axis=1)
        return self._as_given(future_values(self, run, steps, frames), axis=1)

    def forecast_frames(self, run: Run, steps: int | None, frames: object) -> Frames:
        """Return the frames after the last with their labels; see `Run.forecast_frames`."""
        return future_forecast(self, run, steps, frames)

    def _as_given(self, values: np.ndarray, axis: int) -> np.ndarray:
        """Return values without the axis of channels, if the data had none."""
        return values if self.has_channels else values.squeeze(axis)
