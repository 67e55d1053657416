"""One training at a time, in a thread of its own, told to the stage as it goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any

from cnnwidget.data.frames import Frames
from cnnwidget.design.planning.plan import Plan
from cnnwidget.panel.progress import (
    curve_view,
    frames_picture,
    progress_line,
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
        on_error: told what fails.
    """

    def __init__(
        self,
        stage: Stage,
        on_run: Callable[[Run], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        self.stage, self.on_run, self.on_error = stage, on_run, on_error
        self.training: Training | None = None
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
        self.tell()

    @property
    def busy(self) -> bool:
        """Whether a training is running."""
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
            training.extend()
            self.tell(state="running", saved="", advice=[])
            self._begin(lambda number: self._loop(number, training))

    def stop(self) -> None:
        """End the training after the batch that is running; returns at once."""
        with self._lock:
            if not self.busy:
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
            keeps = KEEPS if "continue" in can and settings != self._settings else ""
            self._view |= {"can": can, "blocked": blocked, "keeps": keeps}
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
                if self.busy and number == self._number:
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
        told = pictured = 0.0
        shown: object = None
        if self._stop_asked:  # between the press of Continue and here
            training.stop()
        for event in training:
            if isinstance(event, Step):
                live.append((event.position, event.loss))
            now = time.monotonic()
            if now - told >= SECONDS_BETWEEN_CURVES:
                told = now
                self._tell(number, **told_of(training, live))
            best, _ = training.kept
            pause = max(SECONDS_BETWEEN_FRAMES, len(self.stage.prediction) / BYTES_A_SECOND)
            new = best is not None and best is not shown
            if new and now - pictured >= pause and not self._stop_asked:
                shown, pictured = best, now
                self._show_frames(number, training.run)
        run = training.run
        self.on_run(run)
        # The buttons first: what is measured then can be waited for, or not.
        self._tell(number, **told_of(training, live) | {"state": run.ending, "left": ""})
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
        **curve_view(training, live),
    }
