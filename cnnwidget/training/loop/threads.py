"""PyTorch's threads: what they do while they wait, how many there are, and their release.

Nothing here loads PyTorch unless it computes with it: the package imports this file at once.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cnnwidget.data.machine_limits import usable_cores

# What decides how long threads that wait go on asking, in the OpenMP of GCC, of LLVM and of Intel.
WAIT_CHOICES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "KMP_LIBRARY")
# Of GCC's, the times that they ask, some tenths of a millisecond: threads that sleep at once take
# nearly twice as long where nothing else runs, since a step of a small network has hundreds of
# short waits. Of the others, in milliseconds; these are not measured.
SHORT_WAITS = {"GOMP_SPINCOUNT": "20000", "KMP_BLOCKTIME": "1"}
# The workers may be asked for anew; OpenMP 5.0, section 3.2.44.
SOFT = 1


def let_waiting_threads_sleep() -> None:
    """Let threads of PyTorch that wait for each other sleep soon, unless somebody has chosen.

    By default they go on asking whether there is work. Beside other busy programs they then take
    the cores from the threads that they wait for, and a training of seconds may take minutes:
    `tests/benchmarks/test_busy.py` measures it. OpenMP reads the choice once, when PyTorch is
    loaded; processes that this one starts inherit it.
    """
    if "torch" not in sys.modules and not is_wait_chosen():
        os.environ |= SHORT_WAITS


def is_wait_chosen() -> bool:
    """Whether the environment says what threads do while they wait."""
    return any(name in os.environ for name in WAIT_CHOICES)


def threads_spin() -> bool:
    """Whether PyTorch was loaded before anybody chose that its threads sleep while they wait."""
    return "torch" in sys.modules and not is_wait_chosen()


def usual_threads() -> int:
    """Return the threads that PyTorch would take, but no more than the cores of this process.

    PyTorch knows the affinity, but not the share of time that a container may have: of more threads
    than that, each waits for others that are not allowed to run.
    """
    import torch

    return min(torch.get_num_threads(), usable_cores())


@contextmanager
def computing_with(threads: int) -> Iterator[None]:
    """Let PyTorch compute with so many threads within the context.

    Their number decides the order of sums, and so the last bits of a curve.
    """
    import torch

    before = torch.get_num_threads()
    if threads != before:
        torch.set_num_threads(threads)
    try:
        yield
    finally:
        if threads != before:
            torch.set_num_threads(before)


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
