"""The checks of a panel: find a learning rate, overfit one batch, sweep a setting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cnnwidget.data.frames import Frames
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.plan import Plan
from cnnwidget.panel.controls.check_controls import CheckControls
from cnnwidget.panel.controls.training_controls import TrainingControls
from cnnwidget.panel.jobs.job import Job
from cnnwidget.panel.jobs.training_job import TrainingJob
from cnnwidget.panel.stage import Stage
from cnnwidget.panel.views.check_view import batch_view, rate_view, sweep_view
from cnnwidget.panel.views.training_view import progress_line, time_left
from cnnwidget.training.loop.memory_check import NotEnoughMemory
from cnnwidget.training.runs.collection import Runs

if TYPE_CHECKING:  # these import torch, which is not loaded before the first check
    from cnnwidget.training.checks.sweep import Trial
    from cnnwidget.training.runs.run import Run

# Design, data and settings of a training.
Given = tuple[Plan, Frames, dict[str, Any]]


class CheckJobs:
    """The checks of a panel. Each runs in the place of a training and leaves the last one as it is.

    Args:
        stage: where they are shown.
        training_job: the trainings of the panel.
        settings: the controls of the training.
        controls: the controls of the checks.
        runs: the collection that gets the runs of a sweep.
    """

    def __init__(
        self,
        stage: Stage,
        training_job: TrainingJob,
        settings: TrainingControls,
        controls: CheckControls,
        runs: Runs,
    ) -> None:
        self.stage, self.training_job, self.settings = stage, training_job, settings
        self.controls, self.runs = controls, runs
        self._views: dict[str, dict[str, Any]] = {}
        self._number = 0  # of the check that was begun last
        # Field and value that the button under a result sets, by the check.
        self._proposals: dict[str, tuple[str, Any]] = {}
        stage.observe(self._fit_changed, "fit_view")

    def start(self, check: str, plan: Plan, frames: Frames, settings: dict[str, Any]) -> None:
        """Begin a check, unless something is running.

        Args:
            check: `rate`, `batch` or `sweep`.
            plan: of the design.
            frames: what it is trained on.
            settings: of the training.

        Raises:
            CnnwidgetError: if what a sweep is to try cannot be read.
        """
        given = (plan, frames, settings)
        if check == "rate":
            self.training_job.run_job("Learning rate", lambda job: self._find(job, given))
        elif check == "batch":
            self.training_job.run_job("One batch", lambda job: self._overfit(job, given))
        elif check == "sweep":
            field, values = self.controls.sweep_request
            asked = (plan, frames, settings | self.controls.budget.arguments)
            self.training_job.run_job("Sweep", lambda job: self._sweep(job, asked, field, values))

    def proposal_of(self, check: object) -> tuple[str, Any] | None:
        """Return the field and the value that a result proposes; None if it proposes none."""
        return self._proposals.get(check) if isinstance(check, str) else None

    def use(self, field: str, value: Any) -> None:
        """Set the control of a setting of the training."""
        self.settings.show(field, value)

    def _fit_changed(self, change: dict[str, Any]) -> None:
        """Switch the buttons off while something runs, or if the design cannot be trained."""
        view = change["new"]
        self.controls.enable(usable="stop" not in view["can"] and not view["blocked"])

    def _begin(self, check: str, given: Given) -> None:
        """Bring a check to the front, without its last result."""
        plan, frames, _ = given
        self._number += 1
        self._proposals.pop(check, None)
        about = f"{plan.design!r} on {frames.name}"
        self._views[check] = {"about": about, "use": "", "sentence": ""}
        self._show(check)

    def _show(self, check: str, **changes: Any) -> None:
        """Change what is shown of a check."""
        self._views[check] = {**self._views[check], **changes}
        self.stage.show(checks_view={"number": self._number, "front": check, **self._views})

    def _offer(self, check: str, field: str, value: Any) -> str:
        """Propose a value; return the text of the button that sets it."""
        self._proposals[check] = (field, value)
        return f"use {field}={value:g}" if isinstance(value, float) else f"use {field}={value!r}"

    def _find(self, job: Job, given: Given) -> None:
        """Find a learning rate."""
        job.report("loading PyTorch", 0.0, at_once=True)
        from cnnwidget.training.checks.find_lr import STEPS, LearningRates, range_test

        plan, frames, settings = given
        points: list[tuple[float, float]] = []
        for point in range_test(plan, frames, **settings):
            if not points:
                self._begin("rate", given)
            points.append(point)
            line = f"Learning rate: {point[0]:.2g}, loss {point[1]:.3g}"
            if job.report(line, len(points) / STEPS):
                self._show("rate", **rate_view(points, None))
            if job.stopping:
                break
        if job.stopping:
            said = "Stopped before the end: no proposal."
            self._show("rate", **rate_view(points, None), sentence=said)
            return
        found = LearningRates.from_points(points)
        use = self._offer("rate", "lr", found.suggestion) if found.learns else ""
        self._show("rate", **rate_view(points, found), use=use)

    def _overfit(self, job: Job, given: Given) -> None:
        """Overfit one batch."""
        job.report("loading PyTorch", 0.0, at_once=True)
        from cnnwidget.training.checks.overfit import Overfitted, one_batch_training

        plan, frames, settings = given
        own = settings | {"epochs": None, "seconds": None, "schedule": "constant"}
        training = one_batch_training(plan, frames, **own)
        self._begin("batch", given)
        for _ in job.loop(training):
            if not training.history:
                continue
            line = (
                f"One batch: step {len(training.history)} · loss {training.history[-1].train:.3g}"
            )
            if job.report(line, training.progress, time_left(training)):
                self._show("batch", **batch_view(training.history, None))
        found = Overfitted.from_run(training.run)
        self._show("batch", **batch_view(found.run.history, found))

    def _sweep(self, job: Job, given: Given, field: str, values: list[Any]) -> None:
        """Train each value of a field for a while."""
        job.report("loading PyTorch", 0.0, at_once=True)
        from cnnwidget.training.checks.sweep import trials

        plan, frames, settings = given
        with smaller_batch_offered(field):
            found = trials(plan, frames, field, values, **settings)
            self._begin("sweep", given)
            self._train_each(job, given, field, found)

    def _train_each(self, job: Job, given: Given, field: str, found: list[Trial]) -> None:
        """Train the values of a sweep one after the other and compare those that are done."""
        done: dict[str, tuple[Trial, Run]] = {}
        names = [trial.name for trial in found]
        self._show("sweep", **sweep_view(field, names, None, last=False))
        try:
            for number, trial in enumerate(found):
                run = self._run_of(job, trial, number, len(found))
                if run.history:
                    self.runs.add(run, trial.name, keep=False)
                if job.stopping:
                    break
                done[trial.name] = (trial, run)
                self._compare(given, field, names, done, last=False)
        finally:
            self._compare(given, field, names, done, last=True)

    def _run_of(self, job: Job, trial: Trial, number: int, count: int) -> Run:
        """Train one value and return its run, measured."""
        begun = f"{number + 1} of {count}: {trial.name}"
        job.report(begun, number / count, at_once=True)
        training = trial.begin()
        for _ in job.loop(training):
            line = f"{begun} · {progress_line(training)}"
            left = time_left(training, further=count - number - 1)
            job.report(line, (number + training.progress) / count, left)
        run = training.run
        if run.best is not None:
            run.measured_unless(lambda: job.stopping)
        return run

    def _compare(
        self,
        given: Given,
        field: str,
        names: list[str],
        done: dict[str, tuple[Trial, Run]],
        *,
        last: bool,
    ) -> None:
        """Show the comparison of the values that are done."""
        from cnnwidget.training.runs.compare_runs import compare

        if not done:
            self._show("sweep", sentence="Stopped before one value was trained to the end.")
            return
        found = compare({name: run for name, (_, run) in done.items()})
        use = ""
        if last and found.best is not None and len(done) > 1:
            trial, _ = done[found.best]
            if not same(trial, field, given):
                use = self._offer("sweep", field, trial.value)
        self._show("sweep", **sweep_view(field, names, found, last=last), use=use)


@contextmanager
def smaller_batch_offered(field: str) -> Iterator[None]:
    """Let a sweep that runs out of memory offer a smaller batch, unless batch sizes are swept.

    The batch is small enough for the value that was refused; another value may need one that is
    smaller still.

    Raises:
        NotEnoughMemory: as a sweep raises it.
        CnnwidgetError: in its place if batch sizes are swept.
    """
    try:
        yield
    except NotEnoughMemory as error:
        if field == "batch_size":
            raise CnnwidgetError(str(error)) from error
        raise


def same(trial: Trial, field: str, given: Given) -> bool:
    """Whether a trial has the value from before the sweep."""
    plan, _, settings = given
    if field in settings:
        return bool(trial.value == settings[field])
    return trial.plan.rows == plan.rows
