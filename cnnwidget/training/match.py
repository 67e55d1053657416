"""`match`: whether a design can be trained on frames, why not, and which design can be.

Nothing here needs torch: the panel asks at every change of a slider.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.windows.split import Split, split_by_time
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.design.advice.mend import as_written, with_size
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.training.tasks.forecast import Forecast, nearest_forecast, usual_forecast

# What keeps a design from a training: a problem of its own, a shape that is no frame, another
# shape than that of the frames, or a series that is shorter than one window.
Obstacle = Literal["problem", "purpose", "shape", "length"]
# The fields that say the shapes of a design.
SHAPE_FIELDS = ("input_shape", "input_size", "output_size", "in_channels", "out_channels")


@dataclass(frozen=True)
class Match:
    """A design beside the frames that it is to be trained on; `match` makes it.

    Attributes:
        plan: the plan of the design.
        frames: the series.
        task: the task whose shapes are nearest to those of the design; its own if it fits.
        split: the windows for training, validation and test; None if the design does not fit.
        obstacle: what keeps the design from a training; None if it fits.
        reason: why it does not fit, in one sentence; empty if it does.
        fitted: the design itself if it fits; else the same design in shapes that do, or None if
            there is none.
    """

    plan: Plan
    frames: Frames
    task: Forecast
    split: Split | None = None
    obstacle: Obstacle | None = None
    reason: str = ""
    fitted: Design | None = None

    @property
    def fits(self) -> bool:
        """Whether the design can be trained on the frames."""
        return self.obstacle is None

    @property
    def lengths(self) -> tuple[int, int]:
        """History and horizon of the task, in frames."""
        return self.task.pre_history_len, self.task.forecast_len

    @property
    def changes(self) -> dict[str, Any]:
        """The fields in which the fitted design differs, with their new values."""
        if self.fitted is None:
            return {}
        own = [name for name in SHAPE_FIELDS if name in type(self.fitted).model_fields]
        return {
            name: getattr(self.fitted, name)
            for name in own
            if getattr(self.fitted, name) != getattr(self.plan.design, name)
        }

    def checked(self) -> Self:
        """Return the match itself, if the design fits.

        Raises:
            DesignError: if it does not, with the change after which it would.
            DataError: if the series is too short.
        """
        if self.obstacle == "length":
            raise DataError(f"{self.frames.name}: {self.reason}")
        if self.obstacle is not None:
            raise DesignError(self.reason + self._hint)
        return self

    @property
    def _hint(self) -> str:
        """The change of the design in code; empty if there is none that is short."""
        if not isinstance(self.fitted, EncoderDecoder):
            return ""
        written = ", ".join(f"{name}={as_written(self.fitted, name)}" for name in self.changes)
        return f" Try design.replace({written})."


def match(
    design: Design | Plan,
    frames: Frames,
    pre_history_len: int | None = None,
    forecast_len: int | None = None,
    *,
    make_up: WindowChannels | None = None,
    gap: int = 0,
    stride: int = 1,
    preferred: tuple[int, int] | None = None,
) -> Match:
    """Return whether a design can be trained on frames, and what follows from it.

    Args:
        design: any design, or a plan.
        frames: the series.
        pre_history_len: frames given; None follows from the channels of the design.
        forecast_len: frames to forecast; None likewise.
        make_up: which channels are given and forecast; None is all, and no other series.
        gap: frames between those given and those to forecast.
        stride: frames from the beginning of one window to that of the next.
        preferred: history and horizon of the fitted design, as far as the series is long enough
            for them; None is those of the design.

    Raises:
        DesignError: if `design` is no design.
        DataError: if a length is no whole number of at least 1.

    Example:
        >>> import numpy as np
        >>> from cnnwidget.data.load import load
        >>> design = EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2)
        >>> match(design, load(np.zeros((60, 16, 16)))).lengths
        (4, 2)
        >>> found = match(design, load(np.zeros((60, 16, 20))))
        >>> found.reason
        'The design takes 4 × 16 × 16, but 4 frames of 1 × 16 × 20 make 4 × 16 × 20.'
        >>> found.changes
        {'input_size': (16, 20)}
    """
    plan = plan_of(design)
    task = nearest_forecast(plan, frames, pre_history_len, forecast_len, make_up=make_up, gap=gap)
    spacing = {"stride": stride, "gap": gap}
    found = compared(plan, frames, task, **spacing)
    if found.obstacle not in {"shape", "length"}:
        return found
    history, horizon = preferred or found.lengths
    wanted = replace(task, pre_history_len=history, forecast_len=horizon).within(frames.steps)
    if pre_history_len is not None:
        wanted = replace(wanted, pre_history_len=task.pre_history_len)
    if forecast_len is not None:
        wanted = replace(wanted, forecast_len=task.forecast_len)
    return replace(found, fitted=design_for(wanted, plan, frames, **spacing))


def compared(plan: Plan, frames: Frames, task: Forecast, *, stride: int, gap: int) -> Match:
    """Return the match of a design with a task; no other design is looked for."""
    obstacle: Obstacle
    if plan.problems:
        # A problem begins with the name of a layer, which is written as it is.
        obstacle, reason = "problem", str(plan.problems[0])
    elif reason := usual_forecast(frames).other_purpose(plan):
        obstacle = "purpose"
    elif reason := task.misfit(plan):
        obstacle, reason = "shape", reason[0].upper() + reason[1:]
    else:
        try:
            cut = WindowCut(task.pre_history_len, task.forecast_len, stride, gap)
            split = split_by_time(frames.steps, cut)
        except DataError as error:
            obstacle, reason = "length", str(error)
        else:
            return Match(plan, frames, task, split, fitted=plan.design)
    return Match(plan, frames, task, obstacle=obstacle, reason=reason)


def design_for(
    task: Forecast, plan: Plan, frames: Frames, *, stride: int, gap: int
) -> Design | None:
    """Return a design in the shapes of a task; None if there is none that can be trained."""
    other: Design | None
    if isinstance(plan.design, EncoderDecoder):
        try:
            other = task.fitted(plan.design)
        except DesignError:  # settings per axis that do not go with these axes
            return None
    else:
        mend = with_size(plan.design, frames.size)
        other = None if mend is None else mend.design
    if other is None:
        return None
    return other if compared(plan_of(other), frames, task, stride=stride, gap=gap).fits else None


def fitted_design(
    design: EncoderDecoder, frames: Frames, lengths: tuple[int, int]
) -> EncoderDecoder:
    """Return a design in the shapes of frames, with or without a problem there.

    Args:
        design: the design.
        frames: the series.
        lengths: history and horizon, as far as the series is long enough for them.

    Returns:
        The design with other sizes and channels; the usual one, if its settings per axis do not
        go with the axes of the frames.
    """
    try:
        task = Forecast(*lengths, frames.channels, frames.size)
        return task.within(frames.steps).fitted(design)
    except DesignError:
        return usual_design(frames)


def usual_design(frames: Frames) -> EncoderDecoder:
    """Return the design to begin with for frames.

    Example:
        >>> import cnnwidget as cw
        >>> usual_design(cw.sample("circling shape")).input_size
        (64, 64)
    """
    task = usual_forecast(frames)
    return EncoderDecoder(
        input_size=task.size, in_channels=task.input_shape[0], out_channels=task.output_shape[0]
    )
