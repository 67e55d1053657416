"""Batches of windows that stay in memory; the same values to the last bit as those that are read.

Two ways: all windows put together, or all frames scaled once.
"""

from __future__ import annotations

from math import ceil, prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.argument_checks import window_numbers
from cnnwidget.data.windows.prefetch import is_mapped
from cnnwidget.data.windows.windows import Windows
from cnnwidget.design.layers.layer import FLOAT_BYTES
from cnnwidget.training.tasks.forecasting.transform import Transform
from cnnwidget.training.tasks.task_protocol import Batch

# Of the memory that a training leaves, scaled frames may take one part in so many.
SHARE = 8
# Frames that are scaled, and windows that are put together, at a time.
AT_ONCE = 64
# The most that windows may take to be put together once. A batch is then one copy of long runs
# instead of many short ones: a twentieth of a step less.
MOST_BYTES_OF_WINDOWS = 2**27


class ScaledFrames:
    """All frames, scaled once, on the device; a batch is copied from them.

    With `channels_last`, frames are (*size, steps, channels): the steps of a pixel lie side by
    side, so that those of a window are its channels in the order of memory of the network.

    Args:
        windows: of frames alone, without gaps.
        transform: which scales them.
        device: where they stay.
        channels_last: whether the channels of a pixel are to lie side by side.
    """

    def __init__(
        self, windows: Windows, transform: Transform, device: torch.device, *, channels_last: bool
    ) -> None:
        self.cut, self.count, self.channels_last = windows.cut, len(windows), channels_last
        values = torch.empty(windows.frames.values.shape, dtype=torch.float32)
        for numbers in np.array_split(np.arange(len(values)), ceil(len(values) / AT_ONCE)):
            piece = windows.contents.inputs_at(numbers[None])
            values[numbers[0] : numbers[-1] + 1] = transform.input_scaling.scale(piece)[0]
        if channels_last:
            self.frames = values.permute(2, 3, 0, 1).contiguous()
        else:
            self.frames = values.to(device)

    def __call__(self, numbers: NDArray[np.int64] | range) -> Batch:
        """Return windows by their numbers."""
        cut = self.cut
        first = (window_numbers(numbers, self.count) * cut.stride).tolist()
        history = [slice(at, at + cut.pre_history_len) for at in first]
        target = [slice(at + cut.span - cut.forecast_len, at + cut.span) for at in first]
        return Batch(self._stacked(history), self._stacked(target))

    def _stacked(self, steps: list[slice]) -> Tensor:
        """Return some frames of each window, (batch, channels, *size)."""
        if self.channels_last:
            parts = torch.stack([self.frames[:, :, each] for each in steps])
            return parts.flatten(3).movedim(3, 1)
        return torch.stack([self.frames[each] for each in steps]).flatten(1, 2)


class StackedWindows:
    """All windows of a series, put together once, each (windows, *size, channels).

    Args:
        frames: with `channels_last`.
    """

    def __init__(self, frames: ScaledFrames) -> None:
        self.count, cut = frames.count, frames.cut
        *size, _, channels = frames.frames.shape
        self.history, self.target = (
            torch.empty(self.count, *size, steps * channels, dtype=torch.float32)
            for steps in (cut.pre_history_len, cut.forecast_len)
        )
        for at in range(0, self.count, AT_ONCE):
            some = range(at, min(at + AT_ONCE, self.count))
            history, target = frames(some)
            self.history[at : some.stop] = history.movedim(1, 3)
            self.target[at : some.stop] = target.movedim(1, 3)

    def __call__(self, numbers: NDArray[np.int64] | range) -> Batch:
        """Return windows by their numbers."""
        chosen = torch.from_numpy(window_numbers(numbers, self.count))
        parts = (part.index_select(0, chosen) for part in (self.history, self.target))
        return Batch(*(part.movedim(3, 1) for part in parts))


def resident_windows(
    windows: Windows,
    transform: Transform,
    device: torch.device,
    spare: int | None,
    *,
    channels_last: bool,
) -> ScaledFrames | StackedWindows | None:
    """Return the windows as they stay in memory; None if they have to be read batch by batch.

    They stay if they are of frames alone, without gaps, and there is memory for it. Frames of a
    file that is mapped are there because they are many: on the CPU they are read ahead.

    Args:
        windows: of the frames.
        transform: which scales them.
        device: where the network is trained.
        spare: bytes that are left there; None is unknown.
        channels_last: whether the channels of a pixel are to lie side by side.
    """
    frames = windows.frames
    if windows.has_gaps or not windows.window_channels.is_plain(frames.channels):
        return None
    if device.type == "cpu" and is_mapped(frames.values):
        return None
    shape = frames.values.shape
    if spare is not None and SHARE * FLOAT_BYTES * prod(shape) > spare:
        return None
    scaled = ScaledFrames(windows, transform, device, channels_last=channels_last)
    cut = windows.cut
    values = len(windows) * (cut.pre_history_len + cut.forecast_len) * prod(shape[1:])
    most = MOST_BYTES_OF_WINDOWS if spare is None else min(MOST_BYTES_OF_WINDOWS, spare // SHARE)
    if channels_last and FLOAT_BYTES * values <= most:
        return StackedWindows(scaled)
    return scaled
