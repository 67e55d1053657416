"""Baselines: forecasts that need no network, which a network has to beat.

All of them are given what the network is given: missing values are filled, as for the network.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.training.metrics.climatology import Climatology

# From histories, (batch, history, ...), and the numbers of their windows to (batch, steps, ...).
Baseline = Callable[[Tensor, Any], Tensor]
# In the order in which they are shown.
BASELINES = ("persistence", "mean of the history", "linear trend", "climatology")


def persistence(history: Tensor, forecast_len: int) -> Tensor:
    """Repeat the last frame: (batch, history, ...) to (batch, forecast_len, ...)."""
    return history[:, -1:].expand(-1, forecast_len, *history.shape[2:])


def mean_of_history(history: Tensor, forecast_len: int) -> Tensor:
    """Repeat the mean of the history: (batch, history, ...) to (batch, forecast_len, ...)."""
    return history.mean(1, keepdim=True).expand(-1, forecast_len, *history.shape[2:])


def linear_trend(history: Tensor, forecast_len: int, gap: int = 0) -> Tensor:
    """Continue the line of least squares through the history, at each pixel by itself.

    Args:
        history: (batch, history, ...), of two frames or more.
        forecast_len: the frames to forecast.
        gap: frames between the last that is given and the first to forecast.

    Returns:
        (batch, forecast_len, ...).

    Example:
        >>> linear_trend(torch.tensor([[1.0, 3.0, 5.0]]), forecast_len=2, gap=1)
        tensor([[ 9., 11.]])
    """
    length, last = history.shape[1], history[:, -1:]
    # From the last frame, so that a slow change of large values is not lost in 32 bits.
    changes = history - last
    # Time counts from the middle of the history, where the line passes through the mean.
    times = torch.arange(length + gap + forecast_len, device=history.device) - (length - 1) / 2
    times = times.to(history.dtype)
    given, ahead = times[:length], times[length + gap :]
    slope = torch.einsum("t,bt...->b...", given / given.square().sum(), changes)
    rise = slope[:, None] * ahead.reshape(-1, *[1] * (history.dim() - 2))
    return last + (changes.mean(1, keepdim=True) + rise)


def baselines_of(cut: WindowCut, climatology: Climatology | None = None) -> dict[str, Baseline]:
    """Return all forecasts that need no network, by their names.

    A history of one frame has no trend, so that there is none then.

    Args:
        cut: of the windows.
        climatology: where a period is given.

    Returns:
        Name and function of each: of histories, (batch, history, targets, *size), and the numbers
        of their windows; it gives (batch, forecast_len, targets, *size).

    Example:
        >>> history = torch.tensor([[1.0, 2.0]]).reshape(1, 2, 1, 1)
        >>> cut = WindowCut(pre_history_len=2, forecast_len=3)
        >>> for name, forecast in baselines_of(cut).items():
        ...     print(name, forecast(history, range(1)).flatten().tolist())
        persistence [2.0, 2.0, 2.0]
        mean of the history [1.5, 1.5, 1.5]
        linear trend [3.0, 4.0, 5.0]
    """
    steps, gap = cut.forecast_len, cut.gap
    found: dict[str, Baseline] = {
        "persistence": lambda history, _: persistence(history, steps),
        "mean of the history": lambda history, _: mean_of_history(history, steps),
    }
    if cut.pre_history_len > 1:
        found["linear trend"] = lambda history, _: linear_trend(history, steps, gap)
    if climatology is not None:
        ahead = np.array(cut.target_frames(0))
        means = climatology.of
        found["climatology"] = lambda _, chosen: means(
            np.asarray(chosen)[:, None] * cut.stride + ahead
        )
    return found
