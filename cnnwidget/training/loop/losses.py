"""Losses of a prediction against its target; values without a target do not count."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import get_args

import torch
from torch import Tensor, nn

from cnnwidget.design.axes import spell
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.training.metrics.ssim import SSIM_WINDOW, has_ssim, mean_ssim
from cnnwidget.training.recipe import Loss, LossName

LossFunction = Callable[[Tensor, Tensor], Tensor]

# An error as large as this, of scaled data, is halfway from squares to absolute values.
HUBER_DELTA = 0.1


def loss_function(
    loss: Loss, size: tuple[int, ...], span: float = 1.0, *, gaps: bool = True
) -> LossFunction:
    """Return the loss of a recipe, over the values of the target that are known.

    Args:
        loss: `l1`, the mean absolute error; `mse`, the mean squared error; `huber`, squares of
            errors below 0.1 and absolute values above (Huber 1964); `ssim`, 1 less the structural
            similarity (Wang et al. 2004); or several of these with their weights.
        size: of a frame.
        span: the range of the scaled data, for SSIM.
        gaps: whether the target may be NaN, where it does not count.

    Returns:
        A function of prediction and target, both (batch, channels, *size), that gives a number.

    Raises:
        CnnwidgetError: for SSIM of frames that are smaller than its window, or have one axis.

    Example:
        >>> l1 = loss_function("l1", (2,))
        >>> l1(torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, torch.nan]]))
        tensor(1.)
        >>> both = loss_function((("l1", 1.0), ("mse", 0.5)), (2,))
        >>> both(torch.tensor([[2.0, 2.0]]), torch.tensor([[0.0, 0.0]]))
        tensor(4.)
    """
    parts = ((loss, 1.0),) if isinstance(loss, str) else loss
    functions = [(single_loss(name, size, span, gaps=gaps), weight) for name, weight in parts]
    if functions[1:] or functions[0][1] != 1:
        return lambda output, target: torch.stack(
            [weight * function(output, target) for function, weight in functions]
        ).sum()
    return functions[0][0]


def single_loss(name: LossName, size: tuple[int, ...], span: float, *, gaps: bool) -> LossFunction:
    """Return one loss by its name."""
    if name == "ssim":
        check_ssim(size)
        return lambda output, target: 1.0 - mean_ssim(output, target, span, gaps=gaps)
    functions: dict[str, Callable[..., Tensor]] = {
        "l1": nn.functional.l1_loss,
        "mse": nn.functional.mse_loss,
        "huber": partial(nn.functional.huber_loss, delta=HUBER_DELTA),
    }
    return masked_loss(functions[name]) if gaps else functions[name]


def masked_loss(loss: Callable[..., Tensor]) -> LossFunction:
    """Return a mean loss over the values whose target is known; 0 if none is.

    Output and target become 0 where the target is NaN. Indexing the rest would make a GPU wait.
    """

    def masked(output: Tensor, target: Tensor) -> Tensor:
        counts = torch.isfinite(target)
        shown, truth = (torch.where(counts, values, 0.0) for values in (output, target))
        return loss(shown, truth, reduction="sum") / counts.sum().clamp(min=1)

    return masked


def check_ssim(size: tuple[int, ...]) -> None:
    """Refuse frames of a size that the window of SSIM does not fit into.

    Raises:
        CnnwidgetError: if it does not.
    """
    if not has_ssim(size):
        others = ", ".join(repr(name) for name in get_args(LossName) if name != "ssim")
        raise CnnwidgetError(
            f"loss 'ssim' compares windows of {SSIM_WINDOW} pixels along two or three axes, but "
            f"frames are {spell(size)}; take one of {others}."
        )
