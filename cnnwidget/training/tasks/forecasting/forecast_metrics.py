"""The metrics of a run of forecasts: all figures of network and baselines, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnwidget.data.windows.windows import Windows
from cnnwidget.training.metrics.baselines import histories, names_of_rules, rules
from cnnwidget.training.metrics.metrics import Metrics, VariableErrors
from cnnwidget.training.metrics.score_sums import ScoreSums
from cnnwidget.training.metrics.scores import Errors
from cnnwidget.training.metrics.season import season_of
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
    means, scaled = transform.target_means, windows.scaled(transform.scales)
    season = season_of(run.recipe.period, windows.frames.labels.times)
    # Rules that are made from training frames know the truth of these.
    of_rules = names_of_rules(windows.cut, season, with_training=bool(split.test))
    found = rules(of_rules, scaled, season, means, stopped)
    if found is None:
        return None
    numbers, part = (split.test, "test") if split.test else (split.train, "training")
    batch, columns = run.recipe.batch_size, ("network", *found)
    sums = ScoreSums(
        columns,
        windows.forecast_len,
        low=transform.scaled_lows,
        span=transform.scaled_spans,
        units=transform.spans,
        size=predictor.size,
        gaps=windows.has_gaps,
    )
    for start in range(0, len(numbers), batch):
        if stopped():
            return None
        chosen = numbers[start : start + batch]
        truth = scaled.gather(chosen)[1]
        own = predictor.forecast_at(run, scaled.contents, *scaled.frame_numbers(chosen))
        given = histories(scaled, chosen, season, means)
        forecasts = {name: rule.forecast(*given) for name, rule in found.items()}
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
        tuple(sums.spread("network", name, windows.cut.stride) for name in found),
    )


def errors_of(
    sums: ScoreSums, columns: tuple[str, ...], variable: int | None
) -> tuple[Errors, tuple[tuple[str, Errors], ...]]:
    """Return the errors of the network, and name and errors of each baseline."""
    (_, network), *others = ((name, sums.errors(name, variable)) for name in columns)
    return network, tuple(others)
