"""Forecasting, the task of a network that turns the frames so far into those that follow.

Nothing here needs torch: the panel asks at each change of a slider.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cnnwidget.data.frames import Frames
from cnnwidget.data.windows.split import Split
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.design.advice.caution_candidates import CautionKind
from cnnwidget.design.planning.plan import Plan
from cnnwidget.training.tasks.forecasting.forecast_cautions import forecast_cautions
from cnnwidget.training.tasks.forecasting.forecast_shapes import ForecastShapes, nearest_shapes
from cnnwidget.training.tasks.forecasting.window_settings import WindowSettings
from cnnwidget.training.tasks.task_protocol import ExampleShapes

if TYPE_CHECKING:
    from cnnwidget.training.tasks.forecasting.forecast_training import ForecastTraining


class ForecastTask:
    """Forecasting; see `Task` for its members."""

    name = "forecast"
    noun = "forecast"
    settings = ("pre_history_len", "forecast_len", "stride", "gap", "reference", "period")
    data_settings = WindowSettings
    usual_lengths = (10, 5)
    unaided: Mapping[str, Any] = {"reference": "none"}
    follows: Mapping[str, str] = {"in_channels": "pre_history_len", "out_channels": "forecast_len"}

    def usual_shapes(
        self, frames: Frames, lengths: tuple[int, int] | None = None
    ) -> ForecastShapes:
        """Return those of 10 frames and the 5 after them, or of what the frames allow."""
        shapes = ForecastShapes(*(lengths or self.usual_lengths), frames.channels, frames.size)
        return shapes.within(frames.steps)

    def nearest_shapes(
        self, plan: Plan, frames: Frames, settings: Mapping[str, Any]
    ) -> ForecastShapes:
        """Return the shapes of a forecast, of all channels unless settings have `channels`."""
        everything = tuple(range(frames.channels))
        channels = settings.get("channels") or WindowChannels(everything, everything)
        return nearest_shapes(plan, frames, channels, settings)

    def cautions(
        self, frames: Frames, shapes: ExampleShapes, split: Split, settings: Mapping[str, Any]
    ) -> dict[CautionKind, str]:
        """Return sentences if windows are few, if there is nothing to forecast, or a season."""
        assert isinstance(shapes, ForecastShapes)
        return forecast_cautions(frames, shapes, split, settings)

    def fitting_shapes(
        self,
        nearest: ExampleShapes,
        frames: Frames,
        settings: Mapping[str, Any],
        preferred: tuple[int, int] | None,
    ) -> ForecastShapes:
        """Return the shapes of a forecast that the series is long enough for."""
        assert isinstance(nearest, ForecastShapes)
        wanted = nearest.with_lengths(*(preferred or nearest.lengths)).within(frames.steps)
        given = {
            name: getattr(nearest, name)
            for name in ("pre_history_len", "forecast_len")
            if settings.get(name) is not None
        }
        return replace(wanted, **given)

    def torch_half(self) -> ForecastTraining:
        """Import and return the half that needs torch."""
        from cnnwidget.training.tasks.forecasting.forecast_training import ForecastTraining

        return ForecastTraining(self)
