"""`Throttle`: how often something is drawn during a training, so that it costs next to nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Throttle:
    """A limit on how often something is drawn; slow drawings are drawn less often.

    The times of drawing have no influence on what is learned: the curve is the same without them.

    Args:
        seconds: from one drawing to the next, at least.
        share: of the time that drawing may take, from 0 to 1.

    Example:
        >>> throttle = Throttle(seconds=60.0, share=0.01)
        >>> throttle.is_due
        True
        >>> with throttle.drawing():
        ...     pass  # draw
        >>> throttle.is_due
        False
    """

    def __init__(self, seconds: float, share: float) -> None:
        self.seconds, self.share = seconds, share
        self._next = 0.0

    @property
    def is_due(self) -> bool:
        """Whether the next drawing may begin."""
        return time.monotonic() >= self._next

    @contextmanager
    def drawing(self, seconds: float = 0.0) -> Iterator[None]:
        """Measure the drawing inside the `with` block and set when the next one is due.

        Args:
            seconds: until the next drawing, at least, where that is more than usual.
        """
        began = time.monotonic()
        yield
        taken = time.monotonic() - began
        self._next = began + max(self.seconds, seconds, taken / self.share)
