"""`Job`: a check that runs in the place of a training: its progress, and its stop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from threading import RLock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # these import torch
    from cnnwidget.training.loop.events import Epoch, Step
    from cnnwidget.training.loop.training import Training

SECONDS_BETWEEN_REPORTS = 0.2


class Job:
    """The progress of a check, and whether it is asked to stop.

    Args:
        line: the text that is shown before the first report.
        on_change: called when there is something new to show.

    Attributes:
        stopping: whether a stop was asked for.
        view: what the stage shows of the job.

    Example:
        >>> job = Job("a search", lambda: None)
        >>> job.report("step 3 of 10", 0.3), job.report("step 4 of 10", 0.4)
        (True, False)
        >>> job.view["line"]
        'step 3 of 10'
    """

    def __init__(self, line: str, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._lock = RLock()
        self._training: Training | None = None
        self._reported = -math.inf
        self.stopping = False
        self.view: dict[str, Any] = {"state": "running", "line": line, "left": "", "progress": 0.0}

    def report(self, line: str, progress: float, left: str = "", *, at_once: bool = False) -> bool:
        """Show the progress, at most five times a second; return whether it was shown.

        Args:
            line: the progress in words.
            progress: from 0 to 1.
            left: the time left, in words.
            at_once: show it however soon after the last report.
        """
        now = time.monotonic()
        if not at_once and now - self._reported < SECONDS_BETWEEN_REPORTS:
            return False
        self._reported = now
        with self._lock:
            self.view = {**self.view, "line": line, "left": left, "progress": progress}
        self._on_change()
        return True

    def loop(self, training: Training) -> Iterator[Step | Epoch]:
        """Yield the events of a training, which ends early if the job is stopped."""
        with self._lock:
            self._training = training
            if self.stopping:
                training.stop()
        yield from training

    def stop(self) -> None:
        """Ask the job to stop soon; safe from any thread, any number of times."""
        with self._lock:
            self.stopping = True
            self.view = {**self.view, "state": "stopping"}
            if self._training is not None:
                self._training.stop()
        self._on_change()
