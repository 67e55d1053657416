"""The schedule of the learning rate over a budget, by PyTorch's own schedulers."""

from __future__ import annotations

from functools import cache

import torch
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    LRScheduler,
    OneCycleLR,
    SequentialLR,
)

from cnnwidget.training.recipe import ScheduleName

# A budget is cut into so many parts, of one rate each: a budget of seconds has no number of steps.
PARTS = 1000
# A cosine begins after this share of the budget, of which the rate is constant.
CONSTANT = 0.1


@cache
def shares(schedule: ScheduleName) -> tuple[float, ...]:
    """Return the learning rate in each part of a budget, as a share of the largest.

    Args:
        schedule: `constant`; `cosine`, which falls to zero along half a cosine (Loshchilov and
            Hutter 2017); `one_cycle`, which first rises for three tenths (Smith and Topin 2018).

    Returns:
        1,001 numbers, the last for the end of the budget.

    Example:
        >>> [round(shares("cosine")[part], 3) for part in (0, 100, 550, 1000)]
        [1.0, 1.0, 0.5, 0.0]
        >>> [round(shares("one_cycle")[part], 3) for part in (0, 300, 1000)]
        [0.04, 1.0, 0.0]
    """
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler: LRScheduler
    if schedule == "constant":
        scheduler = ConstantLR(optimizer, factor=1.0)
    elif schedule == "one_cycle":
        scheduler = OneCycleLR(optimizer, max_lr=1.0, total_steps=PARTS + 1)
    else:
        first = round(CONSTANT * PARTS)
        scheduler = SequentialLR(
            optimizer,
            [
                ConstantLR(optimizer, factor=1.0),
                CosineAnnealingLR(optimizer, T_max=PARTS - first),
            ],
            milestones=[first],
        )
    found = []
    for _ in range(PARTS + 1):
        found.append(float(scheduler.get_last_lr()[0]))
        optimizer.step()
        if len(found) <= PARTS:
            scheduler.step()
    return tuple(found)


def share(schedule: ScheduleName, progress: float) -> float:
    """Return the learning rate at a progress from 0 to 1, as a share of the largest.

    Example:
        >>> round(share("cosine", 0.55), 3)
        0.5
    """
    return shares(schedule)[round(PARTS * min(1.0, max(0.0, progress)))]
