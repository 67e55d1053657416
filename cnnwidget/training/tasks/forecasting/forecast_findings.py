"""Findings in forecasts: always the same, or worse than a forecast without a network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnwidget.data.windows.windows import Windows
from cnnwidget.training.metrics.skill import with_article
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
    if run.best is not None and not run.best.epoch and predictor.reference is not None:
        yield Finding(
            "reference",
            f"No epoch was better than the reference on validation: the forecast is that of "
            f"{with_article(predictor.reference.name)}, to which the network adds nothing.",
            ("more seconds", "fewer channels", "more frames"),
        )
    elif is_constant(run, windows, predictor):
        forecast = "forecast" if predictor.reference is None else "change that is forecast"
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

    Of a network that adds to a reference, what it adds is compared: the reference differs.
    """
    numbers = run.split.test or run.split.train
    step = max(1, len(numbers) // COMPARED)
    chosen = numbers[::step][:COMPARED]
    if len(chosen) < 2:
        return False
    scaled = windows.scaled(predictor.transform.scales)
    numbers_of = scaled.frame_numbers(chosen)
    forecasts, y = (
        predictor.forecast_at(run, scaled.contents, *numbers_of),
        scaled.gather(chosen)[1],
    )
    if predictor.reference is not None:
        phases = predictor.phases(np.concatenate(numbers_of, axis=1), windows.frames.labels)
        reference = predictor.reference_from(scaled.past_targets(chosen), phases)
        forecasts, y = forecasts - reference, y - reference
    known = torch.isfinite(y)
    own = torch.where(known, forecasts - forecasts.mean(0), 0.0).std()
    truth = torch.where(known, y, 0.0)
    wanted = torch.where(known, truth - truth.mean(0), 0.0).std()
    return bool(wanted > 0) and bool(own < FLAT * wanted)
