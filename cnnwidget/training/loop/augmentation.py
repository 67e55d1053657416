"""Augmentation: random flips, shifts, turns and noise of training examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
import torch
from torch import Tensor

from cnnwidget.data.windows.windows import Pair
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.training.recipe import AugmentationName

# The farthest that frames are moved along an axis, as a share of it.
FARTHEST = 1 / 8
# The deviation of the noise that is added to what is given, as a share of the data's range.
NOISE = 0.02


def augmented(pair: Pair, names: Sequence[AugmentationName], seed: int, span: float = 1.0) -> Pair:
    """Return a batch changed at random; inputs and targets of all examples in the same way.

    Args:
        pair: history and truth, (batch, channels, *size).
        names: `flip` along any axis; `shift` by up to an eighth of an axis, where the border is
            repeated in the history and does not count in the truth; `rotate` by quarter turns, of
            frames that are not square by half turns; `noise`, a fiftieth of the data's range, in
            the history alone.
        seed: of all random numbers of this batch.
        span: the range of the scaled data.

    Returns:
        New tensors; the truth is NaN where it does not count.

    Example:
        >>> x, y = torch.arange(4.0).reshape(1, 1, 4), torch.arange(4.0).reshape(1, 1, 4)
        >>> x, y = augmented((x, y), ["flip"], seed=2)
        >>> x, y
        (tensor([[[3., 2., 1., 0.]]]), tensor([[[3., 2., 1., 0.]]]))
    """
    random = np.random.default_rng(seed)
    history, truth = pair
    for name in get_args(AugmentationName):  # in one order, whatever order they are asked for in
        if name not in names:
            continue
        if name == "flip":
            history, truth = flipped(history, truth, random)
        elif name == "shift":
            history, truth = shifted(history, truth, random)
        elif name == "rotate":
            history, truth = rotated(history, truth, random)
        else:
            noise = random.standard_normal(tuple(history.shape), dtype=np.float32)
            history = history + NOISE * span * torch.from_numpy(noise).to(history.device)
    return history, truth


def check_augmentations(names: Sequence[AugmentationName], size: tuple[int, ...]) -> None:
    """Refuse turns of frames with one axis.

    Raises:
        CnnwidgetError: if the frames have one axis.
    """
    if "rotate" in names and len(size) < 2:
        raise CnnwidgetError(
            "augment 'rotate' turns frames in the plane of their last two axes, but these frames "
            "have one axis; 'flip' is the turn that they have."
        )


def flipped(history: Tensor, truth: Tensor, random: np.random.Generator) -> Pair:
    """Return frames with each axis reversed, or not."""
    axes = [axis for axis in range(2, history.dim()) if random.random() < 0.5]
    return history.flip(axes), truth.flip(axes)


def shifted(history: Tensor, truth: Tensor, random: np.random.Generator) -> Pair:
    """Return frames moved along all axes; targets beyond the border are unknown."""
    for axis in range(2, history.dim()):
        length = history.shape[axis]
        most = int(length * FARTHEST)
        by = int(random.integers(-most, most + 1))
        places = torch.arange(length, device=history.device) - by
        inside = places.clamp(0, length - 1)
        history, truth = history.index_select(axis, inside), truth.index_select(axis, inside)
        if by:
            outside = torch.nonzero(places != inside).flatten()
            truth = truth.index_fill(axis, outside, torch.nan)
    return history, truth


def rotated(history: Tensor, truth: Tensor, random: np.random.Generator) -> Pair:
    """Return frames after quarter turns in the plane of the last two axes."""
    square = history.shape[-1] == history.shape[-2]
    turns = int(random.integers(0, 4)) if square else 2 * int(random.integers(0, 2))
    return tuple(torch.rot90(part, turns, (-2, -1)) for part in (history, truth))  # type: ignore[return-value]
