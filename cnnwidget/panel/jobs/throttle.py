"""How often something is drawn while a network trains: seldom enough to cost next to nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Pace:
    """Draws at most so often, and what takes long less often still.

    When it is drawn says nothing of what is learned: the curve is the same at any pace.

    Args:
        seconds: from one drawing to the next, at least.
        share: of the time that drawing may take.

    Example:
        >>> pace = Pace(seconds=60.0, share=0.01)
        >>> pace.is_due
        True
        >>> with pace.drawing():
        ...     pass  # what is drawn
        >>> pace.is_due
        False
    """

    def __init__(self, seconds: float, share: float) -> None:
        self.seconds, self.share = seconds, share
        self._next = 0.0

    @property
    def is_due(self) -> bool:
        """Whether it may be drawn again."""
        return time.monotonic() >= self._next

    @contextmanager
    def drawing(self, seconds: float = 0.0) -> Iterator[None]:
        """Draw, and see how long it takes.

        Args:
            seconds: from this drawing to the next, at least, where that is more than usual.
        """
        began = time.monotonic()
        yield
        taken = time.monotonic() - began
        self._next = began + max(self.seconds, seconds, taken / self.share)
