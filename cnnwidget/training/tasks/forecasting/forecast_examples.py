"""Windows under a recipe: batches, loss, reference and baselines of a forecast."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.windows.prefetch import is_mapped
from cnnwidget.data.windows.windows import Windows
from cnnwidget.design.planning.plan import Plan
from cnnwidget.model.zero_output import last_layers
from cnnwidget.training.loop.augmentation import augmented, check_augmentations
from cnnwidget.training.loop.losses import loss_function
from cnnwidget.training.metrics.baselines import histories, names_of_rules, rules
from cnnwidget.training.metrics.reference import reference_for
from cnnwidget.training.metrics.season import season_of
from cnnwidget.training.recipe import Recipe
from cnnwidget.training.tasks.forecasting.predictor import ForecastPredictor
from cnnwidget.training.tasks.forecasting.resident_windows import resident_windows
from cnnwidget.training.tasks.forecasting.transform import transform_of
from cnnwidget.training.tasks.task_protocol import Baselines, Batch, Resident, StopAsked


class ForecastExamples:
    """Windows as examples; see `TaskExamples` for its members.

    Args:
        plan: of the design.
        windows: of the frames.
        recipe: of the training.

    Raises:
        CnnwidgetError: if windows and recipe do not go together.
        DataError: if values are missing.
    """

    def __init__(self, plan: Plan, windows: Windows, recipe: Recipe) -> None:
        self.recipe = recipe
        self.size = windows.frames.size
        self.transform, self._valid = transform_of(windows, recipe)
        self.unscaled, self.windows = windows, windows.scaled(self.transform.scales)
        self.season = season_of(recipe.period, windows.frames.labels.times)
        check_augmentations(recipe.augment, self.size)
        self._span = max(self.transform.scaled_spans)
        self._loss = loss_function(
            recipe.loss,
            self.size,
            self._span,
            gaps=windows.has_gaps or "shift" in recipe.augment,
        )
        last = last_layers(plan)
        self.reference = reference_for(
            recipe.reference, self.windows, self.season, self.transform.target_means, self._loss,
            can_be_zero=last is not None,
        )  # fmt: skip
        self.zero_layers = frozenset() if self.reference is None or last is None else last

    @property
    def predictor(self) -> ForecastPredictor:
        """The predictor of a run; each run has one of its own, with a copy of the last frames."""
        return ForecastPredictor.of(self.unscaled, self.transform, self._valid, self.reference)

    @property
    def reads_ahead(self) -> bool:
        """Whether some of the values lie in a file."""
        values = (self.windows.frames.values, *self.windows.contents.series.values())
        return any(map(is_mapped, values))

    def read(self, numbers: NDArray[np.int64]) -> tuple[Tensor, ...]:
        """Return x, y, the reference if there is one, and with `future` its part ahead.

        Each (batch, steps, channels, *size), scaled.
        """
        x, y, *ahead = self.windows.gather_all(numbers)
        if self.windows.has_gaps:
            x = self.transform.filled(x)
        return (x, y, *self.reference_of(numbers), *ahead)

    def reference_of(self, numbers: NDArray[np.int64] | range) -> tuple[Tensor, ...]:
        """Return the reference of some windows, (batch, steps, targets, *size), if there is one."""
        if self.reference is None:
            return ()
        given = histories(self.windows, numbers, self.reference.season, self.transform.target_means)
        return (self.reference.rule.forecast(*given),)

    def batch(self, parts: Sequence[Tensor], device: torch.device) -> Batch:
        """Return windows as a batch."""
        x, y, *others = (part.to(device) for part in parts)
        reference = None if self.reference is None else others.pop(0).flatten(1, 2)
        return Batch(self.transform.input(x, *others), y.flatten(1, 2), reference)

    def resident(
        self, device: torch.device, spare: int | None, *, channels_last: bool
    ) -> Resident | None:
        """Return the windows as they stay in memory, if they can."""
        return resident_windows(
            self.windows, self.reference, device, spare, channels_last=channels_last
        )

    def for_training(self, batch: Batch, seed: int) -> Batch:
        """Return a batch after the augmentations of the recipe."""
        if not self.recipe.augment:
            return batch
        return augmented(batch, self.recipe.augment, seed, self._span)

    def prediction(self, output: Tensor, batch: Batch) -> Tensor:
        """Return the forecast: the reference and what the network adds."""
        return output if batch.reference is None else output + batch.reference

    def loss(self, prediction: Tensor, batch: Batch) -> Tensor:
        """Return the loss of the recipe."""
        return self._loss(prediction, batch.target)

    def baselines(
        self, known: Collection[str], device: torch.device, stopped: StopAsked
    ) -> Baselines | None:
        """Return persistence and the others that are not known.

        Those that are made from the training frames count on windows that are held out.
        """
        windows, means = self.windows, self.transform.target_means
        names = names_of_rules(
            windows.cut, self.season, with_training=bool(windows.split.validation)
        )
        missing = [name for name in names if name not in known]
        if not missing:
            return Baselines((), lambda *_: ())
        found = rules(missing, windows, self.season, means, stopped)
        if found is None:
            return None
        there = [rule.to(device) for rule in found.values()]

        def predictions(_: Batch, numbers: range) -> Iterable[Tensor]:
            history, phases = histories(windows, numbers, self.season, means)
            history = history.to(device)
            return (rule.forecast(history, phases).flatten(1, 2) for rule in there)

        return Baselines(tuple(missing), predictions)
