"""`ForecastPredictor`: all that a run needs beside its weights to forecast."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import Labels
from cnnwidget.data.windows.fill_history import each_of, fill_history
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.data.windows.window_contents import Numbers, WindowContents
from cnnwidget.data.windows.windows import Windows
from cnnwidget.training.metrics.reference import Reference
from cnnwidget.training.tasks.forecasting.forecast_frames import (
    future_forecast,
    future_values,
    predictions,
)
from cnnwidget.training.tasks.forecasting.transform import Transform
from cnnwidget.training.tasks.scaling import Scaling, Statistics, exact_floats

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
        steps: frames of the data.
        valid: (channels, *size), the places that something is known of; None is all.
        reference: the rule that the network adds to; None if it gives the frames themselves.
    """

    transform: Transform
    last: np.ndarray
    has_channels: bool
    labels: Labels
    steps: int
    valid: np.ndarray | None = None
    reference: Reference | None = None

    @classmethod
    def of(
        cls,
        windows: Windows,
        transform: Transform,
        valid: np.ndarray | None,
        reference: Reference | None,
    ) -> Self:
        """Return the predictor of a training on windows."""
        frames = windows.frames
        last = np.array(exact_floats(frames.values[-windows.pre_history_len :]), order="C")
        return cls(
            transform, last, frames.has_channels, frames.labels, frames.steps, valid, reference
        )

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

    def forecast_at(
        self, run: Run, contents: WindowContents, inputs: Numbers, ahead: Numbers
    ) -> Tensor:
        """Return the forecasts of a network for histories that lie in frames.

        Args:
            run: whose network it is.
            contents: frames and series, scaled by the transform.
            inputs: indices of the frames of the histories, (batch, history).
            ahead: of those that follow, to the last that is forecast; they may lie beyond the end.

        Returns:
            (batch, forecast_len, targets, *size), scaled.
        """
        x = contents.inputs_at(inputs)
        before = contents.past_targets_at(inputs, x)
        numbers = np.concatenate([inputs, ahead], axis=1)
        phases = self.phases(numbers, contents.frames.labels)
        return self.forecast_from(run, x, before, phases, *contents.series_at(inputs, ahead))

    def forecast_from(
        self,
        run: Run,
        x: Tensor,
        before: Tensor,
        phases: NDArray[np.int64] | None,
        ahead: Tensor | None = None,
    ) -> Tensor:
        """Return the forecasts of a network, scaled.

        Args:
            run: whose network it is.
            x: scaled input frames, (batch, history, channels, *size).
            before: the targets in the history, likewise.
            phases: of history and forecast, (batch, frames); None if the reference needs none.
            ahead: the part of `future` that lies ahead, (batch, gap + forecast_len, K, *size).

        Returns:
            (batch, forecast_len, targets, *size).
        """
        with torch.no_grad():
            output = run.module(self.transform.input(self.transform.filled(x), ahead))
            forecast = self.transform.steps(output)
            if self.reference is None:
                return forecast
            return forecast + self.reference_from(before, phases)

    def reference_from(self, before: Tensor, phases: NDArray[np.int64] | None) -> Tensor:
        """Return the reference of histories, (batch, forecast_len, targets, *size), scaled."""
        assert self.reference is not None
        filled = fill_history(before, each_of(self.transform.target_means, before))
        return self.reference.rule.forecast(filled, phases)

    @property
    def goes_by_dates(self) -> bool:
        """Whether its reference needs the dates of frames."""
        season = None if self.reference is None else self.reference.season
        return season is not None and season.by_dates

    def phases(self, numbers: Numbers, labels: Labels) -> NDArray[np.int64] | None:
        """Return the phases of frames, by their numbers in a series; None if none are needed."""
        season = None if self.reference is None else self.reference.season
        return None if season is None else season.phases(numbers, labels)

    def in_units(self, frames: Tensor) -> np.ndarray:
        """Return scaled frames, (batch, steps, targets, *size), in the units of the data.

        In 32 bits if the data are, else in 64.
        """
        values: np.ndarray = self.transform.in_units(frames).numpy()
        return values.astype(self.last.dtype)

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
