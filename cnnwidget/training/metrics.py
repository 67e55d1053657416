"""Errors of a forecast and of the baselines, lead time by lead time, in the data's own units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt

import torch
from tabulate import tabulate
from torch import Tensor

from cnnwidget.data.gaps import known_history
from cnnwidget.data.windows import Windows
from cnnwidget.training.baselines import BASELINES

Predict = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Errors:
    """Mean errors over all pixels and variables of some windows.

    Attributes:
        mae_per_lead: mean absolute error at each lead time, in the data's units.
        rmse_per_lead: root of the mean squared error at each lead time, in the data's units.
    """

    mae_per_lead: tuple[float, ...]
    rmse_per_lead: tuple[float, ...]

    @property
    def mae(self) -> float:
        """Mean absolute error over all lead times."""
        return sum(self.mae_per_lead) / len(self.mae_per_lead)

    @property
    def rmse(self) -> float:
        """Root of the mean squared error over all lead times."""
        return sqrt(sum(each * each for each in self.rmse_per_lead) / len(self.rmse_per_lead))


@dataclass(frozen=True)
class Metrics:
    """Errors of the network and of the baselines on the same windows.

    Attributes:
        part: the windows: `test`, or `training` where none were held out.
        windows: how many.
        network: its errors.
        baselines: name and errors of each.
    """

    part: str
    windows: int
    network: Errors
    baselines: tuple[tuple[str, Errors], ...]

    @property
    def measured_on(self) -> str:
        """The windows in words: `12 test windows`."""
        return f"{self.windows} {self.part} window{'' if self.windows == 1 else 's'}"

    def __str__(self) -> str:
        columns = [("network", self.network), *self.baselines]
        leads = range(len(self.network.mae_per_lead))
        lines: list[list[object]] = [
            [f"+{lead + 1}", *(errors.mae_per_lead[lead] for _, errors in columns)]
            for lead in leads
        ]
        lines.append(["all (MAE)", *(errors.mae for _, errors in columns)])
        lines.append(["all (RMSE)", *(errors.rmse for _, errors in columns)])
        table = tabulate(
            lines, ("lead", *(name for name, _ in columns)), floatfmt=".4g", tablefmt="simple"
        )
        return f"Mean absolute error on {self.measured_on}\n\n{table}"

    __repr__ = __str__


def measure(
    predict: Predict,
    windows: Windows,
    numbers: range,
    part: str,
    batch: int,
    *,
    otherwise: float = 0.0,
    stopped: Callable[[], bool] | None = None,
) -> Metrics | None:
    """Errors on some windows, over all that counts, of a network and of all baselines, in one pass.

    Args:
        predict: (batch, history, channels, *size) to (batch, forecast, channels, *size), in the
            data's units.
        windows: where they come from.
        numbers: which of them.
        part: what these are called.
        batch: how many at once.
        otherwise: what is shown for a missing value before any is known.
        stopped: asked before each batch whether to give up; None is never.

    Returns:
        The errors on all of these windows, or None where `stopped` said so.
    """
    steps = windows.forecast_len
    makers: Mapping[str, Predict] = {
        "network": predict,
        **{name: forecaster(name, steps) for name in BASELINES},
    }
    sums = {name: torch.zeros(2, steps, dtype=torch.float64) for name in makers}
    values = torch.zeros(steps, dtype=torch.float64)
    with torch.no_grad():
        for start in range(0, len(numbers), batch):
            if stopped is not None and stopped():
                return None
            history, truth = windows.gather(numbers[start : start + batch])
            if windows.has_gaps:
                history = known_history(history, otherwise)
            counts = torch.isfinite(truth) if windows.has_gaps else torch.ones_like(truth)
            values += counts.transpose(0, 1).flatten(1).sum(1)
            for name, make in makers.items():
                error = (make(history).double() - truth.double()).transpose(0, 1).flatten(1)
                if windows.has_gaps:
                    error = error.nan_to_num(0.0)
                sums[name][0] += error.abs().sum(1)
                sums[name][1] += error.square().sum(1)
    found = {
        name: Errors(
            tuple((total[0] / values).tolist()), tuple((total[1] / values).sqrt().tolist())
        )
        for name, total in sums.items()
    }
    network = found.pop("network")
    return Metrics(part, len(numbers), network, tuple(found.items()))


def forecaster(name: str, steps: int) -> Predict:
    """A baseline as a forecast of so many steps."""
    return lambda history: BASELINES[name](history, steps)
