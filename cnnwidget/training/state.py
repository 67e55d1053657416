"""`State`: where a training stands in the midst of it, kept in one file that is whole or not there.

Weights, the optimiser's memory and the history belong together to the last bit. So they are in one
file of safetensors, which takes the place of the one before in a single step: whoever pulls the
plug finds the new one or the old one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.optim import Optimizer

from cnnwidget.data.errors import DataError, reason_of
from cnnwidget.design.errors import DesignError
from cnnwidget.design.value import Value
from cnnwidget.training.record import Count, NotNegative, SavedEpoch, tupled

PARTS = ("weights", "best", "optimizer")


class Place(Value):
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

    history: tuple[SavedEpoch, ...]
    best: Count | None
    next_batch: Count
    sum_of_losses: float
    seen: Count
    lr: NotNegative
    first: Count
    before: NotNegative
    spent: NotNegative


@dataclass(frozen=True, eq=False)
class State:
    """All that a training needs to go on as if nothing had happened.

    Attributes:
        place: in its budget.
        weights: the last ones, with running statistics.
        best: the weights of the best epoch.
        optimizer: what the optimiser remembers of each weight, by `number.name`.
    """

    place: Place
    weights: Mapping[str, Tensor]
    best: Mapping[str, Tensor]
    optimizer: Mapping[str, Tensor]


def remembered(optimizer: Optimizer) -> dict[str, Tensor]:
    """What an optimiser remembers, as copies of tensors with names.

    Example:
        >>> weight = torch.ones(2, requires_grad=True)
        >>> optimizer = torch.optim.Adam([weight])
        >>> weight.sum().backward()
        >>> optimizer.step()
        >>> sorted(remembered(optimizer))
        ['0.exp_avg', '0.exp_avg_sq', '0.step']
    """
    found = {}
    for number, values in optimizer.state_dict()["state"].items():
        for name, value in values.items():
            if isinstance(value, Tensor):
                kept = value.detach().cpu().clone(memory_format=torch.contiguous_format)
                found[f"{number}.{name}"] = kept
    return found


def reminded(optimizer: Optimizer, memory: Mapping[str, Tensor]) -> None:
    """Give an optimiser back what it remembered.

    Raises:
        DataError: if that is of other weights.
    """
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    state: dict[int, dict[str, Any]] = {}
    for name, value in memory.items():
        number, _, field = name.partition(".")
        known = number.isdecimal() and int(number) < len(weights)
        if not known or value.shape not in (torch.Size(()), weights[int(number)].shape):
            raise DataError(
                f"What the optimiser is to remember, {name!r}, is of another network; resume with "
                "the folder that this training wrote."
            )
        state.setdefault(int(number), {})[field] = value
    optimizer.load_state_dict(optimizer.state_dict() | {"state": state})


def write_state(state: State, path: Path) -> None:
    """Write a state in the place of an older one, at once or not at all.

    Raises:
        DataError: if it cannot be written; the older one is then still there.
    """
    tensors = {
        f"{part}/{name}": value.contiguous()
        for part in PARTS
        for name, value in getattr(state, part).items()
    }
    partial = path.with_name(path.name + ".partial")
    try:
        save_file(tensors, partial, {"place": state.place.model_dump_json()})
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    except (OSError, SafetensorError) as error:
        partial.unlink(missing_ok=True)
        raise DataError(
            f"The state of the training cannot be written to {path}: {reason_of(error)}; give "
            "another folder, or make room in this one."
        ) from error


def read_state(path: Path) -> State:
    """A state as it was written.

    Raises:
        DataError: if the file is missing, damaged, or none of these.
    """
    parts: dict[str, dict[str, Tensor]] = {part: {} for part in PARTS}
    try:
        with safe_open(path, "pt") as file:
            place = Place(**tupled(json.loads((file.metadata() or {})["place"])))
            for name in file.keys():  # noqa: SIM118  (it is no mapping)
                part, _, own = name.partition("/")
                parts[part][own] = file.get_tensor(name)
    except (OSError, SafetensorError) as error:
        raise DataError(f"{path} cannot be read as safetensors: {error}.") from None
    except (KeyError, TypeError, ValueError, RecursionError, DesignError):
        raise DataError(
            f"{path} is no state of a training; resume with a folder that cw.fit wrote."
        ) from None
    return State(place, **parts)
