"""A worker that does every item that is posted, in order.

Some kernels run the callbacks of widgets in the main thread, others in a thread of their own. So a
callback only posts what is asked for, and a worker does it. The thread of a worker ends when its
queue is empty: a panel that nobody touches has no thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Condition
from typing import Generic, TypeVar

from cnnwidget.panel.jobs.cell_thread import in_thread

Item = TypeVar("Item")


class OrderedQueue(Generic[Item]):
    """A queue whose items are done one after the other, in a thread of its own.

    Args:
        work: called with each item; it must not raise.

    Example:
        >>> done = []
        >>> queue = OrderedQueue(done.append)
        >>> queue.post(1), queue.post(2), queue.wait()
        (None, None, True)
        >>> done
        [1, 2]
    """

    def __init__(self, work: Callable[[Item], object]) -> None:
        self._work = work
        self._items: deque[Item] = deque()
        self._idle = True
        self._changed = Condition()

    def post(self, item: Item) -> None:
        """Add an item to the queue; return at once."""
        with self._changed:
            self._items.append(item)
            if not self._idle:
                return
            self._idle = False
        in_thread(self._run)

    def wait(self, timeout: float = 60.0) -> bool:
        """Wait until the queue is empty and its last item is done; return whether it is.

        Args:
            timeout: seconds to wait at most.
        """
        with self._changed:
            return self._changed.wait_for(lambda: self._idle, timeout)

    def _run(self) -> None:
        """Do all items; the thread ends here."""
        while True:
            with self._changed:
                if not self._items:
                    self._idle = True
                    self._changed.notify_all()
                    return
                item = self._items.popleft()
            self._do(item)

    def _do(self, item: Item) -> None:
        """Do one item."""
        self._work(item)
