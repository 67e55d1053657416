"""The optimisers of a recipe: PyTorch's own, with PyTorch's own defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from cnnwidget.design.planning.memory import OptimizerName

# Of Sutskever et al. 2013, and usual since.
MOMENTUM = 0.9

# Where PyTorch steps in one pass, by kinds of devices.
FUSED: dict[OptimizerName, tuple[str, ...]] = {
    "sgd": ("cpu", "cuda"),
    "sgd_momentum": ("cpu", "cuda"),
    "adagrad": ("cpu",),
    "rmsprop": (),
    "adam": ("cpu", "cuda"),
    "adamw": ("cpu", "cuda"),
}

# https://docs.pytorch.org/docs/stable/optim.html
OPTIMIZERS: dict[OptimizerName, Callable[..., Optimizer]] = {
    "sgd": torch.optim.SGD,
    "sgd_momentum": partial(torch.optim.SGD, momentum=MOMENTUM),
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}


def optimizer_of(
    name: OptimizerName, weights: Iterable[Tensor], weight_decay: float | None
) -> Optimizer:
    """Return an optimiser of some weights; its learning rate is set before every step.

    It steps in one pass over the weights where PyTorch can; of the usual net that takes less than
    half of the time on the CPU.

    Args:
        name: of the optimizer.
        weights: to be trained.
        weight_decay: towards zero; None is PyTorch's own, 0.01 for `adamw` and none for others.

    Example:
        >>> type(optimizer_of("sgd_momentum", [torch.zeros(1)], 1e-4)).__name__
        'SGD'
    """
    weights = list(weights)
    settings: dict[str, Any] = {} if weight_decay is None else {"weight_decay": weight_decay}
    if all(weight.device.type in FUSED[name] for weight in weights):
        settings["fused"] = True
    return OPTIMIZERS[name](weights, **settings)
