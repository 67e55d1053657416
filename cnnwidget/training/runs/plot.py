"""Runs as matplotlib figures, to save, print or publish."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from cnnwidget.training.loop.events import Epoch
from cnnwidget.training.recipe import loss_in_words

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run

COLOURS = {"training": "#8a8f98", "validation": "#2f6fb7"}
# One for each baseline.
DASHES = (
    (0, (5, 3)),
    (0, (2, 2)),
    (0, (8, 2, 2, 2)),
    (0, (1, 3)),
    (0, (8, 2, 1, 2, 1, 2)),
    (0, (3, 5)),
    (0, (12, 3)),
)
# More frames than this do not fit side by side.
MOST_FRAMES = 5
# Places without a value are grey, as in the panel, which is none of the colours of a value.
COLOUR_MAP = colormaps["viridis"].with_extremes(bad="#8c8c8c")


class Picture(Figure):
    """A figure that a notebook shows by itself; without pyplot, which is not safe in threads."""

    def _repr_png_(self) -> bytes:
        drawn = io.BytesIO()
        self.savefig(drawn, format="png", dpi=110)
        return drawn.getvalue()


def picture_of(run: Run) -> Picture:
    """Return loss curves and, beside them, the pictures of the last test example."""
    shape = None if run.data is None else run.torch_task.picture_shape(run)
    with_frames = shape is not None and len(shape) <= 4  # of one axis or two
    figure = Picture(figsize=(11 if with_frames else 5, 4), layout="constrained")
    if not with_frames:
        draw_curves(figure.add_subplot(), run)
        return figure
    halves = figure.add_gridspec(1, 2, width_ratios=(2, 3))
    left, right = figure.add_subfigure(halves[0]), figure.add_subfigure(halves[1])
    draw_curves(left.add_subplot(), run)
    draw_frames(right, run)
    return figure


def draw_curves(axes: Axes, run: Run) -> None:
    """Draw training and validation loss over the epochs, baselines dashed."""
    epochs = [each.epoch for each in run.curve]
    axes.plot(
        epochs,
        [each.train_drawn for each in run.curve],
        color=COLOURS["training"],
        label="training",
        marker="." if len(epochs) < 3 else None,
    )
    if run.split.validation:
        axes.plot(
            epochs,
            [np.nan if each.validation is None else each.validation for each in run.curve],
            color=COLOURS["validation"],
            linewidth=2,
            label="validation",
            marker="." if len(epochs) < 3 else None,
        )
    # A run that was stopped at once has none of them yet.
    for (name, value), dashes in zip(run.baselines, DASHES, strict=False):
        if np.isfinite(value):
            axes.axhline(value, color="#b5761c", linestyle=dashes, linewidth=1.2, label=name)
    if run.best is not None:
        axes.plot(
            run.best.epoch, run.best.score, "o", mfc="none", color="#222", label="best weights"
        )
    losses = [loss for each in run.curve for loss in (each.train, each.score)]
    values = [*losses, *(value for _, value in run.baselines)]
    if any(0 < value < np.inf for value in values):
        axes.set_yscale("log")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("epoch")
    axes.set_ylabel(f"{loss_in_words(run.recipe.loss)} of the scaled data")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)


def draw_frames(figure: SubFigure, run: Run) -> None:
    """Draw some frames of each picture on one colour scale, and the error."""
    numbers = run.split.test or run.split.train
    pictures = run.torch_task.pictures(run, numbers[-1:], beyond=False)
    assert pictures is not None
    # In 64 bits: matplotlib multiplies by the number of colours, which 32 may not hold.
    prediction = pictures.prediction[0, :, 0].astype(np.float64)
    expected = pictures.truth[0, :, 0].astype(np.float64)
    error = np.abs(prediction - expected)
    chosen = np.unique(np.linspace(0, len(expected) - 1, MOST_FRAMES).astype(int))
    low, high = pictures.ranges[0]
    rows = (
        *(
            (name, values[0, :, 0].astype(np.float64), (low, high))
            for name, values in pictures.further
        ),
        (pictures.truth_name, expected, (low, high)),
        (pictures.prediction_name, prediction, (low, high)),
        ("error", error, (0, high - low)),
    )
    grid = figure.subplots(len(rows), len(chosen), squeeze=False)
    for number, ((name, frames, limits), line) in enumerate(zip(rows, grid, strict=True)):
        for at, axes in zip(chosen, line, strict=True):
            if frames.ndim == 2:
                axes.plot(frames[at], linewidth=1)
                axes.set_ylim(*limits)
            else:
                shown = axes.imshow(frames[at], cmap=COLOUR_MAP, vmin=limits[0], vmax=limits[1])
            axes.set_xticks([])
            axes.set_yticks([])
            if number == 0:
                axes.set_title(pictures.frames[at], fontsize=9)
        line[0].set_ylabel(name)
        if expected.ndim == 3:
            figure.colorbar(shown, ax=line.tolist(), fraction=0.05, pad=0.02)


def curves_of(histories: Mapping[str, Sequence[Epoch]]) -> Picture:
    """Draw the loss of each run: over epochs on the left, over seconds on the right.

    Args:
        histories: epochs by the names of the runs; the losses must be of the same data and kind to
            be compared.
    """
    figure = Picture(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for name, history in histories.items():
        scores = [each.score if np.isfinite(each.score) else np.nan for each in history]
        marker = "." if len(history) < 3 else None
        label = name.replace("$", r"\$")  # no mathematics in names
        left.plot([each.epoch for each in history], scores, marker=marker, label=label)
        right.plot([each.seconds for each in history], scores, marker=marker)
    losses = [each.score for history in histories.values() for each in history]
    if any(0 < loss < np.inf for loss in losses):
        left.set_yscale("log")
    left.set_xlabel("epoch")
    right.set_xlabel("seconds")
    left.set_ylabel("loss, validation where there is one")
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    if histories:
        left.legend(frameon=False, fontsize=8)
    return figure
