"""`Run`: what a training leaves: its history, its best weights, and all that repeats it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames, load
from cnnwidget.data.gaps import known_history
from cnnwidget.data.labels import Labels
from cnnwidget.data.orders import SPACE
from cnnwidget.data.split import Split
from cnnwidget.data.whole import whole
from cnnwidget.data.windows import Windows
from cnnwidget.design.axes import spell
from cnnwidget.design.designs import Design
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.model.build import Net
from cnnwidget.training.history import Epoch
from cnnwidget.training.metrics import Metrics, measure
from cnnwidget.training.recipe import Recipe
from cnnwidget.training.scaling import Scaling, Statistics, pieces
from cnnwidget.training.skill import Skill, skill_of
from cnnwidget.training.tasks import Forecast
from cnnwidget.training.weights import loaded

if TYPE_CHECKING:
    from cnnwidget.training.picture import Picture

Ending = Literal["finished", "stopped", "diverged"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Run:
    """A trained network with its past; it does not change.

    Attributes:
        design: of the network.
        recipe: how it was trained.
        scaling: of the data, from their units to what the network knows, as the recipe says.
        statistics: of the values that training saw, in the data's units.
        split: which windows were for training, validation and test.
        history: one `Epoch` each.
        best: the epoch whose weights are kept; None if not one was finished.
        weights: the state dict of that epoch, on the CPU.
        baselines: name and loss of each forecast without a network, beside the history's losses.
        ending: `finished`, `stopped`, or `diverged` where a loss was no finite number.
        device: where it was trained.
        last: the last frames of the data, (pre_history_len, channels, *size), in their units.
        has_channels: whether the data have an axis of channels.
        data_name: what the data were called.
        windows: the data; None in a run that was loaded without them.
        labels: of the data: times of the frames, names of variables, places.
        valid: (channels, *size), the places that there is something to tell of; None is all.

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

    @cached_property
    def task(self) -> Forecast:
        """The forecast that it makes."""
        channels, *size = self.last.shape[1:]
        recipe = self.recipe
        return Forecast(recipe.pre_history_len, recipe.forecast_len, channels, tuple(size))

    @property
    def repeat(self) -> dict[str, Any]:
        """The arguments of `cw.train` and `cw.fit` that repeat the curve, on the same device.

        A budget of seconds has become epochs, with the learning rate of each.
        """
        rates = tuple(epoch.lr for epoch in self.history)
        return self.recipe.model_dump() | {
            "epochs": max(1, len(rates)),
            "seconds": None,
            "lr": rates or self.recipe.lr,
        }

    @cached_property
    def module(self) -> Net:
        """The network with its best weights, on the CPU, in eval mode; it takes scaled frames.

        (batch, steps x variables, *size) in and out; `scaling` leads there and back.
        """
        return loaded(plan_of(self.design), self.weights).eval()

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
        numbers, part = (
            (self.split.test, "test") if self.split.test else (self.split.train, "training")
        )
        size = self.recipe.batch_size
        shown = self.statistics.mean
        found = measure(
            self.in_units, self.windows, numbers, part, size, otherwise=shown, stopped=stopped
        )
        if found is not None:
            vars(self)["metrics"] = found  # as the property keeps what it has measured itself
        return found

    @cached_property
    def skill(self) -> Skill:
        """How much better than the best baseline it is: in total, per lead time, and in words."""
        return skill_of(self.metrics, self.statistics.span)

    def in_units(self, history: Tensor) -> Tensor:
        """(batch, history, channels, *size) to (batch, forecast, channels, *size), in units."""
        known = known_history(history, self.statistics.mean)
        with torch.no_grad():
            scaled = self.module(self.scaling.scale(known).flatten(1, 2))
        told = self.scaling.unscale(scaled)
        return told.reshape(len(told), self.recipe.forecast_len, -1, *self.task.size)

    def predict(self, frames: object) -> np.ndarray:
        """Forecasts from every stretch of frames that is long enough.

        Args:
            frames: anything that `cw.load` takes, at least `pre_history_len` of them.

        Returns:
            float32 in the data's units, (frames - pre_history_len + 1, forecast_len, *frame): the
            first from frames 0, 1, ..., the last reaches beyond the data. A frame is (*size), or
            (channels, *size) where the training data had channels.

        Raises:
            DataError: if the frames are too few or of another shape.
        """
        length = self.recipe.pre_history_len
        given = self.checked(load(frames))
        count = given.steps - length + 1
        stretches = np.lib.stride_tricks.sliding_window_view(given.values, length, axis=0)
        batch = self.recipe.batch_size
        pieces = []
        for start in range(0, count, batch):
            piece = np.moveaxis(stretches[start : start + batch], -1, 1)
            history = torch.from_numpy(np.array(piece, dtype=np.float32, order="C"))
            pieces.append(self.in_units(history).numpy())
        return self.as_given(np.concatenate(pieces), axis=2)

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
            frames: go on from the last of these instead of the training data's.
            path: where to write it, too: `.nc` with the dates that follow, or `.npy`.

        Returns:
            float32 in the data's units, (steps, *frame).

        Raises:
            DataError: if steps is no positive number, the frames do not fit, or the file cannot be
                written.
        """
        if path is not None:
            dated = self.forecast_frames(steps, frames)
            dated.save(path)
            return self.as_given(dated.values, axis=1)
        wanted = self.recipe.forecast_len if steps is None else whole("steps", steps)
        if self.recipe.gap and wanted > self.recipe.forecast_len:
            raise DataError(
                f"This network leaves a gap of {self.recipe.gap} frames before what it tells, so "
                f"that it cannot go on from its own {self.recipe.forecast_len}; ask for no more."
            )
        length = self.recipe.pre_history_len
        start = (
            self.last
            if frames is None
            else self.checked(load(frames), last_only=True).values[-length:]
        )
        known = torch.from_numpy(np.array(start, dtype=np.float32, order="C"))[None]
        told: list[Tensor] = []
        while sum(len(each) for each in told) < wanted:
            coming = self.in_units(known)
            told.append(coming[0])
            known = torch.cat([known, coming], 1)[:, -length:]
        coming_frames = torch.cat(told)[:wanted].numpy()
        if self.valid is not None:  # there is nothing to tell of the other places: they stay
            coming_frames[:, ~self.valid] = start[-1][~self.valid]
        return self.as_given(coming_frames, axis=1)

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
        values = self.forecast(steps, frames)
        labels = self.labels if frames is None else load(frames).labels
        times = labels.times_after(self.recipe.gap + len(values))
        if not self.has_channels:
            values = values[:, None]
        return Frames(
            values,
            has_channels=self.has_channels,
            name=f"forecast of {self.data_name}",
            labels=replace(labels, times=None if times is None else times[self.recipe.gap :]),
            valid=self.valid,
            missing="leave out",
        )

    def checked(self, frames: Frames, *, last_only: bool = False) -> Frames:
        """The frames, if this network can go on from them."""
        wanted, found = self.last.shape[1:], frames.values.shape[1:]
        if wanted != found:
            axes = " ".join("T" + "C" * self.has_channels + SPACE[len(self.task.size)])
            raise DataError(
                f"{frames.name}: frames of {spell(found)}, but this network knows frames of "
                f"{spell(wanted)}; give one series of them, time first ({axes}), not a batch."
            )
        if frames.steps < self.recipe.pre_history_len:
            raise DataError(
                f"{frames.name}: {frames.steps} frames, but a forecast needs "
                f"{self.recipe.pre_history_len} to start from."
            )
        for _ in pieces(frames, frames.steps - self.recipe.pre_history_len if last_only else 0):
            pass  # each is looked at for missing values
        return frames

    def as_given(self, values: np.ndarray, axis: int) -> np.ndarray:
        """Without the axis of channels, if the data had none."""
        return values if self.has_channels else values.squeeze(axis)

    def plot(self) -> Picture:
        """The loss curves with the baselines, and a forecast beside the truth.

        Returns:
            A `matplotlib.figure.Figure` that a notebook shows; `.savefig("run.pdf")` keeps it.
        """
        from cnnwidget.training.picture import picture_of

        return picture_of(self)

    def save(self, folder: str | Path) -> Path:
        """Write the run into a folder: `run.json` and weights as safetensors, no pickle.

        Args:
            folder: made if it is not there; what it holds of an older run is replaced.

        Returns:
            The folder.

        Raises:
            DataError: if it cannot be made or written into.
        """
        from cnnwidget.training.saving import save

        return save(self, folder)

    @property
    def epochs_in_words(self) -> str:
        """How many epochs were finished: `3 epochs`."""
        return f"{len(self.history)} epoch{'' if len(self.history) == 1 else 's'}"

    @property
    def advice(self) -> str:
        """What to try after a training that failed; empty otherwise."""
        if self.ending != "diverged":
            return ""
        rate = max(self.recipe.lr) if isinstance(self.recipe.lr, tuple) else self.recipe.lr
        lower = f"{rate / 10:.1g}"
        clip = "" if self.recipe.clip_grad_norm else ", or clip the gradient (clip_grad_norm=1)"
        design = self.design
        plain = isinstance(design, EncoderDecoder) and design.norm != "batch"
        norm = ", or norm='batch'" if plain else ""
        kept = (
            "the weights are those that it began with"
            if self.best is None
            else f"the weights of epoch {self.best.epoch} are kept"
        )
        return (
            f"After {self.epochs_in_words} the loss or the weights became infinite or not a "
            f"number, with a learning rate of {rate:g}. Try lr={lower}{clip}{norm}; {kept}."
        )

    def __repr__(self) -> str:
        best = "no epoch finished" if self.best is None else f"best epoch {self.best.epoch}"
        lengths = f"{self.recipe.pre_history_len} frames in, {self.recipe.forecast_len} out"
        figures = f"{self.epochs_in_words}, {best}"
        lines = [
            f"Run of {type(self.design).__name__} on {self.data_name}: {self.ending}, {figures}",
            f"  {plan_of(self.design).params:,} parameters, {lengths}",
            f"  {self.split.sentence}",
        ]
        if self.advice:
            lines.append(f"  {self.advice}")
        if self.measured is not None or self.windows is not None:
            lines.append(f"  {self.skill.sentence}")
        return "\n".join(lines)
