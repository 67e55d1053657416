"""Findings in forecasts: always the same, or worse than a forecast without a network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch

from cnnwidget.data.windows.windows import Windows
from cnnwidget.training.runs.diagnosis import Finding
from cnnwidget.training.tasks.forecasting.predictor import ForecastPredictor

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run

# Forecasts that differ by less than this share of the truth's differences are the same.
FLAT = 0.02
# The windows that are compared.
COMPARED = 8


def forecast_findings(
    run: Run, windows: Windows, predictor: ForecastPredictor
) -> Iterator[Finding]:
    """Yield the findings of a run with data."""
    if is_constant(run, windows, predictor):
        forecast = "change that is forecast" if run.recipe.residual else "forecast"
        yield Finding(
            "constant",
            f"The {forecast} is the same for all windows, whatever the network is shown.",
            ("a lower learning rate", "norm='batch'", "loss='mse'", "more seconds"),
        )
    total = run.skill.total
    if total is not None and total <= 0:
        better = "better" if total else "as good"
        yield Finding(
            "worse",
            f"A forecast without a network is {better} (skill {total:.0%}).",
            ("more seconds", "a design that sees farther", "cw.overfit, to see if it can learn"),
        )


def is_constant(run: Run, windows: Windows, predictor: ForecastPredictor) -> bool:
    """Whether the forecasts hardly differ while the truth does.

    Of a residual network the changes are compared: with the last frame added, they always differ.
    """
    numbers = run.split.test or run.split.train
    step = max(1, len(numbers) // COMPARED)
    chosen = numbers[::step][:COMPARED]
    if len(chosen) < 2:
        return False
    x, y, *ahead = windows.gather_all(chosen)
    forecasts = predictor.frames_from(run, x, *ahead)
    if run.recipe.residual:
        before = windows.past_targets(chosen, x)
        last = predictor.transform.filled_targets(before)[:, -1:]
        forecasts, y = forecasts - last, y - last
    known = torch.isfinite(y)
    own = torch.where(known, forecasts - forecasts.mean(0), 0.0).std()
    truth = torch.where(known, y, 0.0)
    wanted = torch.where(known, truth - truth.mean(0), 0.0).std()
    return bool(wanted > 0) and bool(own < FLAT * wanted)
