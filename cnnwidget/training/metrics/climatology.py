"""Climatology: what the training frames show at the same phase of a period, on average."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.missing import PIECE_VALUES
from cnnwidget.data.windows.window_contents import Numbers
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.data.windows.windows import Windows


@dataclass(frozen=True, eq=False)
class Climatology:
    """A mean frame for each phase of a period.

    Attributes:
        period: frames in a cycle; the phase of a frame is its number modulo this.
        means: (phases + 1, targets, *size): of each phase from 0 on, and behind them the mean of
            all frames, which stands for the phases that are not there.

    Example:
        >>> means = torch.tensor([10.0, 20.0, 15.0]).reshape(3, 1, 1)
        >>> Climatology(period=2, means=means).of(np.array([[4, 5, 6]])).flatten()
        tensor([10., 20., 10.])
    """

    period: int
    means: Tensor

    def of(self, numbers: Numbers) -> Tensor:
        """Return the means, (B, steps, targets, *size), for the numbers of frames, (B, steps)."""
        phases = np.minimum(numbers % self.period, len(self.means) - 1)
        return self.means[torch.from_numpy(phases).to(self.means.device)]

    def scaled(self, scale: Callable[[Tensor], Tensor], device: torch.device) -> Climatology:
        """Return the climatology of scaled frames, on a device."""
        return Climatology(self.period, scale(self.means[None])[0].to(device))


def climatology_of(
    windows: Windows,
    training: range,
    period: int,
    means: Sequence[float],
    stopped: Callable[[], bool],
) -> Climatology | None:
    """Return the climatology of the targets, from the training frames and no others.

    In one pass, and with memory for a cycle. At a place where a phase has no training frame, it is
    the mean of all training frames there; where nothing is known at all, that of the variable.

    Args:
        windows: with the frames.
        training: numbers of the windows that are trained on.
        period: frames in a cycle.
        means: of each target, for places of which nothing is known.
        stopped: asked before each piece that is read whether to give up.

    Returns:
        In the data's units; None where `stopped` said so.

    Example:
        >>> import cnnwidget as cw
        >>> design = cw.EncoderDecoder(input_size=(8,), in_channels=2, out_channels=2, depth=1)
        >>> tides = np.tile([[1.0], [2.0], [6.0]], (20, 8))
        >>> training = cw.train(design, tides, epochs=1, period=3)
        >>> seen = training.data.split.train
        >>> found = climatology_of(training.data, seen, 3, [3.0], lambda: False)
        >>> found.means[:3, 0, 0]
        tensor([1., 2., 6.])
    """
    contents, gaps = windows.contents, windows.has_gaps
    numbers = frames_seen(windows.cut, training)
    shape = contents.targets_at(numbers[:1, None]).shape[2:]
    phases = min(period, int(numbers[-1]) + 1)
    found = torch.zeros(phases + 1, *shape)
    counts = torch.zeros(phases + 1, *(shape if gaps else [1] * len(shape)), dtype=torch.int32)
    step = max(1, PIECE_VALUES // shape.numel())
    for start in range(0, len(numbers), step):
        if stopped():
            return None
        piece = numbers[start : start + step]
        for number, frame in zip(piece, contents.targets_at(piece[None])[0], strict=True):
            for row in (int(number) % period, -1):
                add_to_mean(frame, found[row], counts[row], gaps=gaps)
    of_targets = torch.tensor(means, dtype=found.dtype).reshape(-1, *[1] * (len(shape) - 1))
    found[-1] = torch.where(counts[-1] > 0, found[-1], of_targets)
    for mean, count in zip(found, counts, strict=True):
        mean.copy_(torch.where(count > 0, mean, found[-1]))
    return Climatology(period, found)


def add_to_mean(frame: Tensor, mean: Tensor, count: Tensor, *, gaps: bool) -> None:
    """Add a frame, (targets, *size), to a mean of `count` frames, in place."""
    change = frame - mean
    if gaps:
        known = torch.isfinite(frame)
        change = torch.where(known, change, 0.0)
        count += known
    else:
        count += 1
    mean += change / count.clamp(min=1)


def frames_seen(cut: WindowCut, windows: range) -> NDArray[np.int64]:
    """Return the numbers of the frames in the histories and horizons of some windows, in order.

    Example:
        >>> frames_seen(WindowCut(pre_history_len=2, forecast_len=1, stride=5, gap=1), range(2))
        array([0, 1, 3, 5, 6, 8])
    """
    offsets = np.array([*cut.input_frames(0), *cut.target_frames(0)])
    first = np.arange(windows.start, windows.stop) * cut.stride
    seen = np.zeros(cut.target_frames(windows.stop - 1).stop, bool)
    for offset in offsets:
        seen[first + offset] = True
    return np.flatnonzero(seen)
