"""`Runs`: the runs of a notebook side by side, as a table, as curves, and as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, get_args

from tabulate import tabulate

from cnnwidget.data.errors import DataError, reason_of
from cnnwidget.design.errors import DesignError
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.design.value import closest, shortened
from cnnwidget.training.run import Run

if TYPE_CHECKING:
    from cnnwidget.training.picture import Picture

Column = Literal["name", "params", "macs", "seconds", "epochs", "error", "skill", "ending"]
COLUMNS: tuple[Column, ...] = get_args(Column)
# Of these more is better, and comes first.
MORE_IS_BETTER = {"skill"}


class Line(NamedTuple):
    """A run in a table.

    Attributes:
        name: of the run.
        params: weights.
        macs: multiply-accumulates of one sample.
        seconds: trained.
        epochs: finished.
        error: mean absolute error on the test windows, in the data's units; None where it was never
            measured.
        skill: against the best baseline; None likewise, or where that is perfect.
        ending: `finished`, `stopped`, `diverged`.
    """

    name: str
    params: int
    macs: int
    seconds: float
    epochs: int
    error: float | None
    skill: float | None
    ending: str


class Runs:
    """Runs with names, in the order in which they came.

    Args:
        **runs: to begin with.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> runs = Runs()
        >>> runs.add(cw.fit(design, frames, epochs=1, progress=False), "plain")
        'plain'
        >>> runs.add(cw.fit(design, frames, epochs=1, lr=1e-3, progress=False), "plain")
        'plain 2'
        >>> runs.rename("plain 2", "slower")
        >>> runs.names, runs["slower"].recipe.lr
        (('plain', 'slower'), 0.001)
        >>> runs.delete("plain")
        >>> len(runs), [line.params for line in runs.lines()] == [cw.plan(design).params]
        (1, True)
    """

    def __init__(self, **runs: Run) -> None:
        self._runs: dict[str, Run] = dict(runs)

    @property
    def names(self) -> tuple[str, ...]:
        """Of all runs, in their order."""
        return tuple(self._runs)

    def add(self, run: Run, name: str | None = None) -> str:
        """Take in a run; a name that is there already gets a number.

        Returns:
            The name that it has now.
        """
        wanted = checked_name(f"run {len(self._runs) + 1}" if name is None else name)
        found, number = wanted, 2
        while found in self._runs:
            found, number = f"{wanted} {number}", number + 1
        self._runs[found] = run
        return found

    def rename(self, name: str, new: str) -> None:
        """Give a run another name; its place stays.

        Raises:
            DataError: if there is no such run, or the new name is another's.
        """
        self[name]
        new = checked_name(new)
        if new != name and new in self._runs:
            raise DataError(f"There is a run {new!r} already; give {name!r} another name.")
        self._runs = {new if each == name else each: run for each, run in self._runs.items()}

    def delete(self, name: str) -> None:
        """Let go of a run.

        Raises:
            DataError: if there is none of this name.
        """
        self[name]
        del self._runs[name]

    def __getitem__(self, name: str) -> Run:
        if name not in self._runs:
            known = ", ".join(map(repr, self._runs)) or "none at all"
            hint = closest(str(name), self._runs) or f"; there are {known}."
            raise DataError(f"There is no run {shortened(name)}{hint}")
        return self._runs[name]

    def __iter__(self) -> Iterator[Run]:
        return iter(tuple(self._runs.values()))

    def __len__(self) -> int:
        return len(self._runs)

    def lines(self, sort: Column | None = None) -> list[Line]:
        """The table, a line a run; what was not measured yet is, which may take seconds.

        Args:
            sort: the column to sort by, the best first; None leaves the order.

        Raises:
            DesignError: if there is no such column.
        """
        if sort is not None and sort not in COLUMNS:
            hint = closest(str(sort), COLUMNS) or f"; choose from {', '.join(COLUMNS)}."
            raise DesignError(f"sort is {shortened(sort)}, which is no column{hint}")
        found = [line_of(name, run) for name, run in self._runs.items()]
        if sort is None:
            return found
        known = [line for line in found if getattr(line, sort) is not None]
        known.sort(key=lambda line: getattr(line, sort), reverse=sort in MORE_IS_BETTER)
        return known + [line for line in found if getattr(line, sort) is None]

    def sorted(self, column: Column) -> Self:
        """The same runs, the best in a column first."""
        return type(self)(**{line.name: self[line.name] for line in self.lines(column)})

    def to_csv(self, path: str | Path) -> Path:
        """Write the table as a file that any spreadsheet reads.

        Raises:
            DataError: if it cannot be written.
        """
        target = Path(path).expanduser()
        try:
            with target.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                writer.writerows(map(harmless, self.lines()))
        except (OSError, ValueError) as error:
            raise DataError(
                f"The table cannot be written to {target}: {reason_of(error)}; give another path."
            ) from error
        return target

    def plot(self) -> Picture:
        """The curves of all runs in one picture, by epochs and by seconds."""
        from cnnwidget.training.curves import curves_of

        return curves_of({name: run.history for name, run in self._runs.items()})

    def __str__(self) -> str:
        if not self._runs:
            return "No runs yet."
        return tabulate(table_of(self.lines()), HEADINGS, tablefmt="simple", disable_numparse=True)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        lines = [[escape(cell) for cell in line] for line in table_of(self.lines())]
        return str(tabulate(lines, HEADINGS, tablefmt="unsafehtml", disable_numparse=True))


HEADINGS = ("run", "parameters", "MACs", "seconds", "epochs", "error", "skill", "ending")


def table_of(lines: list[Line]) -> list[list[str]]:
    """Lines to read."""
    return [
        [
            line.name,
            f"{line.params:,}",
            f"{line.macs:,}",
            f"{line.seconds:.1f}",
            str(line.epochs),
            "" if line.error is None else f"{line.error:.4g}",
            "" if line.skill is None else f"{line.skill:.0%}",
            line.ending,
        ]
        for line in lines
    ]


def line_of(name: str, run: Run) -> Line:
    """A run as a line; not measured, where there are no data."""
    plan = plan_of(run.design)
    error = skill = None
    if run.measured is not None or run.windows is not None:
        error, skill = run.metrics.network.mae, run.skill.total
    seconds = run.history[-1].seconds if run.history else 0.0
    return Line(name, plan.params, plan.macs, seconds, len(run.history), error, skill, run.ending)


def checked_name(name: object) -> str:
    """A name that can be shown in a line.

    Raises:
        DataError: if it is none.
    """
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise DataError(f"{shortened(name)} is no name of a run; give one, say 'kernel 5'.")
    return name.strip()


def harmless(line: Line) -> list[Any]:
    """The cells of a file: a spreadsheet would work out what begins like a formula."""
    return [f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@" else cell for cell in line]
