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
from cnnwidget.training.metrics.baselines import phases_of
from cnnwidget.training.metrics.reference import Reference
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
        windows: of frames alone, scaled, without gaps.
        reference: which the network adds to; None is none.
        device: where they stay.
        channels_last: whether the channels of a pixel are to lie side by side.
    """

    def __init__(
        self,
        windows: Windows,
        reference: Reference | None,
        device: torch.device,
        *,
        channels_last: bool,
    ) -> None:
        self.windows, self.channels_last = windows, channels_last
        self.season = None if reference is None else reference.season
        self.rule = None if reference is None else reference.rule.to(device)
        values = torch.empty(windows.frames.values.shape, dtype=torch.float32)
        for numbers in np.array_split(np.arange(len(values)), ceil(len(values) / AT_ONCE)):
            values[numbers[0] : numbers[-1] + 1] = windows.contents.inputs_at(numbers[None])[0]
        if channels_last:
            self.frames = values.permute(2, 3, 0, 1).contiguous()
        else:
            self.frames = values.to(device)

    def __call__(self, numbers: NDArray[np.int64] | range) -> Batch:
        """Return windows by their numbers."""
        cut = self.windows.cut
        first = (window_numbers(numbers, len(self.windows)) * cut.stride).tolist()
        history = self._stacked([slice(at, at + cut.pre_history_len) for at in first])
        target = self._stacked(
            [slice(at + cut.span - cut.forecast_len, at + cut.span) for at in first]
        )
        return Batch(history, target, self._reference(history, numbers))

    def _stacked(self, steps: list[slice]) -> Tensor:
        """Return some frames of each window, (batch, channels, *size)."""
        if self.channels_last:
            parts = torch.stack([self.frames[:, :, each] for each in steps])
            return parts.flatten(3).movedim(3, 1)
        return torch.stack([self.frames[each] for each in steps]).flatten(1, 2)

    def _reference(self, history: Tensor, numbers: NDArray[np.int64] | range) -> Tensor | None:
        """Return the reference of each window, (batch, channels, *size)."""
        if self.rule is None:
            return None
        size = history.shape[2:]
        steps = history.reshape(len(history), self.windows.pre_history_len, -1, *size)
        phases = None if self.season is None else phases_of(self.windows, numbers, self.season)
        reference = self.rule.forecast(steps, phases).flatten(1, 2)
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        return reference.contiguous(memory_format=layout)


class StackedWindows:
    """All windows of a series, put together once, each (windows, *size, channels).

    Args:
        frames: with `channels_last`.
    """

    def __init__(self, frames: ScaledFrames) -> None:
        self.count, cut = len(frames.windows), frames.windows.cut
        *size, _, channels = frames.frames.shape
        steps = [cut.pre_history_len, cut.forecast_len]
        steps += [] if frames.rule is None else [cut.forecast_len]
        self.parts = [
            torch.empty(self.count, *size, each * channels, dtype=torch.float32) for each in steps
        ]
        for at in range(0, self.count, AT_ONCE):
            some = range(at, min(at + AT_ONCE, self.count))
            for part, values in zip(self.parts, frames(some), strict=False):
                assert values is not None
                part[at : some.stop] = values.movedim(1, 3)

    def __call__(self, numbers: NDArray[np.int64] | range) -> Batch:
        """Return windows by their numbers."""
        chosen = torch.from_numpy(window_numbers(numbers, self.count))
        return Batch(*(part.index_select(0, chosen).movedim(3, 1) for part in self.parts))


def resident_windows(
    windows: Windows,
    reference: Reference | None,
    device: torch.device,
    spare: int | None,
    *,
    channels_last: bool,
) -> ScaledFrames | StackedWindows | None:
    """Return the windows as they stay in memory; None if they have to be read batch by batch.

    They stay if they are of frames alone, without gaps, and there is memory for it. Frames of a
    file that is mapped are there because they are many: on the CPU they are read ahead.

    Args:
        windows: of the frames, scaled.
        reference: which the network adds to; None is none.
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
    scaled = ScaledFrames(windows, reference, device, channels_last=channels_last)
    cut = windows.cut
    steps = cut.pre_history_len + cut.forecast_len * (1 if reference is None else 2)
    values = len(windows) * steps * prod(shape[1:])
    most = MOST_BYTES_OF_WINDOWS if spare is None else min(MOST_BYTES_OF_WINDOWS, spare // SHARE)
    if channels_last and FLOAT_BYTES * values <= most:
        return StackedWindows(scaled)
    return scaled
