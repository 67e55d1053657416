"""Windows of a run to look at: the truth, the forecast, and the forecast beyond the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cnnwidget.data.windows.windows import Windows
from cnnwidget.training.tasks.forecasting.predictor import ForecastPredictor
from cnnwidget.training.tasks.task_protocol import Pictures

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run


def forecast_pictures(
    run: Run,
    windows: Windows,
    predictor: ForecastPredictor,
    numbers: Sequence[int],
    *,
    beyond: bool,
) -> Pictures | None:
    """Return the truth and the forecast of some windows.

    None with other series, if the forecast beyond the last frame is asked for: they may end there.

    Args:
        run: whose network it is.
        windows: its data.
        predictor: of the run.
        numbers: of the windows.
        beyond: whether to add the forecast beyond the last frame, which has no truth.
    """
    if beyond and predictor.channels.has_series:
        return None
    recipe, part = run.recipe, "test" if run.split.test else "training"
    steps, given = recipe.forecast_len, recipe.pre_history_len
    scaled = windows.scaled(predictor.transform.scales)
    truth = predictor.in_units(scaled.gather(numbers)[1])
    at = scaled.frame_numbers(numbers)
    forecast = predictor.in_units(predictor.forecast_at(run, scaled.contents, *at))
    labels = [
        f"{part}: frames {at}–{at + given - 1} → {at + given}–{at + given + steps - 1}"
        for at in numbers
    ]
    has_truth = [True] * len(labels)
    if beyond:
        last = scaled.numbers_beyond_end
        further = predictor.in_units(predictor.forecast_at(run, scaled.contents, *last))
        truth = np.concatenate([truth, np.zeros_like(further)])
        forecast = np.concatenate([forecast, further])
        labels, has_truth = [*labels, "beyond the last frame"], [*has_truth, False]
    if predictor.valid is not None:
        forecast[..., ~predictor.valid[list(predictor.channels.targets)]] = np.nan
    reasons = (
        ("missing", windows.frames.missing == "leave out"),
        ("not forecast", windows.frames.valid is not None),
    )
    return Pictures(
        truth=truth,
        prediction=forecast,
        has_truth=tuple(has_truth),
        examples=tuple(labels),
        frame="lead time",
        frames=tuple(f"+{lead}" for lead in range(1, steps + 1)),
        channels=predictor.names,
        ranges=tuple(predictor.transform.ranges),
        empty=" or ".join(reason for reason, holds in reasons if holds),
        prediction_name="forecast",
    )
