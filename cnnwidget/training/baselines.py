"""Forecasts that need no network: what a network has to beat."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor


def persistence(history: Tensor, forecast_len: int) -> Tensor:
    """The last frame, again and again: (batch, history, ...) to (batch, forecast_len, ...)."""
    return history[:, -1:].expand(-1, forecast_len, *history.shape[2:])


def mean_of_history(history: Tensor, forecast_len: int) -> Tensor:
    """The mean of all frames given: (batch, history, ...) to (batch, forecast_len, ...)."""
    return history.mean(1, keepdim=True).expand(-1, forecast_len, *history.shape[2:])


BASELINES: dict[str, Callable[[Tensor, int], Tensor]] = {
    "persistence": persistence,
    "mean of the history": mean_of_history,
}
