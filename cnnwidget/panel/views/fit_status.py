"""The status of a training on the page, and the buttons that can be pressed."""

from __future__ import annotations

from threading import RLock
from typing import Any

from cnnwidget.panel.jobs.job import Job
from cnnwidget.panel.stage import Stage

# The buttons in each state of the training, if the design is the one that was trained.
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
    """The status of the training of a panel, with its buttons.

    Args:
        stage: where it is shown.

    Attributes:
        settings: those of the training that is shown.
        over: whether an earlier run is shown, which cannot go on.
        job: the check that runs in the place of a training, if one does.

    Example:
        >>> stage = Stage(on_op=print)
        >>> status = FitStatus(stage)
        >>> status.update(state="finished", key="a design")
        >>> stage.fit_view["can"]
        ['fit', 'continue']
        >>> status.offer("a design", "", {})  # the sliders say what was trained
        >>> stage.fit_view["can"]
        ['continue', 'restart']
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.settings: dict[str, Any] = {}
        self.over = False
        self.job: Job | None = None
        # Of the state that the panel shows: key, why it cannot be trained, and the settings.
        self._offered: tuple[str, str, dict[str, Any]] = ("", "", {})
        self._current: dict[str, Any] = {"state": "idle"}
        self._lock = RLock()
        self.update()

    @property
    def current(self) -> dict[str, Any]:
        """The view as it is now."""
        return dict(self._current)

    def offer(self, key: str, blocked: str, settings: dict[str, Any]) -> None:
        """Show whether the state of the panel can be trained.

        Args:
            key: of the state.
            blocked: why it cannot be trained; empty if it can.
            settings: of the training.
        """
        with self._lock:
            if (key, blocked, settings) != self._offered:
                self._offered = (key, blocked, settings)
                self.update()

    def update(self, **changes: Any) -> None:
        """Change parts of the view."""
        with self._lock:
            self.replace({**self._current, **changes})

    def replace(self, view: dict[str, Any]) -> None:
        """Replace the view and send it with its buttons."""
        with self._lock:
            key, blocked, settings = self._offered
            can = BUTTONS[view["state"]]
            if key != view.get("key", "") and "restart" in can:
                can = ["fit", *(each for each in can if each == "continue")]
            if self.over:
                can = [each for each in can if each != "continue"]
            keeps = KEEPS if "continue" in can and settings != self.settings else ""
            self._current = {**view, "can": can, "blocked": blocked, "keeps": keeps, "job": None}
            if self.job is not None:
                self._current |= {"can": ["stop"], "keeps": "", "job": self.job.view}
            self.stage.show(fit_view=self.current)
