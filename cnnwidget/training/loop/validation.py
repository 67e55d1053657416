"""Losses over the validation windows: of the network, and of all baselines in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from cnnwidget.training.metrics.baselines import baselines_of
from cnnwidget.training.metrics.climatology import climatology_of

if TYPE_CHECKING:
    from cnnwidget.training.loop.training import Training


class Stopped(Exception):  # noqa: N818  (an answer, caught by the loop)
    """A stop was asked for in the midst of a validation."""


def mean_losses(
    training: Training,
    forecasts: Callable[[Tensor, range], Iterable[Tensor]],
    stopped: Callable[[], bool],
) -> list[float]:
    """The mean losses of forecasts over the validation windows, or else the training ones.

    All of them in one pass, so that the windows are read and scaled once.

    Args:
        training: with the windows, the loss, and the network, which is in eval mode from here on.
        forecasts: what makes them, one or more, of what the network is handed of some windows and
            of the numbers of these.
        stopped: asked before each batch of windows whether to give up.

    Returns:
        A loss for each forecast.

    Raises:
        Stopped: where `stopped` says so.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> training = cw.train(design, frames, epochs=1, loss="l1")
        >>> both = lambda history, _: (history[:, -1:], history[:, -1:] + 1.0)
        >>> persistence, brighter = mean_losses(training, both, lambda: False)
        >>> persistence < brighter
        True
    """
    numbers = training.split.validation or training.split.train
    size = training.recipe.batch_size
    totals: list[float] = []
    training.net.eval()
    with torch.no_grad():
        for start in range(0, len(numbers), size):
            if stopped():
                raise Stopped
            chosen = numbers[start : start + size]
            history, target = training.loader.batch(chosen)
            found = [training.loss(each, target) for each in forecasts(history, chosen)]
            losses = torch.stack(found).tolist()  # a GPU is waited for once
            totals = totals or [0.0] * len(losses)
            both = zip(totals, losses, strict=True)
            totals = [total + loss * len(chosen) for total, loss in both]
    return [total / len(numbers) for total in totals]


def baseline_losses(training: Training, stopped: Callable[[], bool]) -> dict[str, float]:
    """The losses of the baselines, on the windows that the network's is told of.

    Climatology is one where frames are held out: of those it is made from it knows the truth.

    Args:
        training: which may have some of them already.
        stopped: asked before each batch of windows whether to give up.

    Returns:
        Name and loss of those that it does not have.

    Raises:
        Stopped: where `stopped` says so.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> training = cw.train(design, frames, epochs=1)
        >>> training.baselines["persistence"] = 0.1
        >>> list(baseline_losses(training, lambda: False))
        ['mean of the history', 'linear trend']
    """
    windows, split, transform = training.windows, training.split, training.transform
    climatology, period, known = None, training.recipe.period, training.baselines
    if period is not None and split.validation and "climatology" not in known:
        climatology = climatology_of(windows, split.train, period, transform, stopped)
        if climatology is None:
            raise Stopped
        climatology = climatology.scaled(transform.told, training.device)
    everyone = baselines_of(windows.cut, climatology)
    missing = {name: each for name, each in everyone.items() if name not in known}
    if not missing:
        return {}

    def forecasts(history: Tensor, chosen: range) -> Iterable[Tensor]:
        frames = transform.targets_in(history, windows.pre_history_len)
        if frames is None:  # the network is not given what it is to tell
            before = transform.known_targets(windows.past_targets(chosen))
            frames = transform.told.scale(before.to(training.device))
        return (baseline(frames, chosen).flatten(1, 2) for baseline in missing.values())

    losses = mean_losses(training, forecasts, stopped)
    return dict(zip(missing, losses, strict=True))
