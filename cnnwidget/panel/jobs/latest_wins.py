"""Threads of the panel: the drawing that only the latest wish gets, and operations in order.

Callbacks of widgets run in the main thread with some kernels and in a thread of the kernel's own
with others; so they only note what is wanted, and the threads here do it. Each thread ends when
there is nothing left to do: a panel that is not touched has none.
"""

from __future__ import annotations

import contextvars
import time
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from typing import Generic, TypeVar

# More than ten pictures a second nobody sees.
SECONDS_BETWEEN_DRAWINGS = 0.1

Job = TypeVar("Job")


def in_thread(work: Callable[[], object]) -> Thread:
    """Start some work in a thread that belongs to the cell it is started from.

    Without the context ipykernel 7.0 cannot tell which cell the thread's messages go to.
    """
    thread = Thread(target=contextvars.copy_context().run, args=(work,), daemon=True)
    thread.start()
    return thread


class Queue(Generic[Job]):
    """Jobs done one after the other in a thread of their own.

    Args:
        work: what to do with a job; it must not raise.
        latest_only: forget the jobs that were overtaken before their turn came.
        pause: seconds from the beginning of a job to that of the next.
    """

    def __init__(
        self, work: Callable[[Job], object], *, latest_only: bool = False, pause: float = 0.0
    ) -> None:
        self._work, self._pause = work, pause
        self._jobs: deque[Job] = deque(maxlen=1 if latest_only else None)
        self._idle = True
        self._changed = Condition()

    def post(self, job: Job) -> None:
        """Have a job done soon; returns at once."""
        with self._changed:
            self._jobs.append(job)
            if not self._idle:
                return
            self._idle = False
        in_thread(self._run)

    def wait(self, timeout: float = 60.0) -> bool:
        """Until there is nothing left to do; whether that came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._idle, timeout)

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._jobs:
                    self._idle = True
                    self._changed.notify_all()
                    return
                job = self._jobs.popleft()
            began = time.monotonic()
            self._work(job)
            rest = self._pause - (time.monotonic() - began)
            if rest > 0:
                time.sleep(rest)
