"""`overfit`: whether a network can learn one batch by heart, the first check to make."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from cnnwidget.data.windows.split import Split
from cnnwidget.design.design_types import Design
from cnnwidget.design.planning.plan import Plan
from cnnwidget.training.fit import to_the_end, train
from cnnwidget.training.fit_arguments import check_names, unaided, with_budget
from cnnwidget.training.loop.training import Training
from cnnwidget.training.runs.run import Run
from cnnwidget.training.tasks.task_protocol import TaskData

SECONDS = 5.0
# A batch is learned by heart once its loss is below this fraction of the first.
LEARNED = 0.1
# The loss still falls if the last fifth of the steps brings it below this fraction of the smallest.
FALLING = 0.9
# The batch stays the same, so it is not augmented, and the training does not end early.
ONE_BATCH_SETTINGS = {"augment": (), "patience": None}


@dataclass(frozen=True)
class Overfitted:
    """The result of training on one batch again and again.

    Attributes:
        run: the run; the windows of the batch are its only ones.
        first: the loss before the first step; NaN without any step.
        last: the smallest loss.
    """

    run: Run
    first: float
    last: float

    @classmethod
    def from_run(cls, run: Run) -> Overfitted:
        """Return the result of a run of `one_batch_training`."""
        losses = [each.train for each in run.history]
        return cls(run, losses[0] if losses else math.nan, min(losses, default=math.nan))

    @property
    def learned(self) -> bool:
        """Whether the network knows the batch by heart, or nearly so."""
        return self.last <= LEARNED * self.first

    @property
    def falling(self) -> bool:
        """Whether the loss was still clearly falling at the end."""
        losses = [each.train for each in self.run.history]
        before = losses[: -max(1, len(losses) // 5)]
        return bool(before) and self.last <= FALLING * min(before)

    @property
    def sentence(self) -> str:
        """The result in one sentence, with what to try."""
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
            result, remedy = "Learns {} by heart", "design, data and loss go together."
        elif diverged:
            result, remedy = "The loss of {} diverges", "try a smaller learning rate."
        elif self.falling:
            result = "Does not know {} by heart yet"
            remedy = "the loss still falls; give it more time, or a larger learning rate."
        elif self.run.ending == "stopped":
            result, remedy = "Stopped before it knew {} by heart", "give it more time."
        else:
            result = "Does not learn even {} by heart"
            remedy = (
                "before anything else, try another learning rate, more channels, or less depth, "
                "and look at the frames themselves."
            )
        return f"{result.format(batch)} ({fell}): {remedy}"

    def __str__(self) -> str:
        return self.sentence

    __repr__ = __str__


def overfit(
    design: Design | Plan, frames: object, *, progress: bool = True, **settings: Any
) -> Overfitted:
    """Train on a single batch for some seconds, and return whether it is learned by heart.

    A network that cannot learn one batch cannot learn any. Then the design, the data, the loss or
    the learning rate is wrong, and this check shows it after seconds (Karpathy, A Recipe for
    Training Neural Networks, 2019).

    Args:
        design: any design whose channels are time steps times variables.
        frames: anything that `cw.load` takes, or `cw.windows`.
        progress: whether to draw a progress bar.
        **settings: those of `cw.fit`; the defaults are 5 seconds at a constant learning rate.
            `augment` and `patience` are ignored. A forecast is learned without a reference.

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
    training = one_batch_training(design, frames, **settings)
    return Overfitted.from_run(to_the_end(training, progress=progress, folder=None))


def one_batch_training(design: Design | Plan, frames: object, **settings: Any) -> Training:
    """Return the training of `overfit`, to loop over.

    Raises:
        CnnwidgetError: as `overfit`.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(16, 16))
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=2, out_channels=1, depth=1)
        >>> training = one_batch_training(design, frames, epochs=3, batch_size=4)
        >>> len(training.split.train), training.count
        (4, 1)
    """
    check_names(settings, "overfit")
    settings = with_budget(unaided(settings), SECONDS)
    settings = {"schedule": "constant"} | settings | ONE_BATCH_SETTINGS
    planned = train(design, frames, **settings)
    size = planned.recipe.batch_size
    return Training(planned.plan, first_batch(planned.data, size), planned.recipe)


def first_batch(data: TaskData, size: int) -> TaskData:
    """Return data whose training examples are the first `size`, without any others."""
    first = data.split.train.start
    only = range(first, min(first + size, data.split.train.stop))
    nothing = range(only.stop, only.stop)
    return data.with_split(Split(train=only, validation=nothing, test=nothing, kind="none"))
