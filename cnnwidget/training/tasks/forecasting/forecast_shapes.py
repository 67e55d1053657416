"""The shapes of a forecast: how many frames and channels go in, and how many come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.frames import Frames
from cnnwidget.data.windows.split import Split, split_by_time
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.design.axes import Shape, spell
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.planning.plan import Plan


@dataclass(frozen=True)
class ForecastShapes:
    """The frames of a window, the history and the horizon; time steps become channels.

    Attributes:
        pre_history_len: frames of the history.
        forecast_len: frames of the horizon.
        channels: input variables of a frame.
        size: of a frame, per spatial axis.
        targets: variables to forecast; None is the input variables.
        past: channels of the series that is known so far.
        future: channels of the series that is known ahead, too.
        gap: frames between history and horizon.
        stride: frames from the beginning of one window to that of the next.

    Example:
        >>> ForecastShapes(10, 5, channels=2, size=(64, 64), past=1, future=1).input_shape
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
    stride: int = 1

    @classmethod
    def of(cls, channels: WindowChannels, size: Shape, cut: WindowCut) -> Self:
        """Return the shapes of windows with these channels."""
        return cls(
            cut.pre_history_len,
            cut.forecast_len,
            len(channels.inputs),
            size,
            targets=None if channels.inputs == channels.targets else len(channels.targets),
            past=channels.past,
            future=channels.future,
            gap=cut.gap,
            stride=cut.stride,
        )

    @property
    def lengths(self) -> tuple[int, int]:
        """History and horizon, in frames."""
        return self.pre_history_len, self.forecast_len

    @property
    def steps_ahead(self) -> int:
        """The horizon, in frames."""
        return self.forecast_len

    def with_lengths(self, history: int, horizon: int) -> Self:
        """Return the shapes with another history and horizon, in frames."""
        return replace(self, pre_history_len=history, forecast_len=horizon)

    def split(self, steps: int) -> Split:
        """Return the windows of `steps` frames for training, validation and test.

        Raises:
            DataError: if there is no window.
        """
        return split_by_time(steps, WindowCut(*self.lengths, self.stride, self.gap))

    @property
    def ahead(self) -> int:
        """The input channels for the part of `future` that lies ahead."""
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
    def input_in_words(self) -> str:
        """The input of the network in words, with the origin of its channels.

        Example:
            >>> ForecastShapes(3, 2, channels=1, size=(8, 8)).input_in_words
            '3 frames of 1 × 8 × 8 make 3 × 8 × 8'
            >>> ForecastShapes(3, 2, channels=2, size=(8, 8), past=1).input_in_words
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
        """Return why a design has other shapes, in one sentence; empty if it has these."""
        if plan.problems:
            return str(plan.problems[0])
        if plan.input_shape != self.input_shape:
            return f"the design takes {spell(plan.input_shape)}, but {self.input_in_words}."
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
        """Return these shapes with lengths that leave windows to learn from in `steps` frames.

        Example:
            >>> shapes = ForecastShapes(104, 52, channels=1, size=(8, 8)).within(120)
            >>> shapes.pre_history_len, shapes.forecast_len
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


def nearest_shapes(
    plan: Plan, frames: Frames, channels: WindowChannels, lengths: Mapping[str, Any]
) -> ForecastShapes:
    """Return the shapes of a forecast of frames that are nearest to those of a design.

    Args:
        plan: the plan of any design.
        frames: the series.
        channels: which channels are input, and which are forecast.
        lengths: `pre_history_len`, `forecast_len`, `gap` and `stride`; a length that is left out,
            or None, is the number of frames nearest to the channels of the design.

    Raises:
        DataError: if a length is no whole number of at least 1.
    """
    chosen = {name: value for name, value in lengths.items() if value is not None}
    gap = whole_number("gap", chosen.get("gap", 0), least=0)
    horizon = max(1, round(output_channels(plan) / len(channels.targets)))
    horizon = whole_number("forecast_len", chosen.get("forecast_len", horizon))
    ahead = (gap + horizon) * channels.future
    history = max(1, round((plan.input_shape[0] - ahead) / channels.input_channels))
    history = whole_number("pre_history_len", chosen.get("pre_history_len", history))
    stride = whole_number("stride", chosen.get("stride", 1))
    return ForecastShapes.of(channels, frames.size, WindowCut(history, horizon, stride, gap))


def output_channels(plan: Plan) -> int:
    """Return the channels of the output; of a design with a problem, those that were asked for."""
    if plan.output_shape is not None:
        return plan.output_shape[0]
    return plan.design.out_channels if isinstance(plan.design, EncoderDecoder) else 1
