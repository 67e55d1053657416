"""Designs that go with frames: the usual one, another one fitted to them, and why one does not."""

from __future__ import annotations

from cnnwidget.data.frames import Frames
from cnnwidget.data.windows.split import split_by_time
from cnnwidget.design.axes import spell
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training.tasks.forecast import Forecast, forecast_of

USUAL_HISTORY, USUAL_HORIZON = 10, 5


def usual_design(frames: Frames) -> EncoderDecoder:
    """The net to begin with."""
    task = forecast_within(frames, USUAL_HISTORY, USUAL_HORIZON)
    return EncoderDecoder(
        input_size=task.size, in_channels=task.input_shape[0], out_channels=task.output_shape[0]
    )


def fitted_design(
    frames: Frames, design: EncoderDecoder, lengths: tuple[int, int]
) -> EncoderDecoder:
    """The design with the sizes of the frames.

    Args:
        frames: the frames.
        design: the design.
        lengths: the history and the horizon that are wanted, if the frames allow them.
    """
    try:
        return forecast_within(frames, *lengths).fitted(design)
    except DesignError:  # settings per axis that do not go with these axes
        return usual_design(frames)


def same_sized(
    frames: Frames, design: EncoderDecoder, lengths: tuple[int, int]
) -> EncoderDecoder | None:
    """The design with the sizes of the frames, whose convolutions give what they are given.

    Where there is no such design: None.
    """
    try:
        fitted = fitted_design(frames, design, lengths)
        return fitted.replace(padding="same", skip_align="none")
    except DesignError:
        return None


def for_another_task(design: Design, frames: Frames) -> str:
    """Why a design is no forecast of frames, whatever their size, in one sentence; else empty."""
    if isinstance(design, EncoderDecoder):
        return ""
    plan = plan_of(design)
    taken, given = plan.input_shape, plan.output_shape
    if given is None or (len(taken) == len(frames.size) + 1 and taken[1:] == given[1:]):
        return ""
    usual = forecast_within(frames, USUAL_HISTORY, USUAL_HORIZON)
    forecast = f"{spell(usual.input_shape)} into {spell(usual.output_shape)}"
    return (
        f"To look at, not to fit: this network turns {spell(taken)} into {spell(given)}; a "
        f"forecast of these data turns frames into frames, as {forecast}."
    )


def lengths_of(design: Design, frames: Frames) -> tuple[int, int]:
    """History and horizon: the channels of a design, counted in frames."""
    if isinstance(design, EncoderDecoder):
        channels = (design.in_channels, design.out_channels)
    else:
        plan = plan_of(design)
        channels = (plan.input_shape[0], (plan.output_shape or (1,))[0])
    history, horizon = (max(1, each // frames.channels) for each in channels)
    return history, horizon


def forecast_within(frames: Frames, history: int, horizon: int) -> Forecast:
    """A forecast no longer than what leaves windows to learn from."""
    horizon = max(1, min(horizon, frames.steps // 4))
    history = max(1, min(history, (frames.steps - horizon) // 2))
    return Forecast(history, horizon, frames.channels, frames.size)


def why_not(design: Design, frames: Frames) -> str:
    """Why a design cannot be trained on frames, in one sentence; empty if it can."""
    if plan_of(design).problems:
        return "The design has a problem; one of its mends is a click away."
    if calm := for_another_task(design, frames):
        return calm
    try:
        task = forecast_of(design, frames)
        split_by_time(frames.steps, task.pre_history_len, task.forecast_len)
    except ValueError as error:
        return str(error)
    return ""
