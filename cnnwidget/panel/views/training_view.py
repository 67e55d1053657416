"""A training as the stage shows it: curves, pictures and skill, in plain JSON and bytes.

Nothing that brings torch is imported from `training` but for the type checker.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.preview import MOST_BYTES, thinned
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.panel.views.data_scale import bytes_of_range
from cnnwidget.training.recipe import loss_in_words

if TYPE_CHECKING:
    from cnnwidget.training.loop.events import Epoch
    from cnnwidget.training.loop.training import Training
    from cnnwidget.training.runs.run import Run

# More points than this a curve on a page does not show.
MOST_POINTS = 400
MOST_LIVE = 120
MOST_SAMPLES = 8
# So many multiply-accumulates are spent on a picture: a tenth of a second on two cores.
MACS_OF_A_PICTURE = 2_000_000_000


def training_view(training: Training, live: list[tuple[float, float]]) -> dict[str, Any]:
    """Return curves and progress as they are now."""
    return {
        "progress": training.progress,
        "left": time_left(training),
        "line": progress_line(training),
        **curve_view(training, training.best[0], live),
    }


def curve_view(
    past: Training | Run, best: Epoch | None, live: list[tuple[float, float]]
) -> dict[str, Any]:
    """Return losses over the epochs, the baselines, and which epoch is best."""
    kept = points_of(past.curve, best, MOST_POINTS)
    held_out = bool(past.split.validation)
    return {
        "measure": f"{loss_in_words(past.recipe.loss)}, as a share of the data's range",
        "curve": {
            "epoch": [each.epoch for each in kept],
            "train": [number(each.train_drawn) for each in kept],
            "valid": [number(each.validation) for each in kept] if held_out else None,
        },
        # Of the epoch that is running: those that are over have a point of their own.
        "live": [[at, number(loss)] for at, loss in live[-MOST_LIVE:] if at > len(past.history)],
        "baselines": [
            {"name": name, "value": number(loss)} for name, loss in dict(past.baselines).items()
        ],
        "best": next((at for at, each in enumerate(kept) if each is best), None),
        "split": past.split.sentence,
    }


def points_of(history: Sequence[Epoch], best: Epoch | None, most: int) -> list[Epoch]:
    """Return every n-th epoch, the last, and the best, which has a mark."""
    every = -(-len(history) // most) or 1
    last = len(history) - 1
    return [
        each for at, each in enumerate(history) if at % every == 0 or at == last or each is best
    ]


def run_curves(run: Run) -> dict[str, Any]:
    """Return the curve of an earlier run, and how much of its budget was used."""
    recipe, history = run.recipe, run.history
    spent = history[-1].seconds if recipe.epochs is None and history else len(history)
    share = min(1.0, spent / (recipe.seconds or recipe.epochs or 1))
    return {
        "progress": 1.0 if run.ending == "finished" else share,
        **curve_view(run, run.best, []),
    }


def number(value: float | None) -> float | None:
    """Return a number, or None if JSON has none such."""
    return value if value is not None and isfinite(value) else None


def progress_line(training: Training) -> str:
    """Return the progress of a training in a line."""
    history = training.history
    if training.ending == "stopped" and not history:
        kept = "no curve yet" if training.start is None else "it stays at its reference"
        return f"Stopped within epoch 1: {kept}."
    epochs = training.recipe.epochs
    planned = training.budget.first + epochs if epochs else None
    if not history:
        return f"epoch 1 of {planned}" if planned else "epoch 1"
    return history[-1].line(planned)


def run_line(run: Run) -> str:
    """Return how an earlier run has ended, in a line."""
    return run.history[-1].line() if run.history else "No epoch was finished."


def time_left(training: Training, further: int = 0) -> str:
    """Return the time that is left in words, with further trainings as long as this one."""
    left = training.budget.left(training.position)
    if not isfinite(left):
        return ""
    seconds = left + further * (training.budget.seconds + left)
    if seconds < 100:
        return f"{seconds:.0f} s left"
    minutes = seconds / 60
    return f"{minutes:.0f} min left" if minutes < 100 else f"{minutes / 60:.1f} h left"


def skill_view(run: Run) -> dict[str, Any]:
    """Return the skill in words, and errors line by line."""
    if run.ending == "diverged" and run.best is None:
        return {"verdict": "", "good": None, "skill": None, "findings": run.advice}
    skill, table = run.skill, run.metrics.table
    return {
        "verdict": skill.sentence,
        "good": skill.beats_all,
        "findings": run.advice,
        "skill": {
            "line": table.line,
            "lines": list(table.lines),
            "overall": table.overall,
            "names": list(table.names),
            "errors": [[number(each) for each in errors] for errors in table.errors],
            "skill": [number(each) for each in table.skill],
            "unit": table.unit,
            # Over all lines, in the order of `names`, and what each of them is.
            "figures": [
                {"name": name, "meaning": meaning, "values": [*map(number, values)]}
                for name, meaning, values in table.figures
            ],
        },
    }


class FramesPicture(NamedTuple):
    """Examples as the page draws them; all bytes are (samples, frames, channels, *size).

    If the view has a reason for `empty` places, a byte of 0 is such a place, and 1 is the lowest
    value.

    Attributes:
        view: names, sizes, ranges.
        truth: zeros where a sample has none.
        prediction: of the network.
        further: the task's further pictures, one after the other.
    """

    view: dict[str, Any]
    truth: bytes
    prediction: bytes
    further: bytes


def frames_picture(run: Run, key: str) -> FramesPicture | None:
    """Return some examples, and what comes after the data; None if the task has no pictures."""
    task, split = run.torch_task, run.split
    shape = task.picture_shape(run)
    if shape is None:
        return None
    axes = len(shape) - 2
    numbers = split.test or split.train
    a_sample = thinned(np.broadcast_to(np.uint8(0), shape), axes).size
    affordable = MACS_OF_A_PICTURE // max(1, plan_of(run.design).macs) - 1
    sendable = MOST_BYTES // (2 * a_sample) - 1
    count = max(1, min(MOST_SAMPLES, len(numbers), sendable, affordable))
    chosen = [numbers[at] for at in np.unique(np.linspace(0, len(numbers) - 1, count).astype(int))]
    pictures = task.pictures(run, chosen, beyond=True)
    if pictures is None:
        return None
    sent = (pictures.truth, pictures.prediction, *(values for _, values in pictures.further))
    truth, prediction, *further = (thinned(each, axes) for each in sent)
    view = {
        "key": key,
        "size": list(truth.shape[3:]),
        "truth_name": pictures.truth_name,
        "prediction_name": pictures.prediction_name,
        "further": [name for name, _ in pictures.further],
        "frame": pictures.frame,
        "frames": list(pictures.frames),
        "samples": list(pictures.examples),
        "has_truth": list(pictures.has_truth),
        "channels": list(pictures.channels),
        "ranges": [list(each) for each in pictures.ranges],
        "empty": pictures.empty,
    }
    as_bytes = partial(in_bytes, ranges=list(pictures.ranges), gaps=bool(pictures.empty))
    return FramesPicture(
        view, as_bytes(truth), as_bytes(prediction), b"".join(map(as_bytes, further))
    )


def in_bytes(values: NDArray[Any], ranges: list[tuple[float, float]], *, gaps: bool) -> bytes:
    """Return values as bytes, each variable on its own scale, cut off at its ends.

    Args:
        values: (samples, frames, channels, *size).
        ranges: the lowest and the highest value of each variable.
        gaps: whether 0 is for what is NaN, and 1 the lowest; else 0 is the lowest.

    Example:
        >>> values = np.array([np.nan, -1.0, 1.0, 9.0]).reshape(1, 1, 1, 4)
        >>> list(in_bytes(values, [(0.0, 2.0)], gaps=True))
        [0, 1, 128, 255]
    """
    sent = np.empty(values.shape, np.uint8)
    for channel, (low, high) in enumerate(ranges):
        cut = np.clip(values[:, :, channel].astype(np.float64), low, high)
        sent[:, :, channel] = bytes_of_range(cut, low, high, lowest=1 if gaps else 0)
    return sent.tobytes()
