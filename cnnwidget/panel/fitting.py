"""One training at a time, in a thread of its own, told to the stage as it goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any

from cnnwidget.data.frames import Frames
from cnnwidget.design.plan import Plan
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
    "failed": ["fit"],
}


class Fitting:
    """The training that belongs to a panel.

    Args:
        stage: where it is shown.
        on_run: told the run when one has ended, however it ended.
        on_error: told a sentence when something fails.
    """

    def __init__(
        self,
        stage: Stage,
        on_run: Callable[[Run], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        self.stage, self.on_run, self.on_error = stage, on_run, on_error
        self.training: Training | None = None
        self._thread: Thread | None = None
        self._stop_asked = False
        self._lock = RLock()
        self._view: dict[str, Any] = {"state": "idle"}
        self._live: list[tuple[float, float]] = []
        # The design that was trained last, and on what.
        self.trained: tuple[Plan, Frames] | None = None
        # The key of what the sliders say now, and why that cannot be trained.
        self._offered = ("", "")
        self._told = self._pictured = 0.0
        self._shown_best: object = None
        self.tell()

    @property
    def busy(self) -> bool:
        """Whether a training is running."""
        return self._view["state"] in BUSY

    @property
    def key(self) -> str:
        """Of the design that was trained last; empty before."""
        return str(self._view.get("key", ""))

    def start(self, plan: Plan, frames: Frames, settings: dict[str, Any]) -> None:
        """Train a design from the beginning; nothing happens while another is in training."""
        with self._lock:
            if self.busy:
                return
            self.trained = (plan, frames)
            self._live, self._shown_best, self._stop_asked = [], None, False
            self._view = {}
            self.stage.show(frames_view={}, truth=b"", prediction=b"")
            self.tell(
                state="preparing",
                key=key_of(plan, frames),
                design=f"{plan.design!r} on {frames.name}",
                line="…",
            )
            self._thread = in_thread(lambda: self._work(plan, frames, settings))

    def go_on(self) -> None:
        """Train on: the rest of the budget after a stop, or the same budget once more."""
        with self._lock:
            training = self.training
            if self.busy or training is None or training.ending == "diverged":
                return
            if training.ending == "finished":
                training.extend()
            self._stop_asked = False
            self.tell(state="running", saved="", advice=[])
            self._thread = in_thread(lambda: self._loop_told(training))

    def stop(self) -> None:
        """End the training after the batch that is running; returns at once."""
        with self._lock:
            if not self.busy:
                return
            self._stop_asked = True
            if self.training is not None and self._view["state"] != "preparing":
                self.training.stop()
            self.tell(state="stopping")

    def wait(self, timeout: float | None = None) -> bool:
        """Until the training has ended; whether it has."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def offer(self, key: str, blocked: str) -> None:
        """Note what the sliders say now, and why it cannot be trained, if so."""
        with self._lock:
            if (key, blocked) != self._offered:
                self._offered = (key, blocked)
                self.tell()

    def tell(self, **changes: Any) -> None:
        """Change what is told of the training, and send it with the buttons that go with it."""
        with self._lock:
            self._view = {**self._view, **changes}
            key, blocked = self._offered
            can = BUTTONS[self._view["state"]]
            if key != self.key and "restart" in can:
                can = ["fit", *(each for each in can if each == "continue")]
            self._view |= {"can": can, "blocked": blocked}
            self.stage.show(fit_view=dict(self._view))

    def _work(self, plan: Plan, frames: Frames, settings: dict[str, Any]) -> None:
        """From nothing to a run; in the thread."""
        try:
            self.tell(line="loading PyTorch")
            from cnnwidget.training.fit import train

            with self._lock:
                self.training = training = train(plan, frames, **settings)
                if self._stop_asked:
                    training.stop()
                else:
                    self.tell(state="running", line="first batches")
        except Exception as error:  # noqa: BLE001  (a thread has nobody else to tell)
            self._failed(error)
            return
        self._loop_told(training)

    def _loop_told(self, training: Training) -> None:
        """The loop; whatever ends it, the panel says so."""
        try:
            self._loop(training)
        except Exception as error:  # noqa: BLE001
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        with self._lock:
            state = "failed" if self.training is None else "stopped"
            self.tell(state=state, line="", left="", progress=0.0)
        self.on_error(error)

    def _loop(self, training: Training) -> None:
        from cnnwidget.training.history import Step

        for event in training:
            if isinstance(event, Step):
                self._live.append((event.position, event.loss))
            now = time.monotonic()
            if now - self._told >= SECONDS_BETWEEN_CURVES:
                self._told = now
                self._show_curve(training)
            self._show_frames(training, now)
        self._show_curve(training)
        self._end(training)

    def _show_curve(self, training: Training) -> None:
        """Curves and progress as they are now."""
        self.tell(
            progress=training.progress,
            left=time_left(training),
            line=progress_line(training),
            **curve_view(training, self._live),
        )

    def _show_frames(self, training: Training, now: float) -> None:
        """Truth and prediction, not too often, and only where the best weights are new."""
        best, _ = training.kept
        pause = max(SECONDS_BETWEEN_FRAMES, len(self.stage.prediction) / BYTES_A_SECOND)
        if best is None or best is self._shown_best or now - self._pictured < pause:
            return
        self._shown_best, self._pictured = best, now
        view, truth, prediction = frames_picture(training.run, self.key)
        if view != self.stage.frames_view:
            self.stage.show(frames_view=view, truth=truth)
        self.stage.show(prediction=prediction)

    def _end(self, training: Training) -> None:
        """Skill, verdict and the last frames."""
        run = training.run
        self.tell(line="measuring the skill", left="")
        self._pictured = 0.0
        self._show_frames(training, time.monotonic())
        told = skill_view(run)
        self.on_run(run)
        with self._lock:
            self.tell(
                state=run.ending,
                progress=training.progress,
                line=progress_line(training),
                **told,
            )
