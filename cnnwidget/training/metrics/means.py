"""Mean and median of the training frames: over all of them, or at each phase of a season."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.missing import PIECE_VALUES
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.data.windows.windows import Windows
from cnnwidget.training.metrics.season import Season

# The values of which a median is taken at most: of longer series, a sample of the frames.
MEDIAN_VALUES, LEAST_FRAMES = 2**22, 32
# The mean of a day of the year is that of so many days before and after it, too: of single days
# there are as many as years.
DAYS_ASIDE = 15


def mean_frames(
    windows: Windows,
    training: range,
    season: Season | None,
    otherwise: Sequence[float],
    stopped: Callable[[], bool] = lambda: False,
) -> Tensor | None:
    """Return the mean of the training frames at each phase of a season: the climatology.

    In one pass, and with memory for a cycle. At a place where a phase has no training frame, it is
    the mean of all training frames there; where nothing is known at all, that of the variable.

    Args:
        windows: with the frames.
        training: numbers of the windows that are trained on; their frames alone are read.
        season: of the series; None is one mean of all.
        otherwise: of each target, for places of which nothing is known.
        stopped: asked before each piece that is read whether to give up.

    Returns:
        (phases, targets, *size); None where `stopped` said so. Of a cycle that is longer than the
        training part, the last is the mean of all frames, for the phases that are not there.

    Example:
        >>> from cnnwidget.data.windows.windows import windows
        >>> tides = windows(np.tile([[1.0], [2.0], [6.0]], (20, 8)), pre_history_len=2,
        ...                 forecast_len=2)
        >>> mean_frames(tides, tides.split.train, Season("frame", 3), [3.0])[:, 0, 0]
        tensor([1., 2., 6.])
    """
    contents, gaps = windows.contents, windows.has_gaps
    numbers = frames_seen(windows.cut, training)
    phases = np.zeros(len(numbers), np.int64)
    if season is not None:
        phases = season.phases(numbers, windows.frames.labels)
    shape = contents.targets_at(numbers[:1, None]).shape[2:]
    rows = 1 if season is None else 1 + min(season.count, int(numbers[-1]) + 1)
    found = torch.zeros(rows, *shape, dtype=torch.float32)
    counts = torch.zeros(rows, *(shape if gaps else [1] * len(shape)), dtype=torch.int32)
    step = max(1, PIECE_VALUES // shape.numel())
    for start in range(0, len(numbers), step):
        if stopped():
            return None
        piece = slice(start, start + step)
        frames = contents.targets_at(numbers[None, piece])[0]
        for phase, frame in zip(phases[piece], frames, strict=True):
            add_to_mean(frame, found[-1], counts[-1], gaps=gaps)
            if season is not None:
                add_to_mean(frame, found[phase], counts[phase], gaps=gaps)
    of_targets = torch.tensor(otherwise, dtype=found.dtype).reshape(-1, *[1] * (len(shape) - 1))
    of_all = torch.where(counts[-1] > 0, found[-1], of_targets)
    if season is None:
        return of_all[None]
    means, counts = found[:-1], counts[:-1]
    if season.kind == "day of the year":
        means, counts = smoothed(means, counts, DAYS_ASIDE)
    means = torch.where(counts > 0, means, of_all)
    return means if len(means) == season.count else torch.cat([means, of_all[None]])


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


def smoothed(means: Tensor, counts: Tensor, aside: int) -> tuple[Tensor, Tensor]:
    """Return means over several phases of a cycle, and the frames in each.

    Args:
        means: (phases, ...).
        counts: the frames of each, which broadcasts with it.
        aside: phases before and after each that count as well.
    """
    total, count = torch.zeros_like(means), torch.zeros_like(counts)
    for shift in range(-aside, aside + 1):
        own = counts.roll(shift, 0)
        total += means.roll(shift, 0) * own
        count += own
    return total / count.clamp(min=1), count


def median_frame(windows: Windows, training: range, otherwise: Sequence[float]) -> Tensor:
    """Return the median of the training frames at each place: the best constant in absolute error.

    Args:
        windows: with the frames.
        training: numbers of the windows that are trained on; their frames alone are read, of a long
            series a sample.
        otherwise: of each target, for places of which nothing is known.

    Returns:
        (targets, *size).
    """
    numbers = frames_seen(windows.cut, training)
    of_frame = windows.contents.targets_at(numbers[:1, None]).numel()
    chosen = sample_of(numbers, max(LEAST_FRAMES, MEDIAN_VALUES // of_frame))
    pieces = np.array_split(chosen, -(-len(chosen) * of_frame // PIECE_VALUES))
    frames = np.concatenate(
        [windows.contents.targets_at(piece[None])[0].numpy() for piece in pieces if len(piece)]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # places of which nothing is known
        median = np.nanmedian(frames, axis=0) if windows.has_gaps else np.median(frames, axis=0)
    found = torch.from_numpy(median)
    of_targets = torch.tensor(otherwise, dtype=found.dtype)
    return torch.where(found.isfinite(), found, of_targets.reshape(-1, *[1] * (found.dim() - 1)))


def sample_of(numbers: NDArray[np.int64] | range, most: int) -> NDArray[np.int64]:
    """Return numbers, of many a random sample in their order, which repeats.

    At random, because every tenth frame of a season might be of the same phase.
    """
    every = np.asarray(numbers)
    if len(every) <= most:
        return every
    return np.sort(np.random.default_rng(0).choice(every, most, replace=False))


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
