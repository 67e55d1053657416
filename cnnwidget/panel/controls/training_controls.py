"""The controls of the training, made from the table of settings."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from cnnwidget.panel.controls.budget_controls import BudgetControls
from cnnwidget.panel.controls.widget_factory import choose, label_of, make_widget, show_if
from cnnwidget.training.recipe import (
    BUDGET,
    DEFAULT_SECONDS,
    SETTINGS,
    Recipe,
    as_names,
    loss_in_words,
)
from cnnwidget.training.setting import Control, settings_for
from cnnwidget.training.tasks.task_table import TASKS, task_named

# The option that leaves a setting to `cw.train`, which works out a value from design and data.
AUTO = "auto"


class TrainingControls:
    """One widget for each setting that has a control, and the budget.

    A widget is also an attribute by the name of its setting: `controls.lr`.

    Attributes:
        widgets: by the names of the settings, in the order of the table.
        budget: the widgets of `seconds` and `epochs`.
    """

    def __init__(self) -> None:
        self.budget = BudgetControls(BUDGET, DEFAULT_SECONDS, "cnnwidget-budget")
        self.widgets: dict[str, Any] = {}
        for name, setting in SETTINGS.items():
            control = setting.control
            if control is None or control.kind == "budget":
                continue
            if name == "task":
                control = control._replace(options=tuple(TASKS))
            if setting.auto:
                control = control._replace(options=(AUTO, *control.options))
            self.widgets[name] = make_widget(control)
            self.show(name, None if setting.auto else Recipe.model_fields[name].default)
        self.task.observe(lambda _: self.show_settings_of_task(), "value")
        self.show_settings_of_task()

    def __getattr__(self, name: str) -> Any:
        """Return the widget of a setting."""
        if name not in SETTINGS or name not in self.widgets:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return self.widgets[name]

    def rows(self, beside_rate: Any) -> list[Any]:
        """Return the widgets that are always seen, with one beside the learning rate."""
        rate = widgets.HBox([self.lr, beside_rate])
        rate.add_class("cnnwidget-rate")
        others = [self.widgets[name] for name in self.names(folded=False) if name != "lr"]
        return [self.budget.box, rate, *others]

    def folded(self) -> list[Any]:
        """Return the widgets that are folded away."""
        return [self.widgets[name] for name in self.names(folded=True)]

    def names(self, *, folded: bool) -> list[str]:
        """Return the settings whose widgets are folded away, or those whose are not."""
        return [name for name in self.widgets if control_of(name).folded == folded]

    def all(self) -> list[Any]:
        """Return every widget."""
        return [self.budget.amount, self.budget.unit, *self.widgets.values()]

    def arguments(self) -> dict[str, Any]:
        """Return the settings that the task looks at as arguments of `cw.train`."""
        own = settings_for(SETTINGS, task_named(self.task.value).settings)
        return self.budget.arguments | {
            name: self.value(name) for name in self.widgets if name in own
        }

    def show_settings_of_task(self) -> None:
        """Hide the widgets of settings that the task does not look at, and a choice of one task."""
        own = settings_for(SETTINGS, task_named(self.task.value).settings)
        for name, widget in self.widgets.items():
            show_if(widget, visible=len(TASKS) > 1 if name == "task" else name in own)

    def value(self, name: str) -> Any:
        """Return the value that the widget of a setting has, as an argument of `cw.train`."""
        value = self.widgets[name].value
        if SETTINGS[name].auto and value == AUTO:
            return None
        if control_of(name).kind == "text":
            word = value.strip()
            return int(word) if word.isdecimal() else word or None
        return None if control_of(name).zero_is_none and not value else value

    def show(self, name: str, value: Any) -> None:
        """Show a value of a setting; code may have chosen one for which there is no option yet."""
        widget, control = self.widgets[name], control_of(name)
        if value is None and SETTINGS[name].auto:
            value = AUTO
        elif value is None and control.zero_is_none:
            value = 0
        if control.kind == "several":
            widget.value = as_names(value)
        elif control.kind in {"choice", "scale"}:
            choose(
                widget, value, loss_in_words(value) if isinstance(value, tuple) else label_of(value)
            )
        elif control.kind == "text":
            widget.value = "" if value is None else str(value)
        else:
            widget.value = value


def control_of(name: str) -> Control:
    """Return the control of a setting that has one."""
    control = SETTINGS[name].control
    assert control is not None
    return control
