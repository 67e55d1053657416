"""`train` and `fit`: a design and frames, trained step by step or in one call."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from cnnwidget.design.design_types import Design
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.training.checkpoints.checkpoint_writer import CheckpointWriter
from cnnwidget.training.fit_arguments import TABLES, check_names, check_task, recipe_for
from cnnwidget.training.loop.events import Epoch
from cnnwidget.training.loop.training import Training
from cnnwidget.training.runs.run import Run
from cnnwidget.training.setting import takes_settings
from cnnwidget.training.tasks.task_protocol import DEFAULT_TASK
from cnnwidget.training.tasks.task_table import task_named


@takes_settings(*TABLES)
def train(design: Design | Plan, frames: object, **settings: Any) -> Training:
    """Return a training to loop over: each turn trains on and gives a `Step` or an `Epoch`.

    Args:
        design: any design whose channels are time steps times variables.
        frames: anything that `cw.load` takes; or `cw.windows`, perhaps with a custom split. Other
            series are scaled by the training part of each of their channels.
        **settings: of the training.

    Returns:
        The training. `.stop()` ends the loop from any thread, `.run` is the run so far, and looping
        again goes on.

    Raises:
        DesignError: if the design does not fit the frames.
        DataError: if the frames cannot be used.
        CnnwidgetError: if a setting is unknown, out of bounds, or does not go with the frames.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=60, size=(16, 16))
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2)
        >>> training = cw.train(design, frames, epochs=2)
        >>> sum(isinstance(event, Epoch) for event in training)
        2
        >>> len(training.run.history)
        2
    """
    check_names(settings, "train")
    plan = plan_of(design)
    task = task_named(settings.get("task", DEFAULT_TASK))
    check_task(task, settings)
    data, following = task.torch_half().data(plan, frames, settings)
    return Training(plan, data, recipe_for(plan, data, settings, following))


@takes_settings(*TABLES)
def fit(
    design: Design | Plan,
    frames: object,
    *,
    progress: bool = True,
    folder: str | Path | None = None,
    **settings: Any,
) -> Run:
    """Train a network with a progress bar, and return the run.

    An interrupt ends the training early; the best weights so far are kept.

    Args:
        design: any design whose channels are time steps times variables.
        frames: anything that `cw.load` takes, or `cw.windows`.
        progress: whether to draw a progress bar.
        folder: where the run is saved after each epoch, so that `cw.resume` goes on from there
            whatever ends the process. None saves nothing; `run.save` does so afterwards.
        **settings: of the training.

    Returns:
        History, best weights, metrics and skill.

    Raises:
        DesignError: if the design does not fit the frames.
        DataError: if the frames cannot be used.
        CnnwidgetError: if a setting is unknown, out of bounds, or does not go with the frames; if
            the folder cannot be written into.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=60, size=(16, 16))
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2)
        >>> run = cw.fit(design, frames, epochs=2, progress=False)
        >>> run.ending, run.forecast(steps=3).shape
        ('finished', (3, 16, 16))
    """
    check_names(settings)
    return to_the_end(train(design, frames, **settings), progress=progress, folder=folder)


def to_the_end(training: Training, *, progress: bool, folder: str | Path | None) -> Run:
    """Loop over a training to the end of its budget, or to an interrupt, and return the run."""
    writer = None if folder is None else CheckpointWriter(training, folder)
    layout = "{desc} {percentage:3.0f} %|{bar}| {elapsed}<{remaining}"
    with tqdm(total=1.0, bar_format=layout, disable=not progress) as bar:
        try:
            for event in training:
                if isinstance(event, Epoch):
                    bar.set_description_str(event.line(), refresh=False)
                    if writer is not None:
                        writer.after(event)
                else:
                    bar.update(event.progress - bar.n)
        except KeyboardInterrupt:
            training.stop()
        bar.update(training.progress - bar.n)
    run = training.run
    if writer is not None:
        run.save(writer.folder)
    if progress:
        with suppress(KeyboardInterrupt):  # which does not lose the run
            _ = run.skill  # measured now rather than when it is first printed
    return run
