"""Errors of a forecast and of the baselines, lead time by lead time and variable by variable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from tabulate import tabulate

from cnnwidget.training.metrics.baselines import baselines_of
from cnnwidget.training.metrics.climatology import climatology_of
from cnnwidget.training.metrics.score_sums import ScoreSums
from cnnwidget.training.metrics.scores import Errors, definitions

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run


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

    @property
    def definitions(self) -> dict[str, str]:
        """What each figure is, in a sentence that has its peak or data range.

        Example:
            >>> errors = Errors(mae_per_lead=(1.0,), rmse_per_lead=(2.0,), peak=20.0)
            >>> metrics = Metrics("test", 9, errors, (("persistence", errors),))
            >>> metrics.definitions["MAE"], errors.psnr
            ("mean absolute error, in the data's units", 20.0)
        """
        return definitions(self.network.peak, shares=bool(self.variables))

    def figures(self, name: str) -> tuple[float | None, ...]:
        """A figure over all lead times, of the network and of each baseline.

        Args:
            name: one of those that `definitions` has.
        """
        attribute = name.lower().replace(" ", "_")
        everyone = (self.network, *(errors for _, errors in self.baselines))
        return tuple(getattr(errors, attribute) for errors in everyone)

    def __str__(self) -> str:
        columns = [("network", self.network), *self.baselines]
        names = [name for name, _ in columns]
        leads = range(len(self.network.mae_per_lead))
        lines: list[list[object]] = [
            [f"+{lead + 1}", *(errors.mae_per_lead[lead] for _, errors in columns)]
            for lead in leads
        ]
        lines += [[f"all ({name})", *self.figures(name)] for name in self.definitions]
        shares = f", {self.shares}," if self.shares else ""
        text = f"Mean absolute error{shares} on {self.measured_on}\n\n{table(lines, 'lead', names)}"
        if self.variables:
            lines = [
                [each.name, each.network.mae, *(errors.mae for _, errors in each.baselines)]
                for each in self.variables
            ]
            own = table(lines, "variable", names)
            text += f"\n\nMean absolute error of each variable, in its own units\n\n{own}"
        meanings = "\n".join(f"{name}: {meaning}." for name, meaning in self.definitions.items())
        return f"{text}\n\n{meanings}"

    __repr__ = __str__


def table(lines: list[list[object]], first: str, names: list[str]) -> str:
    """Errors of the network and the baselines, a line each."""
    # The name of a variable may be a number, which stays as it is.
    return tabulate(lines, (first, *names), floatfmt=".4g", tablefmt="simple", disable_numparse=[0])


def measure(run: Run, stopped: Callable[[], bool]) -> Metrics | None:
    """Figures over all that counts, of the network and of all baselines, in one pass.

    Args:
        run: with its windows: those of the test, or else of the training, are looked at.
        stopped: asked before each batch of windows whether to give up.

    Returns:
        The figures on all of these windows, or None where `stopped` said so.
    """
    windows, names, split, transform = run.windows, run.names, run.split, run.transform
    assert windows is not None
    climatology, period = None, run.recipe.period
    if period is not None and split.test:  # of the frames it is made from it knows the truth
        climatology = climatology_of(windows, split.train, period, transform, stopped)
        if climatology is None:
            return None
    baselines = baselines_of(windows.cut, climatology)
    numbers, part = (split.test, "test") if split.test else (split.train, "training")
    batch, forecasts = run.recipe.batch_size, ("network", *baselines)
    low = [lowest for lowest, _ in transform.ranges]
    scale = (low, transform.spans, run.task.size)
    sums = ScoreSums(forecasts, windows.forecast_len, *scale, gaps=windows.has_gaps)
    with torch.no_grad():
        for start in range(0, len(numbers), batch):
            if stopped():
                return None
            chosen = numbers[start : start + batch]
            x, truth, *ahead = windows.gather_all(chosen)
            before = windows.past_targets(chosen, x)
            if windows.has_gaps:
                before = transform.known_targets(before)
            told = {name: baseline(before, chosen) for name, baseline in baselines.items()}
            sums.add(truth, {"network": run.in_units(x, *ahead)} | told)
    several = len(names) > 1
    return Metrics(
        part,
        len(numbers),
        *figures_of(sums, forecasts, None),
        tuple(
            VariableErrors(called, *figures_of(sums, forecasts, number))
            for number, called in enumerate(names)
            if several
        ),
    )


def figures_of(
    sums: ScoreSums, forecasts: tuple[str, ...], variable: int | None
) -> tuple[Errors, tuple[tuple[str, Errors], ...]]:
    """The figures of the network, and name and figures of each baseline."""
    (_, network), *others = ((name, sums.errors(name, variable)) for name in forecasts)
    return network, tuple(others)
