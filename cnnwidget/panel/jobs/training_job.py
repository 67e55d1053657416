"""One training at a time, in a thread of its own, shown on the stage as it goes."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any

from cnnwidget.data.frames import Frames
from cnnwidget.design.planning.plan import Plan
from cnnwidget.panel.jobs.cell_thread import in_thread
from cnnwidget.panel.jobs.job import Job
from cnnwidget.panel.jobs.throttle import Throttle
from cnnwidget.panel.stage import Stage
from cnnwidget.panel.state.state import key_of
from cnnwidget.panel.views.fit_status import FitStatus
from cnnwidget.panel.views.training_view import (
    frames_picture,
    run_curves,
    run_line,
    skill_view,
    training_view,
)

if TYPE_CHECKING:  # torch comes with these, and not before the first fit
    from cnnwidget.training.loop.training import Training
    from cnnwidget.training.runs.run import Run

# More pictures a second nobody sees, and each takes time from training.
SECONDS_BETWEEN_CURVES = 0.2
SECONDS_BETWEEN_FRAMES = 1.0
SHARE_OF_CURVES, SHARE_OF_FRAMES = 0.01, 0.015
# What the server lets through to a page, with room for everything else.
BYTES_A_SECOND = 400_000

BUSY = {"preparing", "running", "stopping"}


class Superseded(Exception):  # noqa: N818  (an answer, caught by the thread)
    """Another training has begun, so that the rest of this one is not shown."""


class TrainingJob:
    """The training that belongs to a panel.

    Buttons are pressed in any thread. Each training shows its progress from its own thread, as long
    as its number is the latest.

    Args:
        stage: where it is shown.
        on_run: called with the run when one has ended, for whatever reason.
        on_measured: called with training and run once that is measured, or cannot be.
        on_error: called with an error of the thread.
    """

    def __init__(
        self,
        stage: Stage,
        on_run: Callable[[Run], None],
        on_measured: Callable[[Training, Run], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        self.stage, self.on_run, self.on_error = stage, on_run, on_error
        self.on_measured = on_measured
        self.training: Training | None = None
        self._ended: Run | None = None  # of the last training that has ended
        # The design that is or was trained, or is shown as if it were, and on what.
        self.trained: tuple[Plan, Frames] | None = None
        self.status = FitStatus(stage)
        self._lock = RLock()
        self._thread: Thread | None = None
        self._number = 0
        self._stop_asked = False

    @property
    def busy(self) -> bool:
        """Whether a training is running, or something in its place."""
        return self.status.job is not None or self.trains

    @property
    def trains(self) -> bool:
        """Whether a training is running whose curve is shown."""
        return self.status.current["state"] in BUSY

    def start(self, plan: Plan, frames: Frames, settings: dict[str, Any]) -> None:
        """Train a design from the beginning; nothing happens while another is in training."""
        with self._lock:
            if self.busy:
                return
            former = self.status.current
            self.status.update(state="preparing", line="loading PyTorch", left="", progress=0.0)
            self._begin(lambda number: self._prepare(number, plan, frames, settings, former))

    def go_on(self) -> None:
        """Go on: with the rest of the budget after a stop, or with the same budget once more."""
        with self._lock:
            training = self.training
            if self.busy or training is None or training.ending == "diverged" or self.status.over:
                return
            training.extend()
            self.status.update(state="running", saved="", findings=[])
            self._begin(lambda number: self._loop(number, training))

    def show_run(
        self, run: Run, plan: Plan, frames: Frames | None, settings: dict[str, Any]
    ) -> None:
        """Show an earlier run as if it had just ended; nothing happens during a training.

        Args:
            run: the run.
            plan: of its design.
            frames: what it was trained on; None where that is not there any more.
            settings: as it was trained with.
        """
        with self._lock:
            if self.busy:
                return
            self.status.over, self.status.settings = run is not self._ended, settings
            self.trained = None if frames is None else (plan, frames)
            view = {"state": run.ending, "line": run_line(run), **run_curves(run)}
            if frames is not None:
                view |= about(plan, frames)
            self._show_no_frames()
            self.status.replace(view)
            self._begin(lambda number: self._come_out(number, run))

    def run_job(self, what: str, work: Callable[[Job], None]) -> bool:
        """Do something else in the place of a training; the last one stays as it is.

        Args:
            what: shown while it is running.
            work: done in the thread of a training, once that has measured the last one.

        Returns:
            Whether there was nothing else running.
        """
        with self._lock:
            if self.busy:
                return False
            before = self._thread
            job = self.status.job = Job(what, self.status.update)
            self.status.update()
            self._thread = in_thread(lambda: self._do(job, before, work))
            return True

    def _do(self, job: Job, before: Thread | None, work: Callable[[Job], None]) -> None:
        """Do the work in the place of a training; in a thread."""
        try:
            if before is not None:
                before.join()
            if not job.stopping:
                work(job)
        except Exception as error:  # noqa: BLE001  (a thread has nobody to raise to)
            self.on_error(error)
        finally:
            with self._lock:
                self.status.job = None
                self.status.update()

    def stop(self) -> None:
        """End the training after the batch that is running; return at once."""
        with self._lock:
            if self.status.job is not None:
                self.status.job.stop()
            if not self.trains:
                return
            self._stop_asked = True
            if self.training is not None:
                self.training.stop()
            shown = self.status.current
            loading = shown["state"] == "preparing"
            line = "stopping, once PyTorch is loaded" if loading else shown.get("line", "")
            self.status.update(state="stopping", line=line)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the training has ended and is measured; return whether it is."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def _begin(self, work: Callable[[int], None]) -> None:
        """Begin some work in the thread of a training; an older one is not shown any more."""
        self._number += 1
        self._stop_asked = False
        number = self._number
        self._thread = in_thread(lambda: self._guarded(number, work))

    def _guarded(self, number: int, work: Callable[[int], None]) -> None:
        """Do the work of a thread, and show whatever ends it."""
        try:
            work(number)
        except Superseded:
            pass
        except Exception as error:  # noqa: BLE001  (a thread has nobody to raise to)
            self.on_error(error)
            with self._lock:
                if self.trains and number == self._number:
                    self.status.update(state="stopped", line="", left="")

    def _show(self, number: int, **changes: Any) -> None:
        """Show changes, while this training is the one that is shown."""
        with self._lock:
            if number != self._number:
                raise Superseded
            self.status.update(**changes)

    def _prepare(
        self,
        number: int,
        plan: Plan,
        frames: Frames,
        settings: dict[str, Any],
        former: dict[str, Any],
    ) -> None:
        """Make a training and loop over it; if there can be none, all is shown as before."""
        try:
            from cnnwidget.training.fit import train

            training = train(plan, frames, **settings)
        except Exception:
            self.status.replace(former)
            raise
        with self._lock:
            self.training, self.trained = training, (plan, frames)
            self.status.over, self.status.settings = False, settings
            if self._stop_asked:
                training.stop()
            self._show_no_frames()
            state = "stopping" if self._stop_asked else "running"
            self.status.replace({"state": state, **about(plan, frames)})
        self._loop(number, training)

    def _loop(self, number: int, training: Training) -> None:
        """Loop over a training, and show its run."""
        from cnnwidget.training.loop.events import Step

        live: list[tuple[float, float]] = []
        curves = Throttle(SECONDS_BETWEEN_CURVES, SHARE_OF_CURVES)
        frames = Throttle(SECONDS_BETWEEN_FRAMES, SHARE_OF_FRAMES)
        shown: object = None
        if self._stop_asked:  # between the press of Continue and here
            training.stop()
        for event in training:
            if isinstance(event, Step):
                live.append((event.position, event.loss))
            if curves.is_due:
                with curves.drawing():
                    self._show(number, **training_view(training, live))
            best, _ = training.best
            new = best is not None and best is not shown
            if new and frames.is_due and not self._stop_asked:
                shown = best
                with frames.drawing(len(self.stage.prediction) / BYTES_A_SECOND):
                    self._show_frames(number, training.run)
        run = self._ended = training.run
        self.on_run(run)
        try:
            # The buttons first: what is measured then can be waited for, or not.
            self._show(number, **training_view(training, live) | {"state": run.ending, "left": ""})
            self._come_out(number, run)
        finally:
            self.on_measured(training, run)

    def _come_out(self, number: int, run: Run) -> None:
        """Show the pictures and the skill of a run, if it has data or metrics."""
        if run.data is None and run.measured is None:
            return
        if run.data is not None:
            self._show_frames(number, run)
        self._show(number, left="measuring the skill")
        measured = run.measured_unless(lambda: number != self._number)
        if measured is not None:
            self._show(number, left="", **skill_view(run))

    def _show_frames(self, number: int, run: Run) -> None:
        """Show truth and prediction with the best weights, if the task has pictures."""
        picture = frames_picture(run, self.status.current.get("key", ""))
        if picture is None:
            return
        with self._lock:
            if number != self._number:
                raise Superseded
            if picture.view != self.stage.frames_view:
                self.stage.show(
                    frames_view=picture.view,
                    truth=picture.truth,
                    further_pictures=picture.further,
                )
            self.stage.show(prediction=picture.prediction)

    def _show_no_frames(self) -> None:
        self.stage.show(frames_view={}, truth=b"", prediction=b"", further_pictures=b"")


def about(plan: Plan, frames: Frames) -> dict[str, str]:
    """Return the design that is trained, and its data, in words."""
    return {"key": key_of(plan, frames), "design": f"{plan.design!r} on {frames.name}"}
