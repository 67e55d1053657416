"""A worker that does only the latest item: the drawing of a slider that is being dragged."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from cnnwidget.panel.jobs.ordered_queue import OrderedQueue

# Nobody sees more than ten drawings a second.
SECONDS_BETWEEN_DRAWINGS = 0.1

Item = TypeVar("Item")


class LatestWins(OrderedQueue[Item]):
    """A queue that forgets an item when a newer one is posted before its turn.

    Args:
        work: called with an item; it must not raise.
        pause: seconds from the start of one item to the start of the next.
    """

    def __init__(self, work: Callable[[Item], object], pause: float = 0.0) -> None:
        super().__init__(work)
        self._items = deque(maxlen=1)
        self._pause = pause

    def _do(self, item: Item) -> None:
        """Do one item and wait for the rest of the pause."""
        began = time.monotonic()
        super()._do(item)
        rest = self._pause - (time.monotonic() - began)
        if rest > 0:
            time.sleep(rest)
