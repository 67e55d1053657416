"""`Checkpoint`: all that a training needs to go on; taken from one, and restored in another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import torch
from pydantic import model_validator
from torch import Tensor
from torch.optim import Optimizer

from cnnwidget.data.data_error import DataError
from cnnwidget.design.planning.memory import OptimizerName
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.design.value import Value
from cnnwidget.training.loop.budget import Budget
from cnnwidget.training.loop.events import curve_of, epoch_numbered
from cnnwidget.training.loop.memory_check import shortage_as_memory_error
from cnnwidget.training.loop.optimizers import optimizer_of
from cnnwidget.training.loop.weights import copied_weights, meta_net, weights_fit
from cnnwidget.training.runs.run_json import (
    Count,
    EpochRecord,
    LossValue,
    NotNegative,
    check_history,
    epoch_record,
    loss_value,
    read_epoch,
)

if TYPE_CHECKING:
    from cnnwidget.training.loop.training import Training
    from cnnwidget.training.runs.run import Run

# Shape and dtype of tensors, by their names.
Shapes = dict[str, tuple[tuple[int, ...], torch.dtype]]


class Progress(Value):
    """The position of a training in its budget.

    Attributes:
        start: the fields of epoch 0; None if there is none.
        history: the fields of each epoch that is finished.
        best: the number of the best of these; None before the first.
        next_batch: in the epoch that is running.
        sum_of_losses: of that epoch so far, each times its windows.
        seen: windows of that epoch.
        lr: its learning rate.
        first: the epochs that were over when this budget began.
        before: the seconds that were trained before this budget.
        spent: seconds of this budget.
    """

    _error = DataError

    start: EpochRecord | None
    history: tuple[EpochRecord, ...]
    best: Count | None
    next_batch: Count
    sum_of_losses: LossValue
    seen: Count
    lr: NotNegative
    first: Count
    before: NotNegative
    spent: NotNegative

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        check_history(self.start, self.history, self.best)
        if self.seen < self.next_batch or bool(self.seen) != bool(self.next_batch):
            raise ValueError(
                f"next_batch is {self.next_batch} and seen {self.seen}, but each batch has windows."
            )
        return self


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """All that a training needs to go on as if nothing had happened.

    Attributes:
        progress: in its budget.
        weights: the last ones, with running statistics.
        best: the weights of the best epoch.
        optimizer: the memory of the optimiser for each weight, by `number.name`.
    """

    progress: Progress
    weights: Mapping[str, Tensor]
    best: Mapping[str, Tensor]
    optimizer: Mapping[str, Tensor]

    def fits(self, plan: Plan, optimizer: OptimizerName) -> bool:
        """Whether names, shapes and dtypes are those of a network and an optimiser."""
        if not weights_fit(plan, self.weights) or not weights_fit(plan, self.best):
            return False
        shapes = [tuple(weight.shape) for weight in meta_net(plan).parameters()]
        return not self.optimizer or self.shapes == memory_layout(optimizer, shapes)

    @property
    def shapes(self) -> Shapes:
        """Shape and dtype of the memory of the optimiser."""
        return {name: (tuple(each.shape), each.dtype) for name, each in self.optimizer.items()}


def memory_layout(name: OptimizerName, shapes: list[tuple[int, ...]]) -> Shapes:
    """Return shape and dtype of the memory of an optimiser, for weights of these shapes.

    Example:
        >>> sorted(memory_layout("rmsprop", [(4, 3)]))
        ['0.square_avg', '0.step']
        >>> memory_layout("sgd_momentum", [(4, 3)])["0.momentum_buffer"]
        ((4, 3), torch.float32)
    """
    weight = torch.zeros(2, requires_grad=True)
    optimizer = optimizer_of(name, [weight], None)
    weight.sum().backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    each = {field: value for field, value in optimizer.state[weight].items() if value is not None}
    return {
        f"{number}.{field}": (shape if value.dim() else (), value.dtype)
        for number, shape in enumerate(shapes)
        for field, value in each.items()
    }


def optimizer_memory(optimizer: Optimizer) -> dict[str, Tensor]:
    """Return the memory of an optimiser, as copies of tensors with names.

    Example:
        >>> weight = torch.ones(2, requires_grad=True)
        >>> optimizer = torch.optim.Adam([weight])
        >>> weight.sum().backward()
        >>> optimizer.step()
        >>> sorted(optimizer_memory(optimizer))
        ['0.exp_avg', '0.exp_avg_sq', '0.step']
    """
    found = {}
    for number, values in optimizer.state_dict()["state"].items():
        for name, value in values.items():
            if isinstance(value, Tensor):
                kept = value.detach().cpu().clone(memory_format=torch.contiguous_format)
                found[f"{number}.{name}"] = kept
    return found


def restore_optimizer(optimizer: Optimizer, memory: Mapping[str, Tensor]) -> None:
    """Give an optimiser its memory back; `Checkpoint.fits` says whether it is its own.

    The memory for a weight is laid out as that is: a fused step goes along the memory of both,
    whatever their strides say.
    """
    weights = [each for group in optimizer.param_groups for each in group["params"]]
    state: dict[int, dict[str, Any]] = {}
    for name, value in memory.items():
        number, _, field = name.partition(".")
        weight = weights[int(number)]
        like = torch.empty_like(weight) if value.shape == weight.shape else torch.empty_like(value)
        state.setdefault(int(number), {})[field] = like.copy_(value)
    optimizer.load_state_dict(optimizer.state_dict() | {"state": state})


def checkpoint_of(training: Training) -> Checkpoint:
    """Return the checkpoint of a training, between two of its batches."""
    best, weights = training.best
    progress = Progress(
        start=None if training.start is None else epoch_record(training.start),
        history=tuple(epoch_record(each) for each in training.history),
        best=None if best is None else best.epoch,
        next_batch=training.next_batch,
        sum_of_losses=loss_value(training.sum_of_losses),
        seen=training.seen,
        lr=training.lr,
        first=training.budget.first,
        before=training.budget.before,
        spent=training.budget.seconds,
    )
    return Checkpoint(
        progress, copied_weights(training.net), weights, optimizer_memory(training.optimizer)
    )


def checkpoint_if_possible(training: Training) -> Checkpoint | None:
    """Return the checkpoint of a training; None if there is too little memory for it."""
    try:
        with shortage_as_memory_error():
            return checkpoint_of(training)
    except MemoryError:
        return None


def with_checkpoint(run: Run, checkpoint: Checkpoint) -> Run | None:
    """Return a run with its checkpoint, and with the epochs that only the checkpoint has.

    Returns:
        None if the checkpoint is of another run.
    """
    progress = checkpoint.progress
    history = tuple(read_epoch(each) for each in progress.history)
    own = repr(history[: len(run.history)]) == repr(run.history)  # where NaN is like NaN
    if not own or not checkpoint.fits(plan_of(run.design), run.recipe.optimizer):
        return None
    start = None if progress.start is None else read_epoch(progress.start)
    if len(history) == len(run.history) and start == run.start:
        return replace(run, checkpoint=checkpoint)
    return replace(
        run,
        checkpoint=checkpoint,
        start=start,
        history=history,
        best=epoch_numbered(progress.best, curve_of(start, history)),
        weights=checkpoint.best,
        measured=None,
    )


def restore(training: Training, checkpoint: Checkpoint) -> None:
    """Bring a training that has not begun to the checkpoint of another.

    Raises:
        DataError: if that is of another network, optimiser, or number of batches.
    """
    progress = checkpoint.progress
    own = checkpoint.fits(training.plan, training.recipe.optimizer)
    if not own or progress.next_batch > training.count:
        raise DataError("The state of the training is of another run than the record beside it.")
    training.net.load_state_dict(dict(checkpoint.weights))
    restore_optimizer(training.optimizer, checkpoint.optimizer)
    training.start = None if progress.start is None else read_epoch(progress.start)
    training.history = [read_epoch(each) for each in progress.history]
    training.best = (epoch_numbered(progress.best, training.curve), dict(checkpoint.best))
    training.next_batch, training.seen = progress.next_batch, progress.seen
    training.sum_of_losses, training.lr = float(progress.sum_of_losses), progress.lr
    training.budget = Budget(training.recipe, first=progress.first, before=progress.before)
    training.budget.spent = progress.spent
    if training.has_stalled:
        training.ending = "finished"
