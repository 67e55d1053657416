"""The records that a training yields while it runs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal, NamedTuple

Ending = Literal["finished", "stopped", "diverged"]


class Step(NamedTuple):
    """The progress within an epoch, at most five a second.

    Attributes:
        epoch: the epoch that is running, from 1.
        position: in epochs: 2.5 is half-way through the third.
        loss: the mean training loss of this epoch so far, on the scaled data.
        seconds: trained so far.
        progress: of the budget, from 0 to 1.
        left: estimated seconds to the end of the budget.
    """

    epoch: int
    position: float
    loss: float
    seconds: float
    progress: float
    left: float


class Epoch(NamedTuple):
    """One pass over the training windows.

    Losses are of the scaled data: with `minmax` each variable from 0 to 1 over its training part,
    so that an L1 of 0.05 is a twentieth of that range.

    Attributes:
        epoch: its number, from 1; 0 is a network before its first step, which gives its reference.
        train: mean loss of its batches, each before its step; of epoch 0, without any, its score.
        validation: loss on the validation windows after it; None where there are none.
        lr: the learning rate of its last step.
        seconds: trained so far, this epoch included.
    """

    epoch: int
    train: float
    validation: float | None
    lr: float
    seconds: float

    @property
    def train_drawn(self) -> float:
        """The training loss for a curve; NaN of epoch 0 if that was validated instead."""
        return math.nan if not self.epoch and self.validation is not None else self.train

    @property
    def score(self) -> float:
        """The loss by which the best epoch is chosen: validation, or else training."""
        return self.train if self.validation is None else self.validation

    def line(self, planned: int | None = None) -> str:
        """Return the epoch and its losses in a line.

        Args:
            planned: the number of the last epoch; None is unknown.

        Example:
            >>> Epoch(3, train=0.25, validation=0.5, lr=0.001, seconds=2.0).line(planned=20)
            'epoch 3 of 20 · training 0.2500 · validation 0.5000'
        """
        of = "" if planned is None else f" of {planned}"
        held_out = "" if self.validation is None else f" · validation {self.validation:.4f}"
        return f"epoch {self.epoch}{of} · training {self.train:.4f}{held_out}"


def curve_of(start: Epoch | None, history: Iterable[Epoch]) -> tuple[Epoch, ...]:
    """Return all epochs in their order, with that before the first step if there is one."""
    return (*history,) if start is None else (start, *history)


def epoch_numbered(number: int | None, epochs: Iterable[Epoch]) -> Epoch | None:
    """Return the epoch with a number; None if there is none."""
    return next((each for each in epochs if each.epoch == number), None)
