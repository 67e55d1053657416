"""`find_lr`: the learning rate to begin with, from a range test over ever larger rates."""

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
from cnnwidget.training.fit import train
from cnnwidget.training.fit_arguments import check_names, unaided
from cnnwidget.training.loop.batches import batches_of
from cnnwidget.training.loop.training import Training
from cnnwidget.training.recipe import HIGHEST_RATE, LOWEST_RATE

if TYPE_CHECKING:
    from cnnwidget.training.runs.plot import Picture

STEPS = 100
# Losses of single batches jump. They are smoothed: the weight of the losses before each.
SMOOTHING = 0.9
# The test ends once the loss is this many times the smallest one.
EXPLODED = 4.0
# Each slope is averaged with its neighbours, over a twelfth of all rates.
SLOPE_WINDOWS = 12
# The loss falls fast where its slope is at least this fraction of the steepest.
FAST = 0.5
# The loss falls at all if it comes below this fraction of the first; single batches differ by less.
FALLEN = 0.9


@dataclass(frozen=True)
class LearningRates:
    """The loss at each learning rate of a range test.

    Attributes:
        rates: learning rates, from small to large.
        losses: the training loss at each rate, smoothed.
        suggestion: the rate at which the loss falls fastest, on logarithmic axes, within the first
            range of rates where it falls fast; two digits.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    suggestion: float

    @classmethod
    def from_points(cls, points: Sequence[tuple[float, float]]) -> LearningRates:
        """Return the result of a range test from its points, of which there is at least one."""
        rates, losses = zip(*points, strict=True)
        return cls(rates, losses, float(f"{rates[steepest(losses)]:.2g}"))

    @property
    def learns(self) -> bool:
        """Whether the loss falls at all; if not, the suggestion means nothing."""
        return min(self.losses) <= FALLEN * self.losses[0]

    @property
    def sentence(self) -> str:
        """The suggestion and the reason for it."""
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
        """Plot the loss over the learning rate, with the suggestion marked."""
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
    lowest: float = LOWEST_RATE,
    highest: float = HIGHEST_RATE,
    steps: int = STEPS,
    **settings: Any,
) -> LearningRates:
    """Train for some batches, each with a larger learning rate, and return the losses.

    This is the range test of Smith 2017 (Cyclical Learning Rates for Training Neural Networks). It
    trains a new network; no other one changes.

    Args:
        design: any design whose channels are time steps times variables.
        frames: anything that `cw.load` takes, or `cw.windows`.
        lowest: the learning rate of the first batch.
        highest: that of the last batch, unless the loss explodes before.
        steps: the number of batches.
        **settings: those of `cw.fit`, but for the learning rate.

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
    return LearningRates.from_points(
        [*range_test(design, frames, lowest, highest, steps, **settings)]
    )


def range_test(
    design: Design | Plan,
    frames: object,
    lowest: float = LOWEST_RATE,
    highest: float = HIGHEST_RATE,
    steps: int = STEPS,
    **settings: Any,
) -> Iterator[tuple[float, float]]:
    """Yield the learning rates of `find_lr` one by one, each with the smoothed loss there.

    The test ends when the loss explodes. The caller may end it at any step.

    Raises:
        CnnwidgetError: as `find_lr`, at the first step.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=60, size=(16, 16))
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2)
        >>> for rate, loss in range_test(design, frames, lowest=1e-4):
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
    training = train(design, frames, **unaided(settings) | {"epochs": 1, "seconds": None})
    mean = smallest = math.inf
    for number, loss in enumerate(batch_losses(training, lowest, highest, steps)):
        mean = loss if number == 0 else SMOOTHING * mean + (1 - SMOOTHING) * loss
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
    """Return the index at which losses fall fastest, in the first range where they fall fast.

    Rates that destroy a network often let its loss fall once more, to that of a constant output.
    So the first range counts. It did better than the usual rule, a tenth of the rate with the
    smallest loss, on four sample series, with Adam and with SGD.

    Args:
        losses: positive losses at rates that rise by a constant factor.

    Example:
        >>> steepest([1.0, 0.99, 0.6, 0.5, 0.5, 0.2, 0.19])
        1
    """
    slopes = [math.log(after / before) for before, after in pairwise(losses)]
    if not slopes or min(slopes) >= 0:
        return 0
    around = len(slopes) // (2 * SLOPE_WINDOWS)
    means = [fmean(slopes[max(0, at - around) : at + around + 1]) for at in range(len(slopes))]
    fast = FAST * min(means)
    first = next(at for at, slope in enumerate(means) if slope <= fast)
    beyond = next((at for at in range(first, len(means)) if means[at] > fast), len(means))
    return min(range(first, beyond), key=means.__getitem__)


def batch_losses(training: Training, lowest: float, highest: float, steps: int) -> Iterator[float]:
    """Train on one batch after the other, each with a larger rate, and yield their losses."""
    factor = (highest / lowest) ** (1 / (steps - 1))
    recipe = training.recipe
    step = 0
    epoch = 0
    with closing(training.loader) as loader:
        while step < steps:
            epoch += 1
            for batch in batches_of(training.split.train, recipe.batch_size, recipe.seed, epoch):
                if step == steps:
                    return
                training.lr = lowest * factor**step
                step += 1
                yield training.step(loader.batch(batch), epoch).item()
