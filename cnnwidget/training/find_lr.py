"""`find_lr`: which learning rate to begin with, found by trying ever larger ones."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnnwidget.data.ahead import Ahead
from cnnwidget.design.designs import Design
from cnnwidget.design.errors import DesignError
from cnnwidget.design.planning.plan import Plan
from cnnwidget.training.batches import batches_of
from cnnwidget.training.fit import train
from cnnwidget.training.training import Training

if TYPE_CHECKING:
    from cnnwidget.training.picture import Picture

LOWEST, HIGHEST = 1e-6, 1.0
STEPS = 100
# Losses of single batches jump: each counts so much beside those before it.
MEMORY = 0.9
# Beyond so many times the smallest loss, nothing is to be learned from larger rates.
EXPLODED = 4.0


@dataclass(frozen=True)
class LearningRates:
    """A loss for each learning rate.

    Attributes:
        rates: from small to large.
        losses: of the training batch after which the rate was raised, smoothed.
        suggestion: a tenth of the rate at which the loss was smallest: there it is about to rise,
            and a tenth of it still falls quickly.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    suggestion: float

    def __str__(self) -> str:
        return f"Try lr={self.suggestion:.1g}; the plot shows why."

    def _repr_png_(self) -> bytes:
        return self.plot()._repr_png_()

    def plot(self) -> Picture:
        """Loss by learning rate, the suggestion marked."""
        from cnnwidget.training.picture import Picture

        figure = Picture(figsize=(5, 3.4), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(self.rates, self.losses, color="#2f6fb7")
        axes.axvline(self.suggestion, color="#b5761c", linestyle="--", linewidth=1.2)
        axes.annotate(
            f" lr={self.suggestion:.1g}", (self.suggestion, max(self.losses)), color="#b5761c"
        )
        axes.set_xscale("log")
        axes.set_xlabel("learning rate")
        axes.set_ylabel("training loss, smoothed")
        axes.spines[["top", "right"]].set_visible(False)
        return figure


def find_lr(
    design: Design | Plan,
    frames: object,
    *,
    lowest: float = LOWEST,
    highest: float = HIGHEST,
    steps: int = STEPS,
    **settings: Any,
) -> LearningRates:
    """Train for some batches, each with a larger learning rate, and see where the loss falls.

    The range test of Smith 2017 (Cyclical Learning Rates for Training Neural Networks). It has a
    network of its own: nothing that was trained is changed.

    Args:
        design: any design whose channels are time steps times variables.
        frames: anything that `cw.load` takes, or `cw.windows`.
        lowest: the rate of the first batch.
        highest: the rate of the last, if the loss does not explode before.
        steps: batches.
        **settings: of `cw.fit`, the learning rate apart.

    Raises:
        DesignError: if design, frames and settings do not go together, or there is nothing between
            the rates.
        DataError: if the frames cannot be used.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=60, size=(16, 16))
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2)
        >>> found = cw.find_lr(design, frames)
        >>> found.rates[0], 1e-5 < found.suggestion < 0.1
        (1e-06, True)
    """
    if not 0 < lowest < highest <= 10:
        raise DesignError(
            f"find_lr: lowest is {lowest:g} and highest {highest:g}, but it takes "
            "0 < lowest < highest <= 10."
        )
    if steps < 10:
        raise DesignError(f"find_lr: steps is {steps}, but a curve takes at least 10.")
    training = train(design, frames, **(settings | {"epochs": 1, "seconds": None}))
    rates, losses = [], []
    mean = smallest = math.inf
    for number, loss in enumerate(tried(training, lowest, highest, steps)):
        mean = loss if number == 0 else MEMORY * mean + (1 - MEMORY) * loss
        rates.append(training.lr)
        if not math.isfinite(mean) or mean > EXPLODED * smallest:
            break
        losses.append(mean)
        smallest = min(smallest, mean)
    best = min(range(len(losses)), key=losses.__getitem__)
    return LearningRates(tuple(rates[: len(losses)]), tuple(losses), rates[best] / 10)


def tried(training: Training, lowest: float, highest: float, steps: int) -> Iterator[float]:
    """The loss of one batch after the other, each with a larger rate."""
    factor = (highest / lowest) ** (1 / (steps - 1))
    done = 0
    epoch = 0
    with closing(Ahead(training.windows)) as reader:
        while done < steps:
            epoch += 1
            recipe = training.recipe
            for chosen in batches_of(training.split.train, recipe.batch_size, recipe.seed, epoch):
                if done == steps:
                    return
                training.lr = lowest * factor**done
                done += 1
                yield training.step(reader.read(chosen, None), epoch)
