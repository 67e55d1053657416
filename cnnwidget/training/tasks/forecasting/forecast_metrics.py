"""The metrics of a run of forecasts: all figures of network and baselines, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cnnwidget.data.windows.windows import Windows
from cnnwidget.training.metrics.baselines import baselines_of
from cnnwidget.training.metrics.climatology import climatology_of
from cnnwidget.training.metrics.metrics import Metrics, VariableErrors
from cnnwidget.training.metrics.score_sums import ScoreSums
from cnnwidget.training.metrics.scores import Errors
from cnnwidget.training.tasks.forecasting.predictor import ForecastPredictor
from cnnwidget.training.tasks.task_protocol import StopAsked

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run


def measure(
    run: Run, windows: Windows, predictor: ForecastPredictor, stopped: StopAsked
) -> Metrics | None:
    """Return the figures over all known pixels, of the network and of all baselines.

    Args:
        run: whose network it is.
        windows: its data: the test windows are measured, or else the training windows.
        predictor: of the run.
        stopped: asked before each batch of windows whether to give up.

    Returns:
        The metrics of all of these windows, or None if `stopped` said so.
    """
    split, transform, names = windows.split, predictor.transform, predictor.names
    climatology, period = None, run.recipe.period
    if period is not None and split.test:  # it is made of training frames, whose truth it knows
        means = transform.target_means
        climatology = climatology_of(windows, split.train, period, means, stopped)
        if climatology is None:
            return None
    baselines = baselines_of(windows.cut, climatology)
    numbers, part = (split.test, "test") if split.test else (split.train, "training")
    batch, columns = run.recipe.batch_size, ("network", *baselines)
    low = [lowest for lowest, _ in transform.ranges]
    scale = (low, transform.spans, predictor.size)
    sums = ScoreSums(columns, windows.forecast_len, *scale, gaps=windows.has_gaps)
    with torch.no_grad():
        for start in range(0, len(numbers), batch):
            if stopped():
                return None
            chosen = numbers[start : start + batch]
            x, truth, *ahead = windows.gather_all(chosen)
            before = windows.past_targets(chosen, x)
            if windows.has_gaps:
                before = transform.filled_targets(before)
            forecasts = {name: baseline(before, chosen) for name, baseline in baselines.items()}
            own = predictor.frames_from(run, x, *ahead)
            sums.add(truth, {"network": own} | forecasts)
    several = len(names) > 1
    return Metrics(
        part,
        len(numbers),
        *errors_of(sums, columns, None),
        tuple(
            VariableErrors(name, *errors_of(sums, columns, number))
            for number, name in enumerate(names)
            if several
        ),
    )


def errors_of(
    sums: ScoreSums, columns: tuple[str, ...], variable: int | None
) -> tuple[Errors, tuple[tuple[str, Errors], ...]]:
    """Return the errors of the network, and name and errors of each baseline."""
    (_, network), *others = ((name, sums.errors(name, variable)) for name in columns)
    return network, tuple(others)
