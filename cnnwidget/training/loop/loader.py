"""What a network learns from, batch by batch, on the device where it learns."""

from __future__ import annotations

from math import ceil, prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.checks import window_numbers
from cnnwidget.data.windows.prefetch import Prefetcher, is_mapped
from cnnwidget.data.windows.windows import Pair, Windows
from cnnwidget.training.tasks.transform import Transform

# Of the memory that a training leaves, scaled frames may take one part in so many.
SHARE = 8
BYTES_A_VALUE = 4
# Frames that are read from a file, and windows that are put together, at a time.
AT_ONCE = 64
# Windows that take no more than this are put together once: a batch is then one copy of long runs
# instead of many short ones, a twentieth of a step less.
MOST_BYTES_OF_WINDOWS = 2**27


class Loader:
    """Windows as (history, target), scaled, on a device, in the order of memory of the network.

    Where windows are of frames alone, without gaps, and there is room, the frames are scaled once
    and stay on the device; a batch is then one copy. Where the pixels are to lie side by side and
    the windows are few, it is these that stay. Else each batch is read, scaled and sent by itself,
    of a mapped file the next one meanwhile. What comes out is the same to the last bit.

    Args:
        windows: of the frames.
        transform: what the network is handed of them.
        device: where it is trained.
        spare: bytes that are left there besides what the training takes; None where nobody says.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> training = cw.train(design, frames, epochs=1)
        >>> feed = Loader(training.windows, training.transform, torch.device("cpu"))
        >>> [part.shape for part in feed.batch(range(5))]
        [torch.Size([5, 2, 8, 8]), torch.Size([5, 1, 8, 8])]
    """

    def __init__(
        self, windows: Windows, transform: Transform, device: torch.device, spare: int | None = None
    ) -> None:
        self.windows, self.transform, self.device = windows, transform, device
        # A rule for all networks of two axes, whatever is faster for one of them: the order in
        # memory decides the order of sums, and so the curve.
        self.channels_last = len(windows.frames.size) == 2 and device.type == "cpu"
        self.frames: Tensor | None = self._scaled_once() if self._can_stay(spare) else None
        self.whole: Pair | None = None
        if self.frames is not None and self._are_few(spare):
            self.whole, self.frames = self._put_together(self.frames), None
        self._reader: Prefetcher | None = None

    def batch(
        self, numbers: NDArray[np.int64] | range, following: NDArray[np.int64] | None = None
    ) -> Pair:
        """What the network is handed and what it is to tell, each (batch, channels, *size).

        Args:
            numbers: of the windows.
            following: of those that will be wanted next; None where that is not known.
        """
        if self.whole is not None:
            chosen = torch.from_numpy(window_numbers(numbers, len(self.windows)))
            history, target = (part.index_select(0, chosen) for part in self.whole)
            return history.movedim(3, 1), target.movedim(3, 1)
        if self.frames is not None:
            return self._gathered(self.frames, numbers)
        if self._reader is None:
            self._reader = Prefetcher(self.windows)
        x, y, *ahead = self._reader.read(np.asarray(numbers), following)
        if self.windows.has_gaps:
            x = self.transform.known(x)
        history = self.transform.history(*(part.to(self.device) for part in (x, *ahead)))
        return self.in_order(history), self.in_order(self.transform.target(y.to(self.device)))

    def in_order(self, values: Tensor) -> Tensor:
        """In the order of memory that the network's weights have."""
        if self.channels_last:
            return values.contiguous(memory_format=torch.channels_last)
        return values

    def close(self) -> None:
        """Let go of what reads ahead; it comes back with the next batch."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _can_stay(self, spare: int | None) -> bool:
        """Whether the frames can be scaled once, and there is room for them."""
        windows, frames = self.windows, self.windows.frames
        if windows.has_gaps or not windows.make_up.is_plain(frames.channels):
            return False
        if self.device.type == "cpu" and is_mapped(frames.values):
            return False  # they lie in a file because there are many, and are read ahead
        return spare is None or SHARE * BYTES_A_VALUE * prod(frames.values.shape) <= spare

    def _are_few(self, spare: int | None) -> bool:
        """Whether the windows are so few that they can stay as they are wanted."""
        cut, shape = self.windows.cut, self.windows.frames.values.shape
        values = len(self.windows) * (cut.pre_history_len + cut.forecast_len) * prod(shape[1:])
        most = (
            MOST_BYTES_OF_WINDOWS if spare is None else min(MOST_BYTES_OF_WINDOWS, spare // SHARE)
        )
        return self.channels_last and BYTES_A_VALUE * values <= most

    def _put_together(self, frames: Tensor) -> Pair:
        """All windows of frames that stay, each (windows, *size, channels)."""
        count, cut = len(self.windows), self.windows.cut
        *size, _, channels = frames.shape
        history, target = (
            torch.empty(count, *size, steps * channels, dtype=torch.float32)
            for steps in (cut.pre_history_len, cut.forecast_len)
        )
        for at in range(0, count, AT_ONCE):
            some = range(at, min(at + AT_ONCE, count))
            given, told = self._gathered(frames, some)
            history[at : some.stop] = given.movedim(1, 3)
            target[at : some.stop] = told.movedim(1, 3)
        return history, target

    def _scaled_once(self) -> Tensor:
        """All frames, scaled: (steps, channels, *size), or with pixels first, channels last.

        With the steps of a pixel side by side, those of a window are its channels as they are to
        lie in memory: there is nothing to put in order once they are copied.
        """
        values = torch.empty(self.windows.frames.values.shape, dtype=torch.float32)
        for numbers in np.array_split(np.arange(len(values)), ceil(len(values) / AT_ONCE)):
            piece = self.windows.contents.inputs_at(numbers[None])
            values[numbers[0] : numbers[-1] + 1] = self.transform.given.scale(piece)[0]
        if self.channels_last:
            return values.permute(2, 3, 0, 1).contiguous()
        return values.to(self.device)

    def _gathered(self, frames: Tensor, numbers: NDArray[np.int64] | range) -> Pair:
        """Windows of frames that stay, by their numbers."""
        cut = self.windows.cut
        first = (window_numbers(numbers, len(self.windows)) * cut.stride).tolist()
        history = [slice(at, at + cut.pre_history_len) for at in first]
        target = [slice(at + cut.span - cut.forecast_len, at + cut.span) for at in first]
        if self.channels_last:
            return self._stacked_last(frames, history), self._stacked_last(frames, target)
        return tuple(  # type: ignore[return-value]
            torch.stack([frames[each] for each in steps]).flatten(1, 2)
            for steps in (history, target)
        )

    @staticmethod
    def _stacked_last(frames: Tensor, steps: list[slice]) -> Tensor:
        """Of frames with pixels first: (batch, channels, *size), the channels side by side."""
        return torch.stack([frames[:, :, each] for each in steps]).flatten(3).movedim(3, 1)
