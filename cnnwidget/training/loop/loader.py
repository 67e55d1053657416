"""Batches on the device where the network learns."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.windows.prefetch import Prefetcher
from cnnwidget.training.tasks.task_protocol import Batch, TaskExamples


class Loader:
    """Examples as batches on a device, in the order of memory of the network.

    Where a task can keep its examples in memory, a batch is one copy. Else each batch is read,
    scaled and sent by itself; of a mapped file the next one is read meanwhile. The values are the
    same to the last bit.

    Args:
        examples: of a task.
        device: where the network is trained.
        spare: bytes that are left there besides what the training takes; None is unknown.

    Attributes:
        channels_last: whether the channels of a pixel lie side by side.
        resident: the batches that stay in memory; None if each is read.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> training = cw.train(design, frames, epochs=1)
        >>> loader = Loader(training.examples, torch.device("cpu"))
        >>> [part.shape for part in loader.batch(range(5))]
        [torch.Size([5, 2, 8, 8]), torch.Size([5, 1, 8, 8]), torch.Size([5, 1, 8, 8])]
    """

    def __init__(
        self, examples: TaskExamples, device: torch.device, spare: int | None = None
    ) -> None:
        self.examples, self.device = examples, device
        # A rule for all networks of two axes, whatever is faster for one of them: the order in
        # memory decides the order of sums, and so the curve.
        self.channels_last = len(examples.size) == 2 and device.type == "cpu"
        self.resident = examples.resident(device, spare, channels_last=self.channels_last)
        self._prefetcher: Prefetcher | None = None

    def batch(
        self, numbers: NDArray[np.int64] | range, following: NDArray[np.int64] | None = None
    ) -> Batch:
        """Return some examples.

        Args:
            numbers: of the examples.
            following: of those that will be wanted next; None is unknown.
        """
        if self.resident is not None:
            return self.resident(numbers)
        if self._prefetcher is None:
            self._prefetcher = Prefetcher(self.examples.read, ahead=self.examples.reads_ahead)
        parts = self._prefetcher.read(np.asarray(numbers), following)
        return self.in_order(self.examples.batch(parts, self.device))

    def in_order(self, batch: Batch) -> Batch:
        """Return a batch in the order of memory that the weights of the network have."""
        if not self.channels_last:
            return batch
        parts = (None if part is None else self._channels_last(part) for part in batch)
        return Batch(*parts)  # type: ignore[arg-type]

    @staticmethod
    def _channels_last(values: Tensor) -> Tensor:
        """Return frames with the channels of a pixel side by side; other values as they are."""
        if values.dim() != 4:
            return values
        return values.contiguous(memory_format=torch.channels_last)

    def close(self) -> None:
        """Close what reads ahead; it comes back with the next batch."""
        if self._prefetcher is not None:
            self._prefetcher.close()
            self._prefetcher = None
