"""`Run`: what a training leaves: its history, its best weights, and all that repeats it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from cnnwidget.data.data_error import DataError
from cnnwidget.data.fingerprint import Fingerprint
from cnnwidget.data.frames import Frames
from cnnwidget.data.windows.split import Split
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.model.build import Net
from cnnwidget.training.loop.events import Ending, Epoch, curve_of
from cnnwidget.training.loop.weights import net_with_weights
from cnnwidget.training.recipe import SETTINGS, Recipe
from cnnwidget.training.runs.diagnosis import Finding, findings
from cnnwidget.training.runs.run_text import caveats, run_text
from cnnwidget.training.runs.save_run import save_run
from cnnwidget.training.runs.versions import Versions, versions_now
from cnnwidget.training.setting import settings_for
from cnnwidget.training.tasks.task_protocol import (
    Forecaster,
    Predictor,
    Task,
    TaskData,
    TaskMetrics,
    TaskSkill,
    TorchTask,
)
from cnnwidget.training.tasks.task_table import task_named

if TYPE_CHECKING:
    from cnnwidget.training.checkpoints.checkpoint import Checkpoint
    from cnnwidget.training.runs.plot import Picture


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Run:
    """A trained network with its past; it does not change.

    Attributes:
        design: of the network.
        recipe: how it was trained, and for which task.
        predictor: what its task needs beside the weights to use them; of a forecast the scaling,
            the statistics, the labels and the last frames of the data.
        split: which examples were for training, validation and test.
        start: epoch 0: the losses before the first step, of a network that then gives its
            reference; None of another, or if its training never began.
        history: one `Epoch` each, from 1.
        best: the epoch whose weights are kept, perhaps `start`; None if not one was finished.
        weights: the state dict of that epoch, on the CPU.
        baselines: name and loss of each prediction without a network.
        ending: `finished`, `stopped`, or `diverged` if a loss was infinite or not a number.
        device: where it was trained.
        data_name: the name of the data.
        data: cut into examples; None in a run that was loaded without.
        measured: metrics that were loaded with the run.
        checkpoint: what `cw.resume` needs to go on from the last batch: the last weights, the
            memory of the optimiser, the progress in the budget. None while its loop is running, or
            if there was too little memory for it.
        versions: name and version of what it was trained with.
        trained_on: the fingerprint of its data in a run that was loaded, empty if its folder has
            none; None in one that was trained here, see `fingerprint`.

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
    predictor: Predictor
    split: Split
    start: Epoch | None
    history: tuple[Epoch, ...]
    best: Epoch | None
    weights: Mapping[str, Tensor]
    baselines: tuple[tuple[str, float], ...]
    ending: Ending
    device: str
    data_name: str
    data: TaskData | None = None
    measured: TaskMetrics | None = None
    checkpoint: Checkpoint | None = None
    versions: Versions = field(default_factory=versions_now)
    trained_on: Fingerprint | None = None

    @property
    def task(self) -> Task:
        """The task that it was trained for."""
        return task_named(self.recipe.task)

    @cached_property
    def torch_task(self) -> TorchTask:
        """The half of its task that needs torch."""
        return self.task.torch_half()

    @property
    def curve(self) -> tuple[Epoch, ...]:
        """All epochs, with that before the first step if there is one."""
        return curve_of(self.start, self.history)

    @property
    def repeat(self) -> dict[str, Any]:
        """The arguments of `cw.train` and `cw.fit` that repeat the curve, on the same device.

        They go with the same data: frames or windows, chosen channels, other series, thresholds.
        A budget of seconds has become epochs, with the learning rate of each.
        """
        rates = tuple(epoch.lr for epoch in self.history)
        own = settings_for(SETTINGS, self.task.settings)
        return {name: getattr(self.recipe, name) for name in own} | {
            "epochs": max(1, len(rates)),
            "seconds": None,
            "lr": rates or self.recipe.lr,
        }

    @property
    def fingerprint(self) -> Fingerprint | None:
        """Shape, dtype and digest of each array that it was trained on.

        It is worked out when it is first asked for or saved, which takes about a second for each
        gigabyte of frames; see `digest_of`. None if neither data nor folder have one.
        """
        if self.trained_on is None and self.data is not None:
            return self.data.fingerprint
        return self.trained_on or None

    @cached_property
    def module(self) -> Net:
        """The network with its best weights, on the CPU, in eval mode; it takes scaled frames.

        (batch, channels, *size) in and out; the predictor's `transform` leads there and back.
        """
        return net_with_weights(plan_of(self.design), self.weights).eval()

    @cached_property
    def metrics(self) -> TaskMetrics:
        """Errors on the test examples, or on the training examples if nothing was held out.

        They are measured when they are first asked for, which may take seconds, and then kept.

        Raises:
            DataError: in a run that was loaded without having been measured.
        """
        found = self.measured_unless(lambda: False)
        assert found is not None
        return found

    @property
    def metrics_if_known(self) -> TaskMetrics | None:
        """The metrics; None in a run that was loaded without them and without data."""
        return None if self.measured is None and self.data is None else self.metrics

    def measured_unless(self, stopped: Callable[[], bool]) -> TaskMetrics | None:
        """Return the metrics, or None as soon as they are not wanted any more.

        Metrics that were measured to the end are kept, for `metrics` and `skill` too.

        Args:
            stopped: asked before each batch whether to give up.

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
        if self.data is None:
            raise DataError(
                "This run was saved without metrics and holds no data; use run.predict(frames) and "
                "compare with the frames."
            )
        found = self.torch_task.measure(self, stopped)
        if found is not None:
            vars(self)["metrics"] = found  # as the property keeps what it has measured itself
        return found

    @property
    def skill(self) -> TaskSkill:
        """The skill against the best baseline: in total, per lead time, and in words."""
        return self.metrics.skill

    def predict(self, frames: object) -> np.ndarray:
        """Return forecasts from every stretch of frames that is long enough, or of every window.

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
        return self.predictor.predict(self, frames)

    def forecast(
        self,
        steps: int | None = None,
        frames: object = None,
        *,
        path: str | Path | None = None,
    ) -> np.ndarray:
        """Return the frames after the last; beyond `forecast_len` its forecasts are the history.

        With a gap, the first of them lies so many frames further on.

        Args:
            steps: how many frames; None is `forecast_len`.
            frames: go on from the last of these, or of `cw.windows`, instead of the training
                data's.
            path: where to write it, too: `.nc` with the dates that follow, or `.npy`.

        Returns:
            float32 in the data's units, (steps, *frame).

        Raises:
            DataError: if steps is no positive number, or too many; if the frames do not fit; or
                the file cannot be written.
            CnnwidgetError: if its task is no forecast.
        """
        return self._forecaster.forecast(self, steps, frames, path)

    def forecast_frames(self, steps: int | None = None, frames: object = None) -> Frames:
        """Return frames as `forecast`, with the dates that follow and the labels of the data.

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
        return self._forecaster.forecast_frames(self, steps, frames)

    @property
    def _forecaster(self) -> Forecaster:
        """The predictor, if it can go on beyond the data.

        Raises:
            CnnwidgetError: if its task has no such thing.
        """
        if not isinstance(self.predictor, Forecaster):
            raise CnnwidgetError(
                f"This run was trained for the task {self.recipe.task!r}, which has no forecast; "
                "use run.predict(frames)."
            )
        return self.predictor

    def plot(self) -> Picture:
        """Draw the loss curves with the baselines, and a prediction beside the truth.

        Returns:
            A `matplotlib.figure.Figure` that a notebook shows; `.savefig("run.pdf")` keeps it.
        """
        from cnnwidget.training.runs.plot import picture_of  # matplotlib takes a second

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
        return save_run(self, folder)

    @property
    def epochs_in_words(self) -> str:
        """The number of finished epochs in words: `3 epochs`."""
        return f"{len(self.history)} epoch{'' if len(self.history) == 1 else 's'}"

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The findings: diverged, exploded, constant, worse than no network, ...

        Each has a sentence and what to try; it is measured for that, if it has its data.
        """
        return findings(self)

    @property
    def advice(self) -> list[str]:
        """The findings in words, but for those of `skill.sentence`; and what has changed since.

        A run that was loaded may have been trained on other data, or with other versions.
        """
        return caveats(self)

    def __repr__(self) -> str:
        return run_text(self)
