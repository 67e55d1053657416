"""One training at a time, in a thread of its own, told to the stage as it goes."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any

from cnnwidget.data.frames import Frames
from cnnwidget.design.planning.plan import Plan
from cnnwidget.panel.aside import Aside
from cnnwidget.panel.pace import Pace
from cnnwidget.panel.progress import (
    curve_view,
    frames_picture,
    progress_line,
    run_curves,
    run_line,
    skill_view,
    time_left,
)
from cnnwidget.panel.stage import Stage
from cnnwidget.panel.views import key_of
from cnnwidget.panel.worker import in_thread

if TYPE_CHECKING:  # torch comes with these, and not before the first fit
    from cnnwidget.training.run import Run
    from cnnwidget.training.training import Training

# More pictures a second nobody sees, and each takes time from training.
SECONDS_BETWEEN_CURVES = 0.2
SECONDS_BETWEEN_FRAMES = 1.0
SHARE_OF_CURVES, SHARE_OF_FRAMES = 0.01, 0.015
# What the server lets through to a page, with room for everything else.
BYTES_A_SECOND = 400_000

BUSY = {"preparing", "running", "stopping"}
# What can be pressed in each state with the design that was trained.
BUTTONS = {
    "idle": ["fit"],
    "preparing": ["stop"],
    "running": ["stop"],
    "stopping": ["stop"],
    "stopped": ["continue", "restart"],
    "finished": ["continue", "restart"],
    "diverged": ["restart"],
}
KEEPS = "Continue keeps the settings that the training began with; Restart takes the new ones."


class Overtaken(Exception):  # noqa: N818  (an answer, caught by the thread)
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
        # What that came to, and a run of earlier that is shown in its stead.
        self._ended: Run | None = None
        self._earlier: Run | None = None
        # The design that is or was trained, on what, and how.
        self.trained: tuple[Plan, Frames] | None = None
        self._settings: dict[str, Any] = {}
        # What the sliders say now: key, why that cannot be trained, and the settings.
        self._offered: tuple[str, str, dict[str, Any]] = ("", "", {})
        self._lock = RLock()
        self._thread: Thread | None = None
        self._number = 0
        self._stop_asked = False
        self._view: dict[str, Any] = {"state": "idle"}
        self._aside: Aside | None = None
        self.tell()

    @property
    def busy(self) -> bool:
        """Whether a training is running, or something in its place."""
        return self._aside is not None or self.trains

    @property
    def trains(self) -> bool:
        """Whether a training is running whose curve is shown."""
        return self._view["state"] in BUSY

    @property
    def key(self) -> str:
        """Of the design and the data that were trained last; empty before."""
        return str(self._view.get("key", ""))

    def start(self, plan: Plan, frames: Frames, settings: dict[str, Any]) -> None:
        """Train a design from the beginning; nothing happens while another is in training."""
        with self._lock:
            if self.busy:
                return
            former = dict(self._view)
            self.tell(state="preparing", line="loading PyTorch", left="", progress=0.0)
            self._begin(lambda number: self._prepare(number, plan, frames, settings, former))

    def go_on(self) -> None:
        """Train on: the rest of the budget after a stop, or the same budget once more."""
        with self._lock:
            training = self.training
            if self.busy or training is None or training.ending == "diverged":
                return
            if self._earlier is not None:  # that training is over
                return
            training.extend()
            self.tell(state="running", saved="", advice=[])
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
            self._earlier = None if run is self._ended else run
            self.trained = None if frames is None else (plan, frames)
            self._settings = settings
            self._view = {"state": run.ending, "line": run_line(run), **run_curves(run)}
            if frames is not None:
                design = f"{plan.design!r} on {frames.name}"
                self._view |= {"key": key_of(plan, frames), "design": design}
            self.stage.show(frames_view={}, truth=b"", prediction=b"")
            self.tell()
            self._begin(lambda number: self._come_out(number, run))

    def in_place(self, what: str, work: Callable[[Aside], None]) -> bool:
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
            aside = self._aside = Aside(what, self.tell)
            self.tell()
            self._thread = in_thread(lambda: self._do(aside, before, work))
            return True

    def _do(self, aside: Aside, before: Thread | None, work: Callable[[Aside], None]) -> None:
        """The thread of what is done in the place of a training."""
        try:
            if before is not None:
                before.join()
            if not aside.stopping:
                work(aside)
        except Exception as error:  # noqa: BLE001  (a thread has nobody else to tell)
            self.on_error(error)
        finally:
            with self._lock:
                self._aside = None
                self.tell()

    def stop(self) -> None:
        """End the training after the batch that is running; returns at once."""
        with self._lock:
            if self._aside is not None:
                self._aside.stop()
            if not self.trains:
                return
            self._stop_asked = True
            if self.training is not None:
                self.training.stop()
            loading = self._view["state"] == "preparing"
            line = "stopping, once PyTorch is loaded" if loading else self._view.get("line", "")
            self.tell(state="stopping", line=line)

    def wait(self, timeout: float | None = None) -> bool:
        """Until the training has ended and is measured; whether it is."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def offer(self, key: str, blocked: str, settings: dict[str, Any]) -> None:
        """Note what the sliders say now, and why it cannot be trained, if so."""
        with self._lock:
            if (key, blocked, settings) != self._offered:
                self._offered = (key, blocked, settings)
                self.tell()

    def tell(self, **changes: Any) -> None:
        """Change what is told of the training, and send it with the buttons that go with it."""
        with self._lock:
            self._view = {**self._view, **changes}
            key, blocked, settings = self._offered
            can = BUTTONS[self._view["state"]]
            if key != self.key and "restart" in can:
                can = ["fit", *(each for each in can if each == "continue")]
            if self._earlier is not None:
                can = [each for each in can if each != "continue"]
            keeps = KEEPS if "continue" in can and settings != self._settings else ""
            self._view |= {"can": can, "blocked": blocked, "keeps": keeps, "aside": None}
            if self._aside is not None:
                self._view |= {"can": ["stop"], "keeps": "", "aside": self._aside.view}
            self.stage.show(fit_view=dict(self._view))

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
        except Overtaken:
            pass
        except Exception as error:  # noqa: BLE001  (a thread has nobody else to tell)
            self.on_error(error)
            with self._lock:
                if self.trains and number == self._number:
                    self.tell(state="stopped", line="", left="")

    def _tell(self, number: int, **changes: Any) -> None:
        """As `tell`, while this training is the one that is told of."""
        with self._lock:
            if number != self._number:
                raise Overtaken
            if self._view["state"] == "stopping" and changes.get("state") == "running":
                del changes["state"]
            self.tell(**changes)

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
            with self._lock:
                self._view = former
                self.tell()
            raise
        with self._lock:
            self.training, self.trained, self._settings = training, (plan, frames), settings
            self._earlier = None
            if self._stop_asked:
                training.stop()
            self._view = {"state": self._view["state"]}
            self.stage.show(frames_view={}, truth=b"", prediction=b"")
            design = f"{plan.design!r} on {frames.name}"
            self._tell(number, state="running", key=key_of(plan, frames), design=design)
        self._loop(number, training)

    def _loop(self, number: int, training: Training) -> None:
        """The loop of a training, and what it comes to."""
        from cnnwidget.training.history import Step

        live: list[tuple[float, float]] = []
        curves = Pace(SECONDS_BETWEEN_CURVES, SHARE_OF_CURVES)
        frames = Pace(SECONDS_BETWEEN_FRAMES, SHARE_OF_FRAMES)
        shown: object = None
        if self._stop_asked:  # between the press of Continue and here
            training.stop()
        for event in training:
            if isinstance(event, Step):
                live.append((event.position, event.loss))
            if curves.is_due:
                with curves.drawing():
                    self._tell(number, **told_of(training, live))
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
            self._tell(number, **told_of(training, live) | {"state": run.ending, "left": ""})
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
        view, truth, prediction = frames_picture(run, self.key)
        with self._lock:
            if number != self._number:
                raise Overtaken
            if view != self.stage.frames_view:
                self.stage.show(frames_view=view, truth=truth)
            self.stage.show(prediction=prediction)


def told_of(training: Training, live: list[tuple[float, float]]) -> dict[str, Any]:
    """Curves and progress as they are now."""
    return {
        "progress": training.progress,
        "left": time_left(training),
        "line": progress_line(training),
        **curve_view(training, training.kept[0], live),
    }
