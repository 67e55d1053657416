"""`Run`: what a training leaves: its history, its best weights, and all that repeats it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor

from cnnwidget.data.errors import DataError
from cnnwidget.data.fingerprint import Fingerprint, fingerprint_of
from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import Labels
from cnnwidget.data.windows.split import Split
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.data.windows.windows import Windows
from cnnwidget.design.design_types import Design
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.model.build import Net
from cnnwidget.training.loop.history import Epoch
from cnnwidget.training.loop.weights import net_with_weights
from cnnwidget.training.metrics.metrics import Metrics, measure
from cnnwidget.training.metrics.skill import Skill, skill_of
from cnnwidget.training.recipe import Recipe
from cnnwidget.training.runs.diagnosis import Finding, findings
from cnnwidget.training.runs.run_text import beside_the_verdict, text_of
from cnnwidget.training.runs.versions import Versions, changed_since, versions_now
from cnnwidget.training.tasks.forecast import Forecast
from cnnwidget.training.tasks.forecasting import coming, coming_frames, predictions
from cnnwidget.training.tasks.scaling import Scaling, Statistics
from cnnwidget.training.tasks.transform import Transform

if TYPE_CHECKING:
    from cnnwidget.training.runs.checkpoint_file import Checkpoint
    from cnnwidget.training.runs.plot import Picture

Ending = Literal["finished", "stopped", "diverged"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Run:
    """A trained network with its past; it does not change.

    Attributes:
        design: of the network.
        recipe: how it was trained.
        scaling: of each variable, from its units to what the network knows, as the recipe says.
        statistics: of the values of each that training saw, in its units.
        make_up: what windows are given and tell: channels by their numbers, series, thresholds.
        beside: the scaling of other series, which are not kept themselves.
        split: which windows were for training, validation and test.
        history: one `Epoch` each.
        best: the epoch whose weights are kept; None if not one was finished.
        weights: the state dict of that epoch, on the CPU.
        baselines: name and loss of each forecast without a network, beside the history's losses.
        ending: `finished`, `stopped`, or `diverged` where a loss was no finite number.
        device: where it was trained.
        last: the last frames of the data with all their channels, (pre_history_len, channels,
            *size), in their units.
        has_channels: whether the data have an axis of channels.
        data_name: what the data were called.
        windows: the data; None in a run that was loaded without them.
        labels: of the data: times of the frames, names of variables, places.
        valid: (channels, *size), the places that there is something to tell of; None is all.
        checkpoint: what `cw.resume` needs to go on from the last batch: the last weights, the
            memory of the optimiser, the progress in the budget. None while its loop is
            running, or where memory had no room for it.
        versions: name and version of what it was trained with.
        trained_on: the fingerprint of its data in a run that was loaded, empty where its folder
            has none; None in one that was trained here, see `fingerprint`.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> run = cw.fit(design, frames, epochs=2, progress=False)
        >>> run.predict(frames).shape, run.forecast(steps=5).shape
        ((39, 1, 8, 8), (5, 8, 8))
        >>> again = cw.fit(design, frames, progress=False, **run.repeat)
        >>> [epoch.train for epoch in again.history] == [epoch.train for epoch in run.history]
        True
    """

    design: Design
    recipe: Recipe
    scaling: Scaling
    statistics: Statistics
    make_up: WindowChannels
    beside: Scaling
    split: Split
    history: tuple[Epoch, ...]
    best: Epoch | None
    weights: Mapping[str, Tensor]
    baselines: tuple[tuple[str, float], ...]
    ending: Ending
    device: str
    last: np.ndarray
    has_channels: bool
    data_name: str
    windows: Windows | None = None
    measured: Metrics | None = field(default=None)
    labels: Labels = field(default_factory=Labels)
    valid: np.ndarray | None = None
    checkpoint: Checkpoint | None = None
    versions: Versions = field(default_factory=versions_now)
    trained_on: Fingerprint | None = None

    @cached_property
    def task(self) -> Forecast:
        """The forecast that it makes."""
        recipe, size = self.recipe, self.last.shape[2:]
        lengths = (recipe.pre_history_len, recipe.forecast_len, recipe.gap)
        return Forecast.of(self.make_up, size, *lengths)

    @cached_property
    def transform(self) -> Transform:
        """What the network is handed of windows, and what its output means."""
        return Transform(self.make_up, self.scaling, self.statistics, self.beside)

    @property
    def names(self) -> tuple[str, ...]:
        """What the variables of a forecast are called: by the data, or else by their numbers."""
        names = self.labels.channels
        return tuple(names[n] if names else str(n) for n in self.make_up.targets)

    @property
    def repeat(self) -> dict[str, Any]:
        """The arguments of `cw.train` and `cw.fit` that repeat the curve, on the same device.

        They go with the same data: frames or windows, chosen channels, other series, thresholds.
        A budget of seconds has become epochs, with the learning rate of each.
        """
        rates = tuple(epoch.lr for epoch in self.history)
        return self.recipe.model_dump() | {
            "epochs": max(1, len(rates)),
            "seconds": None,
            "lr": rates or self.recipe.lr,
        }

    @property
    def fingerprint(self) -> Fingerprint | None:
        """What the data are known by that it was trained on: shape, dtype and digest of each array.

        It is taken when it is first asked for or saved, which takes about a second for each
        gigabyte of frames; see `digest_of`. None in a run that was saved before there were any.
        """
        if self.trained_on is None and self.windows is not None:
            return fingerprint_of(self.windows.contents)
        return self.trained_on or None

    @cached_property
    def module(self) -> Net:
        """The network with its best weights, on the CPU, in eval mode; it takes scaled frames.

        (batch, channels, *size) in and out; `transform` leads there and back.
        """
        return net_with_weights(plan_of(self.design), self.weights).eval()

    @cached_property
    def metrics(self) -> Metrics:
        """Errors on the test windows, or on the training windows where nothing was held out.

        They are measured when they are first asked for, which may take seconds, and then kept.

        Raises:
            DataError: in a run that was loaded without having been measured.
        """
        found = self.measured_unless(lambda: False)
        assert found is not None
        return found

    def measured_unless(self, stopped: Callable[[], bool]) -> Metrics | None:
        """The metrics, or None as soon as they are not wanted any more.

        What was measured to the end is kept, for `metrics` and `skill` too; of what was not,
        nothing is.

        Args:
            stopped: asked before each batch of windows whether to give up.

        Raises:
            DataError: in a run that was loaded without having been measured.

        Example:
            >>> import cnnwidget as cw
            >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
            >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1)
            >>> run = cw.fit(design, frames, epochs=1, progress=False)
            >>> run.measured_unless(stopped=lambda: True) is None
            True
            >>> run.measured_unless(stopped=lambda: False) is run.metrics
            True
        """
        if "metrics" in vars(self):
            return self.metrics
        if self.measured is not None:
            return self.measured
        if self.windows is None:
            raise DataError(
                "This run was saved without metrics and holds no data; use run.predict(frames) and "
                "compare with the frames."
            )
        found = measure(self, stopped)
        if found is not None:
            vars(self)["metrics"] = found  # as the property keeps what it has measured itself
        return found

    @cached_property
    def skill(self) -> Skill:
        """How much better than the best baseline it is: in total, per lead time, and in words."""
        return skill_of(self.metrics, 1.0 if self.metrics.variables else self.transform.spans[0])

    def in_units(self, history: Tensor, ahead: Tensor | None = None) -> Tensor:
        """What the network makes of windows, in the data's units.

        Args:
            history: what they are given, (batch, history, channels, *size).
            ahead: what `future` says ahead, (batch, gap + forecast_len, K, *size).

        Returns:
            (batch, forecast, targets, *size).
        """
        with torch.no_grad():
            inputs = self.transform.history(self.transform.known(history), ahead)
            scaled = self.module(inputs)
            if self.recipe.residual:
                lengths = (self.recipe.pre_history_len, self.recipe.forecast_len)
                scaled = scaled + self.transform.newest(inputs, *lengths)
        return self.transform.forecast(scaled)

    def predict(self, frames: object) -> np.ndarray:
        """Forecasts from every stretch of frames that is long enough, or of every window.

        Args:
            frames: anything that `cw.load` takes, at least `pre_history_len` of them; or
                `cw.windows` like those of the training, where that had other series.

        Returns:
            float32 in the data's units, (frames - pre_history_len + 1, forecast_len, *frame): the
            first from frames 0, 1, ..., the last reaches beyond the data; of windows, one each. A
            frame is (*size), or (targets, *size) where the training data had channels.

        Raises:
            DataError: if the frames are too few or of another shape, or windows cut otherwise.
        """
        return self.as_given(predictions(self, frames), axis=2)

    def forecast(
        self,
        steps: int | None = None,
        frames: object = None,
        *,
        path: str | Path | None = None,
    ) -> np.ndarray:
        """What comes after the last frame; beyond `forecast_len` its own forecasts are the history.

        With a gap, the first frame that is told lies so many frames further on.

        Args:
            steps: how many frames; None is `forecast_len`.
            frames: go on from the last of these, or of `cw.windows`, instead of the training
                data's.
            path: where to write it, too: `.nc` with the dates that follow, or `.npy`.

        Returns:
            float32 in the data's units, (steps, *frame).

        Raises:
            DataError: if steps is no positive number, or more than can be told; if the frames do
                not fit; or the file cannot be written.
        """
        if path is not None:
            dated = self.forecast_frames(steps, frames)
            dated.save(path)
            return self.as_given(dated.values, axis=1)
        return self.as_given(coming(self, steps, frames), axis=1)

    def forecast_frames(self, steps: int | None = None, frames: object = None) -> Frames:
        """As `forecast`, with the dates that follow, and all other labels of the data.

        Args:
            steps: how many frames; None is `forecast_len`.
            frames: go on from the last of these instead of the training data's.

        Returns:
            Frames that `.save("forecast.nc")` writes, or `.save("forecast.npy")`.

        Raises:
            DataError: as `forecast` does.

        Example:
            >>> import cnnwidget as cw
            >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
            >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1)
            >>> run = cw.fit(design, frames, epochs=1, progress=False)
            >>> run.forecast_frames(steps=3).values.shape
            (3, 1, 8, 8)
        """
        return coming_frames(self, steps, frames)

    def as_given(self, values: np.ndarray, axis: int) -> np.ndarray:
        """Without the axis of channels, if the data had none."""
        return values if self.has_channels else values.squeeze(axis)

    def plot(self) -> Picture:
        """The loss curves with the baselines, and a forecast beside the truth.

        Returns:
            A `matplotlib.figure.Figure` that a notebook shows; `.savefig("run.pdf")` keeps it.
        """
        from cnnwidget.training.runs.plot import picture_of

        return picture_of(self)

    def save(self, folder: str | Path) -> Path:
        """Write the run into a folder: `run.json` and weights as safetensors, no pickle.

        Args:
            folder: made if it is not there; what it holds of an older run is replaced.

        Returns:
            The folder.

        Raises:
            CnnwidgetError: if it cannot be made or written into.
        """
        from cnnwidget.training.runs.run_file import save

        return save(self, folder)

    @property
    def epochs_in_words(self) -> str:
        """How many epochs were finished: `3 epochs`."""
        return f"{len(self.history)} epoch{'' if len(self.history) == 1 else 's'}"

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is doubtful about it: diverged, exploded, constant, worse than no network, ...

        Each has a sentence and what to try; it is measured for that, where it has its data.
        """
        return findings(self)

    @property
    def advice(self) -> list[str]:
        """The findings in words, but for what `skill.sentence` says; and what has changed since.

        A run that was loaded may have been trained on other data, or with other versions.
        """
        return beside_the_verdict(self) + changed_since(self)

    def __repr__(self) -> str:
        return text_of(self)
