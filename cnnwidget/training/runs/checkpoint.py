"""Where a training stands: taken from it, told of its run, and given to another that goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cnnwidget.data.errors import DataError
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training.loop.budget import Budget
from cnnwidget.training.loop.memory_check import shortage_as_memory_error
from cnnwidget.training.loop.weights import copied_weights
from cnnwidget.training.runs.checkpoint_file import (
    Checkpoint,
    Progress,
    optimizer_memory,
    restore_optimizer,
)
from cnnwidget.training.runs.run_record import read_epoch, spelled, written

if TYPE_CHECKING:
    from cnnwidget.training.loop.training import Training
    from cnnwidget.training.runs.run import Run


def checkpoint_of(training: Training) -> Checkpoint:
    """Where a training stands, between two of its batches."""
    best, weights = training.kept
    place = Progress(
        history=tuple(written(each) for each in training.history),
        best=None if best is None else best.epoch,
        next_batch=training.next_batch,
        sum_of_losses=spelled(training.sum_of_losses),
        seen=training.seen,
        lr=training.lr,
        first=training.budget.first,
        before=training.budget.before,
        spent=training.budget.seconds,
    )
    return Checkpoint(
        place, copied_weights(training.net), weights, optimizer_memory(training.optimizer)
    )


def checkpoint_if_possible(training: Training) -> Checkpoint | None:
    """The same, or None where there is no room for it: what there is of a run is worth more."""
    try:
        with shortage_as_memory_error():
            return checkpoint_of(training)
    except MemoryError:
        return None


def with_checkpoint(run: Run, state: Checkpoint) -> Run | None:
    """A run with the state that lay beside it, and with what that has beyond it.

    Returns:
        None where the state is of another run.
    """
    place = state.place
    history = tuple(read_epoch(each) for each in place.history)
    own = repr(history[: len(run.history)]) == repr(run.history)  # where NaN is like NaN
    if not own or not state.fits(plan_of(run.design), run.recipe.optimizer):
        return None
    if len(history) == len(run.history):
        return replace(run, checkpoint=state)
    best = None if place.best is None else history[place.best - 1]
    return replace(
        run, checkpoint=state, history=history, best=best, weights=state.best, measured=None
    )


def restore(training: Training, state: Checkpoint) -> None:
    """Bring a training that has not begun to where another stood.

    Raises:
        DataError: if that was of another network, optimiser, or number of batches.
    """
    place = state.place
    own = state.fits(training.plan, training.recipe.optimizer)
    if not own or place.next_batch > training.count:
        raise DataError("The state of the training is of another run than the record beside it.")
    training.net.load_state_dict(dict(state.weights))
    restore_optimizer(training.optimizer, state.optimizer)
    training.history = [read_epoch(each) for each in place.history]
    best = next((each for each in training.history if each.epoch == place.best), None)
    training.kept = (best, dict(state.best))
    training.next_batch, training.seen = place.next_batch, place.seen
    training.sum_of_losses, training.lr = float(place.sum_of_losses), place.lr
    training.budget = Budget(training.recipe, first=place.first, before=place.before)
    training.budget.spent = place.spent
    if training.has_stalled:
        training.ending = "finished"
