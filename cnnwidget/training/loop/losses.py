"""What a network is trained to make small: how far a forecast is from the truth."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import get_args

import torch
from torch import Tensor, nn

from cnnwidget.design.axes import spell
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.training.recipe import Loss, LossName

LossFunction = Callable[[Tensor, Tensor], Tensor]

# An error as large as this, of scaled data, is halfway from squares to absolute values.
HUBER_DELTA = 0.1
# Of the Gaussian window of SSIM in the paper, in pixels.
SSIM_WINDOW = 11


def loss_function(
    loss: Loss, size: tuple[int, ...], span: float = 1.0, *, gaps: bool = True
) -> LossFunction:
    """The loss that a recipe asks for, over the values of the truth that are known.

    Args:
        loss: `l1`, the mean absolute error; `mse`, the mean squared error; `huber`, squares of
            errors below 0.1 and absolute values above (Huber 1964); `ssim`, 1 less the structural
            similarity (Wang et al. 2004); or several of these with their weights.
        size: of a frame.
        span: the range of the scaled data, which SSIM measures by.
        gaps: whether the truth may be NaN, at places that do not count.

    Returns:
        A function of forecast and truth, (batch, channels, *size), that gives a number.

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
    functions = [(named(name, size, span, gaps=gaps), weight) for name, weight in parts]
    if functions[1:] or functions[0][1] != 1:
        return lambda output, target: torch.stack(
            [weight * function(output, target) for function, weight in functions]
        ).sum()
    return functions[0][0]


def named(name: LossName, size: tuple[int, ...], span: float, *, gaps: bool) -> LossFunction:
    """A single loss."""
    if name == "ssim":
        check_ssim(size)
        return lambda output, target: 1.0 - ssim(output, target, span)
    functions: dict[str, Callable[..., Tensor]] = {
        "l1": nn.functional.l1_loss,
        "mse": nn.functional.mse_loss,
        "huber": partial(nn.functional.huber_loss, delta=HUBER_DELTA),
    }
    return of_what_counts(functions[name]) if gaps else functions[name]


def of_what_counts(loss: Callable[..., Tensor]) -> LossFunction:
    """A mean loss over the values whose target is known; 0 where none is.

    What does not count is shown to it as alike: to pick out the rest would make a GPU wait.
    """

    def masked(output: Tensor, target: Tensor) -> Tensor:
        counts = torch.isfinite(target)
        shown, truth = (torch.where(counts, values, 0.0) for values in (output, target))
        return loss(shown, truth, reduction="sum") / counts.sum().clamp(min=1)

    return masked


def check_ssim(size: tuple[int, ...]) -> None:
    """SSIM slides a window over images.

    Raises:
        CnnwidgetError: where that does not fit.
    """
    if len(size) < 2 or min(size) < SSIM_WINDOW:
        others = ", ".join(repr(name) for name in get_args(LossName) if name != "ssim")
        raise CnnwidgetError(
            f"loss 'ssim' compares windows of {SSIM_WINDOW} pixels along two or three axes, but "
            f"frames are {spell(size)}; take one of {others}."
        )


def ssim(output: Tensor, target: Tensor, span: float) -> Tensor:
    """The mean structural similarity over the values that are known; 1 where all is alike.

    With the Gaussian window of 11 pixels and a deviation of 1.5 of Wang et al. 2004, IEEE
    Transactions on Image Processing 13, 600-612.

    Args:
        output: (batch, channels, *size).
        target: the same, NaN at places that do not count: they are shown to it as alike.
        span: the range of the values.

    Example:
        >>> image = torch.arange(144.0).reshape(1, 1, 12, 12) / 144
        >>> round(ssim(image, image, 1.0).item(), 6)
        1.0
    """
    from torchmetrics.functional.image import structural_similarity_index_measure

    counts = torch.isfinite(target)
    if not bool(counts.any()):
        return 1.0 + 0.0 * output.sum()
    shown, truth = (torch.where(counts, values, 0.0) for values in (output, target))
    _, everywhere = structural_similarity_index_measure(
        shown, truth, data_range=span, return_full_image=True
    )
    return everywhere[counts].mean()
