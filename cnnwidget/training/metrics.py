"""Errors of a forecast and of the baselines, lead time by lead time and variable by variable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import torch
from tabulate import tabulate
from torch import Tensor

from cnnwidget.training.baselines import BASELINES

if TYPE_CHECKING:
    from cnnwidget.training.run import Run


@dataclass(frozen=True)
class Errors:
    """Mean errors over all pixels of some windows.

    They are of one variable in its own units, or of several in shares of each one's range, since a
    mean over different units would mean nothing.

    Attributes:
        mae_per_lead: mean absolute error at each lead time.
        rmse_per_lead: root of the mean squared error at each lead time.
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
class VariableErrors:
    """Errors of one variable of several, in its own units.

    Attributes:
        name: of the variable, or its number.
        network: the errors of the network.
        baselines: name and errors of each.
    """

    name: str
    network: Errors
    baselines: tuple[tuple[str, Errors], ...]


@dataclass(frozen=True)
class Metrics:
    """Errors of the network and of the baselines on the same windows.

    Attributes:
        part: the windows: `test`, or `training` where none were held out.
        windows: how many.
        network: its errors.
        baselines: name and errors of each.
        variables: the errors of each variable in its own units, where there are several; the other
            errors are then in shares of each variable's range in the training part.
    """

    part: str
    windows: int
    network: Errors
    baselines: tuple[tuple[str, Errors], ...]
    variables: tuple[VariableErrors, ...] = ()

    @property
    def measured_on(self) -> str:
        """The windows in words: `12 test windows`."""
        return f"{self.windows} {self.part} window{'' if self.windows == 1 else 's'}"

    @property
    def shares(self) -> str:
        """What the errors are in, where that is not the data's own units; empty where it is."""
        return "in shares of each variable's range" if self.variables else ""

    def __str__(self) -> str:
        columns = [("network", self.network), *self.baselines]
        names = [name for name, _ in columns]
        leads = range(len(self.network.mae_per_lead))
        lines: list[list[object]] = [
            [f"+{lead + 1}", *(errors.mae_per_lead[lead] for _, errors in columns)]
            for lead in leads
        ]
        lines.append(["all (MAE)", *(errors.mae for _, errors in columns)])
        lines.append(["all (RMSE)", *(errors.rmse for _, errors in columns)])
        shares = f", {self.shares}," if self.shares else ""
        text = f"Mean absolute error{shares} on {self.measured_on}\n\n{table(lines, 'lead', names)}"
        if not self.variables:
            return text
        lines = [
            [each.name, each.network.mae, *(errors.mae for _, errors in each.baselines)]
            for each in self.variables
        ]
        own = table(lines, "variable", names)
        return f"{text}\n\nMean absolute error of each variable, in its own units\n\n{own}"

    __repr__ = __str__


def table(lines: list[list[object]], first: str, names: list[str]) -> str:
    """Errors of the network and the baselines, a line each."""
    # The name of a variable may be a number, which stays as it is.
    return tabulate(lines, (first, *names), floatfmt=".4g", tablefmt="simple", disable_numparse=[0])


def measure(run: Run, stopped: Callable[[], bool]) -> Metrics | None:
    """Errors over all that counts, of the network and of all baselines, in one pass.

    Args:
        run: with its windows: those of the test, or else of the training, are looked at.
        stopped: asked before each batch of windows whether to give up.

    Returns:
        The errors on all of these windows, or None where `stopped` said so.
    """
    windows, names, split = run.windows, run.names, run.split
    assert windows is not None
    numbers, part = (split.test, "test") if split.test else (split.train, "training")
    steps, batch = windows.forecast_len, run.recipe.batch_size
    sums = {name: Sums(steps, len(names)) for name in ("network", *BASELINES)}
    with torch.no_grad():
        for start in range(0, len(numbers), batch):
            if stopped():
                return None
            chosen = numbers[start : start + batch]
            x, truth, *ahead = windows.gather_all(chosen)
            sums["network"].add(run.in_units(x, *ahead), truth, gaps=windows.has_gaps)
            before = windows.targets_before(chosen, x)
            if windows.has_gaps:
                before = run.handed.known_targets(before)
            for name, baseline in BASELINES.items():
                sums[name].add(baseline(before, steps), truth, gaps=windows.has_gaps)
    (_, network), *others = ((name, each.errors(run.handed.spans)) for name, each in sums.items())
    variables = tuple(
        VariableErrors(
            called,
            sums["network"].errors_of(number),
            tuple((name, sums[name].errors_of(number)) for name in BASELINES),
        )
        for number, called in enumerate(names)
    )
    several = variables if len(names) > 1 else ()
    return Metrics(part, len(numbers), network, tuple(others), several)


class Sums:
    """Errors of a forecast summed up, at each lead time and of each variable."""

    def __init__(self, steps: int, variables: int) -> None:
        self.absolute, self.squares, self.values = torch.zeros(
            3, steps, variables, dtype=torch.float64
        )

    def add(self, forecast: Tensor, truth: Tensor, *, gaps: bool) -> None:
        """The errors of some more windows, (batch, steps, variables, *size), where truth is known.

        Args:
            forecast: what was told.
            truth: what is, with NaN at what does not count.
            gaps: whether there may be any.
        """
        known = torch.isfinite(truth) if gaps else torch.ones_like(truth)
        self.values += known.movedim(0, 2).flatten(2).sum(2)
        error = (forecast.double() - truth.double()).movedim(0, 2).flatten(2)
        if gaps:
            error = error.nan_to_num(0.0)
        self.absolute += error.abs().sum(2)
        self.squares += error.square().sum(2)

    def errors_of(self, variable: int) -> Errors:
        """The errors of one variable, in its own units."""
        values = self.values[:, variable]
        mae, rmse = self.absolute[:, variable] / values, (self.squares[:, variable] / values).sqrt()
        return Errors(tuple(mae.tolist()), tuple(rmse.tolist()))

    def errors(self, spans: tuple[float, ...]) -> Errors:
        """The errors of all variables: of several, in shares of each one's range.

        Args:
            spans: the range of each.
        """
        if len(spans) == 1:
            return self.errors_of(0)
        span = torch.tensor(spans, dtype=torch.float64)
        values = self.values.sum(1)
        mae = (self.absolute / span).sum(1) / values
        rmse = ((self.squares / span.square()).sum(1) / values).sqrt()
        return Errors(tuple(mae.tolist()), tuple(rmse.tolist()))
