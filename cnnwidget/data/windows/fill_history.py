"""Missing values in the input frames of windows: filled within each window, on any device.

`data/missing` fills a whole series in numpy, before it is cut; this fills batches in training,
where nothing outside of a window may be used.
"""

from __future__ import annotations

import torch
from torch import Tensor


def fill_history(history: Tensor, otherwise: float | Tensor) -> Tensor:
    """Replace each missing value by the last known one before it in its window.

    Args:
        history: (batch, steps, ...); values that are not finite are missing.
        otherwise: the value where none is known before; broadcast to the shape of a step.

    Returns:
        The same tensor if nothing is missing, else a copy.

    Example:
        >>> gap = float("nan")
        >>> fill_history(torch.tensor([[gap, 2.0, gap, 4.0]]), otherwise=1.0)
        tensor([[1., 2., 2., 4.]])
    """
    known = torch.isfinite(history)
    if bool(known.all()):
        return history
    frames = []
    last = torch.as_tensor(otherwise, dtype=history.dtype, device=history.device)
    for step in range(history.shape[1]):
        last = torch.where(known[:, step], history[:, step], last)
        frames.append(last)
    return torch.stack(frames, dim=1)


def each_of(numbers: tuple[float, ...], values: Tensor) -> Tensor | float:
    """Return one number for each variable, to broadcast with (batch, steps, variables, *size)."""
    if len(numbers) == 1:  # a number alone need not be brought to where the values are
        return numbers[0]
    found = torch.tensor(numbers, dtype=values.dtype, device=values.device)
    return found.reshape(-1, *[1] * (values.dim() - 3))
