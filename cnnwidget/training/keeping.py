"""A training kept in a folder as it goes, and brought back from there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cnnwidget.data.errors import DataError
from cnnwidget.training.budget import Budget
from cnnwidget.training.history import Epoch
from cnnwidget.training.record import read_epoch, written
from cnnwidget.training.saving import save
from cnnwidget.training.state import Place, State, remembered, reminded, write_state
from cnnwidget.training.training import Training
from cnnwidget.training.weights import copied, fit_into

# Beside the files of `run.save`.
STATE = "training.safetensors"
# Writing takes time that training could have.
SECONDS_BETWEEN = 5.0


class Keeper:
    """Writes a training into a folder after an epoch, if the last time is long enough ago.

    Args:
        training: to be kept.
        folder: of it; what it holds of an older run is replaced.

    Raises:
        DataError: if the folder cannot be made or written into.
    """

    def __init__(self, training: Training, folder: str | Path) -> None:
        self.training = training
        # Not measured: that would take longer than an epoch.
        self.folder = save(replace(training.run, windows=None), folder)
        self.kept = 0.0
        self.keep()

    def after(self, epoch: Epoch) -> None:
        """An epoch is over."""
        if epoch.seconds - self.kept >= SECONDS_BETWEEN:
            self.kept = epoch.seconds
            self.keep()

    def keep(self) -> None:
        """Write where the training stands."""
        write_state(state_of(self.training), self.folder / STATE)


def state_of(training: Training) -> State:
    """Where a training stands, between two of its batches."""
    best, weights = training.kept
    place = Place(
        history=tuple(written(each) for each in training.history),
        best=None if best is None else best.epoch,
        next_batch=training.next_batch,
        sum_of_losses=training.sum_of_losses,
        seen=training.seen,
        lr=training.lr,
        first=training.budget.first,
        before=training.budget.before,
        spent=training.budget.seconds,
    )
    return State(place, copied(training.net), weights, remembered(training.optimizer))


def restore(training: Training, state: State) -> None:
    """Bring a training that has not begun to where another stood.

    Raises:
        DataError: if that was of another network.
    """
    place, plan = state.place, training.plan
    if not fit_into(plan, state.weights) or not fit_into(plan, state.best):
        raise DataError("The state of the training is of another network than the run beside it.")
    training.net.load_state_dict(dict(state.weights))
    reminded(training.optimizer, state.optimizer)
    training.history = [read_epoch(each) for each in place.history]
    best = next((each for each in training.history if each.epoch == place.best), None)
    training.kept = (best, dict(state.best))
    training.next_batch, training.seen = place.next_batch, place.seen
    training.sum_of_losses, training.lr = place.sum_of_losses, place.lr
    training.budget = Budget(training.recipe, first=place.first, before=place.before)
    training.budget.spent = place.spent
