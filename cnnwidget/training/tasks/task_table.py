"""The table of tasks."""

from __future__ import annotations

from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.value import closest, shortened
from cnnwidget.training.tasks.forecast import ForecastTask
from cnnwidget.training.tasks.task_protocol import Task

TASKS: dict[str, Task] = {task.name: task for task in (ForecastTask(),)}


def task_named(name: object) -> Task:
    """Return the task of a name.

    Raises:
        CnnwidgetError: if there is none.

    Example:
        >>> task_named("forecast").noun
        'forecast'
    """
    task = TASKS.get(name) if isinstance(name, str) else None
    if task is None:
        hint = closest(str(name), TASKS) or f"; choose from {', '.join(TASKS)}."
        raise CnnwidgetError(f"task is {shortened(name)}, which is no task{hint}")
    return task
