"""Errors of a forecast and of the baselines, lead time by lead time and variable by variable."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tabulate import tabulate

from cnnwidget.training.metrics.scores import Errors, Spread, definitions
from cnnwidget.training.metrics.skill import Skill, skill_of
from cnnwidget.training.tasks.task_protocol import Figure, ScoreTable


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
        spreads: of the difference between the network and each baseline, in their order; empty if
            unknown.
    """

    part: str
    windows: int
    network: Errors
    baselines: tuple[tuple[str, Errors], ...]
    variables: tuple[VariableErrors, ...] = ()
    spreads: tuple[Spread, ...] = ()

    @property
    def error(self) -> float:
        """The mean absolute error of the network over all lead times."""
        return self.network.mae

    @property
    def error_name(self) -> str:
        """The name of `error`."""
        return "mean absolute error"

    @cached_property
    def skill(self) -> Skill:
        """The skill against the best baseline: in total, per lead time, and in words."""
        return skill_of(self)

    @property
    def table(self) -> ScoreTable:
        """Errors and skill at each lead time, and the figures over all of them."""
        columns = [("network", self.network), *self.baselines]
        return ScoreTable(
            line="lead time",
            lines=tuple(f"+{lead}" for lead in range(1, len(self.skill.per_lead) + 1)),
            overall="over all lead times",
            names=tuple(name for name, _ in columns),
            errors=tuple(errors.mae_per_lead for _, errors in columns),
            skill=self.skill.per_lead,
            unit=f"{self.error_name}, " + (self.shares or "in the data's units"),
            figures=tuple(
                Figure(name, meaning, self.figures(name))
                for name, meaning in self.definitions.items()
            ),
        )

    @property
    def measured_on(self) -> str:
        """The windows in words: `12 test windows`."""
        return f"{self.windows} {self.part} window{'' if self.windows == 1 else 's'}"

    @property
    def shares(self) -> str:
        """The unit of the errors, if it is not that of the data; else empty."""
        return "in shares of each variable's range" if self.variables else ""

    @property
    def definitions(self) -> dict[str, str]:
        """A sentence for each figure, with its peak or data range.

        Example:
            >>> errors = Errors(mae_per_lead=(1.0,), rmse_per_lead=(2.0,), peak=20.0)
            >>> metrics = Metrics("test", 9, errors, (("persistence", errors),))
            >>> metrics.definitions["MAE"], errors.psnr
            ("mean absolute error, in the data's units", 20.0)
        """
        return definitions(self.network.peak, shares=bool(self.variables))

    def figures(self, name: str) -> tuple[float | None, ...]:
        """Return a figure over all lead times, of the network and of each baseline.

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
        own = text_table(lines, "lead", names)
        text = f"Mean absolute error{shares} on {self.measured_on}\n\n{own}"
        if self.variables:
            lines = [
                [each.name, each.network.mae, *(errors.mae for _, errors in each.baselines)]
                for each in self.variables
            ]
            own = text_table(lines, "variable", names)
            text += f"\n\nMean absolute error of each variable, in its own units\n\n{own}"
        meanings = "\n".join(f"{name}: {meaning}." for name, meaning in self.definitions.items())
        return f"{text}\n\n{meanings}"

    __repr__ = __str__


def text_table(lines: list[list[object]], first: str, names: list[str]) -> str:
    """Return errors of the network and the baselines as a table to read."""
    # The name of a variable may be a number, which stays as it is.
    return tabulate(lines, (first, *names), floatfmt=".4g", tablefmt="simple", disable_numparse=[0])
