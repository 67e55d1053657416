"""Epochs or seconds: how long a training is to last, and how its learning rate falls."""

from __future__ import annotations

import time

from cnnwidget.training.loop.schedule import share
from cnnwidget.training.recipe import Recipe


class Budget:
    """How far a training is, and how far it is to go.

    The learning rate is set once an epoch and kept in the history. So a run by the clock repeats
    exactly: the same rates, epoch by epoch, whatever the clock says then.

    Args:
        recipe: which says how long.
        first: the epochs that are over before it begins.
        before: the seconds that were trained before it begins.
    """

    def __init__(self, recipe: Recipe, first: int = 0, before: float = 0.0) -> None:
        self.recipe = recipe
        self.first = first
        self.before = before
        self.spent = 0.0  # in rounds that were stopped and go on
        self._since: float | None = None

    def go(self) -> None:
        """The clock runs."""
        self._since = time.monotonic()

    def halt(self) -> None:
        """The clock stands still."""
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

    def has_room_after(self, epoch: int) -> bool:
        """Whether another epoch is to follow this one."""
        return self.progress(epoch) < 1

    def lr(self, epoch: int) -> float:
        """The learning rate of an epoch that begins now; its number counts over all rounds."""
        rates = self.recipe.lr
        if isinstance(rates, tuple):
            return rates[min(epoch - self.first, len(rates)) - 1]
        return rates * share(self.recipe.schedule, self.progress(epoch - 1))

    def progress(self, position: float) -> float:
        """How much of it is over at a position in epochs, from 0 to 1."""
        if self.recipe.seconds is not None:
            return min(1.0, self.seconds / self.recipe.seconds)
        return min(1.0, (position - self.first) / (self.recipe.epochs or 1))

    def left(self, position: float) -> float:
        """Seconds to its end, as far as can be told; infinity before the first batch."""
        if self.recipe.seconds is not None:
            return max(0.0, self.recipe.seconds - self.seconds)
        progress = self.progress(position)
        return self.seconds * (1 - progress) / progress if progress else float("inf")
