"""Windows with gaps: what is shown in the place of a missing value, and what counts."""

from __future__ import annotations

import torch
from torch import Tensor


def fill_history(history: Tensor, otherwise: float | Tensor) -> Tensor:
    """Each missing value as the last one known before it in its window.

    Nothing is taken from later frames, and nothing from outside of the window.

    Args:
        history: (batch, steps, ...), of which what is not finite is missing.
        otherwise: where none was known before, of the shape of a step or of what fits to it.

    Returns:
        The same tensor where nothing is missing.

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
