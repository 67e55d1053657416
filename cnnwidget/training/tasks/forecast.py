"""`Forecast`: the task of a network that turns the frames so far into those that follow.

Nothing here needs torch: the panel asks before anything is trained.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from cnnwidget.data.checks import whole_number
from cnnwidget.data.frames import Frames
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.design.axes import Shape, spell
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.planning.plan import Plan

USUAL_HISTORY, USUAL_HORIZON = 10, 5


@dataclass(frozen=True)
class Forecast:
    """Frames that are given and frames that are wanted; time steps become channels.

    Attributes:
        pre_history_len: frames given, the history.
        forecast_len: frames wanted, the horizon.
        channels: variables of a frame that are given.
        size: of a frame, per spatial axis.
        targets: variables that are told; None is those that are given.
        past: channels beside them that are known so far.
        future: channels beside them that are known ahead, too.
        gap: frames between history and horizon, of which `future` tells as well.

    Example:
        >>> Forecast(10, 5, channels=2, size=(64, 64), targets=1, past=1, future=1).input_shape
        (45, 64, 64)
    """

    pre_history_len: int
    forecast_len: int
    channels: int
    size: tuple[int, ...]
    targets: int | None = None
    past: int = 0
    future: int = 0
    gap: int = 0

    @classmethod
    def of(
        cls, made: WindowChannels, size: Shape, pre_history_len: int, horizon: int, gap: int
    ) -> Self:
        """The forecast that windows made like this are for."""
        return cls(
            pre_history_len,
            horizon,
            len(made.inputs),
            size,
            targets=None if made.inputs == made.targets else len(made.targets),
            past=made.past,
            future=made.future,
            gap=gap if made.future else 0,
        )

    @property
    def ahead(self) -> int:
        """The channels in which `future` tells of what lies ahead."""
        return (self.gap + self.forecast_len) * self.future

    @property
    def input_shape(self) -> Shape:
        """(channels, *size) that goes into the network: steps x variables, then what lies ahead."""
        width = self.channels + self.past + self.future
        return (self.pre_history_len * width + self.ahead, *self.size)

    @property
    def output_shape(self) -> Shape:
        """(steps x variables, *size) that comes out of it."""
        return (self.forecast_len * (self.targets or self.channels), *self.size)

    @property
    def given_in_words(self) -> str:
        """What goes into the network, and how many channels come from what.

        Example:
            >>> Forecast(3, 2, channels=1, size=(8, 8)).given_in_words
            '3 frames of 1 × 8 × 8 make 3 × 8 × 8'
            >>> Forecast(3, 2, channels=2, size=(8, 8), past=1).given_in_words
            '3 frames of 3 channels (2 of the frames, 1 of past) make 9 × 8 × 8'
        """
        frames = f"{self.pre_history_len} frame{'s' * (self.pre_history_len != 1)}"
        make = f"make{'s' * (self.pre_history_len == 1)} {spell(self.input_shape)}"
        series = [("past", self.past), ("future", self.future)]
        parts = [f"{count} of {name}" for name, count in series if count]
        if not parts:
            return f"{frames} of {spell((self.channels, *self.size))} {make}"
        width = self.channels + self.past + self.future
        each = ", ".join([f"{self.channels} of the frames", *parts])
        ahead = f" and {self.ahead} for what future says ahead" if self.ahead else ""
        return f"{frames} of {width} channels ({each}){ahead} {make}"

    def misfit(self, plan: Plan) -> str:
        """Why a design cannot do this, in one sentence; empty if it can."""
        if plan.problems:
            return str(plan.problems[0])
        if plan.input_shape != self.input_shape:
            return f"the design takes {spell(plan.input_shape)}, but {self.given_in_words}."
        if plan.output_shape != self.output_shape:
            frames = f"{self.forecast_len} frame{'s' * (self.forecast_len != 1)}"
            if self.targets is not None:
                frames += f" of {self.targets} target{'s' * (self.targets != 1)}"
            return (
                f"the design gives {spell(plan.output_shape or ())}, but a forecast of {frames} "
                f"is {spell(self.output_shape)}."
            )
        for extra in plan.extras:
            if extra.shape != self.output_shape:
                return (
                    f"the auxiliary output {extra.name!r} is {spell(extra.shape)}, but is trained "
                    f"on the forecast, too, which is {spell(self.output_shape)}."
                )
        return ""

    def other_purpose(self, plan: Plan) -> str:
        """Return why a design is made for another task, in one sentence; empty if it may not be.

        A classifier, for one, gives no frames, whatever their size.
        """
        given, made = plan.input_shape, plan.output_shape
        if isinstance(plan.design, EncoderDecoder) or made is None:
            return ""
        if len(given) == len(self.size) + 1 and given[1:] == made[1:]:
            return ""
        return (
            f"To look at, not to fit: this network turns {spell(given)} into {spell(made)}; a "
            "forecast of these data turns frames into frames, as "
            f"{spell(self.input_shape)} into {spell(self.output_shape)}."
        )

    def within(self, steps: int) -> Self:
        """Return the forecast with lengths that leave windows to learn from in `steps` frames.

        Example:
            >>> task = Forecast(104, 52, channels=1, size=(8, 8)).within(120)
            >>> task.pre_history_len, task.forecast_len
            (45, 30)
        """
        horizon = max(1, min(self.forecast_len, steps // 4))
        history = max(1, min(self.pre_history_len, (steps - self.gap - horizon) // 2))
        return replace(self, pre_history_len=history, forecast_len=horizon)

    def fitted(self, design: EncoderDecoder) -> EncoderDecoder:
        """Return the design with the sizes and channels of this forecast; all else stays.

        Raises:
            DesignError: if settings per axis do not go with the number of axes.
        """
        target = None if design.target_size == design.input_size else self.size
        return design.replace(
            input_size=self.size,
            in_channels=self.input_shape[0],
            out_channels=self.output_shape[0],
            output_size=target,
        )


def nearest_forecast(
    plan: Plan,
    frames: Frames,
    pre_history_len: int | None = None,
    forecast_len: int | None = None,
    *,
    make_up: WindowChannels | None = None,
    gap: int = 0,
) -> Forecast:
    """Return the forecast of frames whose shapes are nearest to those of a design.

    Args:
        plan: the plan of any design.
        frames: the series.
        pre_history_len: frames given; None is the number nearest to the input channels.
        forecast_len: frames to forecast; None is the number nearest to the output channels.
        make_up: which channels are given and forecast; None is all, and no other series.
        gap: frames between those given and those to forecast.

    Raises:
        DataError: if a length is no whole number of at least 1.
    """
    everything = tuple(range(frames.channels))
    made = WindowChannels(everything, everything) if make_up is None else make_up
    if forecast_len is None:
        horizon = max(1, round(output_channels(plan) / len(made.targets)))
    else:
        horizon = whole_number("forecast_len", forecast_len)
    if pre_history_len is None:
        ahead = (gap + horizon) * made.future
        history = max(1, round((plan.input_shape[0] - ahead) / made.input_channels))
    else:
        history = whole_number("pre_history_len", pre_history_len)
    return Forecast.of(made, frames.size, history, horizon, gap)


def output_channels(plan: Plan) -> int:
    """Return the channels of the output; of a design with a problem, those that were asked for."""
    if plan.output_shape is not None:
        return plan.output_shape[0]
    return plan.design.out_channels if isinstance(plan.design, EncoderDecoder) else 1


def usual_forecast(frames: Frames) -> Forecast:
    """Return the forecast to begin with: 10 frames and the 5 after them, or what frames allow."""
    task = Forecast(USUAL_HISTORY, USUAL_HORIZON, frames.channels, frames.size)
    return task.within(frames.steps)
