"""A thread that belongs to the notebook cell that starts it."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from threading import Thread


def in_thread(work: Callable[[], object]) -> Thread:
    """Start a daemon thread for `work` in the context of the running cell.

    Without the context ipykernel 7.0 does not know to which cell the thread's messages belong.
    """
    thread = Thread(target=contextvars.copy_context().run, args=(work,), daemon=True)
    thread.start()
    return thread
