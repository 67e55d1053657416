"""Augmentation: random flips, shifts, turns and noise of training examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import get_args

import numpy as np
import torch
from torch import Tensor

from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.training.recipe import AugmentationName
from cnnwidget.training.tasks.task_protocol import Batch

# The farthest that frames are moved along an axis, as a share of it.
FARTHEST = 1 / 8
# The deviation of the noise that is added to what is given, as a share of the data's range.
NOISE = 0.02


def augmented(
    batch: Batch, names: Sequence[AugmentationName], seed: int, span: float = 1.0
) -> Batch:
    """Return a batch changed at random; all tensors of all examples in the same way.

    Args:
        batch: history, truth and perhaps a reference, each (batch, channels, *size).
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
        >>> x, y, _ = augmented(Batch(x, y), ["flip"], seed=2)
        >>> x, y
        (tensor([[[3., 2., 1., 0.]]]), tensor([[[3., 2., 1., 0.]]]))
    """
    random = np.random.default_rng(seed)
    for name in get_args(AugmentationName):  # in one order, whatever order they are asked for in
        if name not in names:
            continue
        if name == "flip":
            batch = flipped(batch, random)
        elif name == "shift":
            batch = shifted(batch, random)
        elif name == "rotate":
            batch = rotated(batch, random)
        else:
            noise = random.standard_normal(tuple(batch.input.shape), dtype=np.float32)
            noisy = batch.input + NOISE * span * torch.from_numpy(noise).to(batch.input.device)
            batch = batch._replace(input=noisy)
    return batch


def changed(batch: Batch, change: Callable[[Tensor], Tensor]) -> Batch:
    """Return a batch with one change to each of its tensors."""
    return Batch(*(None if part is None else change(part) for part in batch))  # type: ignore[arg-type]


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


def flipped(batch: Batch, random: np.random.Generator) -> Batch:
    """Return frames with each axis reversed, or not."""
    axes = [axis for axis in range(2, batch.input.dim()) if random.random() < 0.5]
    return changed(batch, lambda part: part.flip(axes))


def shifted(batch: Batch, random: np.random.Generator) -> Batch:
    """Return frames moved along all axes; targets beyond the border are unknown."""
    for axis in range(2, batch.input.dim()):
        length = batch.input.shape[axis]
        most = int(length * FARTHEST)
        by = int(random.integers(-most, most + 1))
        places = torch.arange(length, device=batch.input.device) - by
        inside = places.clamp(0, length - 1)
        batch = changed(batch, partial(torch.index_select, dim=axis, index=inside))
        if by:
            outside = torch.nonzero(places != inside).flatten()
            batch = batch._replace(target=batch.target.index_fill(axis, outside, torch.nan))
    return batch


def rotated(batch: Batch, random: np.random.Generator) -> Batch:
    """Return frames after quarter turns in the plane of the last two axes."""
    square = batch.input.shape[-1] == batch.input.shape[-2]
    turns = int(random.integers(0, 4)) if square else 2 * int(random.integers(0, 2))
    return changed(batch, lambda part: torch.rot90(part, turns, (-2, -1)))
