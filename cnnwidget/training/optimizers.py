"""The optimisers that a recipe may ask for: PyTorch's own, with PyTorch's own defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from cnnwidget.design.planning.costs import OptimizerName

# Of Sutskever et al. 2013, and usual since.
MOMENTUM = 0.9

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
    """An optimiser of some weights; its learning rate is set before every step.

    Args:
        name: of it.
        weights: to be trained.
        weight_decay: towards zero; None is PyTorch's own: 0.01 for `adamw`, none for others.

    Example:
        >>> type(optimizer_of("sgd_momentum", [torch.zeros(1)], 1e-4)).__name__
        'SGD'
    """
    settings: dict[str, Any] = {} if weight_decay is None else {"weight_decay": weight_decay}
    return OPTIMIZERS[name](list(weights), **settings)
