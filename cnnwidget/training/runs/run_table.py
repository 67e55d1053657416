"""A run as a line of a table, to sort, to read, and to write into a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.design.value import closest, shortened

if TYPE_CHECKING:  # torch comes with it
    from cnnwidget.training.runs.run import Run
    from cnnwidget.training.tasks.task_protocol import TaskMetrics

Column = Literal["name", "params", "macs", "seconds", "epochs", "error", "skill", "ending"]
COLUMNS: tuple[Column, ...] = get_args(Column)
HEADINGS = ("run", "parameters", "MACs", "seconds", "epochs", "error", "skill", "ending")
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
        error: of the test examples, or of the training examples if nothing was held out, as the
            metrics of its task have it; None if it was never measured.
        skill: against the best baseline; None likewise, or if that is perfect.
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


def line_of(name: str, run: Run, *, measure: bool = True) -> Line:
    """Return a run as a line.

    Args:
        name: of the run.
        run: the run.
        measure: whether to measure it if it is not yet, which may take seconds.
    """
    plan = plan_of(run.design)
    error = skill = None
    if (metrics := metrics_of(run, measure=measure)) is not None:
        error, skill = metrics.error, metrics.skill.total
    seconds = run.history[-1].seconds if run.history else 0.0
    return Line(name, plan.params, plan.macs, seconds, len(run.history), error, skill, run.ending)


def metrics_of(run: Run, *, measure: bool = True) -> TaskMetrics | None:
    """Return the metrics of a run; None if they are unknown, or not measured yet."""
    if run.measured is None and run.data is None:
        return None
    return run.measured_unless(lambda: not measure)


def sorted_lines(lines: Sequence[Line], column: Column) -> list[Line]:
    """Return lines with the best in a column first; runs that were not measured come last.

    Raises:
        CnnwidgetError: if there is no such column.
    """
    if column not in COLUMNS:
        hint = closest(str(column), COLUMNS) or f"; choose from {', '.join(COLUMNS)}."
        raise CnnwidgetError(f"sort is {shortened(column)}, which is no column{hint}")
    known = [line for line in lines if getattr(line, column) is not None]
    known.sort(key=lambda line: getattr(line, column), reverse=column in MORE_IS_BETTER)
    return known + [line for line in lines if getattr(line, column) is None]


def cells_of(line: Line) -> list[str]:
    """Return the cells of a line, to read."""
    return [
        line.name,
        f"{line.params:,}",
        f"{line.macs:,}",
        f"{line.seconds:.1f}",
        str(line.epochs),
        "" if line.error is None else f"{line.error:.4g}",
        "" if line.skill is None else f"{line.skill:.0%}",
        line.ending,
    ]


def csv_cells(line: Line) -> list[Any]:
    """Return the cells of a line for a file, safe from spreadsheets, which evaluate formulas."""
    return [f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@" else cell for cell in line]
