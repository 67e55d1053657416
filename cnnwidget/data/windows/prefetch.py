"""Batches of a file on the disk, read while the batch before is learned from."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.windows.windows import Windows

Read = tuple[Tensor, ...]


def is_mapped(values: object) -> bool:
    """Whether an array lies in a file, and is read when it is looked at."""
    while values is not None:
        if isinstance(values, np.memmap):
            return True
        values = getattr(values, "base", None)
    return False


class Prefetcher:
    """Reads windows, and of a mapped file the next ones meanwhile, in a thread.

    What is read is the same with and without the thread. Frames in memory are gathered as fast as
    memory is copied: there a thread would be of no use.

    Args:
        windows: to be read.

    Example:
        >>> from cnnwidget.data.windows.windows import windows
        >>> reader = Prefetcher(windows(np.zeros((20, 8)), pre_history_len=3, forecast_len=2))
        >>> reader.read(np.array([0, 5]), following=np.array([1, 2]))[0].shape
        torch.Size([2, 3, 1, 8])
        >>> reader.close()
    """

    def __init__(self, windows: Windows) -> None:
        self.windows = windows
        read = (windows.frames.values, *windows.contents.series.values())
        self._pool = ThreadPoolExecutor(1) if any(map(is_mapped, read)) else None
        self._coming: tuple[bytes, Future[Read]] | None = None

    def read(self, numbers: NDArray[np.int64], following: NDArray[np.int64] | None) -> Read:
        """Some windows now, while others are begun to be read.

        Args:
            numbers: of the windows wanted; nothing is lost where others were expected.
            following: of those that will be wanted next; None where that is not known.

        Returns:
            What `windows.gather_all` gives.
        """
        expected, self._coming = self._coming, None
        if expected is not None and expected[0] == numbers.tobytes():
            found = expected[1].result()
        else:
            found = self.windows.gather_all(numbers)
        if self._pool is not None and following is not None:
            self._coming = (
                following.tobytes(),
                self._pool.submit(self.windows.gather_all, following),
            )
        return found

    def close(self) -> None:
        """Let go of the thread; reading goes on without one."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._coming = None
