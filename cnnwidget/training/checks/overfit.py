"""`overfit`: whether a network can learn one batch by heart, the first check one should make."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from cnnwidget.data.windows.split import Split
from cnnwidget.data.windows.windows import Windows
from cnnwidget.design.design_types import Design
from cnnwidget.design.planning.plan import Plan
from cnnwidget.training.fit import WINDOW_SETTINGS, to_the_end, train, with_budget
from cnnwidget.training.loop.training import Training
from cnnwidget.training.runs.run import Run

SECONDS = 5.0
# Left of the loss that a batch began with, once it is known by heart.
LEARNED = 0.1
# Left of the smallest loss by the last fifth of the steps, where it is said to fall still.
FALLING = 0.9
# One batch is to stay one: it is not augmented, and there is no time at which to give up.
OF_ONE_BATCH = {"augment": (), "patience": None}


@dataclass(frozen=True)
class Overfitted:
    """What came of one batch, trained again and again.

    Attributes:
        run: of that batch; its windows are the training windows, and there are no others.
        first: its loss before the first step; not a number, if there was none.
        last: the smallest after it.
    """

    run: Run
    first: float
    last: float

    @classmethod
    def of(cls, run: Run) -> Overfitted:
        """What a run of `of_one_batch` came to."""
        losses = [each.train for each in run.history]
        return cls(run, losses[0] if losses else math.nan, min(losses, default=math.nan))

    @property
    def learned(self) -> bool:
        """Whether the network knows the batch by heart, or nearly so."""
        return self.last <= LEARNED * self.first

    @property
    def falling(self) -> bool:
        """Whether the loss was still falling clearly when the time was up."""
        losses = [each.train for each in self.run.history]
        before = losses[: -max(1, len(losses) // 5)]
        return bool(before) and self.last <= FALLING * min(before)

    @property
    def sentence(self) -> str:
        """The verdict in words, with what to try."""
        windows = len(self.run.split.train)
        batch = "one window" if windows == 1 else f"a batch of {windows} windows"
        diverged = self.run.ending == "diverged"
        if not self.run.history:
            if diverged:
                return f"The loss of {batch} is no number from the beginning: look at the frames."
            return "Stopped before the first step: nothing is known yet."
        many = len(self.run.history)
        steps = "1 step" if many == 1 else f"{many} steps"
        fell = f"loss {self.first:.3g} before, {self.last:.3g} at best in {steps}"
        if self.learned:
            verdict, advice = "Learns {} by heart", "design, data and loss go together."
        elif diverged:
            verdict, advice = "The loss of {} diverges", "try a smaller learning rate."
        elif self.falling:
            verdict = "Does not know {} by heart yet"
            advice = "the loss still falls; give it more time, or a larger learning rate."
        elif self.run.ending == "stopped":
            verdict, advice = "Stopped before it knew {} by heart", "give it more time."
        else:
            verdict = "Does not learn even {} by heart"
            advice = (
                "before anything else, try another learning rate, more channels, or less depth, "
                "and look at the frames themselves."
            )
        return f"{verdict.format(batch)} ({fell}): {advice}"

    def __str__(self) -> str:
        return self.sentence

    __repr__ = __str__


def overfit(
    design: Design | Plan, frames: object, *, progress: bool = True, **settings: Any
) -> Overfitted:
    """Train on a single batch for some seconds, and see whether it is known by heart then.

    A network that cannot learn one batch cannot learn any: something is wrong with the design, the
    data, the loss or the learning rate, and one knows so after seconds (Karpathy, A Recipe for
    Training Neural Networks, 2019).

    Args:
        design: any design whose channels are time steps times variables.
        frames: anything that `cw.load` takes, or `cw.windows`.
        progress: whether to draw a progress bar.
        **settings: of `cw.fit`; 5 seconds at a constant rate, unless they say else. `augment` and
            `patience` have no say.

    Raises:
        DesignError: if the design does not fit the frames.
        DataError: if the frames cannot be used.
        CnnwidgetError: if a setting is unknown or out of bounds.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(16, 16))
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=2, out_channels=1, depth=1)
        >>> cw.overfit(design, frames, epochs=200, progress=False).learned
        True
    """
    training = of_one_batch(design, frames, **settings)
    return Overfitted.of(to_the_end(training, progress=progress, folder=None))


def of_one_batch(design: Design | Plan, frames: object, **settings: Any) -> Training:
    """The training of `overfit`, to loop over.

    Raises:
        CnnwidgetError: as `overfit`.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(16, 16))
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=2, out_channels=1, depth=1)
        >>> training = of_one_batch(design, frames, epochs=3, batch_size=4)
        >>> len(training.split.train), training.count
        (4, 1)
    """
    settings = {"schedule": "constant"} | with_budget(settings, SECONDS) | OF_ONE_BATCH
    planned = train(design, frames, **settings)
    size = planned.recipe.batch_size
    for name in WINDOW_SETTINGS:
        settings.pop(name, None)  # the windows say so already
    return train(design, one_batch(planned.windows, size), **(settings | {"batch_size": size}))


def one_batch(windows: Windows, size: int) -> Windows:
    """The first training windows, without any others."""
    first = windows.split.train.start
    only = range(first, min(first + size, windows.split.train.stop))
    nothing = range(only.stop, only.stop)
    return windows.with_split(Split(train=only, validation=nothing, test=nothing, kind="none"))
