"""Windows under a recipe: batches, loss and baselines of a forecast."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.windows.prefetch import is_mapped
from cnnwidget.data.windows.windows import Windows
from cnnwidget.training.loop.augmentation import augmented, check_augmentations
from cnnwidget.training.loop.losses import loss_function
from cnnwidget.training.metrics.baselines import baselines_of
from cnnwidget.training.metrics.climatology import climatology_of
from cnnwidget.training.recipe import Recipe
from cnnwidget.training.tasks.forecasting.predictor import ForecastPredictor
from cnnwidget.training.tasks.forecasting.resident_windows import resident_windows
from cnnwidget.training.tasks.forecasting.transform import check_residual, transform_of
from cnnwidget.training.tasks.task_protocol import Baselines, Batch, Resident, StopAsked


class ForecastExamples:
    """Windows as examples; see `TaskExamples` for its members.

    Args:
        windows: of the frames.
        recipe: of the training.

    Raises:
        CnnwidgetError: if windows and recipe do not go together.
        DataError: if values are missing.
    """

    def __init__(self, windows: Windows, recipe: Recipe) -> None:
        self.windows, self.recipe = windows, recipe
        self.size = windows.frames.size
        self.transform, self._valid = transform_of(windows, recipe)
        check_augmentations(recipe.augment, self.size)
        check_residual(windows.window_channels, recipe)
        self._loss = loss_function(
            recipe.loss,
            self.size,
            self.transform.scaled_span,
            gaps=windows.has_gaps or "shift" in recipe.augment,
        )

    @property
    def predictor(self) -> ForecastPredictor:
        """The predictor of a run; each run has one of its own, with a copy of the last frames."""
        return ForecastPredictor.of(self.windows, self.transform, self._valid)

    @property
    def reads_ahead(self) -> bool:
        """Whether some of the values lie in a file."""
        values = (self.windows.frames.values, *self.windows.contents.series.values())
        return any(map(is_mapped, values))

    def read(self, numbers: NDArray[np.int64]) -> tuple[Tensor, ...]:
        """Return x, y and, with `future`, its part ahead; each (batch, steps, channels, *size)."""
        return self.windows.gather_all(numbers)

    def batch(self, parts: Sequence[Tensor], device: torch.device) -> Batch:
        """Return windows as a batch."""
        x, y, *ahead = parts
        if self.windows.has_gaps:
            x = self.transform.filled(x)
        inputs = self.transform.input(*(part.to(device) for part in (x, *ahead)))
        return Batch(inputs, self.transform.target(y.to(device)))

    def resident(
        self, device: torch.device, spare: int | None, *, channels_last: bool
    ) -> Resident | None:
        """Return the windows as they stay in memory, if they can."""
        return resident_windows(
            self.windows, self.transform, device, spare, channels_last=channels_last
        )

    def for_training(self, batch: Batch, seed: int) -> Batch:
        """Return a batch after the augmentations of the recipe."""
        if not self.recipe.augment:
            return batch
        names = self.recipe.augment
        return Batch(*augmented(batch, names, seed, self.transform.scaled_span))

    def prediction(self, output: Tensor, batch: Batch) -> Tensor:
        """Return the forecast, which a residual network gives as a change of the last frame."""
        return self.transform.forecast(output, batch.input, self.recipe)

    def loss(self, prediction: Tensor, batch: Batch) -> Tensor:
        """Return the loss of the recipe."""
        return self._loss(prediction, batch.target)

    def baselines(
        self, known: Collection[str], device: torch.device, stopped: StopAsked
    ) -> Baselines | None:
        """Return persistence and the others that are not known.

        Climatology is one of them on windows that are held out: it is made of the training frames.
        """
        windows, transform = self.windows, self.transform
        split, period = windows.split, self.recipe.period
        climatology = None
        if period is not None and split.validation and "climatology" not in known:
            means = transform.target_means
            climatology = climatology_of(windows, split.train, period, means, stopped)
            if climatology is None:
                return None
            climatology = climatology.scaled(transform.target_scaling.scale, device)
        everyone = baselines_of(windows.cut, climatology)
        missing = {name: each for name, each in everyone.items() if name not in known}

        def predictions(batch: Batch, numbers: range) -> Iterable[Tensor]:
            frames = transform.targets_in(batch.input, windows.pre_history_len)
            if frames is None:  # the targets are not among the inputs
                before = transform.filled_targets(windows.past_targets(numbers))
                frames = transform.target_scaling.scale(before.to(device))
            return (baseline(frames, numbers).flatten(1, 2) for baseline in missing.values())

        return Baselines(tuple(missing), predictions)
