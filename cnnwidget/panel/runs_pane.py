"""`RunsPane`: the runs that a panel shows, and the operations on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock, RLock
from typing import TYPE_CHECKING
from weakref import ReferenceType, ref

from cnnwidget.panel.jobs.latest_wins import LatestWins
from cnnwidget.panel.stage import Op, Stage
from cnnwidget.panel.views.run_view import comparison_limits, curves_view, run_row
from cnnwidget.training.runs.collection import Removed, Runs
from cnnwidget.training.runs.run_differences import difference
from cnnwidget.training.runs.run_table import metrics_of

if TYPE_CHECKING:  # these import torch
    from cnnwidget.training.loop.training import Training
    from cnnwidget.training.runs.run import Run

# The runs of all panels that get no collection of their own.
NOTEBOOK_RUNS = Runs()
FILE = "runs"
LONGEST_RUN_NAME = 80
OPS = {"rename run", "delete run", "undo delete", "export runs"}
# Two panels may show the same runs: each is measured once.
MEASURING = Lock()


class RunsPane:
    """The runs that a panel shows; those that are trained in it are added.

    Args:
        stage: where they are shown.
        runs: the collection, which may be changed from anywhere.
        busy: whether a training is running, which measuring would slow.
        on_error: called with an error of the drawing thread.
    """

    def __init__(
        self,
        stage: Stage,
        runs: Runs,
        busy: Callable[[], bool],
        on_error: Callable[[BaseException], None],
    ) -> None:
        self.stage, self.runs, self.busy, self.on_error = stage, runs, busy, on_error
        # The last training, and the number of its run: going on changes that.
        self._last: tuple[ReferenceType[Training], int] | None = None
        self._shown: Run | None = None
        self._deleted: Removed | None = None
        self._said = ""
        self._unmeasured = False  # whether a run is to be measured after the training
        self._closed = False
        self._lock = RLock()
        self._drawings: LatestWins[None] = LatestWins(self._draw)
        runs.watch(self.changed)
        stage.observe(self._fit_changed, "fit_view")
        if len(runs):
            self.changed()

    def close(self) -> None:
        """Stop showing the runs."""
        self._closed = True
        self.runs.unwatch(self.changed)

    def changed(self) -> None:
        """Draw the runs soon, for they have changed; return at once."""
        if not self._closed:
            self._drawings.post(None)

    def wait(self, timeout: float) -> bool:
        """Wait until all runs are drawn and measured; return whether that came in time."""
        return self._drawings.wait(timeout)

    def add(self, training: Training, run: Run) -> None:
        """Add the run of a training that has ended, or replace the run that it has continued."""
        if not run.history:
            return
        with self._lock:
            self._shown = run
            name = (
                self._name_of(self._last[1]) if self._last and self._last[0]() is training else None
            )
            if name is None:
                self._deleted = None
                name = self.runs.add(run, self._own_name(run), keep=False)
                self._last = (ref(training), self.runs.entries[name].number)
            elif len(self.runs[name].history) <= len(run.history):
                self.runs.replace(name, run)

    def run_of(self, number: object) -> tuple[str, Run] | None:
        """Return name and run by its number; None if it is gone."""
        name = self._name_of(number)
        return None if name is None else (name, self.runs[name])

    def show(self, run: Run, said: str) -> None:
        """Mark the run that the panel shows, with a line about it."""
        with self._lock:
            self._shown, self._said = run, said
        self.changed()

    def operate(self, op: Op) -> None:
        """Do an operation of the page; a run that is gone is ignored.

        Raises:
            CnnwidgetError: if a name is not valid or taken, or the file cannot be written.
        """
        with self._lock:
            self._said = ""
            kind, name = op["op"], self._name_of(op.get("run"))
            if kind == "export runs":
                self._export()
            elif kind == "undo delete" and self._deleted is not None:
                taken, self._deleted = self._deleted, None
                self.runs.put_back(taken)
            elif kind == "delete run" and name is not None:
                self._deleted = self.runs.remove(name)
            elif kind == "rename run" and name is not None:
                self.runs.rename(name, str(op.get("name"))[:LONGEST_RUN_NAME])
        self.changed()

    def _name_of(self, number: object) -> str | None:
        """Return the name of a run by its number; None if it is gone."""
        return next(
            (name for name, held in self.runs.entries.items() if held.number == number), None
        )

    def _own_name(self, run: Run) -> str | None:
        """Return a name that says in what a run differs from the last one; None if none fits."""
        former = list(self.runs)[-1:]
        name = difference(former[0], run) if former else ""
        return None if name in self.runs.entries else name or None

    def _export(self) -> None:
        """Write the table to a new file beside the notebook."""
        number, path = 1, Path(f"{FILE}.csv")
        while path.exists():
            number += 1
            path = Path(f"{FILE}-{number}.csv")
        self.runs.to_csv(path)
        self._said = f"Saved to {path.resolve()}"

    def _draw(self, _: None) -> None:
        """Draw all runs, and again after each one that is measured; in the drawing thread."""
        try:
            self._show()
            for held in tuple(self.runs.entries.values()):
                if self._measured(held.run):
                    self._show()
        except Exception as error:  # noqa: BLE001  (a thread has nobody to raise to)
            self.on_error(error)

    def _measured(self, run: Run) -> bool:
        """Measure a run, unless that would slow a training; return whether it was measured now."""
        if run.data is None or metrics_of(run, measure=False) is not None:
            return False
        with MEASURING:
            known = run.measured_unless(lambda: self._closed or self.busy()) is not None
        self._unmeasured |= not known
        return known

    def _fit_changed(self, _: object) -> None:
        """Measure the runs that waited for the end of a training."""
        if self._unmeasured and not self.busy():
            self._unmeasured = False
            self.changed()

    def _show(self) -> None:
        """Send the runs to the page."""
        with self._lock:
            held = dict(self.runs.entries)
            lines = [
                run_row(name, each, shown=each.run is self._shown, deleted=False)
                for name, each in held.items()
            ]
            if self._deleted is not None:
                name, place, taken = self._deleted
                lines.insert(place, run_row(name, taken, shown=False, deleted=True))
            limits, said = comparison_limits(self.runs), self._said
        curves = curves_view(held)
        if curves != self.stage.run_curves:
            self.stage.show(run_curves=curves)
        self.stage.show(runs_view={"runs": lines, "limits": limits, "said": said})
