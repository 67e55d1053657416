"""Losses over the validation examples: of the network, and of all baselines in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from cnnwidget.training.tasks.task_protocol import Batch

if TYPE_CHECKING:
    from cnnwidget.training.loop.training import Training


class Stopped(Exception):  # noqa: N818  (an answer, caught by the loop)
    """A stop was asked for during a validation."""


def mean_losses(
    training: Training,
    predictions: Callable[[Batch, range], Iterable[Tensor]],
    stopped: Callable[[], bool],
) -> list[float]:
    """Return the mean losses of predictions over the validation examples.

    Over the training examples, if none are held out. All in one pass, so that the examples are read
    and scaled once.

    Args:
        training: with the examples, and the network, which is in eval mode from here on.
        predictions: one or more, of a batch and the numbers of its examples.
        stopped: asked before each batch whether to give up.

    Returns:
        A loss for each prediction.

    Raises:
        Stopped: if `stopped` says so.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> training = cw.train(design, frames, epochs=1, loss="l1")
        >>> both = lambda batch, _: (batch.input[:, -1:], batch.input[:, -1:] + 1.0)
        >>> persistence, brighter = mean_losses(training, both, lambda: False)
        >>> persistence < brighter
        True
    """
    numbers = training.split.validation or training.split.train
    size, loss = training.recipe.batch_size, training.examples.loss
    totals: list[float] = []
    training.net.eval()
    with torch.no_grad():
        for start in range(0, len(numbers), size):
            if stopped():
                raise Stopped
            chosen = numbers[start : start + size]
            batch = training.loader.batch(chosen)
            of_batch = [loss(each, batch) for each in predictions(batch, chosen)]
            losses = torch.stack(of_batch).tolist()  # a GPU is waited for once
            totals = totals or [0.0] * len(losses)
            both = zip(totals, losses, strict=True)
            totals = [total + each * len(chosen) for total, each in both]
    return [total / len(numbers) for total in totals]


def baseline_losses(training: Training, stopped: Callable[[], bool]) -> dict[str, float]:
    """Return the losses of the baselines, on the examples of the network's validation loss.

    Args:
        training: which may have some of them already.
        stopped: asked before each batch whether to give up.

    Returns:
        Name and loss of those that it does not have.

    Raises:
        Stopped: if `stopped` says so.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> training = cw.train(design, frames, epochs=1)
        >>> training.baselines |= {"persistence": 0.1, "mean frame": 0.1, "median frame": 0.1}
        >>> list(baseline_losses(training, lambda: False))
        ['mean of the history', 'linear trend', 'damped anomaly']
    """
    baselines = training.examples.baselines(training.baselines, training.device, stopped)
    if baselines is None:
        raise Stopped
    if not baselines.names:
        return {}
    losses = mean_losses(training, baselines.predictions, stopped)
    return dict(zip(baselines.names, losses, strict=True))
