"""One training at a time, in a thread of its own, told to the stage as it goes."""

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
    """Another training has begun: what is left to tell of this one nobody wants."""


class Fitting:
    """The training that belongs to a panel.

    What is pressed comes from any thread; each training tells of itself from a thread of its own,
    and a number says which of them still may.

    Args:
        stage: where it is shown.
        on_run: told the run when one has ended, however it ended.
        on_measured: told training and run once that is measured, or never will be here.
        on_error: told what fails.
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
        self._ended: Run | None = None  # what that came to
        # The design that is or was trained, or is shown as if it were, and on what.
        self.trained: tuple[Plan, Frames] | None = None
        self.view = FitStatus(stage)
        self._lock = RLock()
        self._thread: Thread | None = None
        self._number = 0
        self._stop_asked = False

    @property
    def busy(self) -> bool:
        """Whether a training is running, or something in its place."""
        return self.view.job is not None or self.trains

    @property
    def trains(self) -> bool:
        """Whether a training is running whose curve is shown."""
        return self.view.current["state"] in BUSY

    def start(self, plan: Plan, frames: Frames, settings: dict[str, Any]) -> None:
        """Train a design from the beginning; nothing happens while another is in training."""
        with self._lock:
            if self.busy:
                return
            former = self.view.current
            self.view.update(state="preparing", line="loading PyTorch", left="", progress=0.0)
            self._begin(lambda number: self._prepare(number, plan, frames, settings, former))

    def go_on(self) -> None:
        """Train on: the rest of the budget after a stop, or the same budget once more."""
        with self._lock:
            training = self.training
            if self.busy or training is None or training.ending == "diverged" or self.view.over:
                return
            training.extend()
            self.view.update(state="running", saved="", advice=[])
            self._begin(lambda number: self._loop(number, training))

    def show_run(
        self, run: Run, plan: Plan, frames: Frames | None, settings: dict[str, Any]
    ) -> None:
        """Show a run of earlier as if it had just ended; nothing happens during a training.

        Args:
            run: the run.
            plan: of its design.
            frames: what it was trained on; None where that is not there any more.
            settings: as it was trained with.
        """
        with self._lock:
            if self.busy:
                return
            self.view.over, self.view.settings = run is not self._ended, settings
            self.trained = None if frames is None else (plan, frames)
            told = {"state": run.ending, "line": run_line(run), **run_curves(run)}
            if frames is not None:
                told |= about(plan, frames)
            self.stage.show(frames_view={}, truth=b"", prediction=b"")
            self.view.replace(told)
            self._begin(lambda number: self._come_out(number, run))

    def run_job(self, what: str, work: Callable[[Job], None]) -> bool:
        """Do something else in the place of a training; the last one stays as it is.

        Args:
            what: to be told while it is running.
            work: done in the thread of a training, once that has measured the last one.

        Returns:
            Whether there was nothing else running.
        """
        with self._lock:
            if self.busy:
                return False
            before = self._thread
            job = self.view.job = Job(what, self.view.update)
            self.view.update()
            self._thread = in_thread(lambda: self._do(job, before, work))
            return True

    def _do(self, job: Job, before: Thread | None, work: Callable[[Job], None]) -> None:
        """The thread of what is done in the place of a training."""
        try:
            if before is not None:
                before.join()
            if not job.stopping:
                work(job)
        except Exception as error:  # noqa: BLE001  (a thread has nobody else to tell)
            self.on_error(error)
        finally:
            with self._lock:
                self.view.job = None
                self.view.update()

    def stop(self) -> None:
        """End the training after the batch that is running; returns at once."""
        with self._lock:
            if self.view.job is not None:
                self.view.job.stop()
            if not self.trains:
                return
            self._stop_asked = True
            if self.training is not None:
                self.training.stop()
            told = self.view.current
            loading = told["state"] == "preparing"
            line = "stopping, once PyTorch is loaded" if loading else told.get("line", "")
            self.view.update(state="stopping", line=line)

    def wait(self, timeout: float | None = None) -> bool:
        """Until the training has ended and is measured; whether it is."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def _begin(self, work: Callable[[int], None]) -> None:
        """Some work in the thread of a training; what still tells of an older one is overtaken."""
        self._number += 1
        self._stop_asked = False
        number = self._number
        self._thread = in_thread(lambda: self._guarded(number, work))

    def _guarded(self, number: int, work: Callable[[int], None]) -> None:
        """The thread: whatever ends the work, the panel says so."""
        try:
            work(number)
        except Superseded:
            pass
        except Exception as error:  # noqa: BLE001  (a thread has nobody else to tell)
            self.on_error(error)
            with self._lock:
                if self.trains and number == self._number:
                    self.view.update(state="stopped", line="", left="")

    def _tell(self, number: int, **changes: Any) -> None:
        """As `tell`, while this training is the one that is told of."""
        with self._lock:
            if number != self._number:
                raise Superseded
            self.view.update(**changes)

    def _prepare(
        self,
        number: int,
        plan: Plan,
        frames: Frames,
        settings: dict[str, Any],
        former: dict[str, Any],
    ) -> None:
        """From nothing to a training; if that cannot be, all is as it was before."""
        try:
            from cnnwidget.training.fit import train

            training = train(plan, frames, **settings)
        except Exception:
            self.view.replace(former)
            raise
        with self._lock:
            self.training, self.trained = training, (plan, frames)
            self.view.over, self.view.settings = False, settings
            if self._stop_asked:
                training.stop()
            self.stage.show(frames_view={}, truth=b"", prediction=b"")
            state = "stopping" if self._stop_asked else "running"
            self.view.replace({"state": state, **about(plan, frames)})
        self._loop(number, training)

    def _loop(self, number: int, training: Training) -> None:
        """The loop of a training, and what it comes to."""
        from cnnwidget.training.loop.history import Step

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
                    self._tell(number, **training_view(training, live))
            best, _ = training.kept
            new = best is not None and best is not shown
            if new and frames.is_due and not self._stop_asked:
                shown = best
                with frames.drawing(len(self.stage.prediction) / BYTES_A_SECOND):
                    self._show_frames(number, training.run)
        run = self._ended = training.run
        self.on_run(run)
        try:
            # The buttons first: what is measured then can be waited for, or not.
            self._tell(number, **training_view(training, live) | {"state": run.ending, "left": ""})
            self._come_out(number, run)
        finally:
            self.on_measured(training, run)

    def _come_out(self, number: int, run: Run) -> None:
        """What a run has come to: its forecast and its skill, where it holds what they take."""
        if run.windows is None and run.measured is None:
            return
        if run.windows is not None and not run.make_up.has_series:
            self._show_frames(number, run)
        self._tell(number, left="measuring the skill")
        measured = run.measured_unless(lambda: number != self._number)
        if measured is not None:
            self._tell(number, left="", **skill_view(run))

    def _show_frames(self, number: int, run: Run) -> None:
        """Truth and prediction with the best weights."""
        view, truth, prediction = frames_picture(run, self.view.current.get("key", ""))
        with self._lock:
            if number != self._number:
                raise Superseded
            if view != self.stage.frames_view:
                self.stage.show(frames_view=view, truth=truth)
            self.stage.show(prediction=prediction)


def about(plan: Plan, frames: Frames) -> dict[str, str]:
    """Which design is told of, and on what."""
    return {"key": key_of(plan, frames), "design": f"{plan.design!r} on {frames.name}"}
