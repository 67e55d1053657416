"""Windows of a mapped file, read in a thread before the training asks for them."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.windows.windows import Windows

Batch = tuple[Tensor, ...]


def is_mapped(values: object) -> bool:
    """Whether an array lies in a file that is read when its values are used."""
    while values is not None:
        if isinstance(values, np.memmap):
            return True
        values = getattr(values, "base", None)
    return False


class Prefetcher:
    """Reads windows; of a mapped file, it reads the next ones at the same time in a thread.

    The result is the same with and without the thread. Frames in memory need no thread: reading
    them is copying memory.

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
        # The windows that are being read, as bytes of their numbers, and the result to come.
        self._expected: tuple[bytes, Future[Batch]] | None = None

    def read(self, numbers: NDArray[np.int64], following: NDArray[np.int64] | None) -> Batch:
        """Return some windows, and start to read the following ones.

        Args:
            numbers: of the windows to return; they need not be the ones announced before.
            following: numbers of the windows that will be asked for next; None if unknown.

        Returns:
            What `windows.gather_all` returns.
        """
        expected, self._expected = self._expected, None
        if expected is not None and expected[0] == numbers.tobytes():
            batch = expected[1].result()
        else:
            batch = self.windows.gather_all(numbers)
        if self._pool is not None and following is not None:
            self._expected = (
                following.tobytes(),
                self._pool.submit(self.windows.gather_all, following),
            )
        return batch

    def close(self) -> None:
        """End the thread; `read` works on without it."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._expected = None
