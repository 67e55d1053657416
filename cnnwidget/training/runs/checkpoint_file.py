"""`Checkpoint`: where a training stands in the midst of it, kept in one file.

Weights, the optimiser's memory and the history belong together to the last bit. So they are in one
file of safetensors, which takes the place of the one before in a single step.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from pydantic import model_validator
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.optim import Optimizer

from cnnwidget.data.atomic_write import atomic_write
from cnnwidget.data.errors import DataError, reason_of
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.memory import OptimizerName
from cnnwidget.design.planning.plan import Plan
from cnnwidget.design.value import Value
from cnnwidget.training.loop.optimizers import optimizer_of
from cnnwidget.training.loop.weights import meta_net, weights_fit
from cnnwidget.training.runs.run_record import (
    Count,
    Loss,
    NotNegative,
    SavedEpoch,
    check_history,
    tupled,
)

PARTS = ("weights", "best", "optimizer")
# Shape and dtype of tensors, by their names.
Shapes = dict[str, tuple[tuple[int, ...], torch.dtype]]


class Progress(Value):
    """Where in its budget a training stands.

    Attributes:
        history: the fields of each epoch that is finished.
        best: the number of the best of them; None before the first.
        next_batch: in the epoch that is running.
        sum_of_losses: of that epoch so far, each times its windows.
        seen: windows of that epoch.
        lr: its learning rate.
        first: the epochs that were over when this budget began.
        before: the seconds that were trained before this budget.
        spent: seconds of this budget.
    """

    _error = DataError

    history: tuple[SavedEpoch, ...]
    best: Count | None
    next_batch: Count
    sum_of_losses: Loss
    seen: Count
    lr: NotNegative
    first: Count
    before: NotNegative
    spent: NotNegative

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        check_history(self.history, self.best)
        if self.seen < self.next_batch or bool(self.seen) != bool(self.next_batch):
            raise ValueError(
                f"next_batch is {self.next_batch} and seen {self.seen}, but each batch has windows."
            )
        return self


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """All that a training needs to go on as if nothing had happened.

    Attributes:
        place: in its budget.
        weights: the last ones, with running statistics.
        best: the weights of the best epoch.
        optimizer: what the optimiser remembers of each weight, by `number.name`.
    """

    place: Progress
    weights: Mapping[str, Tensor]
    best: Mapping[str, Tensor]
    optimizer: Mapping[str, Tensor]

    def fits(self, plan: Plan, optimizer: OptimizerName) -> bool:
        """Whether it is of a network and an optimiser, as far as can be told without values."""
        if not weights_fit(plan, self.weights) or not weights_fit(plan, self.best):
            return False
        shapes = [tuple(weight.shape) for weight in meta_net(plan).parameters()]
        return not self.optimizer or self.shapes == memory_layout(optimizer, shapes)

    @property
    def shapes(self) -> Shapes:
        """Shape and dtype of what the optimiser remembers."""
        return {name: (tuple(each.shape), each.dtype) for name, each in self.optimizer.items()}


def memory_layout(name: OptimizerName, shapes: list[tuple[int, ...]]) -> Shapes:
    """Shape and dtype of what an optimiser remembers of weights of these shapes.

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
    """What an optimiser remembers, as copies of tensors with names.

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
    """Give an optimiser back what it remembered; `Checkpoint.fits` says whether it is its own.

    What it remembers of a weight is laid out as that is: a fused step goes along the memory of
    both, whatever their strides say.
    """
    weights = [each for group in optimizer.param_groups for each in group["params"]]
    state: dict[int, dict[str, Any]] = {}
    for name, value in memory.items():
        number, _, field = name.partition(".")
        weight = weights[int(number)]
        like = torch.empty_like(weight) if value.shape == weight.shape else torch.empty_like(value)
        state.setdefault(int(number), {})[field] = like.copy_(value)
    optimizer.load_state_dict(optimizer.state_dict() | {"state": state})


def write_checkpoint(state: Checkpoint, path: Path) -> None:
    """Write a state in the place of an older one, at once or not at all.

    Raises:
        CnnwidgetError: if it cannot be written; the older one is then still there.
    """
    tensors = {
        f"{part}/{name}": value.contiguous()
        for part in PARTS
        for name, value in getattr(state, part).items()
    }
    try:
        with atomic_write(path) as partial:
            save_file(tensors, partial, {"place": state.place.model_dump_json()})
    except (OSError, SafetensorError) as error:
        raise CnnwidgetError(
            f"The state of the training cannot be written to {path}: {reason_of(error)}; give "
            "another folder, or make room in this one."
        ) from error


def read_checkpoint(path: Path) -> Checkpoint:
    """A state as it was written.

    Raises:
        DataError: if the file is missing, damaged, or none of these.
    """
    parts: dict[str, dict[str, Tensor]] = {part: {} for part in PARTS}
    try:
        with safe_open(path, "pt") as file:
            place = Progress(**tupled(json.loads((file.metadata() or {})["place"])))
            for name in file.keys():  # noqa: SIM118  (it is no mapping)
                part, _, own = name.partition("/")
                parts[part][own] = file.get_tensor(name)
    except (OSError, SafetensorError) as error:
        raise DataError(f"{path} cannot be read as safetensors: {error}.") from None
    except (KeyError, TypeError, ValueError, RecursionError):
        raise DataError(
            f"{path} is no state of a training; take a folder that cw.fit or run.save wrote."
        ) from None
    return Checkpoint(place, **parts)
