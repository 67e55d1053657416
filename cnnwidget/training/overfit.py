"""`overfit`: whether a network can learn one batch by heart, the first check one should make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cnnwidget.data.split import Split
from cnnwidget.data.windows import Windows
from cnnwidget.design.designs import Design
from cnnwidget.design.planning.plan import Plan
from cnnwidget.training.fit import fit, train
from cnnwidget.training.run import Run

SECONDS = 5.0
# Left of the loss that a batch began with, once it is known by heart.
LEARNED = 0.1
# The settings of `fit` that say what windows are.
OF_WINDOWS = (
    "pre_history_len", "forecast_len", "stride", "gap", "inputs", "targets", "past", "future",
    "x_threshold", "y_threshold",
)  # fmt: skip


@dataclass(frozen=True)
class Overfitted:
    """What came of one batch, trained again and again.

    Attributes:
        run: of that batch; its windows are the training windows, and there are no others.
        first: its loss before the first step.
        last: the smallest after it.
    """

    run: Run
    first: float
    last: float

    @property
    def learned(self) -> bool:
        """Whether the network knows the batch by heart, or nearly so."""
        return self.last <= LEARNED * self.first

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        windows = len(self.run.split.train)
        batch = "one window" if windows == 1 else f"a batch of {windows} windows"
        fell = f"loss {self.first:.3g} before, {self.last:.3g} after {self.run.epochs_in_words}"
        if self.learned:
            return f"Learns {batch} by heart ({fell}): design, data and loss go together."
        return (
            f"Does not learn even {batch} by heart ({fell}): before anything else, try another "
            "learning rate, more channels, or less depth, and look at the frames themselves."
        )

    def __str__(self) -> str:
        return self.sentence

    __repr__ = __str__


def overfit(
    design: Design | Plan, frames: object, *, progress: bool = True, **settings: Any
) -> Overfitted:
    """Train on a single batch until it is known by heart, or the time is up.

    A network that cannot learn one batch cannot learn any: something is wrong with the design, the
    data, the loss or the learning rate, and one knows so after seconds (Karpathy, A Recipe for
    Training Neural Networks, 2019).

    Args:
        design: any design whose channels are time steps times variables.
        frames: anything that `cw.load` takes, or `cw.windows`.
        progress: whether to draw a progress bar.
        **settings: of `cw.fit`; 5 seconds at a constant rate, unless they say else.

    Raises:
        DesignError: if design, frames and recipe do not go together.
        DataError: if the frames cannot be used.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(16, 16))
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=2, out_channels=1, depth=1)
        >>> cw.overfit(design, frames, epochs=200, progress=False).learned
        True
    """
    if settings.get("epochs") is None and settings.get("seconds") is None:
        settings["seconds"] = SECONDS
    settings = {"schedule": "constant"} | settings
    planned = train(design, frames, **settings)
    batch = one_batch(planned.windows, planned.recipe.batch_size)
    for name in OF_WINDOWS:
        settings.pop(name, None)  # the windows say so already
    run = fit(design, batch, progress=progress, **settings)
    losses = [each.train for each in run.history]
    first = losses[0] if losses else float("nan")
    return Overfitted(run, first, min(losses, default=float("nan")))


def one_batch(windows: Windows, size: int) -> Windows:
    """The first training windows, without any others."""
    first = windows.split.train.start
    only = range(first, min(first + size, windows.split.train.stop))
    nothing = range(only.stop, only.stop)
    return windows.with_split(Split(train=only, validation=nothing, test=nothing, kind="none"))
