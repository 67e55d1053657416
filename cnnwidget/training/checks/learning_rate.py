"""`find_lr`: which learning rate to begin with, found by trying ever larger ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING, Any

from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.plan import Plan
from cnnwidget.training.fit import check_names, train
from cnnwidget.training.loop.batches import batches_of
from cnnwidget.training.loop.training import Training

if TYPE_CHECKING:
    from cnnwidget.training.runs.plot import Picture

LOWEST, HIGHEST = 1e-6, 1.0
STEPS = 100
# Losses of single batches jump: each counts so much beside those before it.
MEMORY = 0.9
# Beyond so many times the smallest loss, nothing is to be learned from larger rates.
EXPLODED = 4.0
# Slopes are means over one stretch of so many; those of so much of the steepest are fast.
ONE_OF = 12
FAST = 0.5
# Left of the first loss where the loss is said to fall; single batches differ by less.
FALLEN = 0.9


@dataclass(frozen=True)
class LearningRates:
    """A loss for each learning rate.

    Attributes:
        rates: from small to large.
        losses: of the training batch after which the rate was raised, smoothed.
        suggestion: where the logarithm of the loss falls fastest over that of the rate, in the
            first stretch where it falls fast; to two digits.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    suggestion: float

    @classmethod
    def of(cls, points: Sequence[tuple[float, float]]) -> LearningRates:
        """What points of `tried` come to; at least one."""
        rates, losses = zip(*points, strict=True)
        return cls(rates, losses, float(f"{rates[steepest(losses)]:.2g}"))

    @property
    def learns(self) -> bool:
        """Whether the loss falls at all; where it does not, the suggestion means nothing."""
        return min(self.losses) <= FALLEN * self.losses[0]

    @property
    def sentence(self) -> str:
        """The suggestion and the reason for it, in words."""
        lowest = min(self.losses)
        if not self.learns:
            return (
                f"The loss falls at no rate (from {self.losses[0]:.3g} to {lowest:.3g} at best): "
                "see first whether the network can learn one batch by heart."
            )
        turn = self.rates[self.losses.index(lowest)]
        return (
            f"Try lr={self.suggestion:g}: there the loss falls fastest. It is smallest at "
            f"{turn:.2g}, but that is too much for a whole training."
        )

    def __str__(self) -> str:
        return self.sentence

    def _repr_png_(self) -> bytes:
        return self.plot()._repr_png_()

    def plot(self) -> Picture:
        """Loss by learning rate, the suggestion marked."""
        from cnnwidget.training.runs.plot import Picture

        figure = Picture(figsize=(5, 3.4), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(self.rates, self.losses, color="#2f6fb7")
        axes.axvline(self.suggestion, color="#b5761c", linestyle="--", linewidth=1.2)
        axes.annotate(
            f" lr={self.suggestion:g}", (self.suggestion, max(self.losses)), color="#b5761c"
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
        DesignError: if the design does not fit the frames.
        DataError: if the frames cannot be used.
        CnnwidgetError: if a setting or the rates are out of bounds, or the first loss is not
            finite.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=60, size=(16, 16))
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2)
        >>> found = cw.find_lr(design, frames)
        >>> found.rates[0], 1e-5 < found.suggestion < 0.1
        (1e-06, True)
    """
    return LearningRates.of([*tried(design, frames, lowest, highest, steps, **settings)])


def tried(
    design: Design | Plan,
    frames: object,
    lowest: float = LOWEST,
    highest: float = HIGHEST,
    steps: int = STEPS,
    **settings: Any,
) -> Iterator[tuple[float, float]]:
    """The search of `find_lr`, step by step: each rate with the loss there, smoothed.

    It ends by itself where the loss explodes, and may be left at any step.

    Raises:
        CnnwidgetError: as `find_lr`, at the first step.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=60, size=(16, 16))
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2)
        >>> for rate, loss in tried(design, frames, lowest=1e-4):
        ...     if rate > 1e-3:
        ...         break
        >>> loss > 0
        True
    """
    if not 0 < lowest < highest <= 10:
        raise CnnwidgetError(
            f"find_lr: lowest is {lowest:g} and highest {highest:g}, but it takes "
            "0 < lowest < highest <= 10."
        )
    if steps < 10:
        raise CnnwidgetError(f"find_lr: steps is {steps}, but a curve takes at least 10.")
    check_names(settings)
    training = train(design, frames, **(settings | {"epochs": 1, "seconds": None}))
    mean = smallest = math.inf
    for number, loss in enumerate(losses_of(training, lowest, highest, steps)):
        mean = loss if number == 0 else MEMORY * mean + (1 - MEMORY) * loss
        if number == 0 and not math.isfinite(mean):
            raise CnnwidgetError(
                "find_lr: the loss of the first batch is no finite number, at any learning rate; "
                "look at the frames and at their scaling."
            )
        if not math.isfinite(mean) or mean > EXPLODED * smallest:
            return
        smallest = min(smallest, mean)
        yield training.lr, mean


def steepest(losses: Sequence[float]) -> int:
    """Where losses fall fastest in the first stretch where they fall fast.

    At rates that destroy a network its loss often falls once more, to that of a constant output:
    so the first stretch counts. It beat a tenth of the rate with the smallest loss, as is usual, on
    four sample series, with Adam and with SGD.

    Args:
        losses: at rates that rise by one factor, so that differences are slopes.

    Example:
        >>> steepest([1.0, 0.99, 0.6, 0.5, 0.5, 0.2, 0.19])
        1
    """
    slopes = [math.log(after / before) for before, after in pairwise(losses)]
    if not slopes or min(slopes) >= 0:
        return 0
    around = len(slopes) // 2 // ONE_OF
    means = [fmean(slopes[max(0, at - around) : at + around + 1]) for at in range(len(slopes))]
    fast = FAST * min(means)
    first = next(at for at, slope in enumerate(means) if slope <= fast)
    beyond = next((at for at in range(first, len(means)) if means[at] > fast), len(means))
    return min(range(first, beyond), key=means.__getitem__)


def losses_of(training: Training, lowest: float, highest: float, steps: int) -> Iterator[float]:
    """The loss of one batch after the other, each with a larger rate."""
    factor = (highest / lowest) ** (1 / (steps - 1))
    done = 0
    epoch = 0
    with closing(training.loader) as feed:
        while done < steps:
            epoch += 1
            recipe = training.recipe
            for chosen in batches_of(training.split.train, recipe.batch_size, recipe.seed, epoch):
                if done == steps:
                    return
                training.lr = lowest * factor**done
                done += 1
                yield training.step(feed.batch(chosen), epoch).item()
