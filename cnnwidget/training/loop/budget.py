"""Epochs or seconds: how long a training is to last, and how its learning rate falls."""

from __future__ import annotations

import time

from cnnwidget.training.loop.schedule import share
from cnnwidget.training.recipe import Recipe


class Budget:
    """The budget of a training: epochs or seconds, and how much of it is over.

    The learning rate is set once an epoch and kept in the history. So a run by the clock repeats
    exactly: the same rates, epoch by epoch, whatever the clock says then.

    Args:
        recipe: with the epochs or seconds.
        first: the epochs that are over before it begins.
        before: the seconds that were trained before it begins.
    """

    def __init__(self, recipe: Recipe, first: int = 0, before: float = 0.0) -> None:
        self.recipe = recipe
        self.first = first
        self.before = before
        self.spent = 0.0  # before the clock was stopped
        self._since: float | None = None

    def start(self) -> None:
        """Start the clock."""
        self._since = time.monotonic()

    def pause(self) -> None:
        """Stop the clock."""
        self.spent, self._since = self.seconds, None

    @property
    def trained(self) -> float:
        """Seconds trained so far, with those of earlier budgets."""
        return self.before + self.seconds

    @property
    def seconds(self) -> float:
        """Seconds of this budget so far."""
        return self.spent + (0.0 if self._since is None else time.monotonic() - self._since)

    @property
    def time_is_up(self) -> bool:
        return self.recipe.seconds is not None and self.seconds >= self.recipe.seconds

    def allows_epoch_after(self, epoch: int) -> bool:
        """Whether another epoch is to follow this one."""
        return self.progress(epoch) < 1

    def lr(self, epoch: int) -> float:
        """Return the learning rate of an epoch that begins now; numbers count over all budgets."""
        rates = self.recipe.lr
        if isinstance(rates, tuple):
            return rates[min(epoch - self.first, len(rates)) - 1]
        return rates * share(self.recipe.schedule, self.progress(epoch - 1))

    def progress(self, position: float) -> float:
        """Return how much of it is over at a position in epochs, from 0 to 1."""
        if self.recipe.seconds is not None:
            return min(1.0, self.seconds / self.recipe.seconds)
        return min(1.0, (position - self.first) / (self.recipe.epochs or 1))

    def left(self, position: float) -> float:
        """Return the estimated seconds to its end; infinity before the first batch."""
        if self.recipe.seconds is not None:
            return max(0.0, self.recipe.seconds - self.seconds)
        progress = self.progress(position)
        return self.seconds * (1 - progress) / progress if progress else float("inf")
