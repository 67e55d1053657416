"""Baselines: forecasts that need no network, which a network has to beat.

All of them are given what the network is given: missing values are filled, as for the network.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.windows.fill_history import each_of, fill_history
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.data.windows.windows import Windows
from cnnwidget.training.metrics.means import mean_frames, median_frame, sample_of
from cnnwidget.training.metrics.rule import Rule
from cnnwidget.training.metrics.season import Season

# In the order in which they are shown.
BASELINES = (
    "persistence",
    "mean of the history",
    "linear trend",
    "median frame",
    "mean frame",
    "damped anomaly",
    "climatology",
)
OF_HISTORY = BASELINES[:3]
# Windows that the damping of anomalies is worked out from; of more, a sample.
MOST_WINDOWS = 1024
# Values that are read at a time.
VALUES_AT_ONCE = 2**20


def names_of_rules(cut: WindowCut, season: Season | None, *, with_training: bool) -> list[str]:
    """Return the names of all rules that there are for some windows, in their order.

    Args:
        cut: of the windows; a history of one frame has no trend.
        season: of the series; None is without climatology.
        with_training: whether rules may be made from training frames.
    """
    found = {*BASELINES} if with_training else {*OF_HISTORY}
    found -= {"linear trend"} if cut.pre_history_len == 1 else set()
    found -= {"climatology"} if season is None else set()
    return [name for name in BASELINES if name in found]


def rules(
    names: Collection[str],
    windows: Windows,
    season: Season | None,
    otherwise: tuple[float, ...],
    stopped: Callable[[], bool] = lambda: False,
) -> dict[str, Rule] | None:
    """Return some rules, made from the training part of windows as far as they need it.

    Args:
        names: of the rules.
        windows: scaled.
        season: of the series; None is without climatology.
        otherwise: of each target, for places of which nothing is known.
        stopped: asked before each piece that is read whether to give up.

    Returns:
        Name and rule; None where `stopped` said so.
    """
    found = rules_of_history(windows.cut)
    if not found.keys() >= {*names}:
        made = rules_of_training(windows, windows.split.train, season, otherwise, stopped)
        if made is None:
            return None
        found |= made
    return {name: found[name] for name in names}


def rules_of_history(cut: WindowCut) -> dict[str, Rule]:
    """Return the rules that need nothing but the history; a trend needs two frames.

    Example:
        >>> history = torch.tensor([1.0, 2.0]).reshape(1, 2, 1, 1)
        >>> cut = WindowCut(pre_history_len=2, forecast_len=3)
        >>> for name, rule in rules_of_history(cut).items():
        ...     print(name, rule.forecast(history).flatten().tolist())
        persistence [2.0, 2.0, 2.0]
        mean of the history [1.5, 1.5, 1.5]
        linear trend [3.0, 4.0, 5.0]
    """
    length, leads = cut.pre_history_len, cut.forecast_len
    found = {
        "persistence": Rule(torch.ones(leads, 1, 1, dtype=torch.float32)),
        "mean of the history": Rule(
            torch.full((leads, length, 1), 1 / length, dtype=torch.float32)
        ),
    }
    if length > 1:
        found["linear trend"] = Rule(trend_weights(length, leads, cut.gap))
    return found


def trend_weights(length: int, forecast_len: int, gap: int = 0) -> Tensor:
    """Return the weights that continue the line of least squares through a history.

    Args:
        length: frames of the history, two or more.
        forecast_len: frames to forecast.
        gap: frames between the last of the history and the first to forecast.

    Returns:
        (forecast_len, length, 1).

    Example:
        >>> weights = trend_weights(3, forecast_len=2, gap=1)[..., 0]
        >>> (weights @ torch.tensor([1.0, 3.0, 5.0])).round()
        tensor([ 9., 11.])
    """
    # Time counts from the middle of the history, where the line passes through the mean.
    times = torch.arange(length + gap + forecast_len, dtype=torch.float64) - (length - 1) / 2
    given, ahead = times[:length], times[length + gap :]
    weights = 1 / length + ahead[:, None] * given / given.square().sum()
    return weights[..., None].float()


def rules_of_training(
    windows: Windows,
    training: range,
    season: Season | None,
    otherwise: tuple[float, ...],
    stopped: Callable[[], bool] = lambda: False,
) -> dict[str, Rule] | None:
    """Return the rules that are worked out from training windows: constants, and damped anomalies.

    Args:
        windows: scaled.
        training: numbers of the windows that are trained on; their frames alone are read.
        season: of the series; None is without climatology.
        otherwise: of each target, for places of which nothing is known.
        stopped: asked before each piece that is read whether to give up.

    Returns:
        Name and rule; None where `stopped` said so.
    """
    mean = mean_frames(windows, training, None, otherwise, stopped)
    if mean is None:
        return None
    cycle = mean
    if season is not None:
        found_cycle = mean_frames(windows, training, season, otherwise, stopped)
        if found_cycle is None:
            return None
        cycle = found_cycle
    weights = damping(windows, training, season, cycle, otherwise)
    none = torch.zeros(windows.forecast_len, 0, 1, dtype=torch.float32)
    found = {
        "median frame": Rule(none, median_frame(windows, training, otherwise)[None]),
        "mean frame": Rule(none, mean),
        "damped anomaly": Rule(weights, cycle),
    }
    return found if season is None else found | {"climatology": Rule(none, cycle)}


def damping(
    windows: Windows,
    training: range,
    season: Season | None,
    means: Tensor,
    otherwise: tuple[float, ...],
) -> Tensor:
    """Return the share of the last anomaly that is left in the truth, at each lead time.

    That is the a of least squares in y - m = a (x - m), where x is the last frame of the history, y
    the truth, and m the mean of all frames or the climatology; damped anomaly persistence is the
    usual reference of forecasts of climate and of sea ice.

    Args:
        windows: scaled.
        training: numbers of the windows that are trained on; of many, a sample is read.
        season: of the series, where the means have phases.
        means: (phases, targets, *size).
        otherwise: of each target, for places of which nothing is known.

    Returns:
        (forecast_len, 1, targets).
    """
    numbers, leads = sample_of(training, MOST_WINDOWS), windows.forecast_len
    mean_ahead = Rule(torch.zeros(leads, 0, 1, dtype=torch.float32), means)
    sums = torch.zeros(2, leads, means.shape[1], dtype=torch.float64)
    for chosen in pieces_of(windows, numbers):
        history, phases = histories(windows, chosen, season, otherwise)
        last = history[:, -1:] - mean_at(means, phases, windows.pre_history_len - 1)
        ahead = windows.gather(chosen)[1] - mean_ahead.forecast(history, phases)
        known = torch.isfinite(ahead)
        both = torch.stack([last * ahead, (last * last).expand_as(ahead)])
        sums += torch.where(known, both, 0.0).double().flatten(4).sum((1, 4))
    products, squares = sums
    share = torch.where(squares > 0, products / torch.where(squares > 0, squares, 1.0), 0.0)
    return share[:, None].float()


def pieces_of(windows: Windows, numbers: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield the numbers of windows piece by piece, so that a piece takes little memory."""
    values = windows.cut.span * prod(windows.frames.shape_of_frame)
    step = max(1, VALUES_AT_ONCE // values)
    return (numbers[start : start + step] for start in range(0, len(numbers), step))


def mean_at(means: Tensor, phases: NDArray[np.int64] | None, step: int) -> Tensor:
    """Return the means at a step of each window: (batch or 1, 1, targets, *size)."""
    if phases is None:
        return means[None]
    return means[torch.from_numpy(phases[:, step]).clamp(max=len(means) - 1)][:, None]


def histories(
    windows: Windows,
    numbers: NDArray[np.int64] | range,
    season: Season | None,
    otherwise: tuple[float, ...],
) -> tuple[Tensor, NDArray[np.int64] | None]:
    """Return what rules are given of some windows.

    Returns:
        The targets in the histories, (batch, steps, targets, *size), nothing missing; and the
        phases of the frames of the windows, (batch, steps), None without a season.
    """
    history = windows.past_targets(numbers)
    if windows.has_gaps:
        history = fill_history(history, each_of(otherwise, history))
    return history, None if season is None else phases_of(windows, numbers, season)


def phases_of(
    windows: Windows, numbers: NDArray[np.int64] | range, season: Season
) -> NDArray[np.int64]:
    """Return the phases of all frames of windows, (batch, history + gap + forecast_len)."""
    frames = np.concatenate(windows.frame_numbers(numbers), axis=1)
    return season.phases(frames, windows.frames.labels)
