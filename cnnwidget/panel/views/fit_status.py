"""What the page is told of a training, and what can be pressed there."""

from __future__ import annotations

from threading import RLock
from typing import Any

from cnnwidget.panel.jobs.job import Job
from cnnwidget.panel.stage import Stage

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


class FitStatus:
    """What is told of the training of a panel, with the buttons that go with it.

    Args:
        stage: where it is shown.

    Attributes:
        settings: what the training that is told of was given.
        over: whether it is a run of earlier, which cannot go on.
        job: what is done in the place of a training, if something is.

    Example:
        >>> stage = Stage(on_op=print)
        >>> view = FitStatus(stage)
        >>> view.update(state="finished", key="a design")
        >>> stage.fit_view["can"]
        ['fit', 'continue']
        >>> view.offer("a design", "", {})  # the sliders say what was trained
        >>> stage.fit_view["can"]
        ['continue', 'restart']
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.settings: dict[str, Any] = {}
        self.over = False
        self.job: Job | None = None
        # What the sliders say now: key, why that cannot be trained, and the settings.
        self._offered: tuple[str, str, dict[str, Any]] = ("", "", {})
        self._current: dict[str, Any] = {"state": "idle"}
        self._lock = RLock()
        self.update()

    @property
    def current(self) -> dict[str, Any]:
        """All that is told now."""
        return dict(self._current)

    def offer(self, key: str, blocked: str, settings: dict[str, Any]) -> None:
        """Note what the sliders say now, and why it cannot be trained, if so."""
        with self._lock:
            if (key, blocked, settings) != self._offered:
                self._offered = (key, blocked, settings)
                self.update()

    def update(self, **changes: Any) -> None:
        """Change what is told, and send it with the buttons that go with it."""
        with self._lock:
            self.replace({**self._current, **changes})

    def replace(self, told: dict[str, Any]) -> None:
        """Tell this, and nothing of what was told before."""
        with self._lock:
            key, blocked, settings = self._offered
            can = BUTTONS[told["state"]]
            if key != told.get("key", "") and "restart" in can:
                can = ["fit", *(each for each in can if each == "continue")]
            if self.over:
                can = [each for each in can if each != "continue"]
            keeps = KEEPS if "continue" in can and settings != self.settings else ""
            self._current = {**told, "can": can, "blocked": blocked, "keeps": keeps, "aside": None}
            if self.job is not None:
                self._current |= {"can": ["stop"], "keeps": "", "aside": self.job.view}
            self.stage.show(fit_view=self.current)
