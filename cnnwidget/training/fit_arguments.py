"""The arguments of `fit`: all settings in one list, those that do not exist, and their defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.memory import OptimizerName
from cnnwidget.design.planning.plan import Plan
from cnnwidget.design.value import closest
from cnnwidget.training.batch_size import default_batch_size
from cnnwidget.training.loop.threads import usual_threads
from cnnwidget.training.recipe import DEFAULT_SECONDS, SETTINGS, Recipe, default_weight_decay
from cnnwidget.training.setting import settings_for
from cnnwidget.training.tasks.task_protocol import DEFAULT_TASK, Task, TaskData
from cnnwidget.training.tasks.task_table import TASKS, task_named

# The tables of settings of all tasks.
TABLES: tuple[type[BaseModel], ...] = (
    Recipe,
    *dict.fromkeys(task.data_settings for task in TASKS.values()),
)
# All settings of `fit` and `train`.
SETTING_NAMES = tuple(dict.fromkeys(name for table in TABLES for name in table.model_fields))


def check_names(settings: Iterable[str], function: str = "fit") -> None:
    """Refuse a setting that does not exist.

    Raises:
        CnnwidgetError: with the closest name, or all names.
    """
    for name in settings:
        if name not in SETTING_NAMES:
            end = closest(name, SETTING_NAMES) or f"; choose from {', '.join(SETTING_NAMES)}."
            raise CnnwidgetError(f"{function}: there is no setting {name}{end}")


def check_task(task: Task, settings: Mapping[str, Any]) -> None:
    """Refuse a setting that other tasks look at, but not this one; None is no value.

    Raises:
        CnnwidgetError: naming the setting.
    """
    own = {*settings_for(SETTINGS, task.settings), *task.data_settings.model_fields}
    for name, value in settings.items():
        if value is not None and name not in own:
            raise CnnwidgetError(f"The task {task.name!r} has no {name}; leave {name} out.")


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
        "threads": usual_threads(),
    }


def unaided(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings of `fit` under which a network gives its whole result itself.

    What was chosen stays; a setting at its default becomes what the task says.

    Example:
        >>> unaided({"lr": 0.1}), unaided({"reference": "persistence"})
        ({'reference': 'none', 'lr': 0.1}, {'reference': 'persistence'})
    """
    task = task_named(settings.get("task", DEFAULT_TASK))
    usual = {name: Recipe.model_fields[name].default for name in task.unaided}
    chosen = {name: value for name, value in settings.items() if usual.get(name, ...) != value}
    return {**task.unaided, **chosen}


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
