"""Runs as the stage shows them: lines of a table and curves, in plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnwidget.panel.views.network_view import short_count
from cnnwidget.panel.views.training_view import number, points_of
from cnnwidget.training.recipe import loss_in_words
from cnnwidget.training.runs.collection import MOST_PASSING, Entry, Runs
from cnnwidget.training.runs.run_table import line_of

if TYPE_CHECKING:  # torch comes with it
    from cnnwidget.training.runs.run import Run

# Points of a curve: the picture of all of them is some hundred pixels wide.
MOST_POINTS = 200
DIGITS = 5
RESTORES = "Bring back its design, its data and its settings, and show its {}"
RESTORES_NO_DATA = "Bring back its design and its settings; its data are not here any more"


def run_row(name: str, held: Entry, *, shown: bool, deleted: bool) -> dict[str, Any]:
    """Return a row of the table; figures that are not measured yet are None.

    Args:
        name: of the run.
        held: the run.
        shown: whether it is the one that the panel shows.
        deleted: whether it can still be put back.
    """
    run = held.run
    line = line_of(name, run, measure=False)
    return {
        **line._asdict(),
        "error": number(line.error),
        "skill": number(line.skill),
        "number": held.number,
        "macs_text": short_count(line.macs),
        "of": f"{run.design!r} on {run.data_name}",
        "restores": RESTORES_NO_DATA if run.data is None else RESTORES.format(run.task.noun),
        "shown": shown,
        "deleted": deleted,
    }


def curve_of(run: Run) -> dict[str, Any]:
    """Return the loss that the best epoch is chosen by, over epochs and over seconds."""
    kept = points_of(run.curve, run.best, MOST_POINTS)
    losses = [number(each.score) for each in kept]
    return {
        "epoch": [each.epoch for each in kept],
        "seconds": [round(each.seconds, 2) for each in kept],
        "loss": [None if loss is None else float(f"{loss:.{DIGITS}g}") for loss in losses],
    }


def curves_view(held: Mapping[str, Entry]) -> dict[str, Any]:
    """Return all curves by the numbers of their runs, and the name of their loss."""
    measures = {
        f"{held_out(each.run)} {loss_in_words(each.run.recipe.loss)}" for each in held.values()
    }
    return {
        "curves": {str(each.number): curve_of(each.run) for each in held.values()},
        "measure": measures.pop() if len(measures) == 1 else "loss",
    }


def held_out(run: Run) -> str:
    """Return the part of the data that the best epoch is chosen by."""
    return "validation" if run.split.validation else "training"


def comparison_limits(runs: Runs) -> str:
    """Return what limits a comparison of these runs, in a line; empty if nothing does."""
    sentences = []
    found = list(runs)
    nouns = {run.task.noun for run in found}
    noun = nouns.pop() if len(nouns) == 1 else "task"
    if len({task_and_data(run) for run in found}) > 1:
        sentences.append(
            f"Not all of these are the same {noun} of the same data: compare their skill."
        )
    elif len({(run.recipe.loss, run.recipe.scaling) for run in found}) > 1:
        sentences.append(
            "Not all of these have the same loss: compare their error, not their curves."
        )
    if runs.dropped:
        are = "1 older run has" if runs.dropped == 1 else f"{runs.dropped} older runs have"
        sentences.append(
            f"{are} made room: of runs that nobody has renamed the last {MOST_PASSING} stay."
        )
    return " ".join(sentences)


def task_and_data(run: Run) -> tuple[Any, ...]:
    """Return the task of a run, the lengths of its examples, and its data."""
    lengths = [getattr(run.recipe, name) for name in run.task.follows.values()]
    return (run.recipe.task, run.data_name, *lengths)
