"""Examples of a mapped file, read in a thread before the training asks for them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

ReadTensors = tuple[Tensor, ...]


def is_mapped(values: object) -> bool:
    """Whether an array lies in a file that is read when its values are used."""
    while values is not None:
        if isinstance(values, np.memmap):
            return True
        values = getattr(values, "base", None)
    return False


class Prefetcher:
    """Reads examples, and the next ones at the same time in a thread, if that is of use.

    The result is the same with and without the thread. Frames in memory need no thread: reading
    them is copying memory.

    Args:
        read: returns examples by their numbers.
        ahead: whether to read the next ones in a thread.

    Example:
        >>> from cnnwidget.data.windows.windows import windows
        >>> pairs = windows(np.zeros((20, 8)), pre_history_len=3, forecast_len=2)
        >>> reader = Prefetcher(pairs.gather_all, ahead=True)
        >>> reader.read(np.array([0, 5]), following=np.array([1, 2]))[0].shape
        torch.Size([2, 3, 1, 8])
        >>> reader.close()
    """

    def __init__(self, read: Callable[[NDArray[np.int64]], ReadTensors], *, ahead: bool) -> None:
        self._read = read
        self._pool = ThreadPoolExecutor(1) if ahead else None
        # The examples that are being read, as bytes of their numbers, and the result to come.
        self._expected: tuple[bytes, Future[ReadTensors]] | None = None

    def read(self, numbers: NDArray[np.int64], following: NDArray[np.int64] | None) -> ReadTensors:
        """Return some examples, and start to read the following ones.

        Args:
            numbers: of the examples to return; they need not be the ones announced before.
            following: numbers of the examples that will be asked for next; None if unknown.
        """
        expected, self._expected = self._expected, None
        if expected is not None and expected[0] == numbers.tobytes():
            batch = expected[1].result()
        else:
            batch = self._read(numbers)
        if self._pool is not None and following is not None:
            self._expected = (following.tobytes(), self._pool.submit(self._read, following))
        return batch

    def close(self) -> None:
        """End the thread; `read` works on without it."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._expected = None
