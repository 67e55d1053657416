"""`Rule`: a forecast without a network, as weights of the last frames and means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Rule:
    """A forecast without a network: forecast = m + weights · (history - m).

    Persistence has a weight of 1 for the last frame, a constant forecast has no weights, and damped
    anomaly persistence has a weight below 1 and means m. All of it is on one scale, as of the
    scaled data.

    Attributes:
        weights: (forecast_len, steps, variables) of the last so many frames of the history; one
            variable stands for all.
        means: (phases, variables, *size), m by the phase of a frame in its season; the last stands
            for further phases, so that one is for all frames. None is 0.

    Example:
        >>> damped = Rule(torch.tensor([[[0.5]], [[0.25]]]), means=torch.tensor([[[10.0]]]))
        >>> damped.forecast(torch.tensor([[[[12.0]], [[18.0]]]])).flatten()
        tensor([14., 12.])
    """

    weights: Tensor
    means: Tensor | None = None

    def forecast(self, history: Tensor, phases: NDArray[np.int64] | None = None) -> Tensor:
        """Return forecasts.

        Args:
            history: (batch, steps, variables, *size), nothing missing.
            phases: (batch, frames), of the frames of the history, of a gap, and of the forecast;
                needed for means of several phases.

        Returns:
            (batch, forecast_len, variables, *size).
        """
        leads, steps, _ = self.weights.shape
        given = history[:, history.shape[1] - steps :]
        ahead: Tensor | float = 0.0
        if self.means is not None:
            before, ahead = self.means[None, :1], self.means[None, :1]
            if len(self.means) > 1:
                assert phases is not None
                own = torch.from_numpy(phases).clamp(max=len(self.means) - 1)
                own, length = own.to(self.means.device), history.shape[1]
                before = self.means[own[:, length - steps : length]]
                ahead = self.means[own[:, -leads:]]
            given = given - before
        if not steps:
            return torch.as_tensor(ahead).expand(len(history), leads, *history.shape[2:])
        weights = self.weights.expand(-1, -1, history.shape[2])
        return torch.einsum("lsv,bsv...->blv...", weights, given) + ahead

    def to(self, device: torch.device) -> Rule:
        """Return the rule on a device."""
        return Rule(self.weights.to(device), None if self.means is None else self.means.to(device))
