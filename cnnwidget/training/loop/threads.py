"""The worker threads that OpenMP keeps for a thread, and their release."""

from __future__ import annotations

import ctypes
import sys

# What may be asked for anew; OpenMP 5.0, section 3.2.44.
SOFT = 1


def release_workers() -> None:
    """End the worker threads of this thread; its next computation starts others.

    PyTorch computes on as many cores as there are with workers that belong to the thread that
    calls it. Once those of two threads are more than there are cores, OpenMP's barriers no longer
    wait for a moment, but put every worker to sleep, and a training of a small network takes about
    twice as long: in the panel, say, whose thread is another than that of the cells. Where OpenMP
    has no such function, or PyTorch does without OpenMP, nothing happens.

    Example:
        >>> import torch
        >>> total = torch.ones(1_000_000).sum()  # starts workers
        >>> release_workers()
        >>> torch.ones(1_000_000).sum() == total
        tensor(True)
    """
    library = sys.modules.get("torch._C")
    if library is None or library.__file__ is None:
        return
    try:
        # A library answers for those that it was linked with, too: here for PyTorch's own OpenMP.
        pause = ctypes.CDLL(library.__file__).omp_pause_resource_all
    except (OSError, AttributeError):
        return
    pause(SOFT)
