"""`train` and `fit`: a design and frames, trained step by step or in one call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from tqdm.auto import tqdm

from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.memory import OptimizerName
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.design.value import closest
from cnnwidget.training.loop.events import Epoch
from cnnwidget.training.loop.training import Training
from cnnwidget.training.recipe import (
    DEFAULT_SECONDS,
    SETTINGS,
    Recipe,
    default_batch_size,
    default_weight_decay,
)
from cnnwidget.training.runs.checkpoint_writer import CheckpointWriter
from cnnwidget.training.runs.run import Run
from cnnwidget.training.setting import settings_for, takes_settings
from cnnwidget.training.tasks.task_protocol import DEFAULT_TASK, Task, TaskData
from cnnwidget.training.tasks.task_table import TASKS, task_named

# The tables of settings of all tasks.
TABLES: tuple[type[BaseModel], ...] = (
    Recipe,
    *dict.fromkeys(task.data_settings for task in TASKS.values()),
)
# All settings of `fit` and `train`.
SETTING_NAMES = tuple(dict.fromkeys(name for table in TABLES for name in table.model_fields))


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


def recipe_for(
    plan: Plan, data: TaskData, settings: Mapping[str, Any], following: Mapping[str, Any]
) -> Recipe:
    """Return the recipe of a training, with a value for each setting that has none.

    Args:
        plan: of the design.
        data: what it is trained on.
        settings: of `fit`.
        following: settings as the task has worked them out from design, data and settings.

    Raises:
        CnnwidgetError: if a setting is out of bounds.
    """
    chosen = {
        name: value
        for name, value in settings.items()
        if name in SETTINGS and not (value is None and SETTINGS[name].auto)
    }
    if chosen.get("epochs") is None and chosen.get("seconds") is None:
        chosen["seconds"] = DEFAULT_SECONDS
    optimizer = chosen.get("optimizer", Recipe.model_fields["optimizer"].default)
    automatic = automatic_settings(plan, len(data.split.train), optimizer)
    return Recipe(**{**automatic, **chosen, **following})


def automatic_settings(
    plan: Plan, training_examples: int, optimizer: OptimizerName
) -> dict[str, Any]:
    """Return the settings of every task that follow from design and data where they are None."""
    return {
        "batch_size": default_batch_size(plan, training_examples),
        "weight_decay": default_weight_decay(optimizer),
    }


def check_task(task: Task, settings: Mapping[str, Any]) -> None:
    """Refuse a setting that other tasks look at, but not this one; None is no value.

    Raises:
        CnnwidgetError: naming the setting.
    """
    own = {*settings_for(SETTINGS, task.settings), *task.data_settings.model_fields}
    for name, value in settings.items():
        if value is not None and name not in own:
            raise CnnwidgetError(f"The task {task.name!r} has no {name}; leave {name} out.")


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
                    bar.set_description_str(epoch_line(event), refresh=False)
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


def check_names(settings: Iterable[str], function: str = "fit") -> None:
    """Refuse a setting that does not exist.

    Raises:
        CnnwidgetError: with the closest name, or all names.
    """
    for name in settings:
        if name not in SETTING_NAMES:
            end = closest(name, SETTING_NAMES) or f"; choose from {', '.join(SETTING_NAMES)}."
            raise CnnwidgetError(f"{function}: {name} is none of its settings{end}")


def with_budget(settings: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Return settings of `fit` with a budget of some seconds, unless they have a budget.

    Raises:
        CnnwidgetError: if there is no such setting.

    Example:
        >>> with_budget({"lr": 0.1}, 5.0), with_budget({"epochs": 3}, 5.0)
        ({'lr': 0.1, 'seconds': 5.0}, {'epochs': 3})
    """
    check_names(settings)
    has_one = settings.get("epochs") is not None or settings.get("seconds") is not None
    return dict(settings) if has_one else {**settings, "seconds": seconds}


def epoch_line(epoch: Epoch) -> str:
    """Return an epoch in a line, for the progress bar."""
    validation = "" if epoch.validation is None else f" · validation {epoch.validation:.4f}"
    return f"epoch {epoch.epoch} · training {epoch.train:.4f}{validation}"
