"""What is done in the place of a training: a check, or several quick fits."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from threading import RLock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # torch comes with these
    from cnnwidget.training.loop.history import Epoch, Step
    from cnnwidget.training.loop.training import Training

SECONDS_BETWEEN_TELLINGS = 0.2


class Aside:
    """How far something is that has a training's place, and whether it is to stop.

    Args:
        line: what it is, until it tells more.
        on_change: called when there is something new to show.

    Attributes:
        stopping: whether a stop was asked for.
        view: what the stage shows of it.

    Example:
        >>> aside = Aside("a search", lambda: None)
        >>> aside.tell("step 3 of 10", 0.3), aside.tell("step 4 of 10", 0.4)
        (True, False)
        >>> aside.view["line"]
        'step 3 of 10'
    """

    def __init__(self, line: str, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._lock = RLock()
        self._training: Training | None = None
        self._told = -math.inf
        self.stopping = False
        self.view: dict[str, Any] = {"state": "running", "line": line, "left": "", "progress": 0.0}

    def tell(self, line: str, progress: float, left: str = "", *, at_once: bool = False) -> bool:
        """Say how far it is, at most five times a second; whether it was said.

        Args:
            line: in words.
            progress: from 0 to 1.
            left: how long it will take yet, in words.
            at_once: say it in any case.
        """
        now = time.monotonic()
        if not at_once and now - self._told < SECONDS_BETWEEN_TELLINGS:
            return False
        self._told = now
        with self._lock:
            self.view = {**self.view, "line": line, "left": left, "progress": progress}
        self._on_change()
        return True

    def loop(self, training: Training) -> Iterator[Step | Epoch]:
        """Loop over a training that a stop ends, too."""
        with self._lock:
            self._training = training
            if self.stopping:
                training.stop()
        yield from training

    def stop(self) -> None:
        """End it soon; from any thread, however often."""
        with self._lock:
            self.stopping = True
            self.view = {**self.view, "state": "stopping"}
            if self._training is not None:
                self._training.stop()
        self._on_change()
