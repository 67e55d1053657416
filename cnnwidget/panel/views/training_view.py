"""A training as what the stage shows: curves, frames, skill, in plain JSON and bytes.

Nothing that brings torch is imported from `training` but for the type checker.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.preview import MOST_BYTES, thinned
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training.recipe import loss_in_words

if TYPE_CHECKING:
    from cnnwidget.training.loop.history import Epoch
    from cnnwidget.training.loop.training import Training
    from cnnwidget.training.runs.run import Run

# More points than this a curve on a page does not show.
MOST_POINTS = 400
MOST_LIVE = 120
MOST_SAMPLES = 8
# So many multiply-accumulates are spent on a picture: a tenth of a second on two cores.
MACS_OF_A_PICTURE = 2_000_000_000


def training_view(training: Training, live: list[tuple[float, float]]) -> dict[str, Any]:
    """Curves and progress as they are now."""
    return {
        "progress": training.progress,
        "left": time_left(training),
        "line": progress_line(training),
        **curve_view(training, training.kept[0], live),
    }


def curve_view(
    past: Training | Run, best: Epoch | None, live: list[tuple[float, float]]
) -> dict[str, Any]:
    """Losses over the epochs, the baselines, and which epoch is best."""
    history = list(past.history)
    kept = points_of(history, best, MOST_POINTS)
    held_out = bool(past.split.validation)
    return {
        "measure": f"{loss_in_words(past.recipe.loss)}, as a share of the data's range",
        "curve": {
            "epoch": [each.epoch for each in kept],
            "train": [number(each.train) for each in kept],
            "valid": [number(each.validation) for each in kept] if held_out else None,
        },
        # Of the epoch that is running: those that are over have a point of their own.
        "live": [[at, number(loss)] for at, loss in live[-MOST_LIVE:] if at > len(history)],
        "baselines": [
            {"name": name, "value": number(loss)} for name, loss in dict(past.baselines).items()
        ],
        "best": next((at for at, each in enumerate(kept) if each is best), None),
        "split": past.split.sentence,
    }


def points_of(history: Sequence[Epoch], best: Epoch | None, most: int) -> list[Epoch]:
    """Every n-th epoch, the last, and the best, which has a mark: as many as a page shows."""
    every = -(-len(history) // most) or 1
    last = len(history) - 1
    return [
        each for at, each in enumerate(history) if at % every == 0 or at == last or each is best
    ]


def run_curves(run: Run) -> dict[str, Any]:
    """The curve of a run of earlier, and how much of its budget was used."""
    recipe, history = run.recipe, run.history
    spent = history[-1].seconds if recipe.epochs is None and history else len(history)
    share = min(1.0, spent / (recipe.seconds or recipe.epochs or 1))
    return {
        "progress": 1.0 if run.ending == "finished" else share,
        **curve_view(run, run.best, []),
    }


def number(value: float | None) -> float | None:
    """A number that JSON has, or nothing."""
    return value if value is not None and isfinite(value) else None


def progress_line(training: Training) -> str:
    """Where it is, in a line."""
    history = training.history
    if training.ending == "stopped" and not history:
        return "Stopped within epoch 1: no curve yet."
    planned = training.recipe.epochs
    of = f" of {training.budget.first + planned}" if planned else ""
    if not history:
        return f"epoch 1{of}"
    return losses_line(history[-1], of)


def run_line(run: Run) -> str:
    """Where a run of earlier has ended, in a line."""
    return losses_line(run.history[-1], "") if run.history else "No epoch was finished."


def losses_line(last: Epoch, of: str) -> str:
    """An epoch and its losses."""
    held_out = "" if last.validation is None else f" · validation {last.validation:.4f}"
    return f"epoch {last.epoch}{of} · training {last.train:.4f}{held_out}"


def time_left(training: Training, further: int = 0) -> str:
    """How long it will take yet, with further trainings as long as it, in words."""
    left = training.budget.left(training.position)
    if not isfinite(left):
        return ""
    seconds = left + further * (training.budget.seconds + left)
    if seconds < 100:
        return f"{seconds:.0f} s left"
    minutes = seconds / 60
    return f"{minutes:.0f} min left" if minutes < 100 else f"{minutes / 60:.1f} h left"


def skill_view(run: Run) -> dict[str, Any]:
    """The verdict and errors lead by lead."""
    if run.ending == "diverged" and run.best is None:
        return {"verdict": "", "good": None, "skill": None, "advice": run.advice}
    skill, metrics = run.skill, run.metrics
    named = [("network", metrics.network), *metrics.baselines]
    return {
        "verdict": skill.sentence,
        "good": skill.beats_all,
        "advice": run.advice,
        "skill": {
            "leads": list(range(1, len(skill.per_lead) + 1)),
            "names": [name for name, _ in named],
            "errors": [[number(each) for each in errors.mae_per_lead] for _, errors in named],
            "skill": [None if each is None else number(each) for each in skill.per_lead],
            "unit": "mean absolute error, " + (metrics.shares or "in the data's units"),
            # Over all lead times, in the order of `names`, and what each of them is.
            "figures": [
                {"name": name, "meaning": meaning, "values": [*map(number, metrics.figures(name))]}
                for name, meaning in metrics.definitions.items()
            ],
        },
    }


def frames_picture(run: Run, key: str) -> tuple[dict[str, Any], bytes, bytes]:
    """Truth and prediction of some windows, and the forecast beyond the data.

    Returns:
        What to tell of them, and the bytes of both: (samples, leads, channels, *size), the last
        sample without a truth. Where the view says what is `empty`, a byte of 0 is a place without
        a value, and 1 is the lowest.
    """
    assert run.windows is not None
    windows, split = run.windows, run.split
    axes = len(run.task.size)
    steps, given = run.recipe.forecast_len, run.recipe.pre_history_len
    part = "test" if split.test else "training"
    numbers = split.test or split.train
    _, truth = windows.gather(numbers[:1])
    a_sample = thinned(truth.numpy(), axes).size
    affordable = MACS_OF_A_PICTURE // max(1, plan_of(run.design).macs) - 1
    sendable = MOST_BYTES // (2 * a_sample) - 1
    count = max(1, min(MOST_SAMPLES, len(numbers), sendable, affordable))
    chosen = [numbers[at] for at in np.unique(np.linspace(0, len(numbers) - 1, count).astype(int))]
    history, truth = windows.gather(chosen)
    predicted = thinned(run.in_units(history).numpy(), axes)
    beyond = thinned(run.in_units(*windows.inputs_beyond_end()).numpy(), axes)
    expected = thinned(truth.numpy(), axes)
    ranges = run.transform.ranges
    reasons = (
        ("missing", windows.frames.missing == "leave out"),
        ("not forecast", windows.frames.valid is not None),
    )
    empty = " or ".join(reason for reason, holds in reasons if holds)
    labels = [
        f"{part}: frames {at}–{at + given - 1} → {at + given}–{at + given + steps - 1}"
        for at in chosen
    ]
    view = {
        "version": len(labels),
        "key": key,
        "size": list(expected.shape[3:]),
        "leads": [f"+{lead}" for lead in range(1, steps + 1)],
        "samples": [*labels, "beyond the last frame"],
        "has_truth": [True] * len(labels) + [False],
        "channels": list(run.names),
        "ranges": [list(each) for each in ranges],
        "empty": empty,
    }
    told = np.concatenate([predicted, beyond])
    if run.valid is not None:
        told[..., ~thinned(run.valid[list(run.make_up.targets)], axes)] = np.nan
    truths = np.concatenate([expected, np.zeros_like(beyond)])
    gaps = bool(empty)
    return view, in_bytes(truths, ranges, gaps=gaps), in_bytes(told, ranges, gaps=gaps)


def in_bytes(values: NDArray[Any], ranges: list[tuple[float, float]], *, gaps: bool) -> bytes:
    """Values as bytes, each variable on its own scale, whose ends are for what is beyond it.

    Args:
        values: (samples, leads, variables, *size).
        ranges: the lowest and the highest value of each variable.
        gaps: whether 0 is for what is NaN, and 1 the lowest; else 0 is the lowest.

    Example:
        >>> values = np.array([np.nan, -1.0, 1.0, 9.0]).reshape(1, 1, 1, 4)
        >>> list(in_bytes(values, [(0.0, 2.0)], gaps=True))
        [0, 1, 128, 255]
    """
    lows, highs = np.array(ranges).T.reshape(2, -1, *[1] * (values.ndim - 3))
    shares = (np.clip(values.astype(np.float64), lows, highs) - lows) / (highs - lows)
    lowest = 1 if gaps else 0
    told = lowest + np.rint((255 - lowest) * shares)
    return bytes(np.nan_to_num(told).astype(np.uint8).tobytes())
