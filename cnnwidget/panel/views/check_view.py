"""The result of a check as JSON for the page: a plot and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnnwidget.panel.views.training_view import MOST_POINTS, number, points_of
from cnnwidget.training.recipe import HIGHEST_RATE, LOWEST_RATE

if TYPE_CHECKING:  # torch comes with these
    from cnnwidget.training.checks.find_lr import LearningRates
    from cnnwidget.training.checks.overfit import Overfitted
    from cnnwidget.training.loop.events import Epoch
    from cnnwidget.training.runs.compare_runs import RunComparison


def rate_view(points: Sequence[tuple[float, float]], found: LearningRates | None) -> dict[str, Any]:
    """Return the loss over the learning rate, with the suggestion marked.

    Args:
        points: rates and losses so far.
        found: the result; None before the end.

    Example:
        >>> rate_view([(1e-4, 0.5), (1e-3, 0.4)], None)["plot"]["x"]
        [0.0001, 0.001]
    """
    plot = {
        "x": [rate for rate, _ in points],
        "y": [number(loss) for _, loss in points],
        "scale": "log",
        "x_range": [LOWEST_RATE, HIGHEST_RATE],
        "x_name": "learning rate",
        "y_name": "training loss, smoothed",
    }
    if found is None:
        return {"plot": plot, "good": None}
    if found.learns:
        plot["mark"] = {"x": found.suggestion, "name": f"lr={found.suggestion:g}"}
    return {"plot": plot, "good": found.learns, "sentence": found.sentence}


def batch_view(history: Sequence[Epoch], found: Overfitted | None) -> dict[str, Any]:
    """Return the loss of one batch, step by step, and the loss below which it is learned.

    Args:
        history: of its training so far; an epoch is a step.
        found: the result; None before the end.
    """
    from cnnwidget.training.checks.overfit import LEARNED

    best = min(history, key=lambda each: each.train, default=None)
    shown = points_of(history, best, MOST_POINTS)
    plot: dict[str, Any] = {
        "x": [each.epoch for each in shown],
        "y": [number(each.train) for each in shown],
        "scale": "linear",
        "x_name": "step",
        "y_name": "loss of the batch",
    }
    if history:
        plot["mark"] = {"y": LEARNED * history[0].train, "name": "by heart below this"}
    if found is None:
        return {"plot": plot, "good": None}
    return {"plot": plot, "good": found.learned, "sentence": found.sentence}


def sweep_view(
    field: str, names: list[str], found: RunComparison | None, *, last: bool
) -> dict[str, Any]:
    """Return the figure of each value that has been trained.

    Args:
        field: the field that is swept.
        names: of all values, in their order.
        found: the comparison of those that have been trained; None before the first.
        last: whether the sweep has ended.

    Example:
        >>> sweep_view("depth", ["depth 2", "depth 3"], None, last=False)["plot"]["names"]
        ['2', '3']
    """
    plot: dict[str, Any] = {
        "x": list(range(len(names))),
        "y": [number(found.figures.get(name)) if found else None for name in names],
        "names": [name.removeprefix(f"{field} ") for name in names],
        "scale": "names",
        "x_name": field,
        "y_name": found.measure if found else "loss",
    }
    if found is None or not last:
        return {"plot": plot, "good": None}
    if found.best is not None:
        plot["mark"] = {"point": names.index(found.best)}
    return {"plot": plot, "good": found.best is not None, "sentence": found.sentence}
